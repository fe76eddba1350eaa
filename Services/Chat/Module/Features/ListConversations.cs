using MemoryMesh.Chat.Endpoints;
using MemoryMesh.Chat.Storage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Chat.Features;

/// <summary>Lists conversations by falling time of their last activity.</summary>
internal sealed class ListConversations(TenantGuard guard, IConversationStore store, KeyedNames names, Cursors cursors)
{
    /// <summary>Lists a page: those of one subject, or of all that the caller acts for.</summary>
    public async Task<(ConversationListResponse? Page, ProblemHttpResult? Problem)> ListAsync(
        Caller caller, string? tenantId, string? userId, int limit, string? cursor, CancellationToken cancellationToken)
    {
        if (userId is not null && TextRules.Check(userId, ChatLimits.IdBytes) is { } message)
        {
            return (null, Problems.InvalidField("user_id", message));
        }

        var (access, problem) = await guard.EnterAsync(caller, tenantId, Permission.Read, cancellationToken);
        if (access is null)
        {
            return (null, problem);
        }

        var reach = StoreMessages.ReachOf(access, names);
        if (userId is not null)
        {
            if (access.SubjectFor(userId) is not { } subject)
            {
                return (null, Problems.NotFound.ToResult());
            }

            reach = reach with { SubjectKey = names.SubjectKey(access.TenantId, subject) };
        }

        ConversationPosition? after = null;
        if (cursor is not null)
        {
            if (!cursors.TryReadConversation(cursor, reach, out var position))
            {
                return (null, Problems.InvalidField("cursor", "Must be a cursor of this list."));
            }

            after = position;
        }

        var page = await store.ListConversationsAsync(reach, after, limit, cancellationToken);
        return (
            new ConversationListResponse(
                [.. page.Conversations.Select(ConversationResponse.From)], page.Last is { } last ? cursors.OfConversation(reach, last) : null),
            null);
    }
}
