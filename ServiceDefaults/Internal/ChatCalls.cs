using MemoryMesh.Contracts.Analytics;
using MemoryMesh.Contracts.Chat;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MemoryMesh.ServiceDefaults.Internal;

/// <summary>The calls of <see cref="IChatClient"/> over HTTP: what a client sends and what the service maps, side by side.</summary>
public static class ChatCalls
{
    internal const string Service = "chat";

    /// <summary>Reaches Chat over HTTP.</summary>
    public static IServiceCollection AddChatHttpClient(this IServiceCollection services)
    {
        services.AddServiceConnection(Service);
        services.TryAddSingleton<IChatClient, HttpChatClient>();
        services.TryAddSingleton<IChatUsage, HttpChatUsage>();
        services.TryAddSingleton<IChatTransfer, ChatTransferCalls.HttpChatTransfer>();
        return services;
    }

    /// <summary>Serves the calls.</summary>
    public static void MapChatCalls(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapInternalGroup(Service);
        ChatTransferCalls.Map(group);
        group.MapCall<IChatClient, MessagesCall, IReadOnlyList<ChatMessage>>(
            "messages", (chat, call, token) => chat.GetMessagesAsync(call.TenantId, call.MessageIds, token));
        group.MapCall<IChatClient, RecentCall, IReadOnlyList<ChatMessage>>(
            "recent", (chat, call, token) => chat.GetRecentMessagesAsync(call.TenantId, call.ConversationKey, call.SubjectKey, call.Limit, token));
        group.MapCall<IChatClient, PrecedingCall, IReadOnlyList<ChatMessage>>(
            "preceding", (chat, call, token) => chat.GetPrecedingUserMessagesAsync(call.TenantId, call.MessageId, call.Limit, token));
        group.MapCall<IChatClient, RetentionOrder, int>("retention", (chat, call, token) => chat.ApplyRetentionAsync(call, token));
        group.MapCall<IChatUsage, UsageQuery, ChatUsage>("usage", (usage, call, token) => usage.GetUsageAsync(call, token));
        group.MapCall<IChatUsage, TopConversationsQuery, IReadOnlyList<ConversationUsage>>(
            "top-conversations", (usage, call, token) => usage.ListTopConversationsAsync(call, token));
    }

    private sealed class HttpChatClient(InternalHttp http) : IChatClient
    {
        public Task<IReadOnlyList<ChatMessage>> GetMessagesAsync(Guid tenantId, IReadOnlyList<Guid> messageIds, CancellationToken cancellationToken)
            => http.CallAsync<MessagesCall, IReadOnlyList<ChatMessage>>(Service, "messages", new(tenantId, messageIds), cancellationToken);

        public Task<IReadOnlyList<ChatMessage>> GetRecentMessagesAsync(
            Guid tenantId, Guid conversationKey, Guid? subjectKey, int limit, CancellationToken cancellationToken)
            => http.CallAsync<RecentCall, IReadOnlyList<ChatMessage>>(
                Service, "recent", new(tenantId, conversationKey, subjectKey, limit), cancellationToken);

        public Task<IReadOnlyList<ChatMessage>> GetPrecedingUserMessagesAsync(Guid tenantId, Guid messageId, int limit, CancellationToken cancellationToken)
            => http.CallAsync<PrecedingCall, IReadOnlyList<ChatMessage>>(Service, "preceding", new(tenantId, messageId, limit), cancellationToken);

        public Task<int> ApplyRetentionAsync(RetentionOrder order, CancellationToken cancellationToken)
            => http.CallAsync<RetentionOrder, int>(Service, "retention", order, cancellationToken);
    }

    private sealed class HttpChatUsage(InternalHttp http) : IChatUsage
    {
        public Task<ChatUsage> GetUsageAsync(UsageQuery query, CancellationToken cancellationToken)
            => http.CallAsync<UsageQuery, ChatUsage>(Service, "usage", query, cancellationToken);

        public Task<IReadOnlyList<ConversationUsage>> ListTopConversationsAsync(TopConversationsQuery query, CancellationToken cancellationToken)
            => http.CallAsync<TopConversationsQuery, IReadOnlyList<ConversationUsage>>(Service, "top-conversations", query, cancellationToken);
    }

    private sealed record MessagesCall(Guid TenantId, IReadOnlyList<Guid> MessageIds);

    private sealed record RecentCall(Guid TenantId, Guid ConversationKey, Guid? SubjectKey, int Limit);

    private sealed record PrecedingCall(Guid TenantId, Guid MessageId, int Limit);
}
