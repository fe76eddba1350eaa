using MemoryMesh.Chat.Endpoints;
using MemoryMesh.Chat.Storage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Chat.Features;

/// <summary>Lists a thread: a message that answers none, and all replies below it.</summary>
/// <remarks>Replies to a message that was deleted stay in the thread at their depth: what was said in between is gone, not what was said after it.</remarks>
internal sealed class ListThread(FindMessages findMessages, TenantGuard guard, IConversationStore store, KeyedNames names, Cursors cursors)
{
    /// <summary>Lists a page of the thread that a message is in.</summary>
    public async Task<(ThreadResponse? Thread, ProblemHttpResult? Problem)> ListAsync(
        Caller caller, string? tenantId, Guid messageId, (int Limit, string? Cursor, bool IncludeArchived) wanted, CancellationToken cancellationToken)
    {
        var (member, problem) = await findMessages.FindAsync(caller, tenantId, messageId, Permission.Read, cancellationToken);
        if (member is null)
        {
            return (null, problem);
        }

        var thread = member.ThreadRoot ?? member.Id;
        var from = MessagePosition.Start;
        if (wanted.Cursor is not null && !cursors.TryReadMessage(wanted.Cursor, member.TenantId, thread, out from))
        {
            return (null, Problems.InvalidField("cursor", "Must be a cursor of this thread."));
        }

        (var access, problem) = await guard.EnterAsync(caller, member.TenantId.ToString("D"), Permission.Read, cancellationToken);
        if (access is null)
        {
            return (null, problem);
        }

        var reach = StoreMessages.ReachOf(access, names);
        var page = await store.ListMessagesAsync(
            reach,
            member.ConversationKey,
            new MessagePageQuery { From = from, Forward = true, Limit = wanted.Limit, IncludeArchived = wanted.IncludeArchived, ThreadId = thread },
            cancellationToken);
        var parents = page.Messages.Select(message => message.ReplyTo).OfType<Guid>().Append(thread).ToHashSet();
        var state = await store.ReadThreadAsync(reach, member.ConversationKey, thread, parents, cancellationToken);
        return (
            new ThreadResponse
            {
                ThreadId = thread,
                ConversationId = member.ConversationId,
                MessageCount = state.Messages,
                RootDeleted = !state.Present.Contains(thread),
                Messages =
                [
                    .. page.Messages.Select(message => new ThreadMessageResponse(
                        MessageResponse.From(message), message.Depth, message.ReplyTo is { } parent && !state.Present.Contains(parent))),
                ],
                Next = page.Last is { } last ? cursors.OfMessage(member.TenantId, thread, last) : null,
            },
            null);
    }
}
