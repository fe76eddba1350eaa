using System.Text.Json.Serialization;
using MemoryMesh.Contracts.Analytics;
using NodaTime;

namespace MemoryMesh.ServiceDefaults.Analytics;

/// <summary>Numbers by the role of a message.</summary>
/// <param name="Total">All together.</param>
/// <param name="User">Of people.</param>
/// <param name="Assistant">Of assistants.</param>
/// <param name="System">Of instructions.</param>
/// <param name="Tool">Of tools.</param>
public sealed record CountsByRole(long Total, long User, long Assistant, long System, long Tool)
{
    internal static CountsByRole From(RoleCounts counts) => new(counts.Total, counts.User, counts.Assistant, counts.System, counts.Tool);
}

/// <summary>What happened in a time.</summary>
public sealed record UsageCounts
{
    /// <summary>Messages by role, at the time of the message. What was deleted since counts too.</summary>
    public required CountsByRole MessagesCreated { get; init; }

    /// <summary>Messages that were deleted, at the time of the deletion.</summary>
    public required long MessagesDeleted { get; init; }

    /// <summary>Estimated tokens of the messages, as they were stored.</summary>
    public required CountsByRole Tokens { get; init; }

    /// <summary>Memories that were added.</summary>
    public required long MemoriesAdded { get; init; }

    /// <summary>Memories that were changed.</summary>
    public required long MemoriesUpdated { get; init; }

    /// <summary>Memories that newer ones took the place of.</summary>
    public required long MemoriesSuperseded { get; init; }

    /// <summary>Memories that ended without another in their place.</summary>
    public required long MemoriesArchived { get; init; }

    /// <summary>Memories that were deleted.</summary>
    public required long MemoriesDeleted { get; init; }

    /// <summary>Searches for messages and memories, those of contexts included.</summary>
    public required long Searches { get; init; }

    /// <summary>Subjects with at least one message in the time, each once.</summary>
    public required long ActiveSubjects { get; init; }

    /// <summary>Bytes of sealed messages and memories at the end of the time.</summary>
    public required long StorageBytes { get; init; }

    /// <summary>Names of the numbers in a table, in the order of <see cref="Values"/>.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        "messages", "user_messages", "assistant_messages", "system_messages", "tool_messages", "messages_deleted",
        "tokens", "user_tokens", "assistant_tokens", "system_tokens", "tool_tokens",
        "memories_added", "memories_updated", "memories_superseded", "memories_archived", "memories_deleted", "searches", "active_subjects", "storage_bytes",
    ];

    /// <summary>The numbers as the row of a table.</summary>
    [JsonIgnore]
    public IReadOnlyList<long> Values =>
    [
        MessagesCreated.Total, MessagesCreated.User, MessagesCreated.Assistant, MessagesCreated.System, MessagesCreated.Tool, MessagesDeleted,
        Tokens.Total, Tokens.User, Tokens.Assistant, Tokens.System, Tokens.Tool,
        MemoriesAdded, MemoriesUpdated, MemoriesSuperseded, MemoriesArchived, MemoriesDeleted, Searches, ActiveSubjects, StorageBytes,
    ];
}

/// <summary>Puts the answers of the services that count together.</summary>
public static class UsageSeries
{
    /// <summary>Asks the services that count, at the same time.</summary>
    /// <param name="services">The services.</param>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="boundaries">Where the intervals begin, and where the last one ends.</param>
    /// <param name="cancellationToken">Cancels the calls.</param>
    public static async Task<(ChatUsage Messages, MemoryUsage Memories, SearchUsage Searches)> ReadAsync(
        (IChatUsage Chat, IMemoryUsage Memory, ISearchUsage Search) services, Guid tenantId, IReadOnlyList<Instant> boundaries, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(boundaries);
        var query = new UsageQuery(tenantId, [.. boundaries.Select(AnalyticsPeriod.QuarterOf)]);
        var messages = services.Chat.GetUsageAsync(query, cancellationToken);
        var memories = services.Memory.GetUsageAsync(query, cancellationToken);
        var searches = services.Search.GetUsageAsync(query, cancellationToken);
        await Task.WhenAll(messages, memories, searches);
        return (await messages, await memories, await searches);
    }

    /// <summary>What happened in each interval, oldest first.</summary>
    public static IReadOnlyList<UsageCounts> Join(ChatUsage messages, MemoryUsage memories, SearchUsage searches)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(memories);
        ArgumentNullException.ThrowIfNull(searches);
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
