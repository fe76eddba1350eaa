namespace MemoryMesh.Search.Embedding.Remote;

/// <summary>A server with a model, as the settings name them.</summary>
/// <param name="Address">Address that <c>embeddings</c> is added to; it ends with a slash.</param>
/// <param name="ApiKey">Key, or null for a server that needs none.</param>
/// <param name="Model">Name of the model.</param>
/// <param name="Dimensions">Length of its vectors.</param>
/// <param name="AskedDimensions">What is sent as <c>dimensions</c>; null when the model's own length is wanted, as many servers refuse the field.</param>
/// <param name="MaxTokens">Most tokens of a text.</param>
/// <param name="LeastCosine">Least cosine of a text that shares no word with a question.</param>
internal sealed record RemoteEndpoint(Uri Address, string? ApiKey, string Model, int Dimensions, int? AskedDimensions, int MaxTokens, double LeastCosine)
{
    private const int ManyTokens = 8_000;
    private const int FewTokens = 2_000;
    private const double UsualLeastCosine = 0.4;

    private static readonly Dictionary<string, Provider> Providers = new(StringComparer.OrdinalIgnoreCase)
    {
        ["openai"] = new("https://api.openai.com/v1/", "text-embedding-3-small", ManyTokens, "OPENAI_API_KEY", options => options.OpenAIApiKey),
        ["google_gemini"] = new(
            "https://generativelanguage.googleapis.com/v1beta/openai/", "gemini-embedding-001", FewTokens, "MEMORY_GEMINI_API_KEY", options => options.GeminiApiKey),
        ["ollama"] = new("http://localhost:11434/v1/", "nomic-embed-text", FewTokens, null, _ => null),
        ["custom"] = new(null, null, ManyTokens, null, _ => null),
    };

    // Lengths are those of the models' documentation; the cosines are estimates, as no data of theirs is at hand.
    private static readonly Dictionary<string, Known> Models = new(StringComparer.OrdinalIgnoreCase)
    {
        ["text-embedding-3-small"] = new(1_536, 0.3),
        ["text-embedding-3-large"] = new(3_072, 0.3),
        ["text-embedding-ada-002"] = new(1_536, 0.8),
        ["gemini-embedding-001"] = new(3_072, 0.6),
        ["nomic-embed-text"] = new(768, 0.6),
        ["mxbai-embed-large"] = new(1_024, 0.55),
        ["all-minilm"] = new(384, 0.35),
        ["bge-m3"] = new(1_024, 0.5),
        ["bge-small-en-v1.5"] = new(384, 0.55),
    };

    /// <summary>What stored vectors name as their source.</summary>
    public string Source => Address.ToString();

    /// <summary>Reads the settings of a provider other than <c>local</c>.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="failures">Takes what is wrong.</param>
    /// <returns>Null when something is.</returns>
    public static RemoteEndpoint? Resolve(EmbeddingOptions options, List<string> failures)
    {
        const string Section = EmbeddingOptions.Section;
        if (!Providers.TryGetValue(options.Provider, out var provider))
        {
            failures.Add($"{Section}:{nameof(options.Provider)} (MEMORY_EMBEDDING_PROVIDER) must be {EmbeddingOptions.Local}, {string.Join(", ", Providers.Keys)}.");
            return null;
        }

        var before = failures.Count;
        var address = options.BaseUrl ?? provider.Address;
        if (!Uri.TryCreate(address?.TrimEnd('/') + "/", UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            failures.Add($"{Section}:{nameof(options.BaseUrl)} (MEMORY_EMBEDDING_BASE_URL) must be an address like https://host/v1: the provider has none of its own.");
        }
        else if (uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            failures.Add($"{Section}:{nameof(options.BaseUrl)} (MEMORY_EMBEDDING_BASE_URL) may hold no password, query or fragment: give the key as {Section}:{nameof(options.ApiKey)}.");
        }

        if ((Blank(options.Model) ?? provider.Model) is not { } model)
        {
            failures.Add($"{Section}:{nameof(options.Model)} (MEMORY_EMBEDDING_MODEL) must name the model.");
            model = "";
        }

        var known = Models.GetValueOrDefault(model.Split(':')[0]);
        if ((options.Dimensions ?? known?.Dimensions) is not { } dimensions)
        {
            failures.Add($"{Section}:{nameof(options.Dimensions)} (MEMORY_EMBEDDING_DIMENSIONS) must say how many numbers a vector of the model has: it is not a known one.");
            dimensions = 0;
        }

        var key = Blank(options.ApiKey) ?? Blank(provider.KeyOf(options));
        if (key is null && provider.KeyName is not null)
        {
            failures.Add($"{Section}:{nameof(options.ApiKey)} ({provider.KeyName}) must hold the key for {options.Provider}.");
        }

        return failures.Count > before
            ? null
            : new(
                uri!,
                key,
                model,
                dimensions,
                known is not null && known.Dimensions != dimensions ? dimensions : null,
                options.MaxTokens ?? provider.MaxTokens,
                options.LeastCosine ?? known?.LeastCosine ?? UsualLeastCosine);
    }

    /// <summary>The same server with a model that was in use before.</summary>
    public RemoteEndpoint With(EmbeddingModel model)
    {
        var known = Models.GetValueOrDefault(model.Name.Split(':')[0]);
        return this with
        {
            Model = model.Name,
            Dimensions = model.Dimensions,
            AskedDimensions = known is not null && known.Dimensions != model.Dimensions ? model.Dimensions : null,
            LeastCosine = known?.LeastCosine ?? UsualLeastCosine,
        };
    }

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private sealed record Provider(string? Address, string? Model, int MaxTokens, string? KeyName, Func<EmbeddingOptions, string?> KeyOf);

    private sealed record Known(int Dimensions, double LeastCosine);
}
