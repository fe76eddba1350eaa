using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using MongoDB.Bson;

namespace MemoryMesh.Memory.Storage.Mongo;

/// <content>What deletes memories.</content>
internal sealed partial class MongoMemoryStore
{
    public async Task<bool> DeleteAsync(
        Guid tenantId, Guid memoryId, int? version, DateTimeOffset now, IdempotentRequest? request, CancellationToken cancellationToken)
    {
        var claim = request is null ? null : await own.PrepareAsync(subjects, request, cancellationToken);
        var done = await WriteAsync<(Guid OwnerKey, long From, long To, List<Guid> Gone)?>(
            async write =>
            {
                if (await write.FindAsync(tenantId, memoryId) is not { } memory || !await TryClaimAsync(write.Change, claim, memory.Id("owner_key"), now, add: false))
                {
                    return null;
                }

                var (ownerKey, gone) = (memory.Id("owner_key"), new List<Guid>());
                var revision = await write.RevisionAsync(tenantId, ownerKey);
                return await DeleteAsync(write, tenantId, memoryId, now, version, withFacts: true, remember: true, gone: gone)
                    && await TryClaimAsync(write.Change, claim, ownerKey, now) ? (ownerKey, revision, await write.RevisionAsync(tenantId, ownerKey), gone) : null;
            },
            cancellationToken);
        if (done is not { } change)
        {
            return false;
        }

        outlines.Note(tenantId, change.OwnerKey, change.From, change.To, change.Gone);
        return true;
    }

    public async Task<int> DeleteOwnedAsync(Guid tenantId, Guid ownerKey, int limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var count = await WriteAsync(
            async write =>
            {
                var memories = await write.Change.ListAsync(MemoryCollections.Memories, OfOwner(tenantId, ownerKey), limit);
                foreach (var memory in memories)
                {
                    await DeleteAsync(write, tenantId, memory.Id("_id"), now);
                }

                await write.NoteForgottenAsync(tenantId, ownerKey, now);
                return memories.Count;
            },
            cancellationToken);
        outlines.Drop(tenantId, ownerKey);
        return count;
    }

    public async Task<int> ResetAsync(Guid tenantId, Guid accountId, int limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var count = await WriteAsync(
            async write =>
            {
                var ofTenant = new BsonDocument("tenant_id", tenantId.Bson());
                var memories = await write.Change.ListAsync(MemoryCollections.Memories, ofTenant, limit);
                var last = memories.Count < limit;
                if (last)
                {
                    // Before the others are deleted, which then leave none.
                    write.Change.Sweep(MemoryCollections.Tombstones, ofTenant);
                }

                foreach (var memory in memories)
                {
                    await DeleteAsync(write, tenantId, memory.Id("_id"), now, tombstone: !last);
                }

                // Owners of whom nothing is known yet are meant too: what they said may be on its way.
                await write.NoteForgottenAsync(tenantId, MongoMemoryWrite.EveryOwner, now);
                if (last)
                {
                    write.Change.Publish(new AuditRecorded { TenantId = tenantId, ActorId = accountId, Action = "memories.reset", TargetId = tenantId, At = now }, now);
                }

                return memories.Count;
            },
            cancellationToken);
        outlines.Clear();
        return count;
    }

    public async Task<int> ApplyRetentionAsync(RetentionOrder order, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var filter = new BsonDocument { ["tenant_id"] = order.TenantId.Bson(), ["created_at"] = new BsonDocument("$lt", order.CreatedBefore.Bson()) };
        if (order.ImportanceBelow is { } importance)
        {
            filter["importance"] = new BsonDocument("$lt", importance);
        }

        if (order.Archive)
        {
            filter["valid_to"] = BsonNull.Value;
        }

        var documents = await QueryAsync(filter, MongoCollectionPlan.Keys("created_at"), order.BatchSize, cancellationToken);
        if (documents.Count == 0)
        {
            return 0;
        }

        if (!order.Archive)
        {
            await WriteAsync(
                async write =>
                {
                    foreach (var document in documents)
                    {
                        await DeleteAsync(write, order.TenantId, document.Id("_id"), now, remember: true);
                    }

                    return true;
                },
                cancellationToken);
            return documents.Count;
        }

        var archives = new List<(MemoryRecord Memory, SealedHistory History)>(documents.Count);
        foreach (var memory in await OpenAsync(documents, cancellationToken))
        {
            var key = await own.Keys.GetOrCreateAsync(memory.TenantId, memory.OwnerKey, cancellationToken);
            var entry = new HistoryEntry(memory.Version + 1, HistoryEvent.Archive, new Actor(ActorKind.Retention), memory.Text, null, now, memory.ValidFrom, now);
            archives.Add((memory, new SealedHistory(memory.Id, entry, key)));
        }

        return await WriteAsync(
            async write =>
            {
                var count = 0;
                await write.PrefetchAsync(archives.Select(archive => archive.Memory.Id));
                foreach (var (memory, history) in archives)
                {
                    if (await CloseAsync(write, memory.TenantId, history, now, null, MemoryState.Archived, now))
                    {
                        await write.BumpRevisionAsync(memory.TenantId, memory.OwnerKey);
                        count++;
                    }
                }

                return count;
            },
            cancellationToken);
    }

