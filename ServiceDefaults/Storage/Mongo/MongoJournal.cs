using MemoryMesh.ServiceDefaults.Security;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.ServiceDefaults.Storage.Mongo;

/// <summary>Commits changes of many documents by one update of the writer's document. Used by the store's writer alone.</summary>
/// <remarks>
/// The document has who may write (<c>epoch</c>, <c>home</c>), the last numbers that were given (<c>sequence</c>, <c>event</c>), and the last commit (<c>change</c>), or the ids of
/// its parts where that is too large for one document. Parts are written before the update that makes them count; those that no commit names are deleted when the store is opened.
/// </remarks>
internal sealed class MongoJournal(IMongoDatabase database, string service, IReadOnlyList<MongoCollectionPlan> plans, ModuleStore own, KeyRing ring)
{
    /// <summary>Collection of the events that are not yet in the outbox.</summary>
    public const string Events = "events";

    private const string State = "state";
    private const string Parts = "parts";

    /// <summary>Bytes of a part; a document may have 16 MiB, and the largest that is put here is some hundred kB.</summary>
    private const int PartBytes = 4 * 1024 * 1024;

    private static readonly BsonString WriterId = new("writer");

    private readonly HashSet<string> _last = [.. plans.Where(plan => plan.Last).Select(plan => plan.Name)];

    private long _epoch;

    /// <summary>The last number in the order of storing.</summary>
    public long Sequence { get; private set; }

    /// <summary>The last place of an event.</summary>
    public long LastEvent { get; private set; }

    public IMongoCollection<BsonDocument> Collection(string name) => database.GetCollection<BsonDocument>($"{service}.{name}");

    /// <summary>Makes what is missing, takes the store for this process, and carries out the last commit once more.</summary>
    /// <returns>Place of the last event that the outbox has.</returns>
    /// <exception cref="StartupException">It belongs to another data folder, or to other keys.</exception>
    public async Task<long> OpenAsync()
    {
        foreach (var plan in plans)
        {
            await MakeIndexesAsync(plan);
        }

        var (home, taken) = await FindHomeAsync();
        var writer = await FindOrMakeWriterAsync(home);
        if (writer.Id("home") != home)
        {
            throw new StartupException(
                $"The MongoDB database of {service} belongs to another data folder, which has the keys of its texts. Give this process that folder with --data, or name another database.");
        }

        if (!writer.Bytes("keys").AsSpan().SequenceEqual(KeysId()))
        {
            throw new StartupException(
                $"The MongoDB database of {service} was written with another ENCRYPTION_KEY or MEMORY_INDEX_KEY than the ones given. Give the keys this data was written with.");
        }

        writer = await Collection(State).FindOneAndUpdateAsync<BsonDocument>(
            new BsonDocument("_id", WriterId),
            new BsonDocument("$inc", new BsonDocument("epoch", 1L)),
            new FindOneAndUpdateOptions<BsonDocument> { ReturnDocument = ReturnDocument.After });
        _epoch = writer.Int64("epoch");
        Sequence = writer.Int64("sequence");

        // Restored from an older copy it must not give places again that the outbox has had.
        LastEvent = Math.Max(writer.Int64("event"), taken);
        if (writer.GetValue("change", BsonNull.Value) is BsonDocument change)
        {
            await CarryOutAsync(change);
        }

        await Collection(Parts).DeleteManyAsync(new BsonDocument());
        return taken;
    }

    /// <summary>Makes a change durable, and carries it out.</summary>
    /// <exception cref="StorageUnavailableException">Another process has opened the store since.</exception>
    public async Task CommitAsync(MongoChange change)
    {
        var lastEvent = LastEvent;
        foreach (var item in change.Events)
        {
            item["_id"] = ++lastEvent;
        }

        var record = Record(change);
        var committed = await PutAsideAsync(record);
        var result = await Collection(State).UpdateOneAsync(
            new BsonDocument { ["_id"] = WriterId, ["epoch"] = _epoch },
            new BsonDocument("$set", new BsonDocument { ["sequence"] = change.Sequence, ["event"] = lastEvent, ["change"] = committed }));
        if (result.MatchedCount == 0)
        {
            throw new StorageUnavailableException($"Another process has opened the MongoDB database of {service}.");
        }

        (Sequence, LastEvent) = (change.Sequence, lastEvent);
        foreach (var part in record)
        {
            await CarryOutPartAsync(part);
        }

        if (committed.TryGetValue("parts", out var ids))
        {
            await Collection(Parts).DeleteManyAsync(new BsonDocument("_id", new BsonDocument("$in", ids)));
        }
    }

    /// <summary>A change as documents of steps, of which each fits where it is put.</summary>
    private List<BsonDocument> Record(MongoChange change)
    {
        var parts = new List<BsonDocument>();
        var steps = new BsonArray();
        var size = 0L;
        foreach (var step in Steps(change))
        {
            var bytes = step.ToBson().Length;
            if (size > 0 && size + bytes > PartBytes)
            {
                parts.Add(new BsonDocument("steps", steps));
                (steps, size) = ([], 0);
            }

            steps.Add(step);
            size += bytes;
        }

        parts.Add(new BsonDocument("steps", steps));
        return parts;
    }

