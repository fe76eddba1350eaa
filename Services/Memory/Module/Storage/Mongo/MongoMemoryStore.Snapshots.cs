using MemoryMesh.Memory.Processing;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.Memory.Storage.Mongo;

/// <content>What reads what a decision is made from.</content>
internal sealed partial class MongoMemoryStore
{
    public async Task<OwnerSnapshot> ReadOwnerAsync(OwnerSnapshotQuery query, CancellationToken cancellationToken)
    {
        // Read first: a commit carries the revision out last, so that what is read after it is no older than it, and where it is newer the number has changed.
        var owners = await store.ReadAsync(reader => reader.Collection(MemoryCollections.Owners).Find(new BsonDocument("_id", new BsonDocument("$in", new BsonArray
        {
            MongoValues.Pair(query.TenantId, query.OwnerKey), MongoValues.Pair(query.TenantId, MongoMemoryWrite.EveryOwner),
        }))).ToListAsync(cancellationToken));
        var (revision, forgottenAt) = (owners.Sum(owner => owner.Int64("revision")), owners.Max(owner => owner.TimeOrNull("forgotten_at")));
        if (await own.Keys.FindAsync(query.TenantId, query.OwnerKey, cancellationToken) is not { } key)
        {
            return new OwnerSnapshot { Revision = revision, ForgottenAt = forgottenAt, Active = [] };
        }

        var (barred, held) = await ReadKnownTextsAsync(query, cancellationToken);
        var linked = query.MessageIds.Count == 0 ? [] : await ReadLinkedAsync(query, cancellationToken);
        var linkedIds = linked.Select(link => link.Memory.Id("_id")).ToHashSet();
        var sourceCounts = linkedIds.Count == 0 ? [] : (await store.ReadAsync(reader => reader.Collection(MemoryCollections.Sources)
                .Find(new BsonDocument { ["tenant_id"] = query.TenantId.Bson(), ["memory_id"] = In(linkedIds) })
                .Project<BsonDocument>(MongoCollectionPlan.Keys("memory_id")).ToListAsync(cancellationToken)))
            .CountBy(source => source.Id("memory_id")).ToDictionary();
        var predecessors = linkedIds.Count == 0 ? [] : (await QueryAsync(
                OfOwner(query.TenantId, query.OwnerKey).Add("superseded_by", In(linkedIds)), null, null, cancellationToken))
            .ConvertAll(document => (Id: document.Id("superseded_by"), Memory: KnownOf(document)));
        var active = await ReadComparableAsync(query, key, revision, predecessors.ConvertAll(pair => pair.Memory), cancellationToken);
        return new OwnerSnapshot
        {
            Revision = revision,
            ForgottenAt = forgottenAt,
            Past = [.. (await ReadPastAsync(query, cancellationToken)).Select(KnownOf)],
            Barred = barred,
            Held = held,
            Active = active.ConvertAll(KnownMemory.Of),
            Linked = linked.ToLookup(
                link => link.MessageId,
                link => new LinkedMemory
                {
                    Memory = KnownOf(link.Memory),
                    Active = MongoMemory.IsActive(link.Memory),
                    SupersededBy = link.Memory.IdOrNull("superseded_by"),
                    Derived = link.Memory.Bool("derived"),
                    SourceCount = sourceCounts.GetValueOrDefault(link.Memory.Id("_id")),
                }),
            Predecessors = predecessors.ToLookup(pair => pair.Id, pair => pair.Memory),
        };

        KnownMemory KnownOf(BsonDocument document) => KnownMemory.Of(MongoMemory.Open(document, key));
    }

    /// <summary>What texts say that were deleted or wrong, until when they are barred, and those that are held back, by the hash of the text.</summary>
    private async Task<(Dictionary<string, DateTimeOffset> Barred, Dictionary<string, Guid> Held)> ReadKnownTextsAsync(OwnerSnapshotQuery query, CancellationToken cancellationToken)
    {
        var textKeys = new BsonArray(query.TextKeys.Select(MongoMemory.Bytes));
        if (textKeys.Count == 0)
        {
            return ([], []);
        }

        var ofTexts = OfOwner(query.TenantId, query.OwnerKey).Add("text_key", new BsonDocument("$in", textKeys));
        var tombstones = await store.ReadAsync(reader => reader.Collection(MemoryCollections.Tombstones).Find(ofTexts).ToListAsync(cancellationToken));
        var states = StateOf("$in", MemoryState.Withdrawn, MemoryState.Review, MemoryState.Quarantined);
        var documents = await QueryAsync(new BsonDocument(ofTexts).AddRange(states), null, null, cancellationToken);
        var withdrawn = documents.Where(document => document.Int32("state") == (int)MemoryState.Withdrawn && !document.HasNo("superseded_at"));
        var barred = tombstones.Select(row => (TextKey: TextKeyOf(row), At: row.Time("deleted_at")))
            .Concat(withdrawn.Select(document => (TextKey: TextKeyOf(document), At: document.Time("superseded_at"))))
            .GroupBy(item => item.TextKey, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Max(item => item.At), StringComparer.Ordinal);
        var held = documents.Where(document => document.Int32("state") != (int)MemoryState.Withdrawn)
            .GroupBy(TextKeyOf, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.First().Id("_id"), StringComparer.Ordinal);
        return (barred, held);

        static string TextKeyOf(BsonDocument document) => Convert.ToHexString(document.Bytes("text_key"));
    }

