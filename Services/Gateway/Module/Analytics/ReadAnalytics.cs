using MemoryMesh.Contracts.Analytics;
using NodaTime;

namespace MemoryMesh.Gateway.Analytics;

/// <summary>Puts the answers of the services that count together.</summary>
internal sealed class ReadAnalytics(IChatUsage chat, IMemoryUsage memory, ISearchUsage search)
{
    /// <summary>What happened in a time, and what there is now.</summary>
    public async Task<UsageResponse> UsageAsync(Guid tenantId, AnalyticsPeriod period, CancellationToken cancellationToken)
    {
        var (messages, memories, searches) = await ReadAsync(tenantId, [period.From, period.To], cancellationToken);
        return new UsageResponse
        {
            TenantId = tenantId,
            From = period.Show(period.From),
            To = period.Show(period.To),
            Interval = period.Interval,
            Tz = period.Zone.Id,
            Usage = Join(messages, memories, searches).Single(),
            Current = new CurrentUsage(
                messages.Messages, messages.Conversations, memories.Active, memories.Stored, messages.Bytes + memories.Bytes, messages.Bytes, memories.Bytes),
        };
    }

    /// <summary>What happened, interval by interval.</summary>
    public async Task<TrendsResponse> TrendsAsync(Guid tenantId, AnalyticsPeriod period, IReadOnlyList<Instant> boundaries, CancellationToken cancellationToken)
    {
        var (messages, memories, searches) = await ReadAsync(tenantId, boundaries, cancellationToken);
        return new TrendsResponse
        {
            TenantId = tenantId,
            From = period.Show(period.From),
            To = period.Show(period.To),
            Interval = period.Interval,
            Tz = period.Zone.Id,
            Points = [.. Join(messages, memories, searches).Select((counts, i) => new TrendPoint(period.Show(boundaries[i]), period.Show(boundaries[i + 1]), counts))],
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
            Dimensions = stats.Dimensions,
            Items = [.. stats.Kinds.Select(kind => new EmbeddingKindStats(kind.Kind, kind.Indexed, kind.Embedded, kind.Pending, kind.Failed))],
            Reused = stats.Reused,
        };
    }

    private async Task<(ChatUsage Messages, MemoryUsage Memories, SearchUsage Searches)> ReadAsync(
        Guid tenantId, IReadOnlyList<Instant> boundaries, CancellationToken cancellationToken)
    {
        var query = new UsageQuery(tenantId, [.. boundaries.Select(AnalyticsPeriod.QuarterOf)]);
        var messages = chat.GetUsageAsync(query, cancellationToken);
        var memories = memory.GetUsageAsync(query, cancellationToken);
        var searches = search.GetUsageAsync(query, cancellationToken);
        await Task.WhenAll(messages, memories, searches);
        return (await messages, await memories, await searches);
    }

    private static List<UsageCounts> Join(ChatUsage messages, MemoryUsage memories, SearchUsage searches)
    {
        var bytes = messages.BytesBefore + memories.BytesBefore;
        var counts = new List<UsageCounts>(messages.Intervals.Count);
        for (var i = 0; i < messages.Intervals.Count; i++)
        {
            var (ofMessages, ofMemories) = (messages.Intervals[i], memories.Intervals[i]);
            bytes += ofMessages.BytesAdded + ofMemories.BytesAdded;
            counts.Add(new UsageCounts
            {
                MessagesCreated = CountsByRole.From(ofMessages.Created),
                MessagesDeleted = ofMessages.Deleted,
                Tokens = CountsByRole.From(ofMessages.Tokens),
                MemoriesAdded = ofMemories.Added,
                MemoriesUpdated = ofMemories.Updated,
                MemoriesSuperseded = ofMemories.Superseded,
                MemoriesArchived = ofMemories.Archived,
                MemoriesDeleted = ofMemories.Deleted,
                Searches = searches.Intervals[i].Total,
                ActiveSubjects = ofMessages.ActiveSubjects,
                StorageBytes = bytes,
            });
        }

        return counts;
    }
}
