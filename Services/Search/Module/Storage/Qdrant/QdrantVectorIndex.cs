using System.Collections.Concurrent;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.Search.Ranking;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search.Storage.Qdrant;

/// <summary>Asks Qdrant for the nearest items, and looks at them and at what was said around them as the index in memory does.</summary>
/// <remarks>
/// What Qdrant tells is held against SQLite: an item that is gone there, or has another version, is not found by its point. Of an owner with more items than are asked for, the scale of
/// cosines and of late interaction comes from a sample. While Qdrant is away, what full text found is described, and nothing else.
/// </remarks>
internal sealed partial class QdrantVectorIndex(
    IQdrantTransport qdrant,
    QdrantPoints points,
    QdrantItemRows rows,
    EmbeddingModels models,
    KeyRing ring,
    IOptions<QdrantOptions> settings,
    IOptions<SearchOptions> options,
    TimeProvider clock,
    ILogger<QdrantVectorIndex> logger) : IVectorIndex
{
    private const int Sample = 128;
    private const double FrequentSpeaker = 0.25;
    private const int MostSpeakers = 1_000;
    private static readonly TimeSpan SpeakersLast = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<PartitionKey, (long At, IReadOnlyList<string> Names)> _speakers = new();
    private int _isAway;

    public (long Bytes, int Owners) InMemory => (0, 0);

    /// <summary>The store of items has it; a point that no row vouches for is not found.</summary>
    public Task ApplyAsync(IReadOnlyList<IndexedItem> items, IReadOnlyList<(PartitionKey Partition, Guid ItemId)> removed, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The store has written the points.</summary>
    public Task ApplyAsync(ModelInUse model, IReadOnlyList<(IndexedItem Item, ItemVectors Vectors)> embedded, CancellationToken cancellationToken) => Task.CompletedTask;

    public void Forget(ModelInUse model)
    {
    }

    public void Forget(Guid tenantId, Guid? ownerKey)
    {
        foreach (var key in _speakers.Keys.Where(key => key.TenantId == tenantId && (ownerKey is null || key.OwnerKey == ownerKey)))
        {
            _speakers.TryRemove(key, out _);
        }
    }

    public void Trim()
    {
        foreach (var (key, kept) in _speakers)
        {
            if (clock.GetElapsedTime(kept.At) > SpeakersLast)
            {
                _speakers.TryRemove(new(key, kept));
            }
        }
    }

    public async Task<IReadOnlyList<string>> ListFrequentSpeakersAsync(ItemFilter filter, CancellationToken cancellationToken)
    {
        if (filter is not { Kind: ItemKind.Message, OwnerKeys: [var owner] })
        {
            return [];
        }

        var key = new PartitionKey(filter.TenantId, filter.Kind, owner);
        if (_speakers.TryGetValue(key, out var kept) && clock.GetElapsedTime(kept.At) <= SpeakersLast)
        {
            return kept.Names;
        }

        try
        {
            var model = (await models.GetAsync(cancellationToken)).Serving.Stored;
            var sample = await SampleAsync(model, new QdrantFilter { TenantId = filter.TenantId, Kinds = [(int)filter.Kind], Owners = [owner] }, cancellationToken);
            IReadOnlyList<string> names =
            [
                .. sample.Where(row => row.Vectors.Speaker is not null).GroupBy(row => row.Vectors.Speaker!)
                    .Where(said => said.Count() >= FrequentSpeaker * sample.Count).Select(said => said.Key),
            ];
            if (_speakers.Count >= MostSpeakers)
            {
                _speakers.Clear();
            }

            _speakers[key] = (clock.GetTimestamp(), names);
            return names;
        }
        catch (QdrantUnavailableException exception)
        {
            Away(exception);
            return [];
        }
    }

    public async Task<VectorMatches> FindAsync(VectorQuestion question, CancellationToken cancellationToken)
    {
        var filter = question.Filter;
        if (filter.OwnerKeys is { Count: 0 })
        {
            return new([], 0, null, null);
        }

        var model = (await models.GetAsync(cancellationToken)).Serving.Stored;
        if (question.Vectors is { } vectors && vectors.ModelId != model.Id)
        {
            // Another model took its place meanwhile: words answer this one question alone.
            question = question with { Vectors = null };
        }

        try
        {
            var found = await FindAsync(question with { Limit = Math.Max(question.Limit, settings.Value.Candidates) }, model, cancellationToken);
            if (question.Vectors is not null && Interlocked.Exchange(ref _isAway, 0) == 1)
            {
                LogBack(logger);
            }

            return found;
        }
        catch (QdrantUnavailableException exception)
        {
            Away(exception);
            return await FindAsync(question with { Vectors = null }, model, cancellationToken);
        }
    }

    private async Task<VectorMatches> FindAsync(VectorQuestion question, StoredModel model, CancellationToken cancellationToken)
    {
        var (filter, collection) = (question.Filter, points.CollectionOf(model));
        var narrow = Narrow(filter);
        IReadOnlyList<QdrantHit> hits = question.Vectors is { } vectors
            ? await qdrant.QueryAsync(collection, points.Turn(filter.TenantId, vectors.Exact), narrow, question.Limit, cancellationToken)
            : [];
        var isPartial = hits.Count >= question.Limit;
        var ids = question.Lexical.Select(found => found.Item.Id).Concat(hits.Select(hit => hit.Id)).Distinct().ToList();
        var items = await rows.ReadAsync(filter, ids, cancellationToken);
        var partitions = items.Values
            .GroupBy(item => new PartitionKey(filter.TenantId, item.Kind, item.OwnerKey))
            .ToDictionary(ofOwner => ofOwner.Key, ofOwner => Partition(ofOwner.Key, ofOwner, model));
        try
        {
            if (question.Vectors is not null)
            {
                await SetVectorsAsync(model, partitions, hits, cancellationToken);

                // Those that words found, and the neighbours of the best, by their ids: they may pass no other condition.
                var wanted = ids.Except(hits.Select(hit => hit.Id)).ToHashSet();
                var expanded = isPartial
                    ? hits.Take(VectorScan.Expanded).Select(hit => hit.Id).Concat(question.Lexical.OrderByDescending(found => found.Score).Take(VectorScan.Expanded).Select(found => found.Item.Id))
                    : ids;
                wanted.UnionWith(Neighbours(partitions, items, expanded));
                if (wanted.Count > 0)
                {
                    var whole = new QdrantFilter { TenantId = filter.TenantId, Kinds = narrow.Kinds, Owners = filter.OwnerKeys };
                    await SetVectorsAsync(model, partitions, await qdrant.FindAsync(collection, whole, [.. wanted], cancellationToken), cancellationToken);
                }
            }

            var scan = new VectorScan(question, options.Value) { IsPartial = isPartial };
            foreach (var (_, partition) in partitions)
            {
                partition.Read(view =>
                {
                    scan.Look(partition, view, ids);
                    return 0;
                });
            }

            return await ScaleAsync(question, model, scan.Finish(), narrow, isPartial, cancellationToken);
        }
        finally
        {
            foreach (var partition in partitions.Values)
            {
                partition.Dispose();
            }
        }
    }

    /// <summary>Tells what was found of how much, and how it stands among the rest.</summary>
    private async Task<VectorMatches> ScaleAsync(
        VectorQuestion question, StoredModel model, VectorMatches found, QdrantFilter narrow, bool isPartial, CancellationToken cancellationToken)
    {
        var (items, covered) = await rows.CountAsync(question.Filter, question.Covers, cancellationToken);
        if (isPartial && question.Vectors is { } vectors)
        {
            if (!question.Filter.AllowsAll)
            {
                items = await qdrant.CountAsync(points.CollectionOf(model), narrow, cancellationToken);
            }

            var sample = await SampleAsync(model, narrow, cancellationToken);
            var cosines = sample.ConvertAll(row => (double)RoundedVector.Dot(vectors.Exact, row.Vectors.Pooled.Values, Rests(row.Vectors.Pooled), row.Vectors.Pooled.Scale));
            var maxSims = vectors.TokenCount == 0 ? [] : sample.Where(row => row.Vectors.Signs.Length > 0).Select(row => vectors.MaxSim(vectors.Best(row.Vectors.Signs), [])).ToList();
            found = found with { Cosine = ScaleOf(cosines), MaxSim = ScaleOf(maxSims) };
        }
        else if (!question.Filter.AllowsAll && question.Vectors is not null)
        {
            return found;
        }

        var total = Math.Max(items, found.Items.Count(match => match.IsListed));
        return found with { Total = total, Covered = (int)Math.Round(covered * total) };
    }

    private static LegScale? ScaleOf(List<double> values)
    {
        if (values.Count == 0)
        {
            return null;
        }

        var mean = values.Average();
        return new(mean, Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / values.Count));
    }

    private static ReadOnlySpan<byte> Rests(RoundedVector vector) => vector.Rests.Length > 0 ? vector.Rests : new byte[RoundedVector.RestsOf(vector.Values.Length)];

    private static VectorPartition Partition(PartitionKey key, IEnumerable<IndexedItem> items, StoredModel model)
    {
        var partition = new VectorPartition(key, model.Model.Dimensions);
        foreach (var item in items)
        {
            partition.Upsert(item);
        }

        return partition;
    }

    private async Task SetVectorsAsync(StoredModel model, Dictionary<PartitionKey, VectorPartition> partitions, IReadOnlyList<QdrantHit> hits, CancellationToken cancellationToken)
    {
        foreach (var (item, vectors) in await points.OpenAsync(model, hits, cancellationToken))
        {
            if (partitions.TryGetValue(new(item.TenantId, item.Kind, item.OwnerKey), out var partition))
            {
                // It takes only those of the version that SQLite has.
                partition.SetVectors(item.Id, item.Version, vectors);
            }
        }
    }

    private static List<Guid> Neighbours(Dictionary<PartitionKey, VectorPartition> partitions, Dictionary<Guid, IndexedItem> items, IEnumerable<Guid> of)
    {
        var found = new List<Guid>();
        foreach (var ofPartition in of.Where(items.ContainsKey).Select(id => items[id]).GroupBy(item => new PartitionKey(item.TenantId, item.Kind, item.OwnerKey)))
        {
            partitions[ofPartition.Key].Read(view =>
            {
                foreach (var item in ofPartition)
                {
                    foreach (var (place, _) in VectorScan.Around(view, view.Find(item.Id)))
                    {
                        if (!view.Entries[place].HasVectors)
                        {
                            found.Add(view.Entries[place].Id);
                        }
                    }
                }

                return 0;
            });
        }

        return found;
    }

    private async Task<List<(IndexedItem Item, ItemVectors Vectors)>> SampleAsync(StoredModel model, QdrantFilter filter, CancellationToken cancellationToken)
        => await points.OpenAsync(model, await qdrant.SampleAsync(points.CollectionOf(model), filter, Sample, cancellationToken), cancellationToken);

    /// <summary>The conditions as Qdrant checks them.</summary>
    private QdrantFilter Narrow(ItemFilter filter)
    {
        using var hashes = new TermHashes(ring, filter.TenantId);
        return new()
        {
            TenantId = filter.TenantId,
            Kinds = [.. filter.Kinds.Select(kind => (int)kind)],
            Owners = filter.OwnerKeys,
            Conversation = filter.ConversationKey,
            Roles = [.. filter.Roles.Select(role => (int)role)],
            Categories = [.. filter.Kinds.SelectMany(kind => filter.Categories.Select(category => hashes.Category(kind, category)))],
            From = filter.From?.ToUnixTimeMilliseconds(),
            To = filter.To?.ToUnixTimeMilliseconds(),
            MinImportance = filter.MinImportance,
            RolesImportantEnough = [.. Enum.GetValues<MessageRole>().Where(role => filter.MinImportance <= ImportanceRule.OfRole(role, options.Value)).Select(role => (int)role)],
        };
    }

    private void Away(QdrantUnavailableException exception)
    {
        if (Interlocked.Exchange(ref _isAway, 1) == 0)
        {
            LogAway(logger, exception.Reason);
        }
    }

    [LoggerMessage(EventId = 4042, Level = LogLevel.Warning, Message = "Qdrant cannot be asked ({Reason}): words alone answer searches meanwhile")]
    private static partial void LogAway(ILogger logger, string reason);

    [LoggerMessage(EventId = 4043, Level = LogLevel.Information, Message = "Qdrant answers again")]
    private static partial void LogBack(ILogger logger);
}
