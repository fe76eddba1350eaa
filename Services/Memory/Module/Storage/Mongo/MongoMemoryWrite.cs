using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using MemoryMesh.ServiceDefaults.Usage;
using MongoDB.Bson;

namespace MemoryMesh.Memory.Storage.Mongo;

/// <summary>
/// What one write does to memories, with what goes with it: the counters of the tenant, the mark on the subject's profile, the revision of the owner. Everything is asked for as the
/// writes before, and this one, have left it.
/// </summary>
/// <param name="change">The write.</param>
/// <param name="time">The time of the counters and of the marks.</param>
internal sealed class MongoMemoryWrite(MongoChange change, DateTimeOffset time)
{
    /// <summary>Stands for all owners of a tenant in what is noted about owners.</summary>
    public static readonly Guid EveryOwner = Guid.Empty;

    /// <summary>Fields of the counters.</summary>
    public static readonly string[] Counted = ["added", "updated", "superseded", "archived", "deleted", "active", "bytes"];

    /// <summary>Fields whose bytes are counted.</summary>
    private static readonly string[] Measured = ["text", "metadata", "slot", "user_id", "agent_id", "run_id"];

    /// <summary>Fields that a profile is made of.</summary>
    private static readonly string[] OfProfile = ["text", "category", "importance", "confidence", "slot", "valid_to"];

    public MongoChange Change => change;

    /// <summary>The time.</summary>
    public DateTimeOffset Time => time;

    /// <summary>A memory, or null.</summary>
    public async Task<BsonDocument?> FindAsync(Guid tenantId, Guid memoryId)
        => await change.FindAsync(MemoryCollections.Memories, memoryId.Bson()) is { } found && found.Id("tenant_id") == tenantId ? found : null;

    /// <summary>Reads memories that are asked for one by one afterwards.</summary>
    public Task PrefetchAsync(IEnumerable<Guid> memoryIds) => change.FindAsync(MemoryCollections.Memories, [.. memoryIds.Select(id => id.Bson())]);

    /// <summary>Adds a memory with the first versions of its history.</summary>
    /// <exception cref="StalePlanException">Another one that holds says the same.</exception>
    public async Task AddAsync(MemoryRecord memory, SealedMemory values, MemoryKeys names, params IEnumerable<SealedHistory> history)
    {
        var document = MongoMemory.Of(memory, values, names, change.NextSequence());
        await RequireOnlyOneAsync(document);
        await change.AddAsync(MemoryCollections.Memories, document);
        foreach (var entry in history)
        {
            await AddAsync(entry, document);
        }

        var active = memory.Active;
        await CountAsync(
            memory.TenantId, memory.CreatedAt, 1, 0, One(!active && memory.SupersededBy is not null), One(!active && memory.SupersededBy is null && !memory.Held), 0, One(active), SizeOf(document));
        await MarkProfileAsync(document, make: true, gone: false);
    }

    /// <summary>Adds a version to a memory's history.</summary>
    public Task AddAsync(SealedHistory history, BsonDocument memory) => change.AddAsync(MemoryCollections.History, MongoMemory.Of(history, memory["tenant_id"], memory["owner_key"]));

    /// <summary>Changes a memory.</summary>
    /// <returns>The memory as it is then; null when there is none for which the condition holds.</returns>
    /// <exception cref="StalePlanException">It would hold beside another one that says the same.</exception>
    public async Task<BsonDocument?> UpdateAsync(Guid tenantId, Guid memoryId, Func<BsonDocument, bool> condition, Action<BsonDocument> set)
    {
        if (await FindAsync(tenantId, memoryId) is not { } document || !condition(document))
        {
            return null;
        }

        await UpdateAsync(document, set);
        return document;
    }

    /// <summary>Changes a memory that was found in this write.</summary>
    public async Task UpdateAsync(BsonDocument document, Action<BsonDocument> set)
    {
        var before = (BsonDocument)document.Clone();
        set(document);
        if (document["text_key"] != before["text_key"] || (MongoMemory.IsActive(document) && !MongoMemory.IsActive(before)))
        {
            await RequireOnlyOneAsync(document);
        }

        change.Put(MemoryCollections.Memories, document);
        var (was, holds, rewritten) = (MongoMemory.IsActive(before), MongoMemory.IsActive(document), document["text"] != before["text"]);
        var (ended, more) = (was && !holds, SizeOf(document) - SizeOf(before));
        if (rewritten || was != holds || more != 0)
        {
            await CountAsync(
                document.Id("tenant_id"), time, 0, One(rewritten), One(ended && !document.HasNo("superseded_by")), One(ended && document.HasNo("superseded_by")), 0, One(holds) - One(was), more);
        }

        if (Array.Exists(OfProfile, name => document[name] != before[name]))
        {
            await MarkProfileAsync(document, make: true, gone: rewritten || ended);
        }
    }

