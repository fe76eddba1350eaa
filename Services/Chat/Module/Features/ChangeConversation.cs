using System.Text;
using System.Text.Json;
using MemoryMesh.Chat.Endpoints;
using MemoryMesh.Chat.Storage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Chat.Features;

/// <summary>Replaces title and metadata of a conversation, and deletes it.</summary>
internal sealed class ChangeConversation(FindConversation findConversation, IConversationStore store)
{
    /// <summary>Others may change the same conversation meanwhile; after so many tries that is told as a conflict.</summary>
    private const int Attempts = 8;

    /// <summary>Replaces title and metadata.</summary>
    public async Task<(ConversationRecord? Conversation, ProblemHttpResult? Problem)> UpdateAsync(
        string conversationId,
        UpdateConversationRequest request,
        VersionCondition condition,
        Caller caller,
        string? tenantId,
        CancellationToken cancellationToken)
    {
        if (RequestRules.Check(request) is { } invalid)
        {
            return (null, invalid);
        }

        var metadata = request.Metadata is { ValueKind: JsonValueKind.Object } element ? Encoding.UTF8.GetString(TextRules.ToCompactJson(element)) : null;
        if (request.Title is null && metadata is null)
        {
            return (null, Problems.InvalidField("title", "One of title and metadata must be there."));
        }

        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var (current, _, problem) = await findConversation.FindAsync(caller, tenantId, conversationId, Permission.Write, cancellationToken);
            if (current is null)
            {
                return (null, problem);
            }

            if (!condition.Allows(current.Version))
            {
                return (null, Problems.PreconditionFailed.ToResult());
            }

            var changed = current with
            {
                Title = request.Title ?? current.Title,
                MetadataJson = metadata ?? current.MetadataJson,
                Version = current.Version + 1,
            };
            if (await store.UpdateConversationAsync(changed, cancellationToken))
            {
                return (changed, null);
            }
        }

        return (null, Problems.Conflict.ToResult());
    }

    /// <summary>Deletes a conversation with all its messages.</summary>
    /// <returns>Null when it is deleted.</returns>
    public async Task<ProblemHttpResult?> DeleteAsync(
        string conversationId, VersionCondition condition, bool keepMemories, Caller caller, string? tenantId, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var (conversation, reach, problem) = await findConversation.FindAsync(caller, tenantId, conversationId, Permission.Write, cancellationToken);
            if (conversation is null)
            {
                return problem;
            }

            if (!condition.Allows(conversation.Version))
            {
                return Problems.PreconditionFailed.ToResult();
            }

            if (await store.DeleteConversationAsync(reach, conversation.ConversationKey, condition.AllowsAny ? null : conversation.Version, keepMemories, cancellationToken))
            {
                return null;
            }
        }

        return Problems.Conflict.ToResult();
    }
}
