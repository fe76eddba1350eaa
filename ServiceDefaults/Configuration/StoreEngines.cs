using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Moving;
using Microsoft.Extensions.Configuration;
using Npgsql;
using StackExchange.Redis;

namespace MemoryMesh.ServiceDefaults.Configuration;

/// <summary>Finds out whether the settings ask for a store that this build does not have.</summary>
/// <remarks>
/// Whoever says where the data is kept must not find it elsewhere, so that stops the start. Such names may be in the environment for another program:
/// <c>Storage:Engine</c> then says that the embedded stores are meant, and nothing is said any more; Redis is left alone too.
/// </remarks>
internal static class StoreEngines
{
    /// <summary>The setting that says which stores are meant.</summary>
    public const string EngineKey = $"{StorageOptions.Section}:{nameof(StorageOptions.Engine)}";
    private const string EngineName = $"{StorageOptions.Section}__{nameof(StorageOptions.Engine)}";

    /// <summary>The services whose stores can be in PostgreSQL: each where a connection string of its name says.</summary>
    public static readonly string[] OnPostgres = ["auth", "retention"];

    /// <summary>The services that keep documents, which can be in MongoDB where a build has it: each where a connection string of its name says.</summary>
    public static readonly string[] WithDocuments = ["chat", "memory"];

    /// <summary>The service that keeps vectors, which can be in Qdrant.</summary>
    public const string WithVectors = "search";

    /// <summary>Whether the settings say that the embedded stores are meant, whatever addresses are given.</summary>
    public static bool AreEmbedded(IConfiguration configuration) => StoreAddresses.Embedded.Equals(configuration[EngineKey], StringComparison.OrdinalIgnoreCase);

    /// <summary>Refuses a store whose documents are on a server that the settings do not name: it would look empty, and what is written now would be missing there.</summary>
    /// <param name="store">An open store.</param>
    /// <param name="configuration">The settings.</param>
    /// <param name="cancellationToken">Cancels the check.</param>
    /// <exception cref="StartupException">They are.</exception>
    public static async Task RequireDocumentsAsync(ModuleStore store, IConfiguration configuration, CancellationToken cancellationToken)
    {
        var named = DocumentStores.InMongo.Contains(store.Name)
            && configuration.GetConnectionString(store.Name) is { Length: > 0 } address && address != StoreAddresses.Embedded && !AreEmbedded(configuration);
        if (!named && WithDocuments.Contains(store.Name) && await StoreMove.HasDocumentsElsewhereAsync(store, cancellationToken))
        {
            throw new StartupException(
                $"What {store.Name} keeps is in MongoDB, and the settings do not say where: set ConnectionStrings__{store.Name}"
                + (DocumentStores.InMongo.Contains(store.Name) ? "." : ", in a build with `-p:Stack=aspire`."));
        }
    }

