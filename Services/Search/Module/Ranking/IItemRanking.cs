using MemoryMesh.Search.Index;

namespace MemoryMesh.Search.Ranking;

/// <summary>Ranks the items that may answer a question: where the index is, or by asking the process that keeps it.</summary>
internal interface IItemRanking
{
    /// <summary>How many candidates each way of searching gives when so many results are wanted: more, as importance and age change the order.</summary>
    int CandidatesFor(int topK);

    /// <summary>Makes ready for questions that will be asked, together: what they have in common is done once.</summary>
    Task PrepareAsync(IEnumerable<string> queries, CancellationToken cancellationToken);

    /// <summary>The candidates, best first.</summary>
    /// <param name="filter">What may be found.</param>
    /// <param name="query">The question.</param>
    /// <param name="limit">Most candidates of each way of searching.</param>
    /// <param name="settings">How it is ranked.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <exception cref="MemoryMesh.ServiceDefaults.Http.DependencyUnavailableException">What keeps the index cannot be reached.</exception>
    Task<IReadOnlyList<RankedItem>> FindAsync(ItemFilter filter, string query, int limit, RankingSettings settings, CancellationToken cancellationToken);
}
