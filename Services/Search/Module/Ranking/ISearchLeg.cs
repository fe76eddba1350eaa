using MemoryMesh.Search.Index;

namespace MemoryMesh.Search.Ranking;

/// <summary>One way of searching. All that are registered run for every query, and <see cref="ScoreFusion"/> brings them together.</summary>
internal interface ISearchLeg
{
    /// <summary>Finds items.</summary>
    /// <param name="filter">What may be found; a leg must not return anything else.</param>
    /// <param name="query">The question, as it was asked.</param>
    /// <param name="limit">Most items, from 1.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    Task<LegResult> FindAsync(ItemFilter filter, string query, int limit, CancellationToken cancellationToken);
}
