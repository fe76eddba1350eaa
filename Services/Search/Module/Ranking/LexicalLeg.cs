using MemoryMesh.Search.Analysis;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Storage;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search.Ranking;

/// <summary>Full text: items that hold words of the query, by BM25.</summary>
internal sealed class LexicalLeg(IItemIndex index, IOptions<SearchOptions> options) : ISearchLeg
{
    /// <summary>Name of the leg.</summary>
    public const string Name = "bm25";

    /// <summary>Most terms of a query; later ones are left out.</summary>
    public const int MaxTerms = 64;

    public async Task<LegResult> FindAsync(ItemFilter filter, string query, int limit, CancellationToken cancellationToken)
    {
        var terms = TextAnalyzer.QueryTerms(query, MaxTerms);
        var items = terms.Count == 0 ? [] : await index.FindAsync(filter, terms, limit, cancellationToken);
        return new LegResult(Name, options.Value.LexicalWeight, NoMatch: 0, items);
    }
}
