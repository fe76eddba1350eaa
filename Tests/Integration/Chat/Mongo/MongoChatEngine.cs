using MemoryMesh.Chat;
using MemoryMesh.Chat.Storage;
using MemoryMesh.Chat.Storage.Mongo;
using MemoryMesh.Contracts.Analytics;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using MemoryMesh.Tests.Integration.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.Tests.Integration.Chat;

/// <summary>The same in MongoDB.</summary>
internal sealed class MongoChatEngine(IServiceProvider services, ModuleDatabase database) : ChatEngine(database)
{
    private static readonly string[] Collections = [.. ChatCollections.All.Select(plan => plan.Name), "state", "events", "parts"];

    private MongoStore Store => services.GetRequiredKeyedService<MongoStore>(ChatModule.Name);

    public override Task SettleAsync() => Store.TakeOverEventsAsync(default);

    public override async Task<ChatTotals> CountAsync(Guid tenantId)
    {
        var messages = await AllAsync(ChatCollections.Messages, tenantId);
        var conversations = await AllAsync(ChatCollections.Conversations, tenantId);
        return new ChatTotals(
            messages.Count,
            messages.Sum(message => (long)message.Bytes("content").Length + (message.BytesOrNull("metadata")?.Length ?? 0) + message.Bytes("user_id").Length),
            conversations.Count,
            conversations.Count(conversation => conversation.Int64("token_count")
                != messages.Where(message => message["conversation_key"] == conversation["conversation_key"]).Sum(message => message.Int64("tokens"))));
    }

    public override async Task<bool> HoldsAsync(byte[] bytes)
    {
        foreach (var name in Collections)
        {
            if ((await Store.Collection(name).Find(new BsonDocument()).ToListAsync()).Exists(document => document.ToBson().AsSpan().IndexOf(bytes) >= 0))
            {
                return true;
            }
        }

        return false;
    }

    public override Task DropAsync() => MongoServer.DropAsync(services.GetRequiredService<IConfiguration>().GetConnectionString(ChatModule.Name)!);

    public override IChatUsage Usage(IConversationStore store) => services.GetRequiredService<IChatUsage>();

    private Task<List<BsonDocument>> AllAsync(string collection, Guid tenantId)
        => Store.Collection(collection).Find(new BsonDocument("tenant_id", tenantId.Bson())).ToListAsync();
}
