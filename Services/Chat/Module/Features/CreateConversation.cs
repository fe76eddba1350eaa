using System.Text;
using System.Text.Json;
using MemoryMesh.Chat.Endpoints;
using MemoryMesh.Chat.Storage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Chat.Features;

/// <summary>A conversation was created, now or when the same request came before.</summary>
/// <param name="Conversation">The conversation as it was created.</param>
/// <param name="Replayed">Whether the request came before.</param>
internal sealed record CreatedConversation(ConversationRecord Conversation, bool Replayed);

/// <summary>Creates a conversation without messages.</summary>
internal sealed class CreateConversation(TenantGuard guard, IConversationStore store, KeyedNames names, TimeProvider clock)
{
    /// <summary>Creates it.</summary>
    public async Task<(CreatedConversation? Created, ProblemHttpResult? Problem)> CreateAsync(
        CreateConversationRequest request, Caller caller, string? idempotencyKey, CancellationToken cancellationToken)
    {
        if (RequestRules.Check(request) is { } invalid)
        {
            return (null, invalid);
        }

        var (access, problem) = await guard.EnterAsync(caller, request.TenantId, Permission.Store, cancellationToken);
        if (access is null)
        {
            return (null, problem);
        }

        if (access.SubjectFor(request.UserId) is not { } userId)
        {
            return (null, Problems.NotFound.ToResult());
        }

        var now = clock.GetUtcNow();
        var conversation = Create(request, access.TenantId, request.ConversationId ?? Guid.CreateVersion7(now).ToString("D"), userId, now);
        var idempotent = idempotencyKey is null ? null : new IdempotentWrite<AddConversationStatus>(
            StoreMessages.Describe(caller, idempotencyKey, "POST /v1/conversations", request),
            status => status == AddConversationStatus.Added
                ? JsonSerializer.SerializeToUtf8Bytes(new CreatedIdentity(conversation.ConversationId, conversation.CreatedAt))
                : null);
        var (outcome, before) = await store.AddConversationAsync(conversation, StoreMessages.ReachOf(access, names), idempotent, cancellationToken);
        if (before is { SameRequest: false })
        {
            return (null, Problems.IdempotencyKeyReused.ToResult());
        }

        if (before is not null)
        {
            var identity = JsonSerializer.Deserialize<CreatedIdentity>(before.Answer)!;
            return (new CreatedConversation(Create(request, access.TenantId, identity.ConversationId, userId, identity.CreatedAt), true), null);
        }

        return outcome switch
        {
            AddConversationStatus.Added => (new CreatedConversation(conversation, false), null),
            AddConversationStatus.Exists => (null, Problems.Conflict.ToResult("There is a conversation of this id.")),
            _ => (null, Problems.NotFound.ToResult()),
        };
    }

    private ConversationRecord Create(CreateConversationRequest request, Guid tenantId, string conversationId, string userId, DateTimeOffset now) => new()
    {
        TenantId = tenantId,
        ConversationKey = names.ConversationKey(tenantId, conversationId),
        ConversationId = conversationId,
        SubjectKey = names.SubjectKey(tenantId, userId),
        UserId = userId,
        Title = request.Title,
        MetadataJson = request.Metadata is { ValueKind: JsonValueKind.Object } metadata ? Encoding.UTF8.GetString(TextRules.ToCompactJson(metadata)) : null,
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()),
        Version = 1,
    };

    private sealed record CreatedIdentity(string ConversationId, DateTimeOffset CreatedAt);
}
