using System.Buffers;
using System.Runtime.Intrinsics;
using MemoryMesh.Search.Storage;

namespace MemoryMesh.Search.Index.Vectors;

/// <summary>One question on its way through the partitions.</summary>
/// <remarks>
/// The scan of a partition compares bytes. What it finds nearest is scored anew in single precision, so that the order is that of the exact vectors. Late
/// interaction and neighbours are looked at for these alone, or for all when there are few.
/// </remarks>
internal sealed partial class VectorScan(VectorQuestion question, SearchOptions options)
{
    /// <summary>With at most so many items all are ranked by every leg.</summary>
    private const int ExactItems = 1_500;

    /// <summary>Of how many of each leg's best the neighbours are looked at when there are more items.</summary>
    public const int Expanded = 48;

    /// <summary>How many items the scale of late interaction is estimated from when there are more items.</summary>
    private const int Sample = 64;

    /// <summary>Which share of the cosines tells what is near, and how many at most.</summary>
    private const int SampleStep = 16;
    private const int LargestSample = 1_024;

    /// <summary>The bound comes from at least the so many-th of the sample: the first few of it say little.</summary>
    private const int LeastRank = 16;

    private readonly Dictionary<Guid, ScoredItem> _lexical = question.Lexical.ToDictionary(found => found.Item.Id);
    private readonly bool _allowsAll = question.Filter.AllowsAll;
    private readonly ScanHits _hits = new();
    private Moments _cosines;
    private Moments _maxSims;
    private int _total;
    private int _covered;
    private bool _isTrimmed;
    private float _least = float.MinValue;

    /// <summary>Whether what is looked at is a part only of what may be found: then the neighbours of the best of it alone are looked at.</summary>
    public bool IsPartial { get; init; }

    private int Limit => Math.Max(question.Limit, 1);

    private int MostHits => ExactItems + (4 * Limit);

    /// <summary>Once some have been left out, fewer are held: those that full text found may stay whatever their number.</summary>
    private int TrimmedHits => (3 * Limit) + _lexical.Count;

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

            if (_allowsAll && question.Covers is null && question.Vectors is not null)
            {
                TakeNear(partition, view, cosines.AsSpan(0, entries.Length));
            }
            else
            {
                for (var place = 0; place < entries.Length; place++)
                {
                    if (entries[place].IsUsed)
                    {
                        Take(partition, view, place, cosines[place], foundByWords: false);
                    }
                }
            }

