using MemoryMesh.Contracts.Chat;
using MemoryMesh.Search.Features;
using MemoryMesh.Search.Index;
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
    bool Explain);

/// <summary>Lets a caller search the messages it may see.</summary>
internal sealed class MessageSearchDoor(TenantGuard guard, KeyedNames names, SearchMessages search, IChatClient chat, SearchCounter counter)
{
    /// <summary>Searches. Exactly one of the two is set.</summary>
    public async Task<(BestFound<FoundMessage>? Found, ProblemHttpResult? Problem)> SearchAsync(
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
                return (new([], false), null);
            }

            filter = filter with { ThreadId = message.ThreadId, ConversationKey = message.ConversationKey };
        }

        return (await search.HandleAsync(filter.With(wanted.Conditions, names), wanted.Query, wanted.TopK, cancellationToken), null);
    }
}
