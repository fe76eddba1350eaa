using MemoryMesh.Search.Analysis;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Storage;

namespace MemoryMesh.Search.Ranking;

/// <summary>Full text: items that hold words of the query, by BM25.</summary>
internal sealed class LexicalLeg(IItemIndex index)
{
    /// <summary>Most terms of a query; later ones are left out.</summary>
    public const int MaxTerms = 96;

    /// <summary>Finds items.</summary>
    /// <param name="filter">What may be found; nothing else is.</param>
    /// <param name="query">The question, as it was asked.</param>
    /// <param name="names">Names in it that are no words to search by, unless there are no others.</param>
    /// <param name="limit">Most items, from 1.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    public async Task<IReadOnlyList<ScoredItem>> FindAsync(ItemFilter filter, string query, IReadOnlyList<string> names, int limit, CancellationToken cancellationToken)
    {
        var terms = TextAnalyzer.QueryTerms(query, MaxTerms);
        if (names.Count > 0)
        {
            var ofNames = names.SelectMany(name => TextAnalyzer.QueryTerms(name, MaxTerms)).ToHashSet(StringComparer.Ordinal);
            terms = terms.All(ofNames.Contains) ? terms : [.. terms.Where(term => !ofNames.Contains(term))];
        }

        return terms.Count == 0 ? [] : await index.FindAsync(filter, terms, limit, cancellationToken);
    }
}
