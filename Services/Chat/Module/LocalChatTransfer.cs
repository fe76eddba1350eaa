using System.Text;
using System.Text.Json;
using MemoryMesh.Chat.Endpoints;
using MemoryMesh.Chat.Features;
using MemoryMesh.Chat.Storage;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Chat;

/// <summary>Answers exports and imports from the store of this process. What is imported keeps the rules of what is stored over the public routes.</summary>
internal sealed class LocalChatTransfer(IConversationStore store, KeyedNames names, TimeProvider clock) : IChatTransfer
{
    private static readonly CopyOutcome OutOfReach = new(CopyStatus.Refused, "conversation_id: There is nothing here that you may see.");

    public async Task<ConversationCopy?> FindConversationAsync(Guid tenantId, Guid conversationKey, Guid? subjectKey, CancellationToken cancellationToken)
        => await store.FindConversationAsync(new ConversationReach(tenantId, subjectKey), conversationKey, cancellationToken) is { } found ? ToContract(found) : null;

    public async Task<ConversationSlice> ListConversationsAsync(Guid tenantId, Guid? subjectKey, Guid? after, int limit, CancellationToken cancellationToken)
    {
        var page = await store.ListConversationsByKeyAsync(new ConversationReach(tenantId, subjectKey), after, Bound(limit), cancellationToken);
        return new ConversationSlice([.. page.Conversations.Select(ToContract)], page.Next);
    }

    public async Task<MessageSlice> ListMessagesAsync(Guid tenantId, Guid conversationKey, MessagePlace? after, int limit, CancellationToken cancellationToken)
    {
        var page = await store.ListMessagesAsync(
            new ConversationReach(tenantId, null),
            conversationKey,
            new MessagePageQuery
            {
                From = after is null ? MessagePosition.Start : new MessagePosition(after.CreatedAt, after.Sequence),
                Forward = true,
                Limit = Bound(limit),
                IncludeArchived = true,
            },
            cancellationToken);
        return new MessageSlice(LocalChatClient.ToContract(page.Messages), page.Last is { } last ? new MessagePlace(last.CreatedAt, last.Sequence) : null);
    }

    public async Task<MessageSlice> ListMessagesElsewhereAsync(
        Guid tenantId, Guid subjectKey, MessagePlace? after, int limit, CancellationToken cancellationToken)
    {
        var (messages, next) = await store.ListMessagesElsewhereAsync(tenantId, subjectKey, after?.Sequence ?? 0, Bound(limit), cancellationToken);
        return new MessageSlice(LocalChatClient.ToContract(messages), next is { } sequence ? new MessagePlace(0, sequence) : null);
    }

    public Task<long> CountMessagesAsync(Guid tenantId, Guid? subjectKey, CancellationToken cancellationToken)
        => store.CountMessagesAsync(new ConversationReach(tenantId, subjectKey), cancellationToken);

    public Task<IReadOnlyList<Guid>> FindMessagesAsync(Guid tenantId, Guid? subjectKey, IReadOnlyList<Guid> messageIds, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(messageIds.Count, IChatTransfer.MostItems);
        return store.FindKnownAsync(new ConversationReach(tenantId, subjectKey), messageIds, cancellationToken);
    }

    public async Task<IReadOnlyList<CopyOutcome>> ImportAsync(ChatImport import, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(import.Conversations.Count + import.Messages.Count, IChatTransfer.MostItems);
        var now = clock.GetUtcNow();
        var outcomes = new CopyOutcome[import.Conversations.Count + import.Messages.Count];
        var (conversations, conversationPlaces) = (new List<ConversationRecord>(), new List<int>());
        for (var i = 0; i < import.Conversations.Count; i++)
        {
            var conversation = import.Conversations[i];
            if (Check(conversation) is { } refusal)
            {
                outcomes[i] = Refuse(refusal);
                continue;
            }

            conversations.Add(ToRecord(import.TenantId, conversation));
            conversationPlaces.Add(i);
        }

        var (messages, messagePlaces) = (new List<ImportedMessage>(), new List<int>());
        for (var i = 0; i < import.Messages.Count; i++)
        {
            var message = import.Messages[i];
            var request = ToRequest(message);
            if (StoreMessages.Check(request, now) is { } refusal)
            {
                outcomes[import.Conversations.Count + i] = Refuse(refusal);
                continue;
            }

            messages.Add(new ImportedMessage(ToRecord(import.TenantId, message, request, now), message.SourceId, message.SourceReplyTo));
            messagePlaces.Add(import.Conversations.Count + i);
        }

        var reach = new ConversationReach(import.TenantId, import.ReachSubjectKey);
        var statuses = await store.ImportAsync(reach, conversations, messages, import.DryRun, cancellationToken);
        for (var i = 0; i < conversations.Count; i++)
        {
            outcomes[conversationPlaces[i]] = statuses.Conversations[i] switch
            {
                AddConversationStatus.Added => CopyOutcome.Stored,
                AddConversationStatus.Exists => CopyOutcome.Exists,
                _ => OutOfReach,
            };
        }

        for (var i = 0; i < messages.Count; i++)
        {
            outcomes[messagePlaces[i]] = statuses.Messages[i] switch
            {
                AddStatus.Added => CopyOutcome.Stored,
                AddStatus.Exists => CopyOutcome.Exists,
                _ => OutOfReach,
            };
        }

        if (!import.DryRun)
        {
            StoreMessages.CountStored(messages.Where((_, i) => statuses.Messages[i] == AddStatus.Added).Select(message => message.Message));
        }

        return outcomes;
    }

