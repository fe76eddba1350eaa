using MemoryMesh.Memory;
using MemoryMesh.Memory.Storage.Mongo;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using MemoryMesh.Tests.Integration.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.Tests.Integration.Memory;

/// <summary>The same in MongoDB.</summary>
internal sealed class MongoMemoryEngine(IServiceProvider services, ModuleDatabase database) : MemoryEngine(database)
{
    private static readonly string[] Collections = [.. MemoryCollections.All.Select(plan => plan.Name), "state", "events", "parts"];

    private readonly string _address = services.GetRequiredService<IConfiguration>().GetConnectionString(MemoryModule.Name)!;

    private MongoStore Store => services.GetRequiredKeyedService<MongoStore>(MemoryModule.Name);

    public override Task SettleAsync() => Store.TakeOverEventsAsync(default);

    public override Task<long> CountAsync(string table) => Store.Collection(table).CountDocumentsAsync(new BsonDocument());

    public override async Task<List<Guid>> ListDerivedAsync()
        => (await Store.Collection(MemoryCollections.Memories).Find(new BsonDocument("derived", true)).ToListAsync()).ConvertAll(document => document.Id("_id"));

    public override Task BreakAsync(Guid memoryId)
        => Store.Collection(MemoryCollections.Memories).UpdateOneAsync(
            new BsonDocument("_id", memoryId.Bson()), new BsonDocument("$set", new BsonDocument("slot", new byte[] { 0 })));

    public override Task ForgetAsync(Guid tenantId, Guid subjectKey, DateTimeOffset until)
        => Store.WriteAsync(
            async change =>
            {
                await new MongoMemoryWrite(change, until).NoteForgottenAsync(tenantId, subjectKey, until);
                return true;
            },
            default);

    public override Task DropAsync() => MongoServer.DropAsync(_address);

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
}
