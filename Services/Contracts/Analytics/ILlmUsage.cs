namespace MemoryMesh.Contracts.Analytics;

/// <summary>What a language model took in an interval.</summary>
/// <param name="Calls">Questions.</param>
/// <param name="Failed">Of these, questions without an answer that could be used: the rules served.</param>
/// <param name="InputTokens">Tokens of the questions.</param>
/// <param name="OutputTokens">Tokens of the answers.</param>
/// <param name="Cost">Cost by the configured prices.</param>
public sealed record LlmCounts(long Calls, long Failed, long InputTokens, long OutputTokens, double Cost);

/// <summary>Counters of the language model that Memory asks.</summary>
public interface ILlmUsage
{
    /// <summary>What happened, one an interval, in their order.</summary>
    Task<IReadOnlyList<LlmCounts>> GetLlmUsageAsync(UsageQuery query, CancellationToken cancellationToken);
}
