using System.Collections.Concurrent;
using System.Diagnostics;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search.Index.Vectors;

/// <summary>Keeps the partitions that were asked for lately in memory and scans them exactly.</summary>
/// <remarks>
/// An owner's items are read when they are first searched, and dropped when they were not for a while or the memory is needed for others. A question
/// over more owners than fit goes on all the same: a partition lives as long as somebody works with it. Changes come in after the store has them:
/// a partition that is being read at that time takes them over when it is there, one that is read later finds them in the store.
/// </remarks>
internal sealed partial class ResidentVectorIndex(
    IVectorStore store, EmbeddingModels models, IOptions<SearchOptions> options, TimeProvider clock, ILogger<ResidentVectorIndex> logger) : IVectorIndex, IDisposable
{
    /// <summary>Longest time between two messages of one session.</summary>
    public static readonly TimeSpan SessionGap = TimeSpan.FromHours(1);

    /// <summary>Share of an owner's messages from which a speaker's name is no word to search by: whose message it is counts for itself.</summary>
    private const double FrequentSpeaker = 0.25;

    private readonly ConcurrentDictionary<ResidentKey, Resident> _residents = new();
    private readonly ConcurrentDictionary<int, byte> _modelIds = new();
    private readonly ConcurrentDictionary<Guid, Owners> _owners = new();
    private long _bytes;

    private long Ceiling => options.Value.VectorMemoryMegabytes * 1_048_576L;

    /// <summary>Memory that the partitions take, about.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Partitions in memory.</summary>
    public int Count => _residents.Count;

    public (long Bytes, int Owners) InMemory => (Bytes, Count);

    public async Task ApplyAsync(
        IReadOnlyList<IndexedItem> items, IReadOnlyList<(PartitionKey Partition, Guid ItemId)> removed, CancellationToken cancellationToken)
    {
        foreach (var item in items)
        {
            if (_owners.TryGetValue(item.TenantId, out var owners))
            {
                owners.Keys.TryAdd(item.OwnerKey, 0);
            }

            foreach (var modelId in _modelIds.Keys)
            {
                if (await FindResidentAsync(new(new(item.TenantId, item.Kind, item.OwnerKey), modelId)) is { } partition)
                {
                    partition.Upsert(item);
                }
            }
        }

        foreach (var (key, itemId) in removed)
        {
            foreach (var modelId in _modelIds.Keys)
            {
                (await FindResidentAsync(new(key, modelId)))?.Remove(itemId);
            }
        }
    }

    public async Task ApplyAsync(ModelInUse model, IReadOnlyList<(IndexedItem Item, ItemVectors Vectors)> embedded, CancellationToken cancellationToken)
    {
        foreach (var (item, vectors) in embedded)
        {
            if (await FindResidentAsync(new(new(item.TenantId, item.Kind, item.OwnerKey), model.Stored.Id)) is { } partition)
            {
                partition.SetVectors(item.Id, item.Version, vectors);
            }
        }
    }

    public void Forget(Guid tenantId, Guid? ownerKey)
    {
        Forget(key => key.Partition.TenantId == tenantId && (ownerKey is null || key.Partition.OwnerKey == ownerKey));
        _owners.TryRemove(tenantId, out _);
    }

    public void Forget(ModelInUse model)
    {
        _modelIds.TryRemove(model.Stored.Id, out _);
        Forget(key => key.ModelId == model.Stored.Id);
    }

    /// <summary>Drops partitions that were not asked for lately, and then the longest unused while there are too many.</summary>
    public void Trim()
    {
        var now = clock.GetTimestamp();
        var bytes = 0L;
        foreach (var (key, resident) in _residents.OrderByDescending(entry => entry.Value.UsedAt))
        {
            var size = resident.Size;
            if (size > 0 && (bytes + size > Ceiling || clock.GetElapsedTime(resident.UsedAt, now) > options.Value.VectorIdleTime))
            {
                _residents.TryRemove(new KeyValuePair<ResidentKey, Resident>(key, resident));
            }
            else
            {
                bytes += size;
            }
        }

        Interlocked.Exchange(ref _bytes, bytes);
    }

    public async Task<IReadOnlyList<string>> ListFrequentSpeakersAsync(ItemFilter filter, CancellationToken cancellationToken)
    {
        if (filter is not { Kind: ItemKind.Message, OwnerKeys: [var owner] })
        {
            return [];
        }

        var model = (await models.GetAsync(cancellationToken)).Serving;
        var partition = await GetAsync(new(filter.TenantId, filter.Kind, owner), model, cancellationToken);
        return partition.Read(view => view.SpeakersOf(FrequentSpeaker));
    }

    public async Task<VectorMatches> FindAsync(VectorQuestion question, CancellationToken cancellationToken)
    {
        var filter = question.Filter;
        var inUse = await models.GetAsync(cancellationToken);
        var model = inUse.Serving;
        if (question.Vectors is { } vectors && vectors.ModelId != model.Stored.Id)
        {
            // Another model took its place meanwhile: words answer this one question alone.
            question = question with { Vectors = null };
        }

        var owners = filter.OwnerKeys ?? await ListOwnersAsync(filter.TenantId, cancellationToken);
        var scan = new VectorScan(question, options.Value);
        foreach (var (kind, owner) in filter.Kinds.SelectMany(kind => owners.Select(owner => (kind, owner))))
        {
            var partition = await GetAsync(new(filter.TenantId, kind, owner), model, cancellationToken);
            partition.Read(view =>
            {
                scan.Look(partition, view);
                return 0;
            });
        }

        return scan.Finish();
    }

    public void Dispose()
    {
        foreach (var resident in _residents.Values.Where(resident => resident.Partition is { IsValueCreated: true, Value.IsCompletedSuccessfully: true }))
        {
            resident.Partition.Value.Result.Dispose();
        }
    }

    private void Forget(Func<ResidentKey, bool> isMeant)
    {
        foreach (var key in _residents.Keys.Where(isMeant))
        {
            _residents.TryRemove(key, out _);
        }
    }

    private async Task<VectorPartition?> FindResidentAsync(ResidentKey key)
    {
        if (!_residents.TryGetValue(key, out var resident))
        {
            return null;
        }

        try
        {
            return await resident.Partition.Value;
        }
        catch (Exception)
        {
            // Whoever asked for it has been told; nothing is in memory that would have to change.
            return null;
        }
    }

    private async ValueTask<VectorPartition> GetAsync(PartitionKey partition, ModelInUse model, CancellationToken cancellationToken)
    {
        // Before the partition is read: what changes from now on is told to it.
        _modelIds.TryAdd(model.Stored.Id, 0);
        var key = new ResidentKey(partition, model.Stored.Id);
        var resident = _residents.GetOrAdd(key, static (wanted, call) => new Resident(resident => call.Self.ReadAsync(wanted.Partition, call.Model, resident)), (Self: this, Model: model));
        resident.UsedAt = clock.GetTimestamp();
        try
        {
            var reading = resident.Partition.Value;
            return reading.IsCompletedSuccessfully ? reading.Result : await reading.WaitAsync(cancellationToken);
        }
        catch (Exception) when (resident.Partition.Value.IsFaulted)
        {
            _residents.TryRemove(new KeyValuePair<ResidentKey, Resident>(key, resident));
            throw;
        }
    }

    private async Task<VectorPartition> ReadAsync(PartitionKey key, ModelInUse model, Resident resident)
    {
        var began = Stopwatch.GetTimestamp();
        var partition = new VectorPartition(key, model.Embedder.Dimensions);
        await Task.Run(() => store.ReadPartitionAsync(key, model.Stored, partition, CancellationToken.None));
        var elapsed = Stopwatch.GetElapsedTime(began);
        LogRead(logger, partition.Count, elapsed);
        resident.Read = partition;
        if (Interlocked.Add(ref _bytes, resident.Size) > Ceiling)
        {
            Trim();
        }

        return partition;
    }

    private async Task<IReadOnlyCollection<Guid>> ListOwnersAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        var owners = _owners.GetOrAdd(tenantId, _ => new Owners());
        if (!owners.IsRead)
        {
            foreach (var key in await store.ListOwnersAsync(tenantId, cancellationToken))
            {
                owners.Keys.TryAdd(key, 0);
            }

            owners.IsRead = true;
        }

        return (IReadOnlyCollection<Guid>)owners.Keys.Keys;
    }

    [LoggerMessage(EventId = 4010, Level = LogLevel.Debug, Message = "Read {Count} items into memory in {Elapsed}")]
    private static partial void LogRead(ILogger logger, int count, TimeSpan elapsed);

    private readonly record struct ResidentKey(PartitionKey Partition, int ModelId);

    private sealed class Resident
    {
        private VectorPartition? _read;
        private long _usedAt;

        public Resident(Func<Resident, Task<VectorPartition>> readAsync) => Partition = new(() => readAsync(this));

        public Lazy<Task<VectorPartition>> Partition { get; }

        /// <summary>The partition from when it was read; before whoever asked for it has it.</summary>
        public VectorPartition Read
        {
            set => Volatile.Write(ref _read, value);
        }

        /// <summary>Memory it takes; 0 while it is being read.</summary>
        public long Size => Volatile.Read(ref _read)?.Bytes ?? 0;

        public long UsedAt
        {
            get => Volatile.Read(ref _usedAt);
            set => Volatile.Write(ref _usedAt, value);
        }
    }

    private sealed class Owners
    {
        public ConcurrentDictionary<Guid, byte> Keys { get; } = new();

        public bool IsRead { get; set; }
    }
}
