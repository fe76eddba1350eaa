using MemoryMesh.ServiceDefaults.Analytics;

namespace MemoryMesh.Gateway.Analytics;

/// <summary>What the language model took in one interval.</summary>
/// <param name="Start">Its beginning, in the time zone.</param>
/// <param name="End">Its end, which is not included.</param>
/// <param name="Calls">Questions.</param>
/// <param name="Failed">Of these, questions without an answer that could be used.</param>
/// <param name="InputTokens">Tokens of the questions.</param>
/// <param name="OutputTokens">Tokens of the answers.</param>
/// <param name="Cost">Cost by the configured prices.</param>
internal sealed record LlmUsagePoint(DateTimeOffset Start, DateTimeOffset End, long Calls, long Failed, long InputTokens, long OutputTokens, double Cost);

/// <summary>What the language model that draws memories and writes summaries took, interval by interval.</summary>
internal sealed record LlmUsageResponse
{
    /// <inheritdoc cref="UsageResponse.TenantId"/>
    public required Guid TenantId { get; init; }

    /// <inheritdoc cref="UsageResponse.From"/>
    public required DateTimeOffset From { get; init; }

    /// <inheritdoc cref="UsageResponse.To"/>
    public required DateTimeOffset To { get; init; }

    /// <summary>hour, day, week or month.</summary>
    public required AnalyticsInterval Interval { get; init; }

    /// <inheritdoc cref="UsageResponse.Tz"/>
    public required string Tz { get; init; }

    /// <summary>One an interval, oldest first, also where nothing happened; at most 1,000.</summary>
    public required IReadOnlyList<LlmUsagePoint> Points { get; init; }
}