    /// <summary>Deletes a memory that was found in this write, with its history, its sources and what was said of it.</summary>
    /// <returns>How many documents of each went.</returns>
    public async Task<(int Sources, int History, int Feedback)> DeleteAsync(BsonDocument document)
    {
        var ofMemory = new BsonDocument { ["tenant_id"] = document["tenant_id"], ["memory_id"] = document["_id"] };
        var gone = (await DeleteAllAsync(MemoryCollections.Sources, ofMemory), await DeleteAllAsync(MemoryCollections.History, ofMemory), await DeleteAllAsync(MemoryCollections.Feedback, ofMemory));
        change.Delete(MemoryCollections.Memories, document["_id"]);
        await CountAsync(document.Id("tenant_id"), time, 0, 0, 0, 0, 1, -One(MongoMemory.IsActive(document)), -SizeOf(document));
        await MarkProfileAsync(document, make: false, gone: true);
        return gone;
    }

    /// <summary>Adds a source to a memory unless it has it.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="memoryId">The memory.</param>
    /// <param name="source">The source.</param>
    /// <param name="isEvidence">Whether it counts as evidence.</param>
    public async Task AddSourceAsync(Guid tenantId, Guid memoryId, SealedSource source, bool isEvidence = false)
    {
        if (await FindAsync(tenantId, memoryId) is not { } memory)
        {
            throw new StalePlanException();
        }

        var document = MongoMemory.Of(source, tenantId, memoryId, memory["owner_key"]);
        if (await change.FindAsync(MemoryCollections.Sources, document["_id"]) is not null)
        {
            return;
        }

        change.Put(MemoryCollections.Sources, document);
        if (isEvidence || source.Source.FromMemory)
        {
            await UpdateAsync(memory, found =>
            {
                found["evidence"] = found.Int32("evidence") + (isEvidence ? 1 : 0);
                found["from_memories"] = found.Int32("from_memories") + (source.Source.FromMemory ? 1 : 0);
            });
        }
    }

    /// <summary>Sources that are a message, or an added memory.</summary>
    public Task<List<BsonDocument>> ListSourcesOfAsync(Guid tenantId, Guid messageId)
        => change.ListAsync(MemoryCollections.Sources, new BsonDocument { ["tenant_id"] = tenantId.Bson(), ["message_id"] = messageId.Bson() });

    /// <summary>Takes sources from their memories.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="sources">The sources.</param>
    /// <param name="wereEvidence">Whether they are evidence no more.</param>
    public async Task RemoveSourcesAsync(Guid tenantId, IReadOnlyList<BsonDocument> sources, bool wereEvidence)
    {
        foreach (var source in sources)
        {
            change.Delete(MemoryCollections.Sources, source["_id"]);
            await UpdateAsync(tenantId, source.Id("memory_id"), _ => true, memory =>
            {
                memory["evidence"] = wereEvidence ? Math.Max(1, memory.Int32("evidence") - 1) : memory["evidence"];
                memory["from_memories"] = memory.Int32("from_memories") - (source.Bool("from_memory") ? 1 : 0);
            });
        }
    }

    /// <summary>The number of changes to an owner's memories.</summary>
    public async Task<long> RevisionAsync(Guid tenantId, Guid ownerKey)
        => (await FindOwnersAsync(tenantId, ownerKey)).Sum(owner => owner.Int64("revision"));

    /// <summary>Until when what an owner said is forgotten; null when nothing is.</summary>
    public async Task<DateTimeOffset?> ForgottenAtAsync(Guid tenantId, Guid ownerKey)
        => (await FindOwnersAsync(tenantId, ownerKey)).Max(owner => owner.TimeOrNull("forgotten_at"));

    /// <summary>Counts a change to an owner's memories.</summary>
    public async Task BumpRevisionAsync(Guid tenantId, Guid ownerKey) => change.Put(MemoryCollections.Owners, await BumpedAsync(tenantId, ownerKey));

    /// <summary>Notes that everything said until a time is forgotten. Counted as a change without a memory too: a decision under way was made before.</summary>
    public async Task NoteForgottenAsync(Guid tenantId, Guid ownerKey, DateTimeOffset until)
    {
        var owner = await BumpedAsync(tenantId, ownerKey);
        owner["forgotten_at"] = until.Bson();
        change.Put(MemoryCollections.Owners, owner);
    }

    /// <summary>Notes that a consolidation has looked at all changes so far.</summary>
    public async Task NoteConsolidatedAsync(Guid tenantId, Guid ownerKey)
    {
        if (await change.FindAsync(MemoryCollections.Owners, MongoValues.Pair(tenantId, ownerKey)) is { } owner)
        {
            owner["changed"] = false;
            change.Put(MemoryCollections.Owners, owner);
        }
    }

