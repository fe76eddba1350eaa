using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.Memory.Storage.Mongo;

/// <content>What exports and imports use.</content>
internal sealed partial class MongoMemoryStore
{
    public async Task<(IReadOnlyList<WholeMemory> Memories, Guid? Next)> ListWholeAsync(
        Guid tenantId, Guid? ownerKey, Guid? after, int limit, CancellationToken cancellationToken)
    {
        var filter = ownerKey is { } owner ? OfOwner(tenantId, owner) : new BsonDocument("tenant_id", tenantId.Bson());
        filter["_id"] = new BsonDocument("$gt", (after ?? Guid.Empty).Bson());
        var documents = await QueryAsync(filter, MongoCollectionPlan.Keys("_id"), limit, cancellationToken);
        var ofThem = new BsonDocument { ["tenant_id"] = tenantId.Bson(), ["memory_id"] = In(documents.Select(document => document.Id("_id"))) };
        var sources = (await QuerySourcesAsync(ofThem, MongoCollectionPlan.Keys("id"), null, cancellationToken)).ToLookup(row => row.Id("memory_id"));
        var history = (await store.ReadAsync(reader => reader.Collection(MemoryCollections.History)
            .Find(ofThem).Sort(MongoCollectionPlan.Keys("memory_id", "version")).ToListAsync(cancellationToken))).ToLookup(row => row.Id("memory_id"));
        var whole = new List<WholeMemory>(documents.Count);
        foreach (var document in documents)
        {
            if (await own.Keys.FindAsync(tenantId, document.Id("owner_key"), cancellationToken) is { } key)
            {
                var id = document.Id("_id");
                whole.Add(new WholeMemory(
                    MongoMemory.Open(document, key),
                    [.. sources[id].Select(row => MongoMemory.OpenSource(row, key))],
                    [.. history[id].Select(row => MongoMemory.OpenHistory(row, key))]));
            }
        }

        return (whole, documents.Count == limit ? documents[^1].Id("_id") : null);
    }

    public Task<long> CountAsync(Guid tenantId, Guid? ownerKey, CancellationToken cancellationToken)
        => CountAsync(ownerKey is { } owner ? OfOwner(tenantId, owner) : new BsonDocument("tenant_id", tenantId.Bson()), cancellationToken);

    public async Task<ImportStatus[]> ImportAsync(
        IReadOnlyList<(WholeMemory Memory, Guid? SourceId)> memories, bool dryRun, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // A dry run runs where the import would, and leaves nothing to commit.
        var prepared = new List<Func<MongoMemoryWrite, Task>>(memories.Count);
        foreach (var (whole, _) in dryRun ? [] : memories)
        {
            prepared.Add(PrepareImport(whole, await own.Keys.GetOrCreateAsync(whole.Memory.TenantId, whole.Memory.OwnerKey, cancellationToken), now));
        }

        return await WriteAsync(
            async write =>
            {
                await write.PrefetchAsync(memories.SelectMany(item => (Guid?[])[item.Memory.Memory.Id, item.SourceId]).OfType<Guid>());
                var statuses = new ImportStatus[memories.Count];
                for (var i = 0; i < statuses.Length; i++)
                {
                    statuses[i] = await JudgeAsync(write, memories[i].Memory.Memory, memories[i].SourceId);
                    if (statuses[i] == ImportStatus.Added && !dryRun)
                    {
                        await prepared[i](write);
                    }
                }

                return statuses;
            },
            cancellationToken);
    }

    public Task<bool[]> ImportSettingsAsync(
        Guid tenantId, IReadOnlyList<(Guid SubjectKey, SubjectSettings Settings)> settings, bool dryRun, CancellationToken cancellationToken)
        => WriteAsync(
            async write =>
            {
                var set = new bool[settings.Count];
                for (var i = 0; i < set.Length; i++)
                {
                    var known = await write.Change.FindAsync(MemoryCollections.Settings, MongoValues.Pair(tenantId, settings[i].SubjectKey));
                    set[i] = !(known?.Time("updated_at") >= settings[i].Settings.UpdatedAt);
                    if (set[i] && !dryRun)
                    {
                        Put(write.Change, tenantId, settings[i].SubjectKey, settings[i].Settings);
                    }
                }

                return set;
            },
            cancellationToken);

    private static async Task<ImportStatus> JudgeAsync(MongoMemoryWrite write, MemoryRecord memory, Guid? sourceId)
    {
        async Task<bool> IsThereAsync(Guid id) => (await write.FindAsync(memory.TenantId, id))?.Id("owner_key") == memory.OwnerKey;
        async Task<bool> IsSaidAsync() => (await write.Change.ListAsync(
            MemoryCollections.Memories,
            OfOwner(memory.TenantId, memory.OwnerKey).AddRange(new BsonDocument { ["text_key"] = MongoMemory.Bytes(memory.TextKey), ["valid_to"] = BsonNull.Value }),
            1)).Count > 0;
        return await IsThereAsync(memory.Id) || (sourceId is { } original && await IsThereAsync(original)) || (memory is { Active: true, TextKey: not null } && await IsSaidAsync())
            ? ImportStatus.Exists
            : memory.Scope == MemoryScope.User && await write.IsOptedOutAsync(memory.TenantId, memory.OwnerKey) ? ImportStatus.OptedOut
            : ImportStatus.Added;
    }

    /// <summary>Seals a memory, and answers with what stores it in the write.</summary>
    private Func<MongoMemoryWrite, Task> PrepareImport(WholeMemory whole, DataKey key, DateTimeOffset now)
    {
        var memory = whole.Memory;
        var values = new SealedMemory(memory, key);
        var history = whole.History.Select(entry => new SealedHistory(memory.Id, entry, key)).ToList();
        var sources = whole.Sources.Select(source => new SealedSource(source, key)).ToList();
        return async write =>
        {
            key.ThrowIfDestroyed();
            await write.AddAsync(memory, values, names, history);
            foreach (var source in sources)
            {
                await write.AddSourceAsync(memory.TenantId, memory.Id, source);
            }

            await write.BumpRevisionAsync(memory.TenantId, memory.OwnerKey);
            if (memory.Active)
            {
                write.Announce(memory.TenantId, memory.OwnerKey, memory.Id, memory.Version, now);
            }
        };
    }
}
