namespace MemoryMesh.Search.Index.Vectors;

/// <content>What the ranking needs of the items that are worth a second look, and of those around them.</content>
internal sealed partial class VectorScan
{
    private const int NeighbourReach = 2;
    private const int MostAround = 2 * NeighbourReach;

    /// <summary>About how many items are described of a large partition.</summary>
    private const int MostDescribed = 1_024;

    /// <summary>How many items a thread describes before it takes others: some 20 microseconds.</summary>
    private const int Together = 16;

    private int _sessions;

    private void Describe(VectorPartition.View view, IEnumerable<ScanHit> hits, bool exact, int sample, List<VectorMatch> matches)
    {
        var entries = view.Entries;
        var rows = new Dictionary<int, DescribedPlace>(exact ? 0 : MostDescribed);
        var places = new List<int>();
        foreach (var hit in hits)
        {
            if (hit.Place < entries.Length && entries[hit.Place].IsUsed && entries[hit.Place].Id == hit.ItemId && rows.TryAdd(hit.Place, default))
            {
                places.Add(hit.Place);
            }
        }

        Describe(view, places, rows);
        places.Clear();
        Span<(int Place, int Offset)> around = stackalloc (int, int)[MostAround];
        List<int> expanded = exact ? [.. rows.Keys] : BestOf(rows);
        foreach (var place in expanded)
        {
            var found = Around(entries, rows[place], around);
            foreach (var (neighbour, _) in around[..found])
            {
                if (rows.TryAdd(neighbour, default))
                {
                    places.Add(neighbour);
                }
            }
        }

        Describe(view, places, rows);
        foreach (var (place, row) in rows)
        {
            var match = row.Match;
            float[]? before = null;
            var found = Around(entries, row, around);
            foreach (var (neighbour, offset) in around[..found])
            {
                if (offset == -1)
                {
                    match.IsReply = IsReply(entries[place], entries[neighbour]);
                }

                if (rows.TryGetValue(neighbour, out var other))
                {
                    match.Neighbours.Add((other.Match, offset));
                    before = offset == -1 ? other.Match.Best : before;
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

            matches.Add(match);
        }

        SetSessions(entries, rows);
        if (!exact && question.Vectors is { TokenCount: > 0 } vectors)
        {
            var (count, sampled) = (entries.Length, new double?[sample]);
            SharedLoop.Run(sample, Together, step =>
            {
                var signs = view.Signs((int)((long)step * count / sample));
                sampled[step] = signs.Length > 0 ? vectors.MaxSim(vectors.Best(signs), []) : null;
            });
            foreach (var maxSim in sampled)
            {
                if (maxSim is { } value)
                {
                    _maxSims.Add(value);
                }
            }
        }
    }

    /// <summary>Describes places that have no row yet. Most of the time of a search in a large partition goes here, so two threads share it.</summary>
    private void Describe(VectorPartition.View view, List<int> places, Dictionary<int, DescribedPlace> rows)
    {
        var described = new DescribedPlace[places.Count];
        SharedLoop.Run(places.Count, Together, at => described[at] = Describe(view, places[at]));
        for (var at = 0; at < described.Length; at++)
        {
            // Whether a name was asked for is remembered in between, by one thread.
            described[at].Match.IsByNamed = IsByNamed(view, places[at]);
            rows[places[at]] = described[at];
        }
    }

    /// <summary>The best by vector and by words, whose neighbours are looked at.</summary>
    private static List<int> BestOf(Dictionary<int, DescribedPlace> rows)
    {
        var places = new int[rows.Count];
        var distances = new double[rows.Count];
        var best = new HashSet<int>(2 * Expanded);
        foreach (var distance in (ReadOnlySpan<Func<VectorMatch, double>>)[match => -match.Cosine ?? 0, match => -match.Lexical])
        {
            var at = 0;
            foreach (var (place, row) in rows)
            {
                (places[at], distances[at++]) = (place, distance(row.Match));
            }

            distances.AsSpan().Sort(places.AsSpan());
            best.UnionWith(places.Take(Expanded));
        }

        return [.. best];
    }

    private DescribedPlace Describe(VectorPartition.View view, int place)
    {
        ref readonly var entry = ref view.Entries[place];
        var match = new VectorMatch(view.Candidate(place))
        {
            IsListed = IsAllowed(view, place),
            Lexical = _lexical.TryGetValue(entry.Id, out var found) ? found.Score : 0,
            Traits = entry.Traits,
        };
        if (question.Vectors is { } vectors && entry.HasVectors)
        {
            var signs = view.Signs(place);
            match.Cosine = view.Cosine(vectors, place);
            match.Best = vectors.TokenCount > 0 && signs.Length > 0 ? vectors.Best(signs) : null;
        }

        var conversation = view.ConversationOf(place);
        return new(match, conversation, conversation?.PositionOfMember(view.Entries, place) ?? 0);
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

        Span<(int, int)> around = stackalloc (int, int)[MostAround];
        return [.. around[..Around(view.Entries, conversation, conversation.PositionOfMember(view.Entries, place), around)]];
    }

    private static int Around(ReadOnlySpan<PartitionEntry> entries, in DescribedPlace row, Span<(int Place, int Offset)> around)
        => row.Conversation is null ? 0 : Around(entries, row.Conversation, row.Position, around);

    private static int Around(ReadOnlySpan<PartitionEntry> entries, PartitionConversation conversation, int position, Span<(int Place, int Offset)> around)
    {
        var places = conversation.Places;
        var found = 0;
        for (var direction = -1; direction <= 1; direction += 2)
        {
            var at = entries[places[position]].CreatedTicks;
            for (var distance = 1; distance <= NeighbourReach; distance++)
            {
                var other = position + (direction * distance);
                if (other < 0 || other >= places.Count || Math.Abs(entries[places[other]].CreatedTicks - at) > ResidentVectorIndex.SessionGap.Ticks)
                {
                    break;
                }

                at = entries[places[other]].CreatedTicks;
                around[found++] = (places[other], direction * distance);
            }
        }

        return found;
    }

    private void SetSessions(ReadOnlySpan<PartitionEntry> entries, Dictionary<int, DescribedPlace> rows)
    {
        foreach (var ofConversation in rows.Values.Where(row => row.Conversation is not null).GroupBy(row => row.Conversation!))
        {
            var places = ofConversation.Key.Places;
            var at = -1;
            foreach (var row in ofConversation.OrderBy(row => row.Position))
            {
                var same = at >= 0;
                for (; same && at < row.Position; at++)
                {
                    same = entries[places[at + 1]].CreatedTicks - entries[places[at]].CreatedTicks <= ResidentVectorIndex.SessionGap.Ticks;
                }

                at = row.Position;
                row.Match.Session = same ? _sessions : ++_sessions;
            }
        }
    }

    /// <summary>A described item and where it stands in its conversation.</summary>
    private readonly record struct DescribedPlace(VectorMatch Match, PartitionConversation? Conversation, int Position);
}
