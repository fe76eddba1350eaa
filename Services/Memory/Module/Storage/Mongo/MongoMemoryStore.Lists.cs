using MemoryMesh.ServiceDefaults.Storage.Mongo;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.Memory.Storage.Mongo;

/// <content>What lists memories: those that hold, those that ended, and how it was at a time.</content>
internal sealed partial class MongoMemoryStore
{
    /// <summary>Documents of one statement where they are asked for by many ids.</summary>
    private const int IdsAtATime = 1_000;

    public async Task<MemoryPage> ListAsync(MemoryListQuery query, CancellationToken cancellationToken)
    {
        var offset = (int)Math.Min((long)(query.Page - 1) * query.PageSize, int.MaxValue);
        if (query is { AsOf: { } at, Basis: TimeBasis.System, View: not MemoryView.Held })
        {
            return await ListBelievedAsync(query, at, offset, cancellationToken);
        }

        var (filter, sort) = (FilterOf(query), SortOf(query));
        if (query.Search is not { } search)
        {
            var count = (int)await CountAsync(filter, cancellationToken);
            var page = await store.ReadAsync(reader => reader.Collection(MemoryCollections.Memories)
                .Find(filter).Sort(sort).Skip(offset).Limit(query.PageSize).ToListAsync(cancellationToken));
            return new MemoryPage(count, await OpenAsync(page, cancellationToken));
        }

        // Texts are sealed, so every memory of the list is opened; those that are found come in its order.
        var found = new List<BsonDocument>();
        await foreach (var document in EachAsync(MemoryCollections.Memories, filter, sort, null, cancellationToken))
        {
            if (await own.Keys.FindAsync(query.TenantId, document.Id("owner_key"), cancellationToken) is { } key
                && MongoMemory.OpenSearched(document, key).Contains(search, StringComparison.OrdinalIgnoreCase))
            {
                found.Add(document);
            }
        }

        return new MemoryPage(found.Count, await OpenAsync([.. found.Skip(offset).Take(query.PageSize)], cancellationToken));
    }

    public async Task<IReadOnlyList<MemoryRecord>> FindBelievedAsync(
        Guid tenantId, IReadOnlyCollection<Guid> memoryIds, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var versions = await ReadBelievedAsync(
            new BsonDocument { ["tenant_id"] = tenantId.Bson(), ["memory_id"] = In(memoryIds), ["at"] = new BsonDocument("$lte", at.Bson()) }, at, cancellationToken);
        return await OpenBelievedAsync(tenantId, [.. memoryIds.Where(versions.ContainsKey)], versions, cancellationToken);
    }

    public async Task<IReadOnlyList<MemoryRecord>> ListImportantAsync(
        Guid tenantId, Guid ownerKey, IReadOnlyCollection<string>? categories, int limit, CancellationToken cancellationToken)
    {
        var filter = OfOwner(tenantId, ownerKey);
        filter["valid_to"] = BsonNull.Value;
        if (categories is not null)
        {
            filter["category"] = new BsonDocument("$in", new BsonArray(categories));
        }

        return await OpenAsync(await QueryAsync(filter, MongoCollectionPlan.Keys("-importance", "-updated_at", "-_id"), limit, cancellationToken), cancellationToken);
    }

    private static BsonDocument SortOf(MemoryListQuery query)
    {
        var field = query.Order switch
        {
            MemoryOrder.UpdatedAt => "updated_at",
            MemoryOrder.Importance => "importance",
            _ => "created_at",
        };
        return query.Descending ? MongoCollectionPlan.Keys($"-{field}", "-_id") : MongoCollectionPlan.Keys(field, "_id");
    }

