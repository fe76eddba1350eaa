using MemoryMesh.Contracts.Chat;
using MemoryMesh.Search.Endpoints;
using MemoryMesh.Search.Features;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Ranking;
using MemoryMesh.Search.Usage;
using MemoryMesh.ServiceDefaults.Filtering;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Search.Filters;

/// <summary>A search for messages as a client asked for it, checked.</summary>
/// <param name="Query">The question.</param>
/// <param name="TopK">Most results.</param>
/// <param name="UserId">Only this subject; null for all that the caller may see.</param>
/// <param name="ConversationId">Only this conversation.</param>
/// <param name="Thread">Only the thread that this message is in.</param>
/// <param name="Roles">Only these roles; empty for all.</param>
/// <param name="Period">Only messages of this time.</param>
/// <param name="MinImportance">Only messages of at least this importance.</param>
/// <param name="Conditions">What else must hold.</param>
/// <param name="Explain">Whether the parts of the scores are wanted.</param>
/// <param name="Settings">How they are ranked.</param>
/// <param name="View">What of the answer is shown, and how.</param>
internal sealed record MessageSearch(
    string Query,
    int TopK,
    string? UserId,
    string? ConversationId,
    Guid? Thread,
    IReadOnlyList<MessageRole> Roles,
    (DateTimeOffset? From, DateTimeOffset? To) Period,
    double? MinImportance,
    SearchFilter? Conditions,
    bool Explain,
    RankingSettings Settings,
    ResultView View);

/// <summary>What of an answer is shown, and how.</summary>
/// <param name="Offset">How many results earlier pages had.</param>
/// <param name="ByConversation">Whether the results are told by conversation too.</param>
/// <param name="Expand">How many messages before and after each result are shown with it.</param>
/// <param name="Highlights">Whether the words that matched are marked.</param>
internal readonly record struct ResultView(int Offset, bool ByConversation, int Expand, bool Highlights);

/// <summary>A page of what was found.</summary>
/// <param name="Items">Best first.</param>
/// <param name="Truncated">Whether the search ended at its bound.</param>
/// <param name="NextCursor">Where the next page begins; null when there is none.</param>
/// <param name="Around">The messages around the found ones; null when they were not asked for.</param>
internal sealed record ShownMessages(
    IReadOnlyList<FoundMessage> Items,
    bool Truncated,
    string? NextCursor,
    IReadOnlyDictionary<Guid, (IReadOnlyList<ChatMessage> Before, IReadOnlyList<ChatMessage> After)>? Around)
{
    /// <summary>Nothing.</summary>
    public static readonly ShownMessages None = new([], false, null, null);
}

/// <summary>Lets a caller search the messages it may see.</summary>
internal sealed class MessageSearchDoor(TenantGuard guard, KeyedNames names, SearchMessages search, IChatClient chat, ISearchCounter counter)
{
    /// <summary>Searches. Exactly one of the two is set.</summary>
    public async Task<(ShownMessages? Found, ProblemHttpResult? Problem)> SearchAsync(
        Caller caller, string? tenantId, MessageSearch wanted, CancellationToken cancellationToken)
    {
        var (access, problem) = await guard.EnterAsync(caller, tenantId, Permission.Read, cancellationToken);
        if (access is null)
        {
            return (null, problem);
        }

        counter.Count(access.TenantId, SearchedKind.Messages);
        IReadOnlyList<Guid>? owners = null;
        if (wanted.UserId is not null || !access.ActsForEverySubject)
        {
            if (access.SubjectFor(wanted.UserId) is not { } allowed)
            {
                return (null, Problems.NotFound.ToResult());
            }

            owners = [names.SubjectKey(access.TenantId, allowed)];
        }

        var filter = new ItemFilter
        {
            TenantId = access.TenantId,
            Kind = ItemKind.Message,
            OwnerKeys = owners,
            ConversationKey = wanted.ConversationId is null ? null : names.ConversationKey(access.TenantId, wanted.ConversationId),
            Roles = wanted.Roles,
            From = wanted.Period.From,
            To = wanted.Period.To,
            MinImportance = wanted.MinImportance,
        };
        if (wanted.Thread is { } member)
        {
            // A thread is in one conversation, so the index need not look elsewhere. Of a message that may not be seen there is no thread.
            if (await chat.GetMessagesAsync(access.TenantId, [member], cancellationToken) is not [var message]
                || owners?.Contains(message.SubjectKey) == false
                || (filter.ConversationKey is { } conversation && conversation != message.ConversationKey))
            {
                return (ShownMessages.None, null);
            }

            filter = filter with { ThreadId = message.ThreadId, ConversationKey = message.ConversationKey };
        }

        // One more than the page has tells whether another follows.
        var view = wanted.View;
        var last = Math.Min(view.Offset + wanted.TopK, ResultCursor.MostResults);
        var found = await search.HandleAsync(filter.With(wanted.Conditions, names), wanted.Query, last + 1, wanted.Settings with { Explain = wanted.Explain }, cancellationToken);
        var page = found.Items.Skip(view.Offset).Take(last - view.Offset).ToList();
        var around = view.Expand == 0 ? null : await search.FindAroundAsync(filter, page, view.Expand, cancellationToken);
        var next = found.Items.Count > last && last < ResultCursor.MostResults ? ResultCursor.Write(last, wanted.Query) : null;
        return (new(page, found.Truncated, next, around), null);
    }
}
