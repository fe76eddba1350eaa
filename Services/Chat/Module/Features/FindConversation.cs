using MemoryMesh.Chat.Endpoints;
using MemoryMesh.Chat.Storage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Chat.Features;

/// <summary>Finds conversations and checks what the caller may do with them.</summary>
internal sealed class FindConversation(TenantGuard guard, IConversationStore store, KeyedNames names)
{
    /// <summary>Finds one conversation. Exactly one of conversation and problem is set.</summary>
    public async Task<(ConversationRecord? Conversation, ConversationReach Reach, ProblemHttpResult? Problem)> FindAsync(
        Caller caller, string? tenantId, string conversationId, Permission permission, CancellationToken cancellationToken)
    {
        var (access, problem) = await guard.EnterAsync(caller, tenantId, permission, cancellationToken);
        if (access is null)
        {
            return (null, default, problem);
        }

        var reach = StoreMessages.ReachOf(access, names);
        var conversation = ConversationIdAttribute.Check(conversationId) is null
            ? await store.FindConversationAsync(reach, names.ConversationKey(access.TenantId, conversationId), cancellationToken)
            : null;
        return conversation is null ? (null, reach, Problems.NotFound.ToResult()) : (conversation, reach, null);
    }
}