    private BsonDocument FilterOf(MemoryListQuery query)
    {
        var conditions = new BsonArray { ViewOf(query) };
        if (query.ExcludeFacts)
        {
            conditions.Add(Either(new BsonDocument("derived", false), new BsonDocument("from_memories", 0)));
        }

        var filter = query.Owner is { } owner ? OfOwner(query.TenantId, owner.Key) : new BsonDocument("tenant_id", query.TenantId.Bson());
        filter["$and"] = conditions;
        if (query.Status is { } status)
        {
            filter["status"] = (int)status;
        }

        if (query.Category is not null)
        {
            filter["category"] = query.Category;
        }

        if (names.AgentKey(query.TenantId, query.AgentId) is { } agent)
        {
            filter["agent_key"] = agent.Bson();
        }

        if (names.RunKey(query.TenantId, query.RunId) is { } run)
        {
            filter["run_key"] = run.Bson();
        }

        return filter;
    }

    private static BsonDocument ViewOf(MemoryListQuery query)
    {
        var holds = new BsonDocument
        {
            ["valid_to"] = BsonNull.Value,
            ["$or"] = new BsonArray { new BsonDocument("expires_at", BsonNull.Value), new BsonDocument("expires_at", new BsonDocument("$gt", query.Now.Bson())) },
        };
        return query switch
        {
            { View: MemoryView.Held, HoldReason: { } reason } => StateOf("$in", MemoryState.Review, MemoryState.Quarantined).Add("hold_reason", reason),
            { View: MemoryView.Held } => StateOf("$in", MemoryState.Review, MemoryState.Quarantined),
            { AsOf: { } at, Basis: TimeBasis.World } => TrueAt(at),
            { AsOf: not null } => [],
            { View: MemoryView.Current } => holds,
            { View: MemoryView.WithSuperseded } => Either(new BsonDocument("state", (int)MemoryState.Superseded), holds),
            _ => StateOf("$nin", MemoryState.Review, MemoryState.Quarantined),
        };
    }

    /// <summary>Memories that were true at a time; what says the same as another, was wrong or is held back is left out.</summary>
    private static BsonDocument TrueAt(DateTimeOffset at)
    {
        var after = new BsonDocument("$gt", at.Bson());
        var filter = StateOf("$nin", MemoryState.Merged, MemoryState.Withdrawn, MemoryState.Review, MemoryState.Quarantined);
        filter["valid_from"] = new BsonDocument("$lte", at.Bson());
        filter["$or"] = new BsonArray
        {
            new BsonDocument("valid_to", after),
            new BsonDocument { ["valid_to"] = BsonNull.Value, ["expires_at"] = BsonNull.Value },
            new BsonDocument { ["valid_to"] = BsonNull.Value, ["expires_at"] = after },
        };
        return filter;
    }

    private static BsonDocument StateOf(string comparison, params IEnumerable<MemoryState> states)
        => new("state", new BsonDocument(comparison, new BsonArray(states.Select(state => (int)state))));

    private static BsonDocument Either(params IEnumerable<BsonDocument> conditions) => new("$or", new BsonArray(conditions));

    /// <summary>How it was held for true at a time: by the last version of each memory until then.</summary>
    private async Task<MemoryPage> ListBelievedAsync(MemoryListQuery query, DateTimeOffset at, int offset, CancellationToken cancellationToken)
    {
        var ofHistory = query.Owner is { } owner ? OfOwner(query.TenantId, owner.Key) : new BsonDocument("tenant_id", query.TenantId.Bson());
        ofHistory["at"] = new BsonDocument("$lte", at.Bson());
        var versions = await ReadBelievedAsync(ofHistory, at, cancellationToken);
        var ids = new List<Guid>();
        await foreach (var row in EachAsync(MemoryCollections.Memories, FilterOf(query), SortOf(query), MongoCollectionPlan.Keys("_id"), cancellationToken))
        {
            if (versions.ContainsKey(row.Id("_id")))
            {
                ids.Add(row.Id("_id"));
            }
        }

        if (query.Search is not { } search)
        {
            return new MemoryPage(ids.Count, await OpenBelievedAsync(query.TenantId, [.. ids.Skip(offset).Take(query.PageSize)], versions, cancellationToken));
        }

        var found = new List<MemoryRecord>();
        foreach (var some in ids.Chunk(IdsAtATime))
        {
            found.AddRange((await OpenBelievedAsync(query.TenantId, some, versions, cancellationToken))
                .Where(memory => memory.SearchedText.Contains(search, StringComparison.OrdinalIgnoreCase)));
        }

        return new MemoryPage(found.Count, [.. found.Skip(offset).Take(query.PageSize)]);
    }

