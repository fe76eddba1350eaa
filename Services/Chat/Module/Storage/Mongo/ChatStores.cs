using MemoryMesh.Chat.Storage.Mongo;
using MemoryMesh.Chat.Storage.Sqlite;
using MemoryMesh.Contracts.Analytics;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Erasure;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Chat.Storage;

/// <summary>Chooses where conversations are kept: in MongoDB where <c>ConnectionStrings:chat</c> is a MongoDB URL, else in the service's own file.</summary>
internal static class ChatStores
{
    public static IServiceCollection AddChatStores(this IServiceCollection services)
    {
        services.AddMongoStore(ChatModule.Name, ChatCollections.All);
        services.AddDocumentMove(ChatModule.Name, MovedConversations.Tables);
        services.AddSubjectEraser<SqliteChatEraser>(Subscriptions.ChatErasure);
        return services
            .AddEither<IConversationStore, MongoConversationStore, SqliteConversationStore>(ChatModule.Name)
            .AddEither<IChatUsage, MongoChatUsage, SqliteChatUsage>(ChatModule.Name)
            .AddEither<SqliteChatEraser, MongoChatEraser, SqliteChatEraser>(ChatModule.Name);
    }
}
