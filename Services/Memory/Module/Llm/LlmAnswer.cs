using System.Text.Json;

namespace MemoryMesh.Memory.Llm;

/// <summary>A question to a language model.</summary>
internal sealed record LlmQuestion
{
    /// <summary>Who pays.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>extraction or summary.</summary>
    public required string Purpose { get; init; }

    /// <summary>What the model has to do: our words and the operator's, none of a message.</summary>
    public required string Instructions { get; init; }

    /// <summary>What it has to do it with.</summary>
    public required string Input { get; init; }

    /// <summary>Name of the answer's schema.</summary>
    public required string SchemaName { get; init; }

    /// <summary>JSON schema of the answer.</summary>
    public required string Schema { get; init; }
}

/// <summary>What a language model answered.</summary>
/// <param name="Content">JSON; null when there is none to use.</param>
/// <param name="Failure">Why not, one of <see cref="LlmFailures"/>; null when there is.</param>
/// <param name="InputTokens">Tokens of the question.</param>
/// <param name="OutputTokens">Tokens of the answer.</param>
/// <param name="Cost">What it cost, by the configured prices.</param>
internal sealed record LlmAnswer(JsonElement? Content, string? Failure, long InputTokens = 0, long OutputTokens = 0, double Cost = 0);

/// <summary>Why a language model gave nothing to use: codes, never words of the answer.</summary>
internal static class LlmFailures
{
    /// <summary>The question is longer than the settings allow.</summary>
    public const string TooLong = "too_long";

    /// <summary>The tenant has used its tokens of the day.</summary>
    public const string OverBudget = "over_budget";

    /// <summary>It failed often lately and is left alone for a while.</summary>
    public const string Resting = "resting";

    public const string Timeout = "timeout";

    public const string Unreachable = "unreachable";

    /// <summary>It answered that it would not.</summary>
    public const string Refused = "refused";

    /// <summary>The answer ended before it was complete.</summary>
    public const string Cut = "cut";

    /// <summary>The answer is not of the form that was asked for.</summary>
    public const string Malformed = "malformed";
}