            // What full text found may not have been near enough. Asking for each item of the partition whether it is one of these would take longer than the scan.
            foreach (var found in question.Lexical)
            {
                if (view.Find(found.Item.Id) is var place and >= 0 && cosines[place] <= _least && IsAllowed(view, place))
                {
                    _hits.Add(new ScanHit(partition, place, found.Item.Id, cosines[place]));
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
        var ofPartitions = _hits.ToArray().GroupBy(hit => hit.Partition).ToList();
        _hits.Clear();
        foreach (var hits in ofPartitions)
        {
            hits.Key.Read(view =>
            {
                Describe(view, hits, exact, Sample / ofPartitions.Count, matches);
                return 0;
            });
        }

        // What full text found and memory does not hold yet is found by its words, and lies in the time that was asked for or not.
        var described = matches.Select(match => match.Item.Id).ToHashSet();
        foreach (var found in question.Lexical.Where(found => !described.Contains(found.Item.Id)))
        {
            matches.Add(new VectorMatch(found.Item) { Lexical = found.Score });
            _total++;
            _covered += question.Covers?.Invoke(found.Item.CreatedAt) == true ? 1 : 0;
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
            Hold(new ScanHit(partition, place, entry.Id, cosine));
        }
    }

    /// <summary>Takes all that are near enough, when nothing but that is asked of an item: the entries of the others are not even read.</summary>
    private void TakeNear(VectorPartition partition, VectorPartition.View view, ReadOnlySpan<float> cosines)
    {
        _total += view.Count;

        // What has no vector has 0 here and adds nothing.
        _cosines.Add(cosines, view.CountWithVectors);
        _isTrimmed |= view.Count > MostHits;
        var (count, least) = (_hits.Count, _least);
        _least = _isTrimmed ? Math.Max(least, LikelyLeast(cosines)) : least;
        TakeNearer(partition, view.Entries, cosines);
        if (_hits.Count < Limit && _least > least)
        {
            // The bound was too high, once in some hundred questions.
            _hits.Shorten(count);
            _least = least;
            TakeNearer(partition, view.Entries, cosines);
        }
    }

    /// <summary>A cosine that twice as many items as are wanted are likely to exceed, by a sample: without a bound thousands would be held and sorted.</summary>
    private float LikelyLeast(ReadOnlySpan<float> cosines)
    {
        var step = Math.Max(SampleStep, cosines.Length / LargestSample);
        var sample = ArrayPool<float>.Shared.Rent((cosines.Length / step) + 1);
        var count = 0;
        for (var at = 0; at < cosines.Length; at += step)
        {
            sample[count++] = cosines[at];
        }

        sample.AsSpan(0, count).Sort();
        var rank = Math.Max(LeastRank, 2 * Limit / step);
        var likely = rank < count ? sample[count - rank] : float.MinValue;
        ArrayPool<float>.Shared.Return(sample);
        return likely;
    }

    private void TakeNearer(VectorPartition partition, ReadOnlySpan<PartitionEntry> entries, ReadOnlySpan<float> cosines)
    {
        var place = 0;
        for (; place + Vector256<float>.Count <= cosines.Length; place += Vector256<float>.Count)
        {
            if (Vector256.GreaterThanAny(Vector256.Create(cosines[place..]), Vector256.Create(_least)))
            {
                TakeFrom(place, place + Vector256<float>.Count, cosines, entries);
            }
        }

        TakeFrom(place, cosines.Length, cosines, entries);

        void TakeFrom(int first, int end, ReadOnlySpan<float> cosines, ReadOnlySpan<PartitionEntry> entries)
        {
            for (var at = first; at < end; at++)
            {
                if (cosines[at] > _least && entries[at].IsUsed)
                {
                    Hold(new ScanHit(partition, at, entries[at].Id, cosines[at]));
                }
            }
        }
    }

    private void Hold(in ScanHit hit)
    {
        _hits.Add(hit);
        if (_hits.Count > (_isTrimmed ? TrimmedHits : MostHits))
        {
            _isTrimmed = true;
            Trim();
        }
    }

    /// <summary>Keeps the nearest, and what full text found.</summary>
    private void Trim()
    {
        // By numbers of their own: asking a function about each pair takes several times as long.
        var distances = ArrayPool<float>.Shared.Rent(_hits.Count);
        var hits = _hits.Span;
        for (var at = 0; at < hits.Length; at++)
        {
            distances[at] = -hits[at].Cosine;
        }

        distances.AsSpan(0, hits.Length).Sort(hits);
        ArrayPool<float>.Shared.Return(distances);
        if (hits.Length <= Limit)
        {
            return;
        }

        _least = hits[Limit - 1].Cosine;
        var kept = Limit;
        foreach (var hit in hits[Limit..])
        {
            if (_lexical.ContainsKey(hit.ItemId))
            {
                hits[kept++] = hit;
            }
        }

        _hits.Shorten(kept);
    }

    private struct Moments
    {
        private long _count;
        private double _sum;
        private double _squares;

        public readonly LegScale? Scale
            => _count == 0 ? null : new(_sum / _count, Math.Sqrt(Math.Max(0, (_squares / _count) - (_sum / _count * (_sum / _count)))));

        /// <summary>Adds values that others of 0 may stand between, which do not count.</summary>
        public void Add(ReadOnlySpan<float> values, int count)
        {
            var (sum, squares, at) = (Vector256<double>.Zero, Vector256<double>.Zero, 0);
            for (; at + Vector128<float>.Count <= values.Length; at += Vector128<float>.Count)
            {
                var (low, high) = Vector128.Widen(Vector128.Create(values[at..]));
                var wide = Vector256.Create(low, high);
                sum += wide;
                squares += wide * wide;
            }

            _count += count;
            _sum += Vector256.Sum(sum);
            _squares += Vector256.Sum(squares);
            for (; at < values.Length; at++)
            {
                _sum += values[at];
                _squares += (double)values[at] * values[at];
            }
        }

        public void Add(double value)
        {
            _count++;
            _sum += value;
            _squares += value * value;
        }
    }
}
