using System.Buffers;
using System.Runtime.InteropServices;
using MemoryMesh.Search.Storage;

namespace MemoryMesh.Search.Index.Vectors;

/// <summary>One question on its way through the partitions.</summary>
/// <remarks>
/// The scan of a partition compares bytes. What it finds nearest is scored anew in single precision, so that the order is that of the exact vectors. Late
/// interaction and neighbours are looked at for these alone, or for all when there are few.
/// </remarks>
internal sealed class VectorScan(VectorQuestion question, SearchOptions options)
{
    /// <summary>With at most so many items all are ranked by every leg.</summary>
    private const int ExactItems = 1_500;

    /// <summary>Of how many of each leg's best the neighbours are looked at when there are more items.</summary>
    public const int Expanded = 48;

    /// <summary>How many items the scale of late interaction is estimated from when there are more items.</summary>
    private const int Sample = 64;

    private const int NeighbourReach = 2;

    private readonly Dictionary<Guid, ScoredItem> _lexical = question.Lexical.ToDictionary(found => found.Item.Id);
    private readonly bool _allowsAll = question.Filter.AllowsAll;
    private readonly List<Hit> _hits = [];
    private Moments _cosines;
    private Moments _maxSims;
    private int _total;
    private int _covered;
    private bool _isTrimmed;
    private float _least = float.MinValue;
    private int _sessions;

