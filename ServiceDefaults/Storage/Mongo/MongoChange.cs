using System.Text.Json;
using MemoryMesh.Contracts.Events;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.ServiceDefaults.Storage.Mongo;

/// <summary>What one commit of a <see cref="MongoStore"/> changes, as the writes that share it put it together. Used by the store's writer alone.</summary>
/// <remarks>
/// Documents are changed by putting them as they are to be: to put them again changes nothing, which is what lets a commit that was cut off be carried out again. What is found
/// by id, and what <see cref="ListAsync"/> finds, reflects the writes before, committed or not, and this one. What other queries find does not, so a write that asks by one for a
/// collection which others of the same commit have changed is put off to the next one.
/// </remarks>
public sealed class MongoChange
{
    private readonly MongoStore _store;
    private readonly Documents _kept = new();
    private readonly Documents _read = new();
    private readonly Documents _staged = new();
    private readonly List<(string Collection, BsonDocument Filter)> _keptSweeps = [];
    private readonly List<(string Collection, BsonDocument Filter)> _stagedSweeps = [];
    private readonly List<BsonDocument> _keptEvents = [];
    private readonly List<BsonDocument> _stagedEvents = [];
    private long _stagedSequence;

    internal MongoChange(MongoStore store, long sequence)
    {
        _store = store;
        Sequence = _stagedSequence = sequence;
    }

    /// <summary>The last number that <see cref="NextSequence"/> gave to a write that is kept.</summary>
    internal long Sequence { get; private set; }

    /// <summary>About as many bytes as the documents of the kept writes have.</summary>
    internal long Size { get; private set; }

    /// <summary>The span that the running write is part of.</summary>
    internal string? Trace { get; set; }

    internal bool IsEmpty => _kept.IsEmpty && _keptSweeps.Count == 0 && _keptEvents.Count == 0;

    /// <summary>Documents to put, and ids to delete where there is none.</summary>
    internal IEnumerable<(string Collection, BsonValue Id, BsonDocument? Document)> Puts => _kept.All;

    /// <summary>Deletions by filter, which come before the documents.</summary>
    internal IReadOnlyList<(string Collection, BsonDocument Filter)> Sweeps => _keptSweeps;

    internal IReadOnlyList<BsonDocument> Events => _keptEvents;

    /// <summary>The next number in the order of storing; numbers of writes that are undone may be given again.</summary>
    public long NextSequence() => ++_stagedSequence;

    /// <summary>Has numbers go on behind one that was given elsewhere.</summary>
    internal void RaiseSequence(long last) => _stagedSequence = Math.Max(_stagedSequence, last);

    /// <summary>A document by its id, or null.</summary>
    public async Task<BsonDocument?> FindAsync(string collection, BsonValue id)
        => (await FindAsync(collection, [id])).GetValueOrDefault(id);

    /// <summary>Documents by their ids; those that are not there are left out.</summary>
    public async Task<Dictionary<BsonValue, BsonDocument>> FindAsync(string collection, IReadOnlyCollection<BsonValue> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var unknown = ids.Where(id => !TryKnow(collection, id, out _)).Distinct().ToList();
        if (unknown.Count > 0)
        {
            var read = _read.Of(collection);
            unknown.ForEach(id => read[id] = null);
            try
            {
                var found = await _store.Collection(collection).Find(new BsonDocument("_id", new BsonDocument("$in", new BsonArray(unknown)))).ToListAsync();
                found.ForEach(document => read[document["_id"]] = document);
            }
            catch
            {
                unknown.ForEach(id => read.Remove(id));
                throw;
            }
        }

        var documents = new Dictionary<BsonValue, BsonDocument>();
        foreach (var id in ids)
        {
            // A copy: whoever changes it and is undone must not have changed it for the others.
            if (TryKnow(collection, id, out var document) && document is not null)
            {
                documents[id] = (BsonDocument)document.DeepClone();
            }
        }

        return documents;
    }

    /// <summary>Documents that a filter matches, as the writes before and this one leave them, in no order.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="filter">A filter of the kinds that <see cref="MongoMatch"/> knows.</param>
    /// <param name="limit">Most documents, whichever they are; null for all.</param>
    public async Task<List<BsonDocument>> ListAsync(string collection, BsonDocument filter, int? limit = null)
    {
        if (_stagedSweeps.Exists(sweep => sweep.Collection == collection))
        {
            throw new InvalidOperationException($"A write asks for {collection} after it has swept it.");
        }

        RequireUnswept(collection);
        var (staged, kept, read) = (_staged.Of(collection), _kept.Of(collection), _read.Of(collection));
        var found = await _store.Collection(collection).Find(filter).Limit(limit + staged.Count + kept.Count).ToListAsync();
        var documents = new List<BsonDocument>(found.Count);
        foreach (var document in found)
        {
            var id = document["_id"];
            read[id] = document;
            if (!staged.ContainsKey(id) && !kept.ContainsKey(id))
            {
                documents.Add((BsonDocument)document.DeepClone());
            }
        }

        foreach (var document in staged.Values.Concat(kept.Where(item => !staged.ContainsKey(item.Key)).Select(item => item.Value)))
        {
            if (document is not null && MongoMatch.Matches(document, filter))
            {
                documents.Add((BsonDocument)document.DeepClone());
            }
        }

        if (documents.Count > limit)
        {
            documents.RemoveRange(limit.Value, documents.Count - limit.Value);
        }

        return documents;
    }

    /// <summary>Documents by a query over what is committed. Ask before this write changes the collection.</summary>
    public async Task<List<BsonDocument>> QueryAsync(string collection, BsonDocument filter, BsonDocument? sort = null, int? limit = null, BsonDocument? projection = null)
    {
        RequireUnchanged(collection);
        return await _store.Collection(collection).Find(filter).Sort(sort).Limit(limit).Project<BsonDocument>(projection ?? []).ToListAsync();
    }

