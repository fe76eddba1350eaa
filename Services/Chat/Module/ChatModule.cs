using MemoryMesh.Chat.Endpoints;
using MemoryMesh.Chat.Features;
using MemoryMesh.Chat.Storage;
using MemoryMesh.Contracts.Analytics;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Moving;
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

    /// <summary>Has everything that an installation keeps in the data folder stand there. For one that is moved.</summary>
    /// <param name="services">Services of the installation, whose store is open and which nobody writes to.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public static Task SettleAsync(IServiceProvider services, CancellationToken cancellationToken) => ConversationMove.SettleAsync(services, cancellationToken);

    /// <summary>Refuses a move of the conversations that cannot be made now.</summary>
    /// <param name="from">Services of the source.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="ServiceDefaults.Security.StartupException">It cannot be made now; the message says why.</exception>
    public static Task CheckMoveAsync(IServiceProvider from, CancellationToken cancellationToken) => ConversationMove.CheckAsync(from, cancellationToken);

    /// <summary>Moves conversations between the service's file and MongoDB, and compares.</summary>
    /// <param name="from">Services of the source.</param>
    /// <param name="to">Services of the target, whose data folder is a copy of the source's.</param>
    /// <param name="cancellationToken">Ends it between two batches; the same call makes it again.</param>
    /// <returns>What was moved.</returns>
    /// <exception cref="InvalidDataException">What was written is not what was read.</exception>
    public static Task<RowDigest> MoveConversationsAsync(IServiceProvider from, IServiceProvider to, CancellationToken cancellationToken)
        => ConversationMove.RunAsync(from, to, cancellationToken);

    /// <summary>Maps the module's public routes.</summary>
    public static void MapChatEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapMessages();
        routes.MapConversations();
    }
}
