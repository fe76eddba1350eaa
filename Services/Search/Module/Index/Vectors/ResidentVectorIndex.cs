using System.Buffers;
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
    IVectorStore store, ITextEmbedder embedder, IOptions<SearchOptions> options, TimeProvider clock, ILogger<ResidentVectorIndex> logger) : IVectorIndex, IDisposable
{
    /// <summary>Longest time between two messages of one session.</summary>
    public static readonly TimeSpan SessionGap = TimeSpan.FromHours(1);

    /// <summary>With at most so many items all are ranked by every leg.</summary>
    private const int ExactItems = 1_500;

    /// <summary>Of how many of each leg's best the neighbours are looked at when there are more items.</summary>
    private const int Expanded = 48;

    /// <summary>How many items the scale of late interaction is estimated from when there are more items.</summary>
    private const int Sample = 64;

    private const int NeighbourReach = 2;

    /// <summary>Share of an owner's messages from which a speaker's name is no word to search by: whose message it is counts for itself.</summary>
    private const double FrequentSpeaker = 0.25;

    private readonly ConcurrentDictionary<PartitionKey, Resident> _residents = new();
    private readonly ConcurrentDictionary<Guid, Owners> _owners = new();
    private long _bytes;

    /// <summary>Memory that the partitions take, about.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Partitions in memory.</summary>
    public int Count => _residents.Count;

    public async Task ApplyAsync(
        IReadOnlyList<IndexedItem> items, IReadOnlyList<(PartitionKey Partition, Guid ItemId)> removed, CancellationToken cancellationToken)
    {
        foreach (var item in items)
        {
            if (_owners.TryGetValue(item.TenantId, out var owners))
            {
                owners.Keys.TryAdd(item.OwnerKey, 0);
            }

            if (await FindResidentAsync(new(item.TenantId, item.Kind, item.OwnerKey)) is { } partition)
            {
                partition.Upsert(item);
            }
        }

        foreach (var (key, itemId) in removed)
        {
            (await FindResidentAsync(key))?.Remove(itemId);
        }
    }

    public async Task ApplyAsync(IReadOnlyList<(IndexedItem Item, ItemVectors Vectors)> embedded, CancellationToken cancellationToken)
    {
        foreach (var (item, vectors) in embedded)
        {
            if (await FindResidentAsync(new(item.TenantId, item.Kind, item.OwnerKey)) is { } partition)
            {
                partition.SetVectors(item.Id, item.Version, vectors);
            }
        }
    }

    public void Forget(Guid tenantId, Guid? ownerKey)
    {
        foreach (var key in _residents.Keys.Where(key => key.TenantId == tenantId && (ownerKey is null || key.OwnerKey == ownerKey)))
        {
            _residents.TryRemove(key, out _);
        }

        _owners.TryRemove(tenantId, out _);
    }

    /// <summary>Drops partitions that were not asked for lately, and then the longest unused while there are too many.</summary>
    public void Trim()
    {
        var now = clock.GetTimestamp();
        var bytes = 0L;
        var ceiling = options.Value.VectorMemoryMegabytes * 1_048_576L;
        foreach (var (key, resident) in _residents.OrderByDescending(entry => entry.Value.UsedAt))
        {
            if (!resident.Partition.IsValueCreated || !resident.Partition.Value.IsCompletedSuccessfully)
            {
                continue;
            }

            var size = resident.Partition.Value.Result.Bytes;
            if (bytes + size > ceiling || clock.GetElapsedTime(resident.UsedAt, now) > options.Value.VectorIdleTime)
            {
                _residents.TryRemove(new KeyValuePair<PartitionKey, Resident>(key, resident));
            }
            else
            {
                bytes += size;
            }
        }

        Interlocked.Exchange(ref _bytes, bytes);
    }

    public async Task<IReadOnlyList<string>> ListFrequentSpeakersAsync(ItemFilter filter, CancellationToken cancellationToken)
        => filter is { Kind: ItemKind.Message, OwnerKeys: [var owner] }
            ? (await GetAsync(new(filter.TenantId, filter.Kind, owner), cancellationToken)).Read(view => view.SpeakersOf(FrequentSpeaker))
            : [];

    public async Task<VectorMatches> FindAsync(VectorQuestion question, CancellationToken cancellationToken)
    {
        var filter = question.Filter;
        var owners = filter.OwnerKeys ?? await ListOwnersAsync(filter.TenantId, cancellationToken);
        var scan = new Scan(question, options.Value);
        foreach (var owner in owners)
        {
            var partition = await GetAsync(new(filter.TenantId, filter.Kind, owner), cancellationToken);
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

    private async Task<VectorPartition?> FindResidentAsync(PartitionKey key)
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

    private async ValueTask<VectorPartition> GetAsync(PartitionKey key, CancellationToken cancellationToken)
    {
        var resident = _residents.GetOrAdd(key, static (wanted, self) => new Resident(new(() => self.ReadAsync(wanted))), this);
        resident.UsedAt = clock.GetTimestamp();
        try
        {
            var reading = resident.Partition.Value;
            return reading.IsCompletedSuccessfully ? reading.Result : await reading.WaitAsync(cancellationToken);
        }
        catch (Exception) when (resident.Partition.Value.IsFaulted)
        {
            _residents.TryRemove(new KeyValuePair<PartitionKey, Resident>(key, resident));
            throw;
        }
    }

    private async Task<VectorPartition> ReadAsync(PartitionKey key)
    {
        var began = Stopwatch.GetTimestamp();
        var items = await Task.Run(() => store.ReadPartitionAsync(key, CancellationToken.None));
        var partition = new VectorPartition(key, embedder.Dimensions);
        partition.Reserve(items.Count);
        foreach (var (item, vectors) in items)
        {
            partition.Upsert(item, vectors);
        }

        var elapsed = Stopwatch.GetElapsedTime(began);
        var count = items.Count;
        LogRead(logger, count, elapsed);
        if (Interlocked.Add(ref _bytes, partition.Bytes) > options.Value.VectorMemoryMegabytes * 1_048_576L)
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

    private sealed class Resident(Lazy<Task<VectorPartition>> partition)
    {
        private long _usedAt;

        public Lazy<Task<VectorPartition>> Partition => partition;

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

    /// <summary>One question on its way through the partitions.</summary>
    private sealed class Scan(VectorQuestion question, SearchOptions options)
    {
        private readonly Dictionary<Guid, ScoredItem> _lexical = question.Lexical.ToDictionary(found => found.Item.Id);
        private readonly List<Hit> _hits = [];
        private Moments _cosines;
        private Moments _maxSims;
        private int _total;
        private int _covered;
        private bool _isTrimmed;
        private float _least = float.MinValue;
        private int _sessions;

        private int Limit => Math.Max(question.Limit, 1);

        /// <summary>First look at a partition: all cosines, and which items are worth a second look.</summary>
        public void Look(VectorPartition partition, VectorPartition.View view)
        {
            var filter = question.Filter;
            var entries = view.Entries;
            if (filter.ConversationKey is { } conversationKey)
            {
                foreach (var place in view.Conversation(conversationKey)?.Places ?? [])
                {
                    Take(partition, entries, place, question.Vectors is null || entries[place].Signs is null ? 0 : (float)view.Cosine(question.Vectors, place));
                }

                return;
            }

            var cosines = ArrayPool<float>.Shared.Rent(entries.Length);
            try
            {
                if (question.Vectors is null)
                {
                    cosines.AsSpan(0, entries.Length).Clear();
                }
                else
                {
                    view.Cosines(question.Vectors, cosines);
                }

                for (var place = 0; place < entries.Length; place++)
                {
                    if (entries[place].Item is not null)
                    {
                        Take(partition, entries, place, cosines[place]);
                    }
                }
            }
            finally
            {
                ArrayPool<float>.Shared.Return(cosines);
            }
        }

        /// <summary>Second look: late interaction and neighbours.</summary>
        public VectorMatches Finish()
        {
            var exact = !_isTrimmed && _hits.Count <= ExactItems;
            if (!exact)
            {
                Trim();
            }

            var matches = new List<VectorMatch>();
            var ofPartitions = _hits.GroupBy(hit => hit.Partition).ToList();
            foreach (var hits in ofPartitions)
            {
                hits.Key.Read(view =>
                {
                    Describe(view, [.. hits], exact, Sample / ofPartitions.Count, matches);
                    return 0;
                });
            }

            // What full text found and memory does not hold yet is found by its words.
            var described = matches.Select(match => match.Item.Id).ToHashSet();
            foreach (var found in question.Lexical.Where(found => !described.Contains(found.Item.Id)))
            {
                matches.Add(new VectorMatch(found.Item) { Lexical = found.Score });
            }

            return new(matches, Math.Max(_total, matches.Count), _cosines.Scale, _maxSims.Scale) { Covered = _covered };
        }

        private void Take(VectorPartition partition, ReadOnlySpan<VectorPartition.Entry> entries, int place, float cosine)
        {
            ref readonly var entry = ref entries[place];
            if (!question.Filter.Allows(entry.Item, entry.Category, options))
            {
                return;
            }

            _total++;
            if (question.Covers?.Invoke(entry.Item.CreatedAt) == true)
            {
                _covered++;
            }

            if (question.Vectors is not null && entry.Signs is not null)
            {
                _cosines.Add(cosine);
            }

            if (cosine > _least || _lexical.ContainsKey(entry.Item.Id))
            {
                _hits.Add(new Hit(partition, place, entry.Item.Id, cosine));
                if (_hits.Count > ExactItems + (4 * Limit))
                {
                    _isTrimmed = true;
                    Trim();
                }
            }
        }

        /// <summary>Keeps the nearest, and what full text found.</summary>
        private void Trim()
        {
            _hits.Sort((a, b) => b.Cosine.CompareTo(a.Cosine));
            if (_hits.Count > Limit)
            {
                _least = _hits[Limit - 1].Cosine;
                var rest = _hits.Skip(Limit).Where(hit => _lexical.ContainsKey(hit.ItemId)).ToList();
                _hits.RemoveRange(Limit, _hits.Count - Limit);
                _hits.AddRange(rest);
            }
        }

        private void Describe(VectorPartition.View view, List<Hit> hits, bool exact, int sample, List<VectorMatch> matches)
        {
            var entries = view.Entries;
            var rows = new Dictionary<int, VectorMatch>(hits.Count);
            foreach (var hit in hits)
            {
                if (hit.Place < entries.Length && entries[hit.Place].Item?.Id == hit.ItemId)
                {
                    rows.TryAdd(hit.Place, Describe(view, hit.Place));
                }
            }

            IEnumerable<int> expanded = exact
                ? rows.Keys
                : rows.OrderByDescending(row => row.Value.Cosine ?? 0).Take(Expanded)
                    .Concat(rows.OrderByDescending(row => row.Value.Lexical).Take(Expanded)).Select(row => row.Key).Distinct();
            foreach (var place in expanded.ToList())
            {
                foreach (var (neighbour, _) in Around(entries, place))
                {
                    if (!rows.ContainsKey(neighbour))
                    {
                        rows.Add(neighbour, Describe(view, neighbour));
                    }
                }
            }

            foreach (var (place, match) in rows)
            {
                float[]? before = null;
                foreach (var (neighbour, offset) in Around(entries, place))
                {
                    if (rows.TryGetValue(neighbour, out var other))
                    {
                        match.Neighbours.Add((other, Math.Abs(offset)));
                        before = offset == -1 ? other.Best : before;
                    }
                }

                if (match.Best is not null)
                {
                    match.MaxSim = question.Vectors!.MaxSim(match.Best, before);
                    if (exact && match.IsListed)
                    {
                        _maxSims.Add(match.MaxSim.Value);
                    }
                }
            }

            SetSessions(entries, rows);
            matches.AddRange(rows.Values);
            if (!exact && question.Vectors is { TokenCount: > 0 } vectors)
            {
                for (var step = 0; step < sample; step++)
                {
                    if (entries[(int)((long)step * entries.Length / sample)].Signs is { Length: > 0 } signs)
                    {
                        _maxSims.Add(vectors.MaxSim(vectors.Best(signs), []));
                    }
                }
            }
        }

        private VectorMatch Describe(VectorPartition.View view, int place)
        {
            ref readonly var entry = ref view.Entries[place];
            var item = entry.Item;
            var match = new VectorMatch(new Candidate(item.Id, item.OwnerKey, item.Role, item.CreatedAt, item.Importance))
            {
                IsListed = question.Filter.Allows(item, entry.Category, options),
                Lexical = _lexical.TryGetValue(item.Id, out var found) ? found.Score : 0,
                Traits = entry.Traits,
                IsByNamed = IsByNamed(entry),
            };
            if (question.Vectors is { } vectors && entry.Signs is { } signs)
            {
                match.Cosine = view.Cosine(vectors, place);
                match.Best = vectors.TokenCount > 0 && signs.Length > 0 ? vectors.Best(signs) : null;
            }

            return match;
        }

        private bool IsByNamed(in VectorPartition.Entry entry)
            => entry is { Speaker: { } speaker, Conversation: { } conversation } && question.IsNamed(speaker) && conversation.Speakers.Count(question.IsNamed) == 1;

        /// <summary>The messages near one, as far as no long time lies between; those before have a negative offset.</summary>
        private static List<(int Place, int Offset)> Around(ReadOnlySpan<VectorPartition.Entry> entries, int place)
        {
            if (entries[place].Conversation is not { } conversation)
            {
                return [];
            }

            var found = new List<(int, int)>(2 * NeighbourReach);
            var position = conversation.PositionOf(entries, place);
            foreach (var direction in (ReadOnlySpan<int>)[-1, 1])
            {
                var at = entries[place].Item.CreatedAt;
                for (var distance = 1; distance <= NeighbourReach; distance++)
                {
                    var other = position + (direction * distance);
                    if (other < 0 || other >= conversation.Places.Count || (entries[conversation.Places[other]].Item.CreatedAt - at).Duration() > SessionGap)
                    {
                        break;
                    }

                    at = entries[conversation.Places[other]].Item.CreatedAt;
                    found.Add((conversation.Places[other], direction * distance));
                }
            }

            return found;
        }

        private void SetSessions(ReadOnlySpan<VectorPartition.Entry> entries, Dictionary<int, VectorMatch> rows)
        {
            var positions = new List<(PartitionConversation Conversation, int Position, VectorMatch Match)>(rows.Count);
            foreach (var (place, match) in rows)
            {
                if (entries[place].Conversation is { } conversation)
                {
                    positions.Add((conversation, conversation.PositionOf(entries, place), match));
                }
            }

            foreach (var ofConversation in positions.GroupBy(row => row.Conversation))
            {
                var at = -1;
                foreach (var (conversation, position, match) in ofConversation.OrderBy(row => row.Position))
                {
                    var same = at >= 0;
                    for (; same && at < position; at++)
                    {
                        same = entries[conversation.Places[at + 1]].Item.CreatedAt - entries[conversation.Places[at]].Item.CreatedAt <= SessionGap;
                    }

                    at = position;
                    match.Session = same ? _sessions : ++_sessions;
                }
            }
        }

        private readonly record struct Hit(VectorPartition Partition, int Place, Guid ItemId, float Cosine);

        private struct Moments
        {
            private long _count;
            private double _sum;
            private double _squares;

            public readonly LegScale? Scale
                => _count == 0 ? null : new(_sum / _count, Math.Sqrt(Math.Max(0, (_squares / _count) - (_sum / _count * (_sum / _count)))));

            public void Add(double value)
            {
                _count++;
                _sum += value;
                _squares += value * value;
            }
        }
    }
}