    private static int Bound(int limit) => Math.Clamp(limit, 1, IChatTransfer.MostItems);

    private static ConversationCopy ToContract(ConversationRecord conversation) => new()
    {
        ConversationKey = conversation.ConversationKey,
        ConversationId = conversation.ConversationId,
        SubjectKey = conversation.SubjectKey,
        UserId = conversation.UserId,
        Title = conversation.Title,
        MetadataJson = conversation.MetadataJson,
        MessageCount = conversation.MessageCount,
        CreatedAt = conversation.CreatedAt,
        LastMessageAt = conversation.LastMessageAt,
    };

    private static ProblemHttpResult? Check(ConversationCopy conversation)
        => RequestRules.Check(
            new CreateConversationRequest
            {
                ConversationId = conversation.ConversationId,
                Title = conversation.Title,
                Metadata = StoredJson.Parse(conversation.MetadataJson),
                UserId = conversation.UserId,
            });

    private static CreateMessageRequest ToRequest(MessageCopy message) => new()
    {
        ConversationId = message.ConversationId,
        Role = message.Role,
        Content = message.Content,
        Metadata = StoredJson.Parse(message.MetadataJson),
        Importance = message.Importance,
        UserId = message.UserId,
        CreatedAt = message.CreatedAt,
        ExtractMemory = message.ExtractMemory,
    };

    private static CopyOutcome Refuse(ProblemHttpResult problem)
        => new(CopyStatus.Refused, (problem.ProblemDetails as HttpValidationProblemDetails)?.Errors.Select(error => $"{error.Key}: {error.Value[0]}").FirstOrDefault());

    private static DateTimeOffset ToMilliseconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());

    private static string? Compact(JsonElement? metadata)
        => metadata is { ValueKind: JsonValueKind.Object } json ? Encoding.UTF8.GetString(TextRules.ToCompactJson(json)) : null;

    private ConversationRecord ToRecord(Guid tenantId, ConversationCopy conversation) => new()
    {
        TenantId = tenantId,
        ConversationKey = names.ConversationKey(tenantId, conversation.ConversationId),
        ConversationId = conversation.ConversationId,
        SubjectKey = names.SubjectKey(tenantId, conversation.UserId),
        UserId = conversation.UserId,
        Title = conversation.Title,
        MetadataJson = Compact(StoredJson.Parse(conversation.MetadataJson)),
        CreatedAt = ToMilliseconds(conversation.CreatedAt),
        Version = 1,
    };

    private MessageRecord ToRecord(Guid tenantId, MessageCopy message, CreateMessageRequest request, DateTimeOffset now) => new()
    {
        Id = message.Id,
        TenantId = tenantId,
        ConversationKey = names.ConversationKey(tenantId, message.ConversationId!),
        ConversationId = message.ConversationId!,
        SubjectKey = names.SubjectKey(tenantId, message.UserId!),
        UserId = message.UserId!,
        Role = message.Role!,
        Content = message.Content!,
        MetadataJson = Compact(request.Metadata),
        Importance = message.Importance,
        ReplyTo = message.ReplyTo,
        ExtractMemory = message.ExtractMemory,
        Archived = message.Archived,
        Version = 1,
        CreatedAt = ToMilliseconds(message.CreatedAt),
        UpdatedAt = ToMilliseconds(now),
    };
}
