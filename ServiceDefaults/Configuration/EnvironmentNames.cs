namespace MemoryMesh.ServiceDefaults.Configuration;

/// <summary>An environment name of earlier services that is honoured beside the .NET form <c>Section__Key</c>.</summary>
/// <param name="Name">The environment name.</param>
/// <param name="Key">Configuration key that it sets; null when the program reads it under its own name.</param>
/// <param name="Value">What values it takes.</param>
/// <param name="Default">The value when nothing is set, as text for people; null for none.</param>
/// <param name="Meaning">What it does, one sentence.</param>
public sealed record EnvironmentName(string Name, string? Key, EnvironmentValue Value, string? Default, string Meaning)
{
    /// <summary>Whether the value must never be shown. An address may hold a password.</summary>
    public bool Secret => Value is EnvironmentValue.Secret or EnvironmentValue.PostgresAddress or EnvironmentValue.MongoAddress or EnvironmentValue.RedisAddress;

    /// <summary>Fewest characters.</summary>
    public int MinLength { get; init; }
}

/// <summary>Every environment name that has an effect. The documentation is written from this table.</summary>
public static class EnvironmentNames
{
    /// <summary>Names that start with this are ours: an unknown one is warned of.</summary>
    public const string Prefix = "MEMORY_";

    /// <summary>The names, in the order of the documentation.</summary>
    public static readonly IReadOnlyList<EnvironmentName> All =
    [
        new("MEMORY_DATA_DIR", "Storage:DataDirectory", EnvironmentValue.Text, "data", "Folder that everything is kept in; `--data` on the command line goes before it."),
        new("ENCRYPTION_KEY", null, EnvironmentValue.Secret, "a file, made at the first start", "Key-encryption key: 32 random bytes as 64 hex digits or base64. A pass phrase is refused."),
        new("MEMORY_INDEX_KEY", null, EnvironmentValue.Secret, "a file, made at the first start", "Key that names and search terms are hashed with: 32 random bytes as 64 hex digits or base64. It cannot change later."),
        new("MEMORY_JWT_SECRET_KEY", null, EnvironmentValue.Secret, null, "Wraps the token-signing key at rest as a second layer; at least 32 characters.") { MinLength = 32 },
        new("MEMORY_DATABASE_URL", "ConnectionStrings:postgres", EnvironmentValue.PostgresAddress, "the embedded store", "Where accounts, conversations and memories are kept. This build can keep accounts and retention in PostgreSQL, by `ConnectionStrings__auth` and `ConnectionStrings__retention`, and nothing else: an address of PostgreSQL here stops the start; one of SQLite means the embedded store, in the data folder."),
        new("POSTGRES_URL", "ConnectionStrings:postgres", EnvironmentValue.PostgresAddress, "the embedded store", "Another name of `MEMORY_DATABASE_URL`. Where it is another program's, `Storage__Engine=embedded` says so."),
        new("MONGODB_URL", "ConnectionStrings:mongodb", EnvironmentValue.MongoAddress, null, "Where messages are kept. No build keeps everything there: the name stops the start, unless `Storage__Engine=embedded` says that it is another program's. Builds with `-p:Stack=aspire` keep conversations and memories there, by `ConnectionStrings__chat` and `ConnectionStrings__memory`."),
        new("MONGODB_URI", "ConnectionStrings:mongodb", EnvironmentValue.MongoAddress, null, "Another name of `MONGODB_URL`."),
        new("MONGODB_DATABASE", null, EnvironmentValue.Text, null, "Name of the database in MongoDB. No effect in this build, which is warned of."),
        new("MEMORY_REDIS_URL", "ConnectionStrings:redis", EnvironmentValue.RedisAddress, null, "Redis 5 or newer, in which several Gateways share their limits and the services answers of Auth. Without it each process counts and remembers for itself, and so it does while Redis is away. `Storage__Engine=embedded` says that the name is another program's."),
        new("REDIS_URL", "ConnectionStrings:redis", EnvironmentValue.RedisAddress, null, "Another name of `MEMORY_REDIS_URL`."),
        new("MEMORY_ACCESS_TOKEN_EXPIRE_MINUTES", "Auth:AccessTokenMinutes", EnvironmentValue.WholeNumber, "30", "Minutes that an access token is valid."),
        new("MEMORY_REFRESH_TOKEN_EXPIRE_DAYS", "Auth:RefreshTokenDays", EnvironmentValue.WholeNumber, "7", "Days that a refresh token is valid."),
        new("MEMORY_EMBEDDING_PROVIDER", "Search:Embedding:Provider", EnvironmentValue.EmbeddingProvider, "local", "Where vectors of texts come from. `local` is the built-in model, which sends no text anywhere; every other value sends the texts of messages, memories and questions to its server."),
        new("MEMORY_EMBEDDING_BASE_URL", "Search:Embedding:BaseUrl", EnvironmentValue.Secret, "the provider's", "Address of a server that answers OpenAI's `POST /embeddings`; needed by `custom`."),
        new("MEMORY_EMBEDDING_MODEL", "Search:Embedding:Model", EnvironmentValue.Text, "the provider's", "Name of the embedding model; needed by `custom`."),
        new("MEMORY_EMBEDDING_API_KEY", "Search:Embedding:ApiKey", EnvironmentValue.Secret, null, "Key for the embedding server, whatever the provider."),
        new("MEMORY_GEMINI_API_KEY", "Search:Embedding:GeminiApiKey", EnvironmentValue.Secret, null, "Key of Google's embeddings, used with `google_gemini` only."),
        new("OPENAI_API_KEY", "Search:Embedding:OpenAIApiKey", EnvironmentValue.Secret, null, "Key of OpenAI's embeddings, used with `openai` only: programs beside it may need the name too."),
        new("MEMORY_EMBEDDING_DIMENSIONS", "Search:Embedding:Dimensions", EnvironmentValue.WholeNumber, "the model's", "Numbers in a vector; the built-in model has 384. Needed for models that are not known."),
        new("MEMORY_GLOBAL_RATE_LIMIT", "Gateway:GlobalRateLimit", EnvironmentValue.Rate, "200/minute", "Requests that one client address may send."),
        new("MEMORY_TENANT_RATE_LIMIT", "Gateway:TenantRateLimit", EnvironmentValue.Rate, "120/minute", "Requests that one tenant may send."),
        new("MEMORY_ALLOWED_ORIGINS", "Gateway:AllowedOrigins", EnvironmentValue.List, null, "Origins that browsers may call from (CORS), comma-separated; a wildcard is refused outside development."),
        new("MEMORY_RETENTION_MAX_AGE_DAYS", "Retention:MaxAgeDays", EnvironmentValue.WholeNumber, null, "Age from which the default retention policy applies; without an age nothing is ever deleted."),
        new("CONTEXT_RETENTION_DAYS", "Retention:MaxAgeDays", EnvironmentValue.WholeNumber, null, "Another name of `MEMORY_RETENTION_MAX_AGE_DAYS`."),
        new("MEMORY_RETENTION_IMPORTANCE_THRESHOLD", "Retention:ImportanceThreshold", EnvironmentValue.Number, "0.35", "Importance below which the default retention policy applies."),
        new("MEMORY_RETENTION_SCHEDULE_SECONDS", "Retention:ScheduleSeconds", EnvironmentValue.WholeNumber, "86400", "Seconds between scheduled retention passes."),
        new("MAX_CONTEXT_MESSAGES", "Memory:MaxContextMessages", EnvironmentValue.WholeNumber, "20; under `/v1/context/{conversation_id}` 50, or 200 for contexts of more than 4,000 tokens", "Most recent messages of the conversation that a context holds."),
        new("LOG_LEVEL", "Logging:LogLevel:Default", EnvironmentValue.LogLevel, "INFO", "Least severe log lines that are written."),
    ];

    /// <summary>The known name that is most like another, by edit distance.</summary>
    /// <returns>Null when none is near: more than a quarter of the name would have to change.</returns>
    public static string? Nearest(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var (best, distance) = All.Select(known => (known.Name, Distance: EditDistance(name, known.Name))).MinBy(candidate => candidate.Distance);
        return distance <= Math.Max(2, name.Length / 4) ? best : null;
    }

    /// <summary>Fewest insertions, deletions and replacements of a character that turn one text into the other (Levenshtein).</summary>
    public static int EditDistance(string from, string to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
