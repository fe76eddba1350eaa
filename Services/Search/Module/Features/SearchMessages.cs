using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Search.Filters;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Ranking;

namespace MemoryMesh.Search.Features;

/// <summary>A message with its score.</summary>
internal sealed record FoundMessage(RankedItem Ranked, ChatMessage Message);

/// <summary>Finds messages and reads them from Chat.</summary>
internal sealed class SearchMessages(BestItems best, IChatClient chat, IMemoryClient memories)
{
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
