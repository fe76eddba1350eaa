using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Ranking;

namespace MemoryMesh.Search.Features;

/// <summary>A message with its score.</summary>
internal sealed record FoundMessage(RankedItem Ranked, ChatMessage Message);

/// <summary>Finds messages and reads them from Chat.</summary>
internal sealed class SearchMessages(BestItems best, IChatClient chat, IMemoryClient memories)
{
    /// <summary>The best <paramref name="topK"/> messages, best first. Messages of people who opted out are not recalled.</summary>
    public Task<IReadOnlyList<FoundMessage>> HandleAsync(ItemFilter filter, string query, int topK, RankingSettings settings, CancellationToken cancellationToken)
        => best.FindAsync<FoundMessage>(
            filter,
            query,
            topK,
            settings,
            async ranked =>
            {
                var optedOut = await memories.FindOptedOutAsync(filter.TenantId, [.. ranked.Select(item => item.Item.OwnerKey).Distinct()], cancellationToken);
                var read = (await chat.GetMessagesAsync(filter.TenantId, [.. ranked.Select(item => item.Item.Id)], cancellationToken))
                    .Where(message => MayBeFound(filter, message) && !optedOut.Contains(message.SubjectKey))
                    .ToDictionary(message => message.Id);
                return [.. ranked.Where(item => read.ContainsKey(item.Item.Id)).Select(item => new FoundMessage(item, read[item.Item.Id]))];
            },
            cancellationToken);

    /// <summary>Checks what came back once more: the index follows its owner with a delay.</summary>
    private static bool MayBeFound(ItemFilter filter, ChatMessage message)
        => !message.Archived
            && (filter.OwnerKeys is null || filter.OwnerKeys.Contains(message.SubjectKey))
            && (filter.ConversationKey is null || filter.ConversationKey == message.ConversationKey);
}