    /// <summary>Whether what is looked at is a part only of what may be found: then the neighbours of the best of it alone are looked at.</summary>
    public bool IsPartial { get; init; }

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
                var cosine = question.Vectors is null || !entries[place].HasVectors ? 0 : (float)view.Cosine(question.Vectors, place);
                Take(partition, view, place, cosine, _lexical.ContainsKey(entries[place].Id));
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
                if (entries[place].IsUsed)
                {
                    Take(partition, view, place, cosines[place], foundByWords: false);
                }
            }

            // What full text found may not have been near enough. Asking for each item of the partition whether it is one of these would take longer than the scan.
            foreach (var found in question.Lexical)
            {
                if (view.Find(found.Item.Id) is var place and >= 0 && cosines[place] <= _least && IsAllowed(view, place))
                {
                    _hits.Add(new Hit(partition, place, found.Item.Id, cosines[place]));
                }
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(cosines);
        }
    }

    /// <summary>Looks at some items of a partition, which another index found: the rest of it is there for what it tells of them.</summary>
    public void Look(VectorPartition partition, VectorPartition.View view, IReadOnlyCollection<Guid> found)
    {
        foreach (var id in found)
        {
            if (view.Find(id) is var place and >= 0)
            {
                var cosine = question.Vectors is null || !view.Entries[place].HasVectors ? 0 : (float)view.Cosine(question.Vectors, place);
                Take(partition, view, place, cosine, foundByWords: true);
            }
        }
    }

    /// <summary>Second look: late interaction and neighbours.</summary>
    public VectorMatches Finish()
    {
        var exact = !IsPartial && !_isTrimmed && _hits.Count <= ExactItems;
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

    private bool IsAllowed(VectorPartition.View view, int place) => _allowsAll || question.Filter.Allows(view.Facts(place), options);

    private void Take(VectorPartition partition, VectorPartition.View view, int place, float cosine, bool foundByWords)
    {
        if (!IsAllowed(view, place))
        {
            return;
        }

        ref readonly var entry = ref view.Entries[place];
        _total++;
        if (question.Covers?.Invoke(entry.CreatedAt) == true)
        {
            _covered++;
        }

        if (question.Vectors is not null && entry.HasVectors)
        {
            _cosines.Add(cosine);
        }

        if (cosine > _least || foundByWords)
        {
            _hits.Add(new Hit(partition, place, entry.Id, cosine));
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
        // By numbers of their own: asking a function about each pair takes several times as long.
        var distances = ArrayPool<float>.Shared.Rent(_hits.Count);
        var hits = CollectionsMarshal.AsSpan(_hits);
        for (var at = 0; at < hits.Length; at++)
        {
            distances[at] = -hits[at].Cosine;
        }

        distances.AsSpan(0, hits.Length).Sort(hits);
        ArrayPool<float>.Shared.Return(distances);
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
            if (hit.Place < entries.Length && entries[hit.Place] is { IsUsed: true } entry && entry.Id == hit.ItemId)
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
            foreach (var (neighbour, _) in Around(view, place))
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
            foreach (var (neighbour, offset) in Around(view, place))
            {
                if (offset == -1)
                {
                    match.IsReply = IsReply(entries[place], entries[neighbour]);
                }

                if (rows.TryGetValue(neighbour, out var other))
                {
                    match.Neighbours.Add((other, offset));
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

        SetSessions(view, rows);
        matches.AddRange(rows.Values);
        if (!exact && question.Vectors is { TokenCount: > 0 } vectors)
        {
            for (var step = 0; step < sample; step++)
            {
                if (view.Signs((int)((long)step * entries.Length / sample)) is { Length: > 0 } signs)
                {
                    _maxSims.Add(vectors.MaxSim(vectors.Best(signs), []));
                }
            }
        }
    }

    private VectorMatch Describe(VectorPartition.View view, int place)
    {
        ref readonly var entry = ref view.Entries[place];
        var match = new VectorMatch(view.Candidate(place))
        {
            IsListed = IsAllowed(view, place),
            Lexical = _lexical.TryGetValue(entry.Id, out var found) ? found.Score : 0,
            Traits = entry.Traits,
            IsByNamed = IsByNamed(view, place),
        };
        if (question.Vectors is { } vectors && entry.HasVectors)
        {
            var signs = view.Signs(place);
            match.Cosine = view.Cosine(vectors, place);
            match.Best = vectors.TokenCount > 0 && signs.Length > 0 ? vectors.Best(signs) : null;
        }

        return match;
    }

    private bool IsByNamed(VectorPartition.View view, int place)
        => view.Speaker(place) is { } speaker && view.ConversationOf(place) is { } conversation && question.IsNamed(speaker)
            && conversation.Speakers.Count(question.IsNamed) == 1;

    private static bool IsReply(in PartitionEntry entry, in PartitionEntry before)
        => before.Traits.HasFlag(TextTraits.Question) && (before.Speaker != entry.Speaker || before.Role != entry.Role);

    /// <summary>The messages near one, as far as no long time lies between; those before have a negative offset.</summary>
    public static List<(int Place, int Offset)> Around(VectorPartition.View view, int place)
    {
        if (view.ConversationOf(place) is not { } conversation)
        {
            return [];
        }

        var entries = view.Entries;
        var found = new List<(int, int)>(2 * NeighbourReach);
        var position = conversation.PositionOf(entries, place);
        foreach (var direction in (ReadOnlySpan<int>)[-1, 1])
        {
            var at = entries[place].CreatedTicks;
            for (var distance = 1; distance <= NeighbourReach; distance++)
            {
                var other = position + (direction * distance);
                if (other < 0 || other >= conversation.Places.Count || Math.Abs(entries[conversation.Places[other]].CreatedTicks - at) > ResidentVectorIndex.SessionGap.Ticks)
                {
                    break;
                }

                at = entries[conversation.Places[other]].CreatedTicks;
                found.Add((conversation.Places[other], direction * distance));
            }
        }

        return found;
    }

    private void SetSessions(VectorPartition.View view, Dictionary<int, VectorMatch> rows)
    {
        var entries = view.Entries;
        var positions = new List<(PartitionConversation Conversation, int Position, VectorMatch Match)>(rows.Count);
        foreach (var (place, match) in rows)
        {
            if (view.ConversationOf(place) is { } conversation)
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
                    same = entries[conversation.Places[at + 1]].CreatedTicks - entries[conversation.Places[at]].CreatedTicks <= ResidentVectorIndex.SessionGap.Ticks;
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