    /// <summary>The versions by which memories were held for true at a time, by memory.</summary>
    /// <param name="filter">Versions of until then.</param>
    /// <param name="at">The time.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    private async Task<Dictionary<Guid, int>> ReadBelievedAsync(BsonDocument filter, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var last = new Dictionary<Guid, (int Version, bool Believed)>();
        await foreach (var row in EachAsync(MemoryCollections.History, filter, null, MongoCollectionPlan.Keys("memory_id", "version", "event", "valid_to"), cancellationToken))
        {
            var (memoryId, version) = (row.Id("memory_id"), row.Int32("version"));
            if (!last.TryGetValue(memoryId, out var known) || known.Version < version)
            {
                last[memoryId] = (version, HistoryEntry.Believed.Contains((HistoryEvent)row.Int32("event")) && !(row.TimeOrNull("valid_to") <= at));
            }
        }

        return last.Where(item => item.Value.Believed).ToDictionary(item => item.Key, item => item.Value.Version);
    }

    /// <summary>Opens memories with the texts of versions, in the order of the ids.</summary>
    private async Task<List<MemoryRecord>> OpenBelievedAsync(
        Guid tenantId, Guid[] memoryIds, Dictionary<Guid, int> versions, CancellationToken cancellationToken)
    {
        if (memoryIds.Length == 0)
        {
            return [];
        }

        var documents = await FindByIdAsync(tenantId, memoryIds, cancellationToken);
        var ofVersions = new BsonDocument
        {
            ["_id"] = new BsonDocument("$in", new BsonArray(memoryIds.Select(id => MongoValues.Pair(id, versions[id])))), ["tenant_id"] = tenantId.Bson(),
        };
        var history = (await store.ReadAsync(reader => reader.Collection(MemoryCollections.History).Find(ofVersions).ToListAsync(cancellationToken)))
            .ToDictionary(row => row.Id("memory_id"));
        var memories = new List<MemoryRecord>(memoryIds.Length);
        foreach (var memoryId in memoryIds)
        {
            if (documents.TryGetValue(memoryId, out var document) && history.TryGetValue(memoryId, out var row)
                && await own.Keys.FindAsync(tenantId, document.Id("owner_key"), cancellationToken) is { } key)
            {
                var entry = MongoMemory.OpenHistory(row, key);
                memories.Add(MongoMemory.Open(document, key) with
                {
                    Version = entry.Version,
                    Text = entry.NewText!,
                    State = MemoryState.Current,
                    ValidTo = null,
                    ExpiresAt = entry.ValidTo,
                    SupersededBy = null,
                    SupersededAt = null,
                });
            }
        }

        return memories;
    }

    /// <summary>Reads many documents one after the other.</summary>
    private async IAsyncEnumerable<BsonDocument> EachAsync(
        string collection,
        BsonDocument filter,
        BsonDocument? sort,
        BsonDocument? projection,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var cursor = await store.ReadAsync(reader => reader.Collection(collection)
            .Find(filter, new FindOptions { AllowDiskUse = true }).Sort(sort).Project<BsonDocument>(projection ?? []).ToCursorAsync(cancellationToken));
        while (await store.ReadAsync(_ => cursor.MoveNextAsync(cancellationToken)))
        {
            foreach (var document in cursor.Current)
            {
                yield return document;
            }
        }
    }
}
