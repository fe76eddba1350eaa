using MemoryMesh.Chat.Storage.Mongo;
using MemoryMesh.Chat.Storage.Sqlite;
using MemoryMesh.Contracts.Analytics;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Erasure;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Chat.Storage;

/// <summary>Chooses where conversations are kept: in MongoDB where <c>ConnectionStrings:chat</c> is a MongoDB URL, else in the service's own file.</summary>
internal static class ChatStores
{
    public static IServiceCollection AddChatStores(this IServiceCollection services)
    {
        services.AddMongoStore(ChatModule.Name, ChatCollections.All);
        services.AddSubjectEraser<SqliteChatEraser>(Subscriptions.ChatErasure);
        return services
            .AddSingleton(Choose<IConversationStore, MongoConversationStore, SqliteConversationStore>)
            .AddSingleton(Choose<IChatUsage, MongoChatUsage, SqliteChatUsage>)
            .AddSingleton(Choose<SqliteChatEraser, MongoChatEraser, SqliteChatEraser>);
    }

    private static TStore Choose<TStore, TMongo, TSqlite>(IServiceProvider provider)
        where TStore : class
        where TMongo : class, TStore
        where TSqlite : class, TStore
        => provider.GetService<IConfiguration>().IsInMongo(ChatModule.Name)
            ? ActivatorUtilities.CreateInstance<TMongo>(provider)
            : ActivatorUtilities.CreateInstance<TSqlite>(provider);
}
