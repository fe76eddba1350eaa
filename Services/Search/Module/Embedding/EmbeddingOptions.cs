using Microsoft.Extensions.Options;

namespace MemoryMesh.Search.Embedding;

/// <summary>Where vectors of texts come from, section <c>Search:Embedding</c>. This build computes them itself and sends no text to another server.</summary>
public sealed class EmbeddingOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Search:Embedding";

    /// <summary>Numbers in a vector of the built-in model.</summary>
    public const int LocalDimensions = 384;

    /// <summary>The built-in model.</summary>
    public const string Local = "local";

    /// <summary><c>local</c>, the built-in model. Another value stops the start. Also <c>MEMORY_EMBEDDING_PROVIDER</c>.</summary>
    public string Provider { get; set; } = Local;

    /// <summary>Numbers in a vector: 384, as the built-in model has it, or not set. Also <c>MEMORY_EMBEDDING_DIMENSIONS</c>.</summary>
    public int? Dimensions { get; set; }
}

/// <summary>Checks the settings; each message names the key and the fix.</summary>
internal sealed class EmbeddingOptionsValidator : IValidateOptions<EmbeddingOptions>
{
    public ValidateOptionsResult Validate(string? name, EmbeddingOptions options)
    {
        var failures = new List<string>();
        if (!string.Equals(options.Provider, EmbeddingOptions.Local, StringComparison.OrdinalIgnoreCase))
        {
            failures.Add(
                $"{EmbeddingOptions.Section}:{nameof(EmbeddingOptions.Provider)} (MEMORY_EMBEDDING_PROVIDER) asks for vectors of another server, and this build has its own "
                + $"model only: set it to {EmbeddingOptions.Local}, or remove it.");
        }

        if (options.Dimensions is { } dimensions && dimensions != EmbeddingOptions.LocalDimensions)
        {
            failures.Add(
                $"{EmbeddingOptions.Section}:{nameof(EmbeddingOptions.Dimensions)} (MEMORY_EMBEDDING_DIMENSIONS) can only be {EmbeddingOptions.LocalDimensions}, as the "
                + "built-in model has it: remove it.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