    private IEnumerable<BsonDocument> Steps(MongoChange change)
    {
        foreach (var (collection, filter) in change.Sweeps)
        {
            yield return new BsonDocument { ["in"] = collection, ["sweep"] = filter.ToBson() };
        }

        foreach (var (collection, id, document) in change.Puts.OrderBy(put => TurnOf(put.Collection)))
        {
            yield return document is null
                ? new BsonDocument { ["in"] = collection, ["delete"] = id }
                : new BsonDocument { ["in"] = collection, ["put"] = document };
        }

        foreach (var item in change.Events)
        {
            yield return new BsonDocument { ["in"] = Events, ["put"] = item };
        }
    }

    /// <summary>What the writer's document is to hold of a change: the change itself, or the ids of its parts, which are written here.</summary>
    private async Task<BsonDocument> PutAsideAsync(List<BsonDocument> record)
    {
        if (record.Count == 1)
        {
            return record[0];
        }

        foreach (var part in record)
        {
            part["_id"] = ObjectId.GenerateNewId();
            await Collection(Parts).InsertOneAsync(part);
        }

        return new BsonDocument("parts", new BsonArray(record.Select(part => part["_id"])));
    }

    private async Task CarryOutAsync(BsonDocument committed)
    {
        if (!committed.TryGetValue("parts", out var ids))
        {
            await CarryOutPartAsync(committed);
            return;
        }

        foreach (var id in ids.AsBsonArray)
        {
            // None is missing unless all have been carried out.
            if (await Collection(Parts).Find(new BsonDocument("_id", id)).FirstOrDefaultAsync() is { } part)
            {
                await CarryOutPartAsync(part);
            }
        }
    }

    private async Task CarryOutPartAsync(BsonDocument part)
    {
        foreach (var turn in part["steps"].AsBsonArray.Cast<BsonDocument>().GroupBy(step => TurnOf(step["in"].AsString)).OrderBy(turn => turn.Key))
        {
            await Task.WhenAll(turn.GroupBy(step => step["in"].AsString).Select(group => CarryOutAsync(Collection(group.Key), [.. group])));
        }
    }

    private static async Task CarryOutAsync(IMongoCollection<BsonDocument> collection, IReadOnlyList<BsonDocument> steps)
    {
        foreach (var step in steps.Where(step => step.Contains("sweep")))
        {
            await collection.DeleteManyAsync(MongoDB.Bson.Serialization.BsonSerializer.Deserialize<BsonDocument>(step["sweep"].AsByteArray));
        }

        var models = steps.Where(step => !step.Contains("sweep")).Select(ModelOf).ToList();
        if (models.Count > 0)
        {
            await collection.BulkWriteAsync(models, new BulkWriteOptions { IsOrdered = false });
        }
    }

    /// <summary>When it is a collection's turn. Events come at the end: who is told of a change finds it made.</summary>
    private int TurnOf(string collection) => collection == Events ? 2 : _last.Contains(collection) ? 1 : 0;

    private static WriteModel<BsonDocument> ModelOf(BsonDocument step)
        => step.TryGetValue("delete", out var id) ? new DeleteOneModel<BsonDocument>(new BsonDocument("_id", id))
            : new ReplaceOneModel<BsonDocument>(new BsonDocument("_id", step["put"]["_id"]), step["put"].AsBsonDocument) { IsUpsert = true };

    private async Task MakeIndexesAsync(MongoCollectionPlan plan)
    {
        var indexes = plan.Indexes.Select(keys => new CreateIndexModel<BsonDocument>(keys)).ToList();
        if (plan.ExpiresAt is { } field)
        {
            indexes.Add(new CreateIndexModel<BsonDocument>(new BsonDocument(field, 1), new CreateIndexOptions { ExpireAfter = TimeSpan.Zero }));
        }

        if (indexes.Count > 0)
        {
            await Collection(plan.Name).Indexes.CreateManyAsync(indexes);
        }
    }

    /// <summary>The id that ties the service's own store to its database, and the last event that its outbox has.</summary>
    private Task<(Guid Home, long Taken)> FindHomeAsync()
        => own.Data.WriteAsync(
            session =>
            {
                session.Execute("INSERT INTO document_store (place, id, taken) VALUES (1, $1, 0) ON CONFLICT DO NOTHING", Guid.NewGuid());
                return session.QueryFirst("SELECT id, taken FROM document_store WHERE place = 1", row => (row.Id(0), row.Int64(1)));
            },
            CancellationToken.None);

    private async Task<BsonDocument> FindOrMakeWriterAsync(Guid home)
    {
        var state = Collection(State);
        if (await state.Find(new BsonDocument("_id", WriterId)).FirstOrDefaultAsync() is { } known)
        {
            return known;
        }

        try
        {
            var made = new BsonDocument
            {
                ["_id"] = WriterId, ["home"] = home.Bson(), ["keys"] = KeysId().Bson(), ["epoch"] = 0L, ["sequence"] = 0L, ["event"] = 0L,
            };
            await state.InsertOneAsync(made);
            return made;
        }
        catch (MongoWriteException exception) when (exception.WriteError?.Category == ServerErrorCategory.DuplicateKey)
        {
            return await state.Find(new BsonDocument("_id", WriterId)).FirstAsync();
        }
    }

    private byte[] KeysId() => [.. ring.EncryptionKeyId, .. ring.IndexKeyId];
}
