using MemoryMesh.Chat.Storage.Sqlite;
using MemoryMesh.Contracts.Analytics;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Erasure;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Chat.Storage;

/// <summary>Chooses where conversations are kept: in this build in the service's own file.</summary>
internal static class ChatStores
{
    public static IServiceCollection AddChatStores(this IServiceCollection services)
        => services
            .AddSingleton<IConversationStore, SqliteConversationStore>()
            .AddSingleton<IChatUsage, SqliteChatUsage>()
            .AddSubjectEraser<SqliteChatEraser>(Subscriptions.ChatErasure);
}
