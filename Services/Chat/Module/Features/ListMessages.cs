using MemoryMesh.Chat.Endpoints;
using MemoryMesh.Chat.Storage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Chat.Features;

/// <summary>Lists the messages of one conversation by time, in both directions.</summary>
internal sealed class ListMessages(FindConversation findConversation, IConversationStore store, Cursors cursors)
{
    /// <summary>Value of <c>after</c> that begins at the oldest message.</summary>
    public const string Start = "start";

    /// <summary>Lists the page before or after a cursor; without one the newest page.</summary>
    public async Task<(MessageListResponse? Page, ProblemHttpResult? Problem)> ListAsync(
        Caller caller,
        string? tenantId,
        string conversationId,
        (string? Before, string? After) cursor,
        (int Limit, string? Role, bool IncludeArchived) filter,
        CancellationToken cancellationToken)
    {
        if (cursor is { Before: not null, After: not null })
        {
            return (null, Problems.InvalidField("after", "Must not be given together with before."));
        }

        if (filter.Role is not null && !MessageRoles.IsRole(filter.Role))
        {
            return (null, Problems.InvalidField("role", "Must be user, assistant, system or tool."));
        }

        var (conversation, reach, problem) = await findConversation.FindAsync(caller, tenantId, conversationId, Permission.Read, cancellationToken);
        if (conversation is null)
        {
            return (null, problem);
        }

        var key = conversation.ConversationKey;
        var forward = cursor.After is not null;
        var from = MessagePosition.End;
        if (cursor.After is Start)
        {
            from = MessagePosition.Start;
        }
        else if ((cursor.Before ?? cursor.After) is { } text && !cursors.TryReadMessage(text, reach.TenantId, key, out from))
        {
            return (null, Problems.InvalidField(forward ? "after" : "before", "Must be a cursor of this conversation."));
        }

        var page = await store.ListMessagesAsync(
            reach,
            key,
            new MessagePageQuery { From = from, Forward = forward, Limit = filter.Limit, Role = filter.Role, IncludeArchived = filter.IncludeArchived },
            cancellationToken);
        return (
            new MessageListResponse(
                [.. page.Messages.Select(MessageResponse.From)],
                page.Last is { } last ? cursors.OfMessage(reach.TenantId, key, last) : null,
                page.First is { } first ? cursors.OfMessage(reach.TenantId, key, first) : null),
            null);
    }
}
