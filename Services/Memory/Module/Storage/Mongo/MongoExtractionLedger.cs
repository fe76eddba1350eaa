using MemoryMesh.Memory.Processing;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.Memory.Storage.Mongo;

/// <summary>Keeps the ledger in MongoDB.</summary>
internal sealed class MongoExtractionLedger([FromKeyedServices(MemoryModule.Name)] MongoStore store) : IExtractionLedger
{
    private const int PurgedAtATime = 2_000;

    public Task AddAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken)
        => store.WriteAsync(
            async change =>
            {
                foreach (var entry in entries)
                {
                    var same = new BsonDocument
                    {
                        ["tenant_id"] = entry.TenantId.Bson(), ["source_id"] = entry.SourceId.Bson(), ["source_version"] = entry.SourceVersion, ["outcome"] = (int)entry.Outcome,
                    };
                    if ((await change.ListAsync(MemoryCollections.Extractions, same, 1)).Count == 0)
                    {
                        Add(change, entry);
                    }
                }

                return true;
            },
            cancellationToken);

    public async Task<IReadOnlyList<LedgerEntry>> ListAsync(LedgerQuery query, CancellationToken cancellationToken)
    {
        var filter = OfOwner(query.TenantId, query.OwnerKey, query.After);
        if (query.Outcome is { } outcome)
        {
            filter["outcome"] = (int)outcome;
        }

        if (query.SourceId is { } source)
        {
            filter["source_id"] = source.Bson();
        }

        if (query.MemoryId is { } memory)
        {
            filter["$or"] = new BsonArray { new BsonDocument("memory_id", memory.Bson()), new BsonDocument("other_id", memory.Bson()) };
        }

        if (query.ConversationKey is { } conversation)
        {
            filter["conversation_key"] = conversation.Bson();
        }

        var times = new BsonDocument();
        if (query.From is { } from)
        {
            times["$gte"] = from.Bson();
        }

        if (query.To is { } to)
        {
            times["$lte"] = to.Bson();
        }

        if (times.ElementCount > 0)
        {
            filter["at"] = times;
        }

        return (await QueryAsync(MemoryCollections.Extractions, filter, query.Limit, cancellationToken)).ConvertAll(row => new LedgerEntry
        {
            Id = row.Id("_id"),
            TenantId = query.TenantId,
            Scope = (MemoryScope)row.Int32("scope"),
            OwnerKey = row.Id("owner_key"),
            SourceId = row.Id("source_id"),
            FromMemory = row.Bool("from_memory"),
            SourceVersion = row.Int32("source_version"),
            ConversationKey = row.IdOrNull("conversation_key"),
            Outcome = (ExtractionOutcome)row.Int32("outcome"),
            Reason = row.Text("reason"),
            MemoryId = row.IdOrNull("memory_id"),
            OtherId = row.IdOrNull("other_id"),
            Category = row.TextOrNull("category"),
            Extractor = row.Text("extractor"),
            InputTokens = row.Int32("input_tokens"),
            OutputTokens = row.Int32("output_tokens"),
            CostMicros = row.Int64("cost_micros"),
            ElapsedMicros = row.Int64("elapsed_micros"),
            At = row.Time("at"),
        });
    }

    public async Task<IReadOnlyList<ConsentEntry>> ListConsentsAsync(Guid tenantId, Guid? ownerKey, Guid? after, int limit, CancellationToken cancellationToken)
        => (await QueryAsync(MemoryCollections.Consents, OfOwner(tenantId, ownerKey, after), limit, cancellationToken)).ConvertAll(row => new ConsentEntry(
            row.Id("_id"), tenantId, row.Id("owner_key"), row.Text("category"), row.Id("message_id"), row.Id("memory_id"), row.Time("at")));

    public async Task PurgeAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        int deleted;
        do
        {
            deleted = await store.WriteAsync(
                async change =>
                {
                    var gone = await change.QueryAsync(
                        MemoryCollections.Extractions,
                        new BsonDocument("at", new BsonDocument("$lt", before.Bson())),
                        limit: PurgedAtATime,
                        projection: MongoCollectionPlan.Keys("_id"));
                    gone.ForEach(row => change.Delete(MemoryCollections.Extractions, row["_id"]));
                    return gone.Count;
                },
                cancellationToken);
        }
        while (deleted == PurgedAtATime);
    }

    /// <summary>Writes entries with what they tell of.</summary>
    internal static void Add(MongoChange change, IReadOnlyList<LedgerEntry> entries, IReadOnlyList<ConsentEntry> consents)
    {
        foreach (var entry in entries)
        {
            Add(change, entry);
        }

        foreach (var consent in consents)
        {
            change.Put(MemoryCollections.Consents, new BsonDocument
            {
                ["_id"] = consent.Id.Bson(),
                ["tenant_id"] = consent.TenantId.Bson(),
                ["owner_key"] = consent.OwnerKey.Bson(),
                ["category"] = consent.Category,
                ["message_id"] = consent.MessageId.Bson(),
                ["memory_id"] = consent.MemoryId.Bson(),
                ["at"] = consent.At.Bson(),
            });
        }
    }

    private static void Add(MongoChange change, LedgerEntry entry)
        => change.Put(MemoryCollections.Extractions, new BsonDocument
        {
            ["_id"] = entry.Id.Bson(),
            ["tenant_id"] = entry.TenantId.Bson(),
            ["owner_key"] = entry.OwnerKey.Bson(),
            ["scope"] = (int)entry.Scope,
            ["source_id"] = entry.SourceId.Bson(),
            ["from_memory"] = entry.FromMemory,
            ["source_version"] = entry.SourceVersion,
            ["conversation_key"] = entry.ConversationKey.Bson(),
            ["outcome"] = (int)entry.Outcome,
            ["reason"] = entry.Reason,
            ["memory_id"] = entry.MemoryId.Bson(),
            ["other_id"] = entry.OtherId.Bson(),
            ["category"] = entry.Category.Bson(),
            ["extractor"] = entry.Extractor,
            ["input_tokens"] = entry.InputTokens,
            ["output_tokens"] = entry.OutputTokens,
            ["cost_micros"] = entry.CostMicros,
            ["elapsed_micros"] = entry.ElapsedMicros,
            ["at"] = entry.At.Bson(),
        });

    /// <summary>What follows an entry in falling order, of an owner or of a tenant.</summary>
    private static BsonDocument OfOwner(Guid tenantId, Guid? ownerKey, Guid? after)
    {
        var filter = new BsonDocument("tenant_id", tenantId.Bson());
        if (ownerKey is { } owner)
        {
            filter["owner_key"] = owner.Bson();
        }

        if (after is { } last)
        {
            filter["_id"] = new BsonDocument("$lt", last.Bson());
        }

        return filter;
    }

    private Task<List<BsonDocument>> QueryAsync(string collection, BsonDocument filter, int limit, CancellationToken cancellationToken)
        => store.ReadAsync(reader => reader.Collection(collection).Find(filter).Sort(MongoCollectionPlan.Keys("-_id")).Limit(limit).ToListAsync(cancellationToken));
}
