using MemoryMesh.Chat.Endpoints;
using MemoryMesh.Chat.Storage;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Chat.Features;

/// <summary>Counts what a conversation holds and what was drawn from it.</summary>
internal sealed class ConversationStatistics(FindConversation findConversation, IConversationStore store, IMemoryClient memories)
{
    /// <summary>Counts.</summary>
    public async Task<(ConversationStatsResponse? Stats, ProblemHttpResult? Problem)> CountAsync(
        Caller caller, string? tenantId, string conversationId, CancellationToken cancellationToken)
    {
        var (conversation, reach, problem) = await findConversation.FindAsync(caller, tenantId, conversationId, Permission.Read, cancellationToken);
        if (conversation is null)
        {
            return (null, problem);
        }

        var roles = await store.CountByRoleAsync(reach, conversation.ConversationKey, cancellationToken);
        return (
            new ConversationStatsResponse
            {
                ConversationId = conversation.ConversationId,
                TenantId = conversation.TenantId,
                MessageCount = roles.Sum(role => role.Messages),
                ArchivedCount = roles.Sum(role => role.Archived),
                MessagesByRole = ByRole(role => role.Messages),
                Tokens = roles.Sum(role => role.Tokens),
                TokensByRole = ByRole(role => role.Tokens),
                FirstMessageAt = roles.Min(role => (DateTimeOffset?)role.FirstAt),
                LastMessageAt = roles.Max(role => (DateTimeOffset?)role.LastAt),
                MemoriesDrawn = await CountMemoriesAsync(conversation, cancellationToken),
            },
            null);

        Dictionary<string, long> ByRole(Func<RoleStatistics, long> count)
            => MessageRoles.All.ToDictionary(role => role, role => roles.Where(item => item.Role == role).Sum(count));
    }

    private async Task<int?> CountMemoriesAsync(ConversationRecord conversation, CancellationToken cancellationToken)
    {
        try
        {
            return await memories.CountFromConversationAsync(conversation.TenantId, conversation.ConversationKey, cancellationToken);
        }
        catch (Exception exception) when (exception is DependencyUnavailableException or StorageUnavailableException)
        {
            return null;
        }
    }
}
