using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Search.Filters;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Ranking;
using MemoryMesh.Search.Storage;

namespace MemoryMesh.Search.Features;

/// <summary>A message with its score.</summary>
internal sealed record FoundMessage(RankedItem Ranked, ChatMessage Message);

/// <summary>Finds messages and reads them from Chat.</summary>
internal sealed class SearchMessages(BestItems best, IConversationOrder order, IChatClient chat, IMemoryClient memories)
{
    private const int MostIds = 500;

    /// <summary>The messages before and after those that were found, by the id of the found one.</summary>
    /// <param name="filter">What may be found: the messages around are of the same conversations, so of the same subjects.</param>
    /// <param name="found">What was found.</param>
    /// <param name="reach">Most before, and most after.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async Task<IReadOnlyDictionary<Guid, (IReadOnlyList<ChatMessage> Before, IReadOnlyList<ChatMessage> After)>> FindAroundAsync(
        ItemFilter filter, IReadOnlyList<FoundMessage> found, int reach, CancellationToken cancellationToken)
    {
        var around = await order.ListAroundAsync(filter.TenantId, [.. found.Select(item => item.Message.Id)], reach, cancellationToken);
        var conversations = found.ToDictionary(item => item.Message.Id, item => (item.Message.ConversationKey, item.Message.SubjectKey));
        var read = new Dictionary<Guid, ChatMessage>();
        foreach (var ids in around.Values.SelectMany(ids => ids.Before.Concat(ids.After)).Distinct().Chunk(MostIds))
        {
            foreach (var message in await chat.GetMessagesAsync(filter.TenantId, ids, cancellationToken))
            {
                read.Add(message.Id, message);
            }
        }

        return around.ToDictionary(pair => pair.Key, pair => (Read(pair.Key, pair.Value.Before), Read(pair.Key, pair.Value.After)));

        IReadOnlyList<ChatMessage> Read(Guid of, IReadOnlyList<Guid> ids)
            => [.. ids.Where(read.ContainsKey).Select(id => read[id]).Where(message => !message.Archived && (message.ConversationKey, message.SubjectKey) == conversations[of])];
    }

    /// <summary>The best <paramref name="topK"/> messages, best first. Messages of people who opted out are not recalled.</summary>
    public async Task<BestFound<FoundMessage>> HandleAsync(
        ItemFilter filter, string query, int topK, RankingSettings settings, CancellationToken cancellationToken)
    {
        var found = await best.FindAsync(
            filter,
            query,
            topK,
            settings,
            async candidates =>
            {
                var optedOut = await memories.FindOptedOutAsync(filter.TenantId, [.. candidates.Select(item => item.OwnerKey).Distinct()], cancellationToken);
                return (await chat.GetMessagesAsync(filter.TenantId, [.. candidates.Select(item => item.Id)], cancellationToken))
                    .Where(message => filter.Allows(message) && !optedOut.Contains(message.SubjectKey))
                    .ToDictionary(message => message.Id);
            },
            cancellationToken);
        return found.ConvertAll((ranked, message) => new FoundMessage(ranked, message));
    }
}