    /// <summary>Counts documents, and adds up numbers of them. Ask before this write changes the collection.</summary>
    /// <returns>The count, and the sums in the order of <paramref name="fields"/>.</returns>
    public async Task<(long Count, long[] Sums)> SumAsync(string collection, BsonDocument filter, params string[] fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        RequireUnchanged(collection);
        var group = new BsonDocument { ["_id"] = BsonNull.Value, ["count"] = new BsonDocument("$sum", 1) };
        foreach (var field in fields)
        {
            group[field] = new BsonDocument("$sum", $"${field}");
        }

        var found = await _store.Collection(collection)
            .Aggregate<BsonDocument>(new BsonDocument[] { new("$match", filter), new("$group", group) }).FirstOrDefaultAsync();
        return found is null ? (0, new long[fields.Length]) : (found.Int64("count"), [.. fields.Select(field => found.Int64(field))]);
    }

    /// <summary>Puts a document, in the place of one with its <c>_id</c> where there is one.</summary>
    public void Put(string collection, BsonDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        _staged.Of(collection)[document["_id"]] = document;
    }

    /// <summary>Puts a document that must not be there.</summary>
    /// <exception cref="InvalidOperationException">One of its <c>_id</c> is.</exception>
    public async Task AddAsync(string collection, BsonDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        if (await FindAsync(collection, document["_id"]) is not null)
        {
            throw new InvalidOperationException($"There is a document of this id in {collection}.");
        }

        Put(collection, document);
    }

    /// <summary>Deletes a document.</summary>
    public void Delete(string collection, BsonValue id) => _staged.Of(collection)[id] = null;

    /// <summary>Deletes every document that a filter matches. This write changes nothing else in the collection.</summary>
    public void Sweep(string collection, BsonDocument filter)
    {
        RequireUnchanged(collection);
        _stagedSweeps.Add((collection, filter));
    }

    /// <summary>Appends an event: it is taken over into the service's outbox once this is committed.</summary>
    public void Publish<TEvent>(TEvent message, DateTimeOffset occurredAt)
        where TEvent : class
    {
        var name = typeof(TEvent).FullName!;
        if (!Subscriptions.EventTypes.ContainsKey(name))
        {
            throw new InvalidOperationException($"No queue takes {typeof(TEvent).Name}: an event that nobody takes would be lost.");
        }

        _stagedEvents.Add(new BsonDocument
        {
            ["id"] = Guid.CreateVersion7(occurredAt).Bson(),
            ["type"] = name,
            ["body"] = JsonSerializer.Serialize(message),
            ["occurred_at"] = occurredAt.Bson(),
            ["trace"] = Trace is null ? BsonNull.Value : Trace,
        });
    }

    /// <summary>Keeps what the running write did.</summary>
    internal void Keep()
    {
        foreach (var (collection, id, document) in _staged.All)
        {
            _kept.Of(collection)[id] = document;
            Size += document?.ToBson().Length ?? 0;
        }

        _keptSweeps.AddRange(_stagedSweeps);
        _keptEvents.AddRange(_stagedEvents);
        Sequence = _stagedSequence;
        Clear();
    }

    /// <summary>Drops what the running write did.</summary>
    internal void Drop()
    {
        _stagedSequence = Sequence;
        Clear();
    }

    private void Clear()
    {
        _staged.Clear();
        _stagedSweeps.Clear();
        _stagedEvents.Clear();
    }

    private bool TryKnow(string collection, BsonValue id, out BsonDocument? document)
    {
        if (_staged.Of(collection).TryGetValue(id, out document) || _kept.Of(collection).TryGetValue(id, out document))
        {
            return true;
        }

        RequireUnswept(collection);
        return _read.Of(collection).TryGetValue(id, out document);
    }

    /// <summary>What a sweep of this commit deletes is not asked for again in it.</summary>
    private void RequireUnswept(string collection)
    {
        if (_keptSweeps.Exists(sweep => sweep.Collection == collection))
        {
            throw new MongoNextCommitException();
        }
    }

    private void RequireUnchanged(string collection)
    {
        if (_staged.Of(collection).Count > 0 || _stagedSweeps.Exists(sweep => sweep.Collection == collection))
        {
            throw new InvalidOperationException($"A write queries {collection} after it has changed it.");
        }

        RequireUnswept(collection);
        if (_kept.Of(collection).Count > 0)
        {
            throw new MongoNextCommitException();
        }
    }

    /// <summary>Documents by collection and id; null stands for one that is not there.</summary>
    private sealed class Documents
    {
        private readonly Dictionary<string, Dictionary<BsonValue, BsonDocument?>> _byCollection = new(StringComparer.Ordinal);

        public bool IsEmpty => _byCollection.Values.All(documents => documents.Count == 0);

        public IEnumerable<(string Collection, BsonValue Id, BsonDocument? Document)> All
            => _byCollection.SelectMany(collection => collection.Value.Select(item => (collection.Key, item.Key, item.Value)));

        public Dictionary<BsonValue, BsonDocument?> Of(string collection)
        {
            if (!_byCollection.TryGetValue(collection, out var documents))
            {
                _byCollection[collection] = documents = [];
            }

            return documents;
        }

        public void Clear()
        {
            foreach (var documents in _byCollection.Values)
            {
                documents.Clear();
            }
        }
    }
}

/// <summary>A write cannot share the commit with those before it. It is run again in the next one.</summary>
internal sealed class MongoNextCommitException : Exception
{
    public MongoNextCommitException()
    {
    }

    public MongoNextCommitException(string message)
        : base(message)
    {
    }

    public MongoNextCommitException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