    /// <summary>
    /// The memories that a decision compares, of the newest and of those with an equal text: all of them, or as many as it can have to do with, in the same order.
    /// </summary>
    private async Task<List<MemoryRecord>> ReadComparableAsync(
        OwnerSnapshotQuery query, DataKey key, long revision, IReadOnlyList<KnownMemory> predecessors, CancellationToken cancellationToken)
    {
        var textKeys = new BsonArray(query.TextKeys.Concat(predecessors.Select(memory => memory.TextKey)).OfType<string>().Distinct().Select(MongoMemory.Bytes));
        if (outlines.Find(query.TenantId, query.OwnerKey) is { } outline && outline.ListChanged(revision, query.MaxCompared) is { } changed)
        {
            var equal = await ReadEqualAsync(query, textKeys, cancellationToken);
            var scope = new DecisionScope(query.Proposals, predecessors, equal.Select(document => document.Id("_id")));
            if (outline.Find(revision, query.MaxCompared, scope, changed, await ReadOutlinesAsync(query, key, changed, cancellationToken)) is { } found)
            {
                return With(await ReadFoundAsync(query, key, found, cancellationToken), equal);
            }
        }

        var newest = await ReadNewestAsync(query, key, revision, cancellationToken);
        return newest.Count < query.MaxCompared ? newest : With(newest, await ReadEqualAsync(query, textKeys, cancellationToken));

        List<MemoryRecord> With(List<MemoryRecord> memories, List<BsonDocument> equal)
        {
            var known = memories.Select(memory => memory.Id).ToHashSet();
            return [.. memories, .. equal.Where(document => known.Add(document.Id("_id"))).Select(document => MongoMemory.Open(document, key))];
        }
    }

    private async Task<List<BsonDocument>> ReadEqualAsync(OwnerSnapshotQuery query, BsonArray textKeys, CancellationToken cancellationToken)
    {
        var ofTexts = Comparable(query);
        ofTexts["text_key"] = new BsonDocument("$in", textKeys);
        return textKeys.Count == 0 ? [] : await QueryAsync(ofTexts, null, null, cancellationToken);
    }

    private async Task<List<MemoryRecord>> ReadNewestAsync(OwnerSnapshotQuery query, DataKey key, long revision, CancellationToken cancellationToken)
    {
        var documents = await QueryAsync(Comparable(query), MongoCollectionPlan.Keys("-updated_at", "-_id"), outlines.LimitOf(query.MaxCompared), cancellationToken);
        var memories = documents.ConvertAll(document => MongoMemory.Open(document, key));
        return outlines.Keep(query, key, revision, memories);
    }

    private async Task<List<MemoryRecord>> ReadFoundAsync(OwnerSnapshotQuery query, DataKey key, IReadOnlyList<Guid> memoryIds, CancellationToken cancellationToken)
    {
        var documents = memoryIds.Count == 0 ? [] : (await QueryAsync(Comparable(query).Add("_id", In(memoryIds)), null, null, cancellationToken)).ToDictionary(document => document.Id("_id"));
        return [.. memoryIds.Where(documents.ContainsKey).Select(id => MongoMemory.Open(documents[id], key))];
    }

    private async Task<IReadOnlyList<MemoryOutline>> ReadOutlinesAsync(OwnerSnapshotQuery query, DataKey key, IReadOnlySet<Guid> memoryIds, CancellationToken cancellationToken)
        => memoryIds.Count == 0 ? [] : (await store.ReadAsync(reader => reader.Collection(MemoryCollections.Memories)
                .Find(Comparable(query).Add("_id", In(memoryIds))).Project<BsonDocument>(MongoCollectionPlan.Keys("updated_at", "text", "slot")).ToListAsync(cancellationToken)))
            .ConvertAll(document => MemoryOutline.Of(document.Id("_id"), document.Time("updated_at"), MongoMemory.OpenText(document, key), MongoMemory.OpenSlot(document, key)));

    /// <summary>Memories of the owner that hold and were compared.</summary>
    private static BsonDocument Comparable(OwnerSnapshotQuery query)
        => OfOwner(query.TenantId, query.OwnerKey)
            .AddRange(new BsonDocument { ["valid_to"] = BsonNull.Value, ["extract"] = false, ["text_key"] = new BsonDocument("$ne", BsonNull.Value) });

    private async Task<List<(Guid MessageId, BsonDocument Memory)>> ReadLinkedAsync(OwnerSnapshotQuery query, CancellationToken cancellationToken)
    {
        var sources = await QuerySourcesAsync(
            OfOwner(query.TenantId, query.OwnerKey).Add("message_id", In(query.MessageIds)), MongoCollectionPlan.Keys("id"), null, cancellationToken);
        var memories = await FindByIdAsync(query.TenantId, sources.Select(source => source.Id("memory_id")), cancellationToken);
        return [.. sources.Where(source => memories.ContainsKey(source.Id("memory_id"))).Select(source => (source.Id("message_id"), memories[source.Id("memory_id")]))];
    }

    private async Task<List<BsonDocument>> ReadPastAsync(OwnerSnapshotQuery query, CancellationToken cancellationToken)
    {
        if (query.Slots.Count == 0)
        {
            return [];
        }

        var slots = new BsonArray(query.Slots.Distinct().Select(slot => names.SlotKey(query.TenantId, query.OwnerKey, slot.Narrowing, slot.Slot).Bson()));
        var filter = OfOwner(query.TenantId, query.OwnerKey).Add("slot_key", new BsonDocument("$in", slots)).AddRange(StateOf("$in", MemoryState.Superseded, MemoryState.Expired));
        return (await QueryAsync(filter, null, null, cancellationToken)).FindAll(document => document.TimeOrNull("valid_to") > document.Time("valid_from"));
    }
}
