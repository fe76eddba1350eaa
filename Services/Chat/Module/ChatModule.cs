using MemoryMesh.Chat.Endpoints;
using MemoryMesh.Chat.Features;
using MemoryMesh.Chat.Storage;
using MemoryMesh.Contracts.Analytics;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Chat;

/// <summary>Entry points of the Chat service's module.</summary>
public static class ChatModule
{
    /// <summary>Name of the service and of its store.</summary>
    public const string Name = "chat";

    /// <summary>Registers the module's services.</summary>
    public static IServiceCollection AddChatModule(this IServiceCollection services)
    {
        services.AddModuleDatabase<ChatOptions>(Name);
        services.AddIdempotencyKeys();
        services.AddChatStores();
        services.AddSingleton<IChatClient, LocalChatClient>();
        services.AddSingleton<IChatTransfer, LocalChatTransfer>();
        services.AddSingleton<StoredWait>();
        services.AddSingleton<FindMessages>();
        services.AddSingleton<StoreMessages>();
        services.AddSingleton<UpdateMessages>();
        services.AddSingleton<DeleteMessages>();
        services.AddSingleton<Cursors>();
        services.AddSingleton<CreateConversation>();
        services.AddSingleton<FindConversation>();
        services.AddSingleton<ListConversations>();
        services.AddSingleton<ListMessages>();
        services.AddSingleton<ListThread>();
        services.AddSingleton<ConversationStatistics>();
        services.AddSingleton<ChangeConversation>();
        return services;
    }

    /// <summary>Maps the module's public routes.</summary>
    public static void MapChatEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapMessages();
        routes.MapConversations();
    }
}
