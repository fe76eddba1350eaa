using System.Text.Json;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Memory.Context;
using MemoryMesh.Memory.Processing;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.Memory.Storage.Mongo;

/// <summary>Keeps memories in MongoDB. What people wrote is sealed with the key of the memory's owner, which stays in the service's own store.</summary>
internal sealed partial class MongoMemoryStore(
    [FromKeyedServices(MemoryModule.Name)] MongoStore store,
    [FromKeyedServices(MemoryModule.Name)] ModuleStore own,
    KeyedNames subjects,
    MemoryKeys names,
    OwnerOutlines outlines,
    TimeProvider clock) : IMemoryStore
{
    public async Task<AddOutcome> AddAsync(MemoryRecord memory, Actor actor, IdempotentRequest? request, CancellationToken cancellationToken)
    {
        var claim = request is null ? null : await own.PrepareAsync(subjects, request, cancellationToken);
        var key = await own.Keys.GetOrCreateAsync(memory.TenantId, memory.OwnerKey, cancellationToken);
        var values = new SealedMemory(memory, key);
        var history = new SealedHistory(memory.Id, PlannedMemory.FirstEntry(memory, actor), key);
        return await WriteAsync(
            async write =>
            {
                if (claim is not null && await MongoIdempotency.FindAsync(write.Change, claim, memory.CreatedAt) is { } before)
                {
                    return before.SameRequest
                        ? new AddOutcome(Before: JsonSerializer.Deserialize<AddedIdentity>(before.Answer))
                        : new AddOutcome(KeyReused: true);
                }

                if (memory.Scope == MemoryScope.User && await write.IsOptedOutAsync(memory.TenantId, memory.OwnerKey))
                {
                    return new AddOutcome(OptedOut: true);
                }

                key.ThrowIfDestroyed();
                await write.AddAsync(memory, values, names, history);
                if (claim is not null)
                {
                    MongoIdempotency.Add(
                        write.Change, claim, JsonSerializer.SerializeToUtf8Bytes(new AddedIdentity(memory.Id, memory.CreatedAt)), memory.CreatedAt, memory.OwnerKey);
                }

                return new AddOutcome();
            },
            cancellationToken);
    }

    public Task<Guid?> FindTenantAsync(Guid memoryId, CancellationToken cancellationToken)
        => store.ReadAsync(async reader => (await reader.Collection(MemoryCollections.Memories)
            .Find(new BsonDocument("_id", memoryId.Bson())).Project<BsonDocument>(MongoCollectionPlan.Keys("tenant_id")).FirstOrDefaultAsync(cancellationToken))?.Id("tenant_id"));

    public async Task<MemoryRecord?> FindAsync(Guid tenantId, Guid memoryId, CancellationToken cancellationToken)
        => await FindManyAsync(tenantId, [memoryId], cancellationToken) is [var memory] ? memory : null;

    public async Task<IReadOnlyList<MemoryRecord>> FindManyAsync(Guid tenantId, IReadOnlyCollection<Guid> memoryIds, CancellationToken cancellationToken)
        => await OpenAsync(await QueryAsync(OfIds(tenantId, memoryIds), null, null, cancellationToken), cancellationToken);

    public async Task<IReadOnlyList<RecalledMemory>> RecallAsync(
        Guid tenantId, IReadOnlyCollection<Guid> memoryIds, IReadOnlyCollection<Guid> ownerKeys, DateTimeOffset now, CancellationToken cancellationToken)
        => [.. (await FindManyAsync(tenantId, memoryIds, cancellationToken)).Where(memory => memory.HoldsAt(now) && ownerKeys.Contains(memory.OwnerKey)).Select(RecalledMemory.Of)];

    public async Task<ILookup<Guid, MemorySource>> ListSourcesAsync(
        Guid tenantId, Guid ownerKey, IReadOnlyCollection<Guid> memoryIds, CancellationToken cancellationToken)
    {
        var rows = await QuerySourcesAsync(new BsonDocument { ["tenant_id"] = tenantId.Bson(), ["memory_id"] = In(memoryIds) }, MongoCollectionPlan.Keys("id"), null, cancellationToken);
        var key = rows.Count == 0 ? null : await own.Keys.FindAsync(tenantId, ownerKey, cancellationToken);
        return (key is null ? [] : rows).ToLookup(row => row.Id("memory_id"), row => MongoMemory.OpenSource(row, key!));
    }

    public async Task<ILookup<Guid, MemoryRecord>> ListFactsAsync(
        Guid tenantId, Guid ownerKey, IReadOnlyCollection<Guid> memoryIds, CancellationToken cancellationToken)
    {
        var sources = await QuerySourcesAsync(
            new BsonDocument { ["tenant_id"] = tenantId.Bson(), ["message_id"] = In(memoryIds), ["from_memory"] = true },
            MongoCollectionPlan.Keys("quote_start", "id"),
            null,
            cancellationToken);
        var facts = await FindByIdAsync(tenantId, sources.Select(source => source.Id("memory_id")), cancellationToken);
        var rows = sources
            .Select(source => (Drawn: source.Id("message_id"), Fact: facts.GetValueOrDefault(source.Id("memory_id"))))
            .Where(pair => pair.Fact is not null && pair.Fact.Id("owner_key") == ownerKey && MongoMemory.IsActive(pair.Fact))
            .ToList();
        var key = rows.Count == 0 ? null : await own.Keys.FindAsync(tenantId, ownerKey, cancellationToken);
        return (key is null ? [] : rows).ToLookup(pair => pair.Drawn, pair => MongoMemory.Open(pair.Fact!, key!));
    }

    public async Task<IReadOnlyList<HistoryEntry>> ListHistoryAsync(MemoryRecord memory, CancellationToken cancellationToken)
    {
        var rows = await store.ReadAsync(reader => reader.Collection(MemoryCollections.History)
            .Find(new BsonDocument { ["tenant_id"] = memory.TenantId.Bson(), ["memory_id"] = memory.Id.Bson() }).Sort(MongoCollectionPlan.Keys("version")).ToListAsync(cancellationToken));
        var key = await own.Keys.FindAsync(memory.TenantId, memory.OwnerKey, cancellationToken);
        return key is null ? [] : rows.ConvertAll(row => MongoMemory.OpenHistory(row, key));
    }

    public Task<DeletedMemory?> FindDeletedAsync(Guid memoryId, CancellationToken cancellationToken)
        => store.ReadAsync(async reader => await reader.Collection(MemoryCollections.Tombstones)
            .Find(new BsonDocument("memory_id", memoryId.Bson())).FirstOrDefaultAsync(cancellationToken) is { } row
            ? new DeletedMemory(row.Id("tenant_id"), (MemoryScope)row.Int32("scope"), row.Id("owner_key"), row.Int32("version"), row.Time("deleted_at"))
            : null);

    public async Task<bool> ReplaceAsync(MemoryRecord current, MemoryRecord next, Actor actor, CancellationToken cancellationToken)
    {
        var key = await own.Keys.GetOrCreateAsync(next.TenantId, next.OwnerKey, cancellationToken);
        var values = new SealedMemory(next, key);
        var history = new SealedHistory(
            next.Id, new HistoryEntry(next.Version, HistoryEvent.Update, actor, current.Text, next.Text, next.UpdatedAt, next.ValidFrom, next.End), key);
        var revision = await WriteAsync<long?>(
            async write =>
            {
                key.ThrowIfDestroyed();
                var replaced = await write.UpdateAsync(
                    next.TenantId,
                    next.Id,
                    document => document.Int32("version") == current.Version && MongoMemory.IsActive(document),
                    document =>
                    {
                        document["text"] = values.Text;
                        document["metadata"] = values.Metadata.Bson();
                        document["slot"] = values.Slot.Bson();
                        document["category"] = next.Category;
                        document["category_given"] = next.CategoryGiven;
                        document["importance"] = next.Importance;
                        document["importance_given"] = next.ImportanceGiven;
                        document["text_key"] = MongoMemory.Bytes(next.TextKey);
                        document["derived"] = next.Derived;
                        document["version"] = next.Version;
                        document["updated_at"] = next.UpdatedAt.Bson();
                        document["expires_at"] = next.ExpiresAt.Bson();
                        document["inferred"] = next.Inferred;
                        document["confidence"] = next.Confidence;
                        SetWork(document, next.Status, next.UpdatedAt);
                    });
                if (replaced is null)
                {
                    return null;
                }

                await write.AddAsync(history, replaced);
                await write.BumpRevisionAsync(next.TenantId, next.OwnerKey);
                return await write.RevisionAsync(next.TenantId, next.OwnerKey);
            },
            cancellationToken);
        if (revision is null)
        {
            return false;
        }

        outlines.Note(next.TenantId, next.OwnerKey, revision.Value - 1, revision.Value, [next.Id]);
        return true;
    }

    public Task<bool> RetryAsync(Guid tenantId, Guid memoryId, DateTimeOffset now, CancellationToken cancellationToken)
        => WriteAsync(
            async write => await write.UpdateAsync(
                tenantId,
                memoryId,
                document => document.Int32("status") == (int)MemoryStatus.Failed,
                document =>
                {
                    document["status"] = (int)MemoryStatus.Pending;
                    document["attempts"] = 0;
                    document["next_attempt_at"] = now.Bson();
                }) is not null,
            cancellationToken);

    public async Task<IReadOnlyList<Guid>> FindOptedOutAsync(Guid tenantId, IReadOnlyCollection<Guid> subjectKeys, CancellationToken cancellationToken)
    {
        var filter = new BsonDocument { ["_id"] = new BsonDocument("$in", new BsonArray(subjectKeys.Select(key => MongoValues.Pair(tenantId, key)))), ["opted_out"] = true };
        var found = (await store.ReadAsync(reader => reader.Collection(MemoryCollections.Settings)
            .Find(filter).Project<BsonDocument>(MongoCollectionPlan.Keys("subject_key")).ToListAsync(cancellationToken))).Select(row => row.Id("subject_key")).ToHashSet();
        return [.. subjectKeys.Where(found.Contains)];
    }

    public Task<SubjectSettings?> FindSettingsAsync(Guid tenantId, Guid subjectKey, CancellationToken cancellationToken)
        => store.ReadAsync(async reader => await reader.Collection(MemoryCollections.Settings)
            .Find(new BsonDocument("_id", MongoValues.Pair(tenantId, subjectKey))).FirstOrDefaultAsync(cancellationToken) is { } row
            ? new SubjectSettings(row.Bool("opted_out"), row.Time("updated_at"), MongoMemory.Categories(row, "allowed_categories"))
            : null);

    public Task SaveSettingsAsync(Guid tenantId, Guid subjectKey, SubjectSettings settings, CancellationToken cancellationToken)
        => WriteAsync(
            write =>
            {
                Put(write.Change, tenantId, subjectKey, settings);
                return Task.FromResult(true);
            },
            cancellationToken);

    public async Task<int> CountFromConversationAsync(Guid tenantId, Guid conversationKey, CancellationToken cancellationToken)
    {
        var filter = new BsonDocument { ["tenant_id"] = tenantId.Bson(), ["conversation_key"] = conversationKey.Bson() };
        var ids = await store.ReadAsync(reader => reader.Collection(MemoryCollections.Sources)
            .Find(filter).Project<BsonDocument>(MongoCollectionPlan.Keys("memory_id")).ToListAsync(cancellationToken));
        var active = OfIds(tenantId, [.. ids.Select(row => row.Id("memory_id")).Distinct()]);
        active["valid_to"] = BsonNull.Value;
        return ids.Count == 0 ? 0 : (int)await CountAsync(active, cancellationToken);
    }

    /// <summary>Background work that is waited for, and nothing that went wrong.</summary>
    internal static void SetWork(BsonDocument document, MemoryStatus status, DateTimeOffset? nextAttemptAt)
    {
        document["status"] = (int)status;
        document["error"] = BsonNull.Value;
        document["attempts"] = 0;
        document["next_attempt_at"] = nextAttemptAt.Bson();
    }

    private static void Put(MongoChange change, Guid tenantId, Guid subjectKey, SubjectSettings settings)
        => change.Put(MemoryCollections.Settings, new BsonDocument
        {
            ["_id"] = MongoValues.Pair(tenantId, subjectKey),
            ["tenant_id"] = tenantId.Bson(),
            ["subject_key"] = subjectKey.Bson(),
            ["opted_out"] = settings.OptedOut,
            ["updated_at"] = settings.UpdatedAt.Bson(),
            ["allowed_categories"] = MongoMemory.Of(settings.AllowedCategories),
        });

    private static BsonDocument In(IEnumerable<Guid> ids) => new("$in", new BsonArray(ids.Select(id => id.Bson())));

    private static BsonDocument OfIds(Guid tenantId, IEnumerable<Guid> memoryIds) => new() { ["_id"] = In(memoryIds), ["tenant_id"] = tenantId.Bson() };

    private static BsonDocument OfOwner(Guid tenantId, Guid ownerKey) => new() { ["tenant_id"] = tenantId.Bson(), ["owner_key"] = ownerKey.Bson() };

    private Task<T> WriteAsync<T>(Func<MongoMemoryWrite, Task<T>> work, CancellationToken cancellationToken)
        => store.WriteAsync(change => work(new MongoMemoryWrite(change, clock.GetUtcNow())), cancellationToken);

    private Task<List<BsonDocument>> QueryAsync(BsonDocument filter, BsonDocument? sort, int? limit, CancellationToken cancellationToken)
        => store.ReadAsync(reader => reader.Collection(MemoryCollections.Memories).Find(filter).Sort(sort).Limit(limit).ToListAsync(cancellationToken));

    private Task<List<BsonDocument>> QuerySourcesAsync(BsonDocument filter, BsonDocument? sort, int? limit, CancellationToken cancellationToken)
        => store.ReadAsync(reader => reader.Collection(MemoryCollections.Sources).Find(filter).Sort(sort).Limit(limit).ToListAsync(cancellationToken));

    private Task<long> CountAsync(BsonDocument filter, CancellationToken cancellationToken)
        => store.ReadAsync(reader => reader.Collection(MemoryCollections.Memories).CountDocumentsAsync(filter, cancellationToken: cancellationToken));

    private async Task<Dictionary<Guid, BsonDocument>> FindByIdAsync(Guid tenantId, IEnumerable<Guid> memoryIds, CancellationToken cancellationToken)
    {
        var ids = memoryIds.Distinct().ToList();
        return ids.Count == 0 ? [] : (await QueryAsync(OfIds(tenantId, ids), null, null, cancellationToken)).ToDictionary(document => document.Id("_id"));
    }

    /// <summary>Opens documents of any owners in their order; those whose key is gone are gone themselves.</summary>
    private async Task<List<MemoryRecord>> OpenAsync(List<BsonDocument> documents, CancellationToken cancellationToken)
    {
        var memories = new List<MemoryRecord>(documents.Count);
        foreach (var document in documents)
        {
            if (await own.Keys.FindAsync(document.Id("tenant_id"), document.Id("owner_key"), cancellationToken) is { } key)
            {
                memories.Add(MongoMemory.Open(document, key));
            }
        }

        return memories;
    }
}
