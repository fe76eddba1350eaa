using MemoryMesh.Contracts.Chat;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.ServiceDefaults.Internal;

/// <summary>The calls of <see cref="IChatTransfer"/> over HTTP: what a client sends and what the service maps, side by side.</summary>
internal static class ChatTransferCalls
{
    private const string Service = ChatCalls.Service;

    public static void Map(RouteGroupBuilder group)
    {
        group.MapCall<IChatTransfer, FindCall, ConversationCopy?>(
            "transfer/conversation", (chat, call, token) => chat.FindConversationAsync(call.TenantId, call.ConversationKey, call.SubjectKey, token));
        group.MapCall<IChatTransfer, ConversationsCall, ConversationSlice>(
            "transfer/conversations", (chat, call, token) => chat.ListConversationsAsync(call.TenantId, call.SubjectKey, call.After, call.Limit, token));
        group.MapCall<IChatTransfer, MessagesCall, MessageSlice>(
            "transfer/messages", (chat, call, token) => chat.ListMessagesAsync(call.TenantId, call.Key, call.After, call.Limit, token));
        group.MapCall<IChatTransfer, MessagesCall, MessageSlice>(
            "transfer/elsewhere", (chat, call, token) => chat.ListMessagesElsewhereAsync(call.TenantId, call.Key, call.After, call.Limit, token));
        group.MapCall<IChatTransfer, CountCall, long>(
            "transfer/count", (chat, call, token) => chat.CountMessagesAsync(call.TenantId, call.SubjectKey, token));
        group.MapCall<IChatTransfer, KnownCall, IReadOnlyList<Guid>>(
            "transfer/known", (chat, call, token) => chat.FindMessagesAsync(call.TenantId, call.SubjectKey, call.MessageIds, token));
        group.MapCall<IChatTransfer, ChatImport, IReadOnlyList<CopyOutcome>>("transfer/import", (chat, call, token) => chat.ImportAsync(call, token));
    }

    internal sealed class HttpChatTransfer(InternalHttp http) : IChatTransfer
    {
        public Task<ConversationCopy?> FindConversationAsync(Guid tenantId, Guid conversationKey, Guid? subjectKey, CancellationToken cancellationToken)
            => http.CallAsync<FindCall, ConversationCopy?>(Service, "transfer/conversation", new(tenantId, conversationKey, subjectKey), cancellationToken);

        public Task<ConversationSlice> ListConversationsAsync(Guid tenantId, Guid? subjectKey, Guid? after, int limit, CancellationToken cancellationToken)
            => http.CallAsync<ConversationsCall, ConversationSlice>(Service, "transfer/conversations", new(tenantId, subjectKey, after, limit), cancellationToken);

        public Task<MessageSlice> ListMessagesAsync(Guid tenantId, Guid conversationKey, MessagePlace? after, int limit, CancellationToken cancellationToken)
            => http.CallAsync<MessagesCall, MessageSlice>(Service, "transfer/messages", new(tenantId, conversationKey, after, limit), cancellationToken);

        public Task<MessageSlice> ListMessagesElsewhereAsync(Guid tenantId, Guid subjectKey, MessagePlace? after, int limit, CancellationToken cancellationToken)
            => http.CallAsync<MessagesCall, MessageSlice>(Service, "transfer/elsewhere", new(tenantId, subjectKey, after, limit), cancellationToken);

        public Task<long> CountMessagesAsync(Guid tenantId, Guid? subjectKey, CancellationToken cancellationToken)
            => http.CallAsync<CountCall, long>(Service, "transfer/count", new(tenantId, subjectKey), cancellationToken);

        public Task<IReadOnlyList<Guid>> FindMessagesAsync(
            Guid tenantId, Guid? subjectKey, IReadOnlyList<Guid> messageIds, CancellationToken cancellationToken)
            => http.CallAsync<KnownCall, IReadOnlyList<Guid>>(Service, "transfer/known", new(tenantId, subjectKey, messageIds), cancellationToken);

        public Task<IReadOnlyList<CopyOutcome>> ImportAsync(ChatImport import, CancellationToken cancellationToken)
            => http.CallAsync<ChatImport, IReadOnlyList<CopyOutcome>>(Service, "transfer/import", import, cancellationToken);
    }

    private sealed record FindCall(Guid TenantId, Guid ConversationKey, Guid? SubjectKey);

    private sealed record ConversationsCall(Guid TenantId, Guid? SubjectKey, Guid? After, int Limit);

    private sealed record MessagesCall(Guid TenantId, Guid Key, MessagePlace? After, int Limit);

    private sealed record CountCall(Guid TenantId, Guid? SubjectKey);

    private sealed record KnownCall(Guid TenantId, Guid? SubjectKey, IReadOnlyList<Guid> MessageIds);
}
