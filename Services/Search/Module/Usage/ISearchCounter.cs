namespace MemoryMesh.Search.Usage;

/// <summary>What was searched for.</summary>
internal enum SearchedKind
{
    /// <summary>Messages.</summary>
    Messages,

    /// <summary>Memories.</summary>
    Memories,

    /// <summary>Memories that a context needed.</summary>
    Context,
}

/// <summary>Counts searches. A search waits neither for a disk nor for another process.</summary>
internal interface ISearchCounter
{
    /// <summary>Counts a search.</summary>
    void Count(Guid tenantId, SearchedKind kind);
}

/// <summary>Searches of a tenant within a quarter of an hour.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="Quarter">Number of the quarter hour.</param>
/// <param name="Counts">How many, in the order of <see cref="SearchedKind"/>.</param>
internal sealed record CountedSearches(Guid TenantId, long Quarter, IReadOnlyList<long> Counts);

/// <summary>Counts in memory until they are taken.</summary>
internal sealed class SearchTally
{
    /// <summary>How many kinds there are.</summary>
    public static readonly int Kinds = Enum.GetValues<SearchedKind>().Length;

    private readonly Lock _gate = new();
    private Dictionary<(Guid TenantId, long Quarter), long[]> _counts = [];

    /// <summary>Adds one.</summary>
    public void Add(Guid tenantId, long quarter, SearchedKind kind)
    {
        lock (_gate)
        {
            Of(tenantId, quarter)[(int)kind]++;
        }
    }

    /// <summary>Adds what was taken before and could not be kept.</summary>
    public void Add(IReadOnlyList<CountedSearches> searches)
    {
        lock (_gate)
        {
            foreach (var counted in searches)
            {
                var sum = Of(counted.TenantId, counted.Quarter);
                for (var kind = 0; kind < sum.Length; kind++)
                {
                    sum[kind] += counted.Counts[kind];
                }
            }
        }
    }

    /// <summary>Takes what was counted.</summary>
    public IReadOnlyList<CountedSearches> Take()
    {
        Dictionary<(Guid TenantId, long Quarter), long[]> counts;
        lock (_gate)
        {
            (counts, _counts) = (_counts, []);
        }

        return [.. counts.Select(pair => new CountedSearches(pair.Key.TenantId, pair.Key.Quarter, pair.Value))];
    }

    private long[] Of(Guid tenantId, long quarter)
    {
        if (!_counts.TryGetValue((tenantId, quarter), out var counts))
        {
            _counts[(tenantId, quarter)] = counts = new long[Kinds];
        }

        return counts;
    }
}
