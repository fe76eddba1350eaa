using System.ComponentModel.DataAnnotations;
using MemoryMesh.Memory.Text;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Memory.Llm;

/// <summary>A language model that helps to draw memories from messages, section <c>Memory:Llm</c>. Without one the rules do it alone, and no text leaves the server.</summary>
public sealed class LlmOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Memory:Llm";

    /// <summary>Address of an API like OpenAI's, for example <c>http://localhost:11434/v1</c>. Not set by default: no model is asked.</summary>
    public string? BaseUrl { get; set; }

    /// <summary>The API's key, where it needs one. Secret.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Name of the model; needed with an address.</summary>
    public string? Model { get; set; }

    /// <summary>Whether the model draws memories from messages, beside the rules. Default true.</summary>
    public bool Extract { get; set; } = true;

    /// <summary>Whether the model writes the summaries of conversations. Default false: they quote sentences.</summary>
    public bool Summaries { get; set; }

    /// <summary>Seconds that one answer may take. Default 30.</summary>
    [Range(1, 600)]
    public int TimeoutSeconds { get; set; } = 30;

    /// <summary>Most tokens of one question, about; what is longer is left to the rules. Default 6,000.</summary>
    [Range(500, 1_000_000)]
    public int MaxInputTokens { get; set; } = 6_000;

    /// <summary>Most tokens of one answer. Default 1,000.</summary>
    [Range(16, 100_000)]
    public int MaxOutputTokens { get; set; } = 1_000;

    /// <summary>Most tokens of a tenant in a day (UTC), questions and answers together; after that the rules serve alone until midnight. Default 1,000,000.</summary>
    [Range(0L, long.MaxValue)]
    public long DailyTokensPerTenant { get; set; } = 1_000_000;

    /// <summary>Price of a million tokens of questions, in any currency: for counting costs. Default 0.</summary>
    [Range(0.0, 1_000_000.0)]
    public double InputPricePerMillion { get; set; }

    /// <summary>Price of a million tokens of answers. Default 0.</summary>
    [Range(0.0, 1_000_000.0)]
    public double OutputPricePerMillion { get; set; }

    /// <summary>Seconds that the model is left alone after half of its last answers failed, at least four in half a minute. Default 30.</summary>
    [Range(1, 3_600)]
    public int BreakSeconds { get; set; } = 30;

    /// <summary>What the model should mind when it draws memories, for tenants that say nothing else. At most 4,000 characters.</summary>
    [StringLength(4_000)]
    public string? Instructions { get; set; }

    /// <summary>Categories that are drawn, by the model and by the rules, for tenants that say nothing else. All when empty.</summary>
    public IList<string> Categories { get; } = [];
}

/// <summary>Checks the settings; each message names the key and the fix.</summary>
[OptionsValidator]
internal sealed partial class LlmOptionsValidator : IValidateOptions<LlmOptions>;

/// <summary>Checks what concerns several settings.</summary>
internal sealed class LlmAddressValidator : IValidateOptions<LlmOptions>
{
    public ValidateOptionsResult Validate(string? name, LlmOptions options)
    {
        var failures = new List<string>();
        if (options.BaseUrl is { Length: > 0 } address && !(Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
        {
            failures.Add($"{LlmOptions.Section}:{nameof(LlmOptions.BaseUrl)} must be an address such as http://localhost:11434/v1.");
        }

        if (!string.IsNullOrEmpty(options.BaseUrl) && string.IsNullOrWhiteSpace(options.Model))
        {
            failures.Add($"{LlmOptions.Section}:{nameof(LlmOptions.Model)} is needed with {LlmOptions.Section}:{nameof(LlmOptions.BaseUrl)}: name the model.");
        }

        if (options.Categories.FirstOrDefault(category => !Categories.Contains(category)) is not null)
        {
            failures.Add($"{LlmOptions.Section}:{nameof(LlmOptions.Categories)} holds a category that does not exist.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
