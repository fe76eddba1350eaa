using System.ComponentModel.DataAnnotations;
using MemoryMesh.Search.Embedding.Remote;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search.Embedding;

/// <summary>
/// Where vectors of texts come from, section <c>Search:Embedding</c>: the built-in model, which sends no text anywhere, or a server that answers
/// OpenAI's <c>POST /embeddings</c>. After a change everything is embedded again in the background; docs/decisions/0025 says what answers meanwhile.
/// </summary>
public sealed class EmbeddingOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Search:Embedding";

    /// <summary>Numbers in a vector of the built-in model.</summary>
    public const int LocalDimensions = 384;

    /// <summary>The built-in model.</summary>
    public const string Local = "local";

    /// <summary>
    /// <c>local</c> is the built-in model. <c>openai</c>, <c>google_gemini</c> (through its OpenAI-compatible address), <c>ollama</c> (on this machine) and
    /// <c>custom</c> (with <c>BaseUrl</c>, <c>Model</c> and <c>Dimensions</c>) send the texts of messages, memories and questions there. Also
    /// <c>MEMORY_EMBEDDING_PROVIDER</c>.
    /// </summary>
    public string Provider { get; set; } = Local;

    /// <summary>Address that <c>/embeddings</c> is added to, without password; the provider's own by default. Also <c>MEMORY_EMBEDDING_BASE_URL</c>.</summary>
    public string? BaseUrl { get; set; }

    /// <summary>
    /// Name of the model; by default <c>text-embedding-3-small</c>, <c>gemini-embedding-001</c> or <c>nomic-embed-text</c>. Also <c>MEMORY_EMBEDDING_MODEL</c>.
    /// </summary>
    public string? Model { get; set; }

    /// <summary>A text of your own that tells two models of one name apart: after another value everything is embedded again. Default 1.</summary>
    [Required]
    [StringLength(100)]
    public string ModelVersion { get; set; } = "1";

    /// <summary>
    /// Numbers in a vector: 384 for the built-in model; needed for models that are not known, and may be smaller for those that can shorten theirs. Also
    /// <c>MEMORY_EMBEDDING_DIMENSIONS</c>.
    /// </summary>
    [Range(8, 4_096)]
    public int? Dimensions { get; set; }

    /// <summary>Key for the server, whatever the provider. Also <c>MEMORY_EMBEDDING_API_KEY</c>.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Key for <c>openai</c> when <c>ApiKey</c> is not set. Also <c>OPENAI_API_KEY</c>.</summary>
    public string? OpenAIApiKey { get; set; }

    /// <summary>Key for <c>google_gemini</c> when <c>ApiKey</c> is not set. Also <c>MEMORY_GEMINI_API_KEY</c>.</summary>
    public string? GeminiApiKey { get; set; }

    /// <summary>Most texts in one request to the server. Default 64.</summary>
    [Range(1, 256)]
    public int BatchSize { get; set; } = 64;

    /// <summary>Most tokens of a text that are sent, as estimated; what lies beyond is left to full text. Default 8,000; 2,000 for <c>ollama</c>.</summary>
    [Range(16, 100_000)]
    public int? MaxTokens { get; set; }

    /// <summary>Longest time for one request. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest time that a question waits for its vector; after it, full text answers alone. Default 3 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan QuestionTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How often a request in the background is tried again at once, with growing waits, before the queue is put off. Default 2.</summary>
    [Range(1, 10)]
    public int Retries { get; set; } = 2;

    /// <summary>How many requests within half a minute open the circuit when half of them fail: nothing is sent then for a while. Default 4.</summary>
    [Range(2, 1_000)]
    public int BreakAfter { get; set; } = 4;

    /// <summary>For how long nothing is sent when the circuit is open. Default 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "01:00:00")]
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Least cosine of a question and a text that share no word, as <c>Search:LeastCosine</c>, which is that of the built-in model: other models have other
    /// scales. Known ones have a value of their own; default 0.4 for the rest.
    /// </summary>
    [Range(0.0, 1.0)]
    public double? LeastCosine { get; set; }
}

/// <summary>Checks each setting alone.</summary>
[OptionsValidator]
internal sealed partial class EmbeddingOptionsBoundsValidator : IValidateOptions<EmbeddingOptions>;

/// <summary>Checks the settings together; each message names the key and the fix.</summary>
internal sealed class EmbeddingOptionsValidator : IValidateOptions<EmbeddingOptions>
{
    public ValidateOptionsResult Validate(string? name, EmbeddingOptions options)
    {
        var failures = new List<string>();
        if (string.Equals(options.Provider, EmbeddingOptions.Local, StringComparison.OrdinalIgnoreCase))
        {
            if (options.Dimensions is { } dimensions && dimensions != EmbeddingOptions.LocalDimensions)
            {
                failures.Add(
                    $"{EmbeddingOptions.Section}:{nameof(EmbeddingOptions.Dimensions)} (MEMORY_EMBEDDING_DIMENSIONS) can only be {EmbeddingOptions.LocalDimensions} with "
                    + "the built-in model: remove it.");
            }
        }
        else
        {
            RemoteEndpoint.Resolve(options, failures);
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
