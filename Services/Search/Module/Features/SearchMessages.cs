using System.Diagnostics;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Ranking;

namespace MemoryMesh.Search.Features;

/// <summary>A message with its score.</summary>
internal sealed record FoundMessage(RankedItem Ranked, ChatMessage Message);

/// <summary>Finds messages and reads them from Chat.</summary>
internal sealed class SearchMessages(ItemRanking ranking, IChatClient chat, IMemoryClient memories)
{
    private const int ReadSize = 500;

    /// <summary>The best <paramref name="topK"/> messages, best first. Messages of people who opted out are not recalled.</summary>
    public async Task<IReadOnlyList<FoundMessage>> HandleAsync(ItemFilter filter, string query, int topK, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var ranked = await ranking.FindAsync(filter, query, topK, cancellationToken);
        var optedOut = ranked.Count == 0
            ? []
            : await FindOptedOutAsync(filter.TenantId, [.. ranked.Select(item => item.Item.OwnerKey).Distinct()], cancellationToken);
        var found = new List<FoundMessage>(topK);
        var candidates = ranked.Where(item => !optedOut.Contains(item.Item.OwnerKey)).ToList();
        for (var at = 0; at < candidates.Count && found.Count < topK;)
        {
            var block = candidates.Skip(at).Take(Math.Min(ReadSize, topK - found.Count)).ToList();
            at += block.Count;
            var read = (await chat.GetMessagesAsync(filter.TenantId, [.. block.Select(item => item.Item.Id)], cancellationToken))
                .ToDictionary(message => message.Id);
            found.AddRange(block
                .Where(item => read.TryGetValue(item.Item.Id, out var message) && MayBeFound(filter, message))
                .Select(item => new FoundMessage(item, read[item.Item.Id])));
        }

        SearchTelemetry.Requests.Add(1, new KeyValuePair<string, object?>("kind", "message"));
        SearchTelemetry.Duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, new KeyValuePair<string, object?>("kind", "message"));
        return found;
    }

    /// <summary>Checks what came back once more: the index follows its owner with a delay.</summary>
    private static bool MayBeFound(ItemFilter filter, ChatMessage message)
        => !message.Archived
            && (filter.OwnerKeys is null || filter.OwnerKeys.Contains(message.SubjectKey))
            && (filter.ConversationKey is null || filter.ConversationKey == message.ConversationKey);

    private async Task<HashSet<Guid>> FindOptedOutAsync(Guid tenantId, IReadOnlyList<Guid> subjects, CancellationToken cancellationToken)
    {
        var optedOut = new HashSet<Guid>();
        foreach (var block in subjects.Chunk(ReadSize))
        {
            optedOut.UnionWith(await memories.FindOptedOutAsync(tenantId, block, cancellationToken));
        }

        return optedOut;
    }
}