    /// <summary>Deletes a memory and notes whose it was.</summary>
    /// <param name="write">The write.</param>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="memoryId">The memory.</param>
    /// <param name="now">The time.</param>
    /// <param name="version">Only this version; null for any.</param>
    /// <param name="withFacts">Whether facts go that were drawn from it and from nothing else.</param>
    /// <param name="remember">Whether what was said before does not bring it back: by a keyed hash of its text.</param>
    /// <param name="tombstone">Whether it is noted.</param>
    /// <param name="gone">Is told what is deleted.</param>
    private static async Task<bool> DeleteAsync(
        MongoMemoryWrite write,
        Guid tenantId,
        Guid memoryId,
        DateTimeOffset now,
        int? version = null,
        bool withFacts = false,
        bool remember = false,
        bool tombstone = true,
        List<Guid>? gone = null)
    {
        if (await write.FindAsync(tenantId, memoryId) is not { } memory || (version is not null && memory.Int32("version") != version))
        {
            return false;
        }

        var drawn = (await write.ListSourcesOfAsync(tenantId, memoryId)).FindAll(source => source.Bool("from_memory"));
        foreach (var fact in withFacts ? drawn : [])
        {
            var sources = await write.Change.ListAsync(
                MemoryCollections.Sources, new BsonDocument { ["tenant_id"] = fact["tenant_id"], ["memory_id"] = fact["memory_id"], ["message_id"] = new BsonDocument("$ne", memoryId.Bson()) });
            if (sources.Count == 0 && (await write.FindAsync(tenantId, fact.Id("memory_id")))?.Bool("derived") == true)
            {
                await DeleteAsync(write, tenantId, fact.Id("memory_id"), now, remember: remember, gone: gone);
            }
        }

        await write.RemoveSourcesAsync(tenantId, await StillThereAsync(write, drawn), wereEvidence: false);

        // Found again: what was deleted or changed with it may have changed it.
        await write.DeleteAsync((await write.FindAsync(tenantId, memoryId))!);
        gone?.Add(memoryId);
        var ofSuperseded = new BsonDocument { ["tenant_id"] = tenantId.Bson(), ["superseded_by"] = memoryId.Bson() };
        foreach (var superseded in await write.Change.ListAsync(MemoryCollections.Memories, ofSuperseded))
        {
            await write.UpdateAsync(superseded, document => document["superseded_by"] = BsonNull.Value);
        }

        var (ownerKey, next) = (memory.Id("owner_key"), memory.Int32("version") + 1);
        var id = MongoValues.Pair(tenantId, memoryId);
        if (tombstone && await write.Change.FindAsync(MemoryCollections.Tombstones, id) is null)
        {
            write.Change.Put(MemoryCollections.Tombstones, new BsonDocument
            {
                ["_id"] = id,
                ["tenant_id"] = memory["tenant_id"],
                ["memory_id"] = memory["_id"],
                ["owner_key"] = memory["owner_key"],
                ["scope"] = memory["scope"],
                ["version"] = next,
                ["deleted_at"] = now.Bson(),
                ["text_key"] = remember ? memory["text_key"] : BsonNull.Value,
            });
        }

        await write.BumpRevisionAsync(tenantId, ownerKey);
        write.Tell(tenantId, ownerKey, memoryId, next, "deleted", now);
        return true;
    }

    /// <summary>Sources that were not deleted with their memory.</summary>
    private static async Task<List<BsonDocument>> StillThereAsync(MongoMemoryWrite write, List<BsonDocument> sources)
    {
        var there = await write.Change.FindAsync(MemoryCollections.Sources, [.. sources.Select(source => source["_id"])]);
        return sources.FindAll(source => there.ContainsKey(source["_id"]));
    }
}