    /// <summary>Adds what there is to say about the settings.</summary>
    public static void Check(
        IConfiguration configuration, IReadOnlyDictionary<string, string> environment, List<string> problems, List<string> warnings)
    {
        if (configuration[EngineKey] is { Length: > 0 } engine)
        {
            if (!engine.Equals(StoreAddresses.Embedded, StringComparison.OrdinalIgnoreCase))
            {
                problems.Add($"{EngineKey} (as an environment name {EngineName}) can only be `{StoreAddresses.Embedded}` in this build.");
            }

            return;
        }

        foreach (var service in OnPostgres)
        {
            if (configuration.GetConnectionString(service) is { Length: > 0 } address && !CanBePostgres(address))
            {
                problems.Add($"ConnectionStrings__{service} is no address of a database: it takes {EnvironmentValue.PostgresAddress.Describe()}, with the name of a database. If it is another program's, set {EngineName}={StoreAddresses.Embedded}.");
            }
        }

        foreach (var service in WithDocuments)
        {
            if (configuration.GetConnectionString(service) is not { Length: > 0 } address || address == StoreAddresses.Embedded)
            {
                continue;
            }

            if (!DocumentStores.InMongo.Contains(service))
            {
                problems.Add($"ConnectionStrings__{service} asks for MongoDB, which this build has {(DocumentStores.InMongo.Count == 0 ? "not: `-p:Stack=aspire` builds one that has it" : $"for {string.Join(" and ", DocumentStores.InMongo)} only")}. Remove the name; or, if it is another program's, set {EngineName}={StoreAddresses.Embedded}.");
            }
            else if (StoreAddresses.NormalizeMongo(address) is null || !DocumentStores.CanRead(address))
            {
                problems.Add($"ConnectionStrings__{service} is no address of a database: it takes {EnvironmentValue.MongoAddress.Describe()}. If it is another program's, set {EngineName}={StoreAddresses.Embedded}.");
            }
        }

        foreach (var (key, store) in new[] { ("postgres", "PostgreSQL"), ("mongodb", "MongoDB") })
        {
            if (configuration.GetConnectionString(key) is { Length: > 0 } address && address != StoreAddresses.Embedded)
            {
                problems.Add(
                    $"{NameOf(key, environment)} asks for {store}, where this build cannot keep everything: {string.Join(" and ", OnPostgres.Select(name => $"ConnectionStrings__{name}"))} put those two services' data into PostgreSQL, "
                    + $"the others are embedded, in the data folder. Remove the name; or, if it is another program's, set {EngineName}={StoreAddresses.Embedded}.");
            }
        }

        if (configuration.GetConnectionString("redis") is { Length: > 0 } redis && !CanBeUsed(redis))
        {
            problems.Add(
                $"{NameOf("redis", environment)} is no address of Redis that can be used: it takes {EnvironmentValue.RedisAddress.Describe()}, without a user other than `default`. If it is another "
                + $"program's, set {EngineName}={StoreAddresses.Embedded}.");
        }

        if (configuration.GetConnectionString(QdrantAddress.Name) is { Length: > 0 } qdrant
            && QdrantAddress.Parse(qdrant, configuration.GetConnectionString(QdrantAddress.HttpName)) is null)
        {
            problems.Add(
                $"{NameOf(QdrantAddress.Name, environment)} or ConnectionStrings__{QdrantAddress.HttpName} is no address of Qdrant: it takes http://host:6333, or Endpoint=http://host:6334;Key=... If it is "
                + $"another program's, set {EngineName}={StoreAddresses.Embedded}.");
        }

        if (Given("MONGODB_DATABASE"))
        {
            warnings.Add($"MONGODB_DATABASE has no effect: this build has no MongoDB. {EngineName}={StoreAddresses.Embedded} says that it is another program's.");
        }

        foreach (var name in EnvironmentNames.All.Where(name => name.Value == EnvironmentValue.PostgresAddress && Given(name.Name)))
        {
            if (StoreAddresses.NamesFile(environment[name.Name]))
            {
                warnings.Add($"The file that {name.Name} names is not used: everything is kept in the data folder, --data or MEMORY_DATA_DIR.");
            }
        }

        bool Given(string name) => environment.TryGetValue(name, out var value) && !string.IsNullOrWhiteSpace(value);
    }

    /// <summary>Whether an address names a database that a service can have its schema in.</summary>
    public static bool CanBePostgres(string address)
    {
        if (StoreAddresses.NormalizePostgres(address) is not { } normal)
        {
            return false;
        }

        try
        {
            return normal == StoreAddresses.Embedded || new NpgsqlConnectionStringBuilder(normal) is { Database.Length: > 0, Multiplexing: false };
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            return false;
        }
    }

    private static bool CanBeUsed(string redis)
    {
        try
        {
            // Newer clients know users; 1.2.6, which reads the same settings, does not.
            return StoreAddresses.NormalizeRedis(redis) is { } address && !address.Contains(",user=", StringComparison.OrdinalIgnoreCase)
                && ConfigurationOptions.Parse(address).EndPoints.Count > 0;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>The name under which the environment has a connection string.</summary>
    private static string NameOf(string key, IReadOnlyDictionary<string, string> environment)
        => EnvironmentNames.All.FirstOrDefault(
            name => name.Key == $"ConnectionStrings:{key}" && environment.TryGetValue(name.Name, out var value) && !string.IsNullOrWhiteSpace(value))?.Name
            ?? $"ConnectionStrings__{key}";
}