    public async Task<bool> IsOptedOutAsync(Guid tenantId, Guid subjectKey)
        => await change.FindAsync(MemoryCollections.Settings, MongoValues.Pair(tenantId, subjectKey)) is { } settings && settings.Bool("opted_out");

    /// <summary>Announces a version of a memory that holds.</summary>
    public void Announce(Guid tenantId, Guid ownerKey, Guid memoryId, int version, DateTimeOffset now)
        => Tell(tenantId, ownerKey, memoryId, version, version == 1 ? "added" : "updated", now);

    /// <summary>Tells of a change.</summary>
    public void Tell(Guid tenantId, Guid ownerKey, Guid memoryId, int version, string what, DateTimeOffset now)
        => change.Publish(new MemoryChanged { TenantId = tenantId, MemoryId = memoryId, OwnerKey = ownerKey, Version = version, Change = what }, now);

    /// <summary>Deletes what a filter finds.</summary>
    /// <returns>How many.</returns>
    public async Task<int> DeleteAllAsync(string collection, BsonDocument filter)
    {
        var found = await change.ListAsync(collection, filter);
        found.ForEach(document => change.Delete(collection, document["_id"]));
        return found.Count;
    }

    private static int One(bool counts) => counts ? 1 : 0;

    /// <summary>Bytes of what is sealed in a memory.</summary>
    private static long SizeOf(BsonDocument document)
        => Measured.Sum(name => document[name].IsBsonNull ? 0L : document[name].AsByteArray.Length);

    private Task CountAsync(Guid tenantId, DateTimeOffset at, params long[] more)
        => MongoUsage.AddAsync(change, MemoryCollections.Usage, tenantId, UsageBuckets.QuarterOf(at), Counted, more);

    /// <summary>No two memories of an owner that hold say the same.</summary>
    private async Task RequireOnlyOneAsync(BsonDocument document)
    {
        if (document.HasNo("text_key") || !MongoMemory.IsActive(document))
        {
            return;
        }

        var equal = await change.ListAsync(MemoryCollections.Memories, new BsonDocument
        {
            ["tenant_id"] = document["tenant_id"], ["owner_key"] = document["owner_key"], ["text_key"] = document["text_key"], ["valid_to"] = BsonNull.Value,
        });
        if (equal.Exists(other => other["_id"] != document["_id"]))
        {
            throw new StalePlanException();
        }
    }

    /// <summary>Marks the profile of the subject whose memory changed.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="make">Whether a profile that is not there is begun.</param>
    /// <param name="gone">Whether a text that it may show is gone: it is emptied then.</param>
    private async Task MarkProfileAsync(BsonDocument memory, bool make, bool gone)
    {
        if (memory.Int32("scope") != (int)MemoryScope.User)
        {
            return;
        }

        var id = MongoValues.Pair(memory.Id("tenant_id"), memory.Id("owner_key"));
        var profile = await change.FindAsync(MemoryCollections.Profiles, id) ?? (!make ? null : new BsonDocument
        {
            ["_id"] = id,
            ["tenant_id"] = memory["tenant_id"],
            ["subject_key"] = memory["owner_key"],
            ["changes"] = 0L,
            ["data"] = BsonNull.Value,
            ["built_at"] = BsonNull.Value,
            ["stale_since"] = BsonNull.Value,
        });
        if (profile is null)
        {
            return;
        }

        profile.Increase("changes", 1);
        profile["data"] = gone ? BsonNull.Value : profile["data"];
        profile["stale_since"] = profile.HasNo("stale_since") ? time.Bson() : profile["stale_since"];
        change.Put(MemoryCollections.Profiles, profile);
    }

    private async Task<IReadOnlyCollection<BsonDocument>> FindOwnersAsync(Guid tenantId, Guid ownerKey)
        => (await change.FindAsync(MemoryCollections.Owners, [MongoValues.Pair(tenantId, ownerKey), MongoValues.Pair(tenantId, EveryOwner)])).Values;

    private async Task<BsonDocument> BumpedAsync(Guid tenantId, Guid ownerKey)
    {
        var id = MongoValues.Pair(tenantId, ownerKey);
        var owner = await change.FindAsync(MemoryCollections.Owners, id) ?? new BsonDocument
        {
            ["_id"] = id, ["tenant_id"] = tenantId.Bson(), ["owner_key"] = ownerKey.Bson(), ["revision"] = 0L, ["forgotten_at"] = BsonNull.Value, ["changed"] = true,
        };
        owner.Increase("revision", 1);
        owner["changed"] = true;
        return owner;
    }
}
