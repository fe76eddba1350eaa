using MemoryMesh.Contracts.Analytics;
using MemoryMesh.ServiceDefaults.Analytics;
using NodaTime;

namespace MemoryMesh.Gateway.Analytics;

/// <summary>Puts the answers of the services that count together.</summary>
internal sealed class ReadAnalytics(IChatUsage chat, IMemoryUsage memory, ISearchUsage search, ILlmUsage llm)
{
    /// <summary>What happened in a time, and what there is now.</summary>
    public async Task<UsageResponse> UsageAsync(Guid tenantId, AnalyticsPeriod period, CancellationToken cancellationToken)
    {
        var (messages, memories, searches) = await UsageSeries.ReadAsync((chat, memory, search), tenantId, [period.From, period.To], cancellationToken);
        return new UsageResponse
        {
            TenantId = tenantId,
            From = period.Show(period.From),
            To = period.Show(period.To),
            Interval = period.Interval,
            Tz = period.Zone.Id,
            Usage = UsageSeries.Join(messages, memories, searches).Single(),
            Current = new CurrentUsage(
                messages.Messages, messages.Conversations, memories.Active, memories.Stored, messages.Bytes + memories.Bytes, messages.Bytes, memories.Bytes),
        };
    }

    /// <summary>What happened, interval by interval.</summary>
    public async Task<TrendsResponse> TrendsAsync(Guid tenantId, AnalyticsPeriod period, IReadOnlyList<Instant> boundaries, CancellationToken cancellationToken)
    {
        var (messages, memories, searches) = await UsageSeries.ReadAsync((chat, memory, search), tenantId, boundaries, cancellationToken);
        return new TrendsResponse
        {
            TenantId = tenantId,
            From = period.Show(period.From),
            To = period.Show(period.To),
            Interval = period.Interval,
            Tz = period.Zone.Id,
            Points = [.. UsageSeries.Join(messages, memories, searches).Select((counts, i) => new TrendPoint(period.Show(boundaries[i]), period.Show(boundaries[i + 1]), counts))],
        };
    }

    /// <summary>What the language model took, interval by interval.</summary>
    public async Task<LlmUsageResponse> LlmAsync(Guid tenantId, AnalyticsPeriod period, IReadOnlyList<Instant> boundaries, CancellationToken cancellationToken)
    {
        var counts = await llm.GetLlmUsageAsync(new UsageQuery(tenantId, [.. boundaries.Select(AnalyticsPeriod.QuarterOf)]), cancellationToken);
        return new LlmUsageResponse
        {
            TenantId = tenantId,
            From = period.Show(period.From),
            To = period.Show(period.To),
            Interval = period.Interval,
            Tz = period.Zone.Id,
            Points =
            [
                .. counts.Select((count, i) => new LlmUsagePoint(
                    period.Show(boundaries[i]), period.Show(boundaries[i + 1]), count.Calls, count.Failed, count.InputTokens, count.OutputTokens, count.Cost)),
            ],
        };
    }

    /// <summary>The conversations with the most messages or tokens.</summary>
    public async Task<TopConversationsResponse> TopConversationsAsync(
        Guid tenantId, AnalyticsPeriod period, bool byTokens, int limit, CancellationToken cancellationToken)
    {
        var query = new TopConversationsQuery
        {
            TenantId = tenantId,
            From = period.From.ToDateTimeOffset(),
            Before = period.To.ToDateTimeOffset(),
            ByTokens = byTokens,
            Limit = limit,
        };
        var top = await chat.ListTopConversationsAsync(query, cancellationToken);
        return new TopConversationsResponse
        {
            TenantId = tenantId,
            From = period.Show(period.From),
            To = period.Show(period.To),
            Interval = period.Interval,
            Tz = period.Zone.Id,
            By = byTokens ? "tokens" : "messages",
            Conversations =
            [
                .. top.Select(item => new TopConversation(item.ConversationId, item.UserId, item.Title, item.Messages, item.Tokens, item.LastMessageAt)),
            ],
        };
    }

    /// <summary>How far the vectors are.</summary>
    public async Task<EmbeddingStatsResponse> EmbeddingStatsAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        var stats = await search.GetEmbeddingStatsAsync(tenantId, cancellationToken);
        return new EmbeddingStatsResponse
        {
            TenantId = tenantId,
            Model = stats.Model,
            Version = stats.Version,
            Provider = stats.Provider,
            Dimensions = stats.Dimensions,
            Items = Show(stats.Kinds),
            Reused = stats.Reused,
            Unavailable = stats.Unavailable,
            Next = stats.Next is { } next
                ? new NextEmbeddingStats(next.Model, next.Version, next.Dimensions, ProgressOf(next.Kinds), Show(next.Kinds), next.Unavailable)
                : null,
            Problems = [.. stats.Problems.Select(item => new EmbeddingProblemStats(item.Kind, item.ItemId, item.State, item.Attempts, item.Error))],
        };
    }

    /// <summary>Lets what was given up be tried again.</summary>
    public async Task<RetriedEmbeddings> RetryEmbeddingsAsync(Guid tenantId, CancellationToken cancellationToken)
        => new(tenantId, await search.RetryEmbeddingsAsync(tenantId, cancellationToken));

    private static List<EmbeddingKindStats> Show(IReadOnlyList<EmbeddingKind> kinds)
        => [.. kinds.Select(kind => new EmbeddingKindStats(kind.Kind, kind.Indexed, kind.Embedded, kind.Pending, kind.Failed))];

    private static double ProgressOf(IReadOnlyList<EmbeddingKind> kinds)
    {
        var indexed = kinds.Sum(kind => kind.Indexed);
        return indexed == 0 ? 1 : Math.Round(Math.Clamp(1 - ((double)kinds.Sum(kind => kind.Pending) / indexed), 0, 1), 4);
    }
}
