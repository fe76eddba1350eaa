using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using MemoryMesh.Search.Analysis;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search.Ranking;

/// <summary>Asks every way of searching and ranks what they find.</summary>
internal sealed partial class ItemRanking(
    LexicalLeg lexical, IVectorIndex vectors, QueryEmbedding embedding, IOptions<SearchOptions> options, TimeProvider clock) : IItemRanking
{
    // Single words are near to many texts.
    private const double OneWordMargin = 0.2;

    /// <inheritdoc/>
    public int CandidatesFor(int topK) => Math.Max(options.Value.Candidates, topK * 4);

    /// <inheritdoc/>
    public Task PrepareAsync(IEnumerable<string> queries, CancellationToken cancellationToken) => embedding.PrepareAsync(queries, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RankedItem>> FindAsync(
        ItemFilter filter, string query, int limit, RankingSettings settings, CancellationToken cancellationToken)
        => FindAsync(filter, query, null, limit, settings, cancellationToken);

    /// <summary>The same for a question whose vectors are known.</summary>
    /// <param name="filter">What may be found.</param>
    /// <param name="query">The question.</param>
    /// <param name="given">Its vectors, of the model that serves; null to compute them here.</param>
    /// <param name="limit">Most candidates of each way of searching.</param>
    /// <param name="settings">How it is ranked.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    public async Task<IReadOnlyList<RankedItem>> FindAsync(
        ItemFilter filter, string query, QueryVectors? given, int limit, RankingSettings settings, CancellationToken cancellationToken)
    {
        var now = settings.AsOf ?? clock.GetUtcNow();
        var weights = settings.Mode == SearchMode.Semantic ? settings.Weights with { Lexical = 0 } : settings.Weights;
        IReadOnlyList<string> names = settings.Mode == SearchMode.FullText ? [] : await vectors.ListFrequentSpeakersAsync(filter, cancellationToken);
        var isEmbedding = new StrongBox<bool>(given is null && settings.Mode != SearchMode.FullText);
        var searching = weights.Lexical == 0
            ? Task.FromResult<IReadOnlyList<ScoredItem>>([])
            : Task.Run(() => FindWordsAsync(filter, query, names, limit, isEmbedding, cancellationToken), cancellationToken);
        if (settings.Mode == SearchMode.FullText)
        {
            var items = await searching;
            return Rank(
                ScoreFusion.Fuse(
                    new([.. items.Select(found => new VectorMatch(found.Item) { Lexical = found.Score })], items.Count, null, null),
                    QuerySigns.None,
                    new RankingWeights { Lexical = 1 },
                    options.Value.LeastCosine),
                weights,
                options.Value,
                now);
        }

        var signs = QuerySigns.Read(query, now);
        var question = (given ?? await embedding.FindAsync(query, cancellationToken))?.Without(WordsOf(names));
        Volatile.Write(ref isEmbedding.Value, false);
        var matches = await vectors.FindAsync(
            new VectorQuestion
            {
                Filter = filter,
                Vectors = question,
                Lexical = await searching,
                IsNamed = signs.IsNamed,
                Covers = signs.NamesTime ? signs.Covers : null,
                Limit = limit,
            },
            cancellationToken);
        var leastCosine = question?.LeastCosine ?? options.Value.LeastCosine;
        if (question is { Fit: < 1 } && settings.Mode == SearchMode.Hybrid)
        {
            // The model does not know the words of the question: the less it does, the more the words themselves decide.
            weights = weights with { Vector = weights.Vector * question.Fit, LateInteraction = weights.LateInteraction * question.Fit };
            leastCosine = 1 - (question.Fit * (1 - leastCosine));
        }

        if (signs.IsOneWord && settings.Mode == SearchMode.Hybrid)
        {
            // Who asks for one word means the word: others come in only when it stands nowhere, and a number or a name with digits is like no other.
            leastCosine = matches.Items.Any(match => match.Lexical > 0) || query.Any(char.IsAsciiDigit) ? double.PositiveInfinity : leastCosine + OneWordMargin;
        }

        return Rank(ScoreFusion.Fuse(matches, signs, weights, leastCosine), weights, options.Value, now);
    }

    /// <summary>Applies importance and decay.</summary>
    public static IReadOnlyList<RankedItem> Rank(IReadOnlyList<FusedItem> items, RankingWeights weights, SearchOptions options, DateTimeOffset now)
        => new RankedItems(items, weights, options, now);

    private async Task<IReadOnlyList<ScoredItem>> FindWordsAsync(
        ItemFilter filter, string query, IReadOnlyList<string> names, int limit, StrongBox<bool> isEmbedding, CancellationToken cancellationToken)
    {
        var found = await lexical.FindAsync(filter, query, names, limit, cancellationToken);

        // Words are mostly found sooner than the question is turned into vectors, and nothing goes on before both are there.
        if (Volatile.Read(ref isEmbedding.Value))
        {
            await embedding.AssistAsync(cancellationToken);
        }

        return found;
    }

    private static HashSet<string> WordsOf(IReadOnlyList<string> names)
        => [.. names.SelectMany(name => NotOfWords().Split(CharacterFolding.Fold(name).ToLowerInvariant())).Where(word => word.Length > 0)];

    [GeneratedRegex(@"[^\p{L}\p{N}]+")]
    private static partial Regex NotOfWords();
}
