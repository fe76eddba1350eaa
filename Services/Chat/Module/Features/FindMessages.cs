using MemoryMesh.Chat.Storage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Chat.Features;

/// <summary>A message the caller may see.</summary>
/// <param name="Message">The message.</param>
/// <param name="Problem">Why the caller may see it but not do what was asked; null when it may.</param>
internal readonly record struct FoundMessage(MessageRecord Message, ProblemHttpResult? Problem);

/// <summary>Finds messages by id and checks what the caller may do with them.</summary>
internal sealed class FindMessages(TenantGuard guard, IConversationStore store, KeyedNames names)
{
    /// <summary>Finds one message.</summary>
    public async Task<(MessageRecord? Message, ProblemHttpResult? Problem)> FindAsync(
        Caller caller, string? tenantId, Guid messageId, Permission permission, CancellationToken cancellationToken)
    {
        var (found, problem) = await FindAsync(caller, tenantId, [messageId], permission, cancellationToken);
        return problem is not null ? (null, problem)
            : !found.TryGetValue(messageId, out var message) ? (null, Problems.NotFound.ToResult())
            : message.Problem is not null ? (null, message.Problem)
            : (message.Message, null);
    }

    /// <summary>Finds messages. One that is not in the answer is not there for the caller. A problem is about the whole request.</summary>
    public async Task<(IReadOnlyDictionary<Guid, FoundMessage> Found, ProblemHttpResult? Problem)> FindAsync(
        Caller caller, string? tenantId, IReadOnlyCollection<Guid> messageIds, Permission permission, CancellationToken cancellationToken)
    {
        var found = new Dictionary<Guid, FoundMessage>();

        // With the tenant known beforehand, whether the caller may do this there does not depend on the message.
        if (tenantId is not null || !caller.Principal.AllTenants)
        {
            var (access, problem) = await guard.EnterAsync(caller, tenantId, permission, cancellationToken);
            if (access is not null)
            {
                await AddAsync(access, messageIds, null);
            }

            return (found, problem);
        }

        var tenants = await store.FindTenantsAsync(messageIds, cancellationToken);
        foreach (var tenant in tenants.GroupBy(item => item.Value, item => item.Key))
        {
            // A refusal to write may only be told of a message that can be seen: so reading is asked for first.
            var name = tenant.Key.ToString("D");
            if ((await guard.EnterAsync(caller, name, Permission.Read, cancellationToken)).Access is { } reader)
            {
                var problem = permission == Permission.Read ? null : (await guard.EnterAsync(caller, name, permission, cancellationToken)).Problem;
                await AddAsync(reader, [.. tenant], problem);
            }
        }

        return (found, null);

        async Task AddAsync(TenantAccess access, IReadOnlyCollection<Guid> ids, ProblemHttpResult? problem)
        {
            foreach (var message in await store.FindMessagesAsync(StoreMessages.ReachOf(access, names), ids, cancellationToken))
            {
                found[message.Id] = new FoundMessage(message, problem);
            }
        }
    }
}
