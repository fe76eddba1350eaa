using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Index.Vectors;

namespace MemoryMesh.Search.Index;

/// <summary>Finds items by the nearness of vectors, and tells of those it finds what their ranking needs. Vectors of two models are never held against each other.</summary>
internal interface IVectorIndex
{
    /// <summary>Takes over changes that the store has made durable. A removed item is found no more from then on.</summary>
    Task ApplyAsync(IReadOnlyList<IndexedItem> items, IReadOnlyList<(PartitionKey Partition, Guid ItemId)> removed, CancellationToken cancellationToken);

    /// <summary>Takes over vectors of a model that the store has made durable.</summary>
    Task ApplyAsync(ModelInUse model, IReadOnlyList<(IndexedItem Item, ItemVectors Vectors)> embedded, CancellationToken cancellationToken);

    /// <summary>Forgets the vectors of a model that is not in use any more.</summary>
    void Forget(ModelInUse model);

    /// <summary>Memory that vectors take, about, and of how many owners.</summary>
    (long Bytes, int Owners) InMemory { get; }

    /// <summary>Gives back memory that was not used lately.</summary>
    void Trim();

    /// <summary>Forgets what is in memory of an owner, or of a whole tenant: the items are read again when they are next asked for.</summary>
    void Forget(Guid tenantId, Guid? ownerKey);

    /// <summary>The names of those who said so much among what may be found that their name tells one message from another hardly.</summary>
    Task<IReadOnlyList<string>> ListFrequentSpeakersAsync(ItemFilter filter, CancellationToken cancellationToken);

    /// <summary>The items that may answer a question: those nearest to its vector and those that full text found, with the messages around the best of them.</summary>
    Task<VectorMatches> FindAsync(VectorQuestion question, CancellationToken cancellationToken);
}

/// <summary>A question to the index. The filter with its tenant is not optional.</summary>
internal sealed record VectorQuestion
{
    /// <summary>What may be found; nothing else is.</summary>
    public required ItemFilter Filter { get; init; }

    /// <summary>The question as vectors; null when there is no model, then only what full text found is described.</summary>
    public required QueryVectors? Vectors { get; init; }

    /// <summary>What full text found.</summary>
    public required IReadOnlyList<ScoredItem> Lexical { get; init; }

    /// <summary>Whether a name stands in the question.</summary>
    public required Func<string, bool> IsNamed { get; init; }

    /// <summary>Whether a time that the question names covers a moment; null when it names none.</summary>
    public Func<DateTimeOffset, bool>? Covers { get; init; }

    /// <summary>Most items by vector.</summary>
    public required int Limit { get; init; }
}

/// <summary>Mean and standard deviation of a leg's scores over all items that were looked at.</summary>
internal readonly record struct LegScale(double Mean, double Deviation)
{
    /// <summary>A score in deviations from the mean.</summary>
    public double Standardise(double score) => Deviation > 1e-12 ? (score - Mean) / Deviation : 0;
}

/// <summary>What the index found, in no order.</summary>
/// <param name="Items">The items.</param>
/// <param name="Total">How many items the filter lets through, found or not.</param>
/// <param name="Cosine">Scale of the cosines of pooled vectors; null when none was compared.</param>
/// <param name="MaxSim">Scale of late interaction; null when none was compared.</param>
internal sealed record VectorMatches(IReadOnlyList<VectorMatch> Items, int Total, LegScale? Cosine, LegScale? MaxSim)
{
    /// <summary>How many of <see cref="Total"/> lie in a time that the question names.</summary>
    public int Covered { get; init; }
}

/// <summary>An item that may answer the question.</summary>
internal sealed class VectorMatch(Candidate item)
{
    /// <summary>The item.</summary>
    public Candidate Item { get; } = item;

    /// <summary>Whether the filter lets it through. Others are there for what they tell of their neighbours.</summary>
    public bool IsListed { get; set; } = true;

    /// <summary>BM25; 0 when no word matched.</summary>
    public double Lexical { get; set; }

    /// <summary>Cosine of the pooled vectors; null when it has none yet.</summary>
    public double? Cosine { get; set; }

    /// <summary>For each token of the question the best product with one of its tokens; null when it has no token vectors.</summary>
    public float[]? Best { get; set; }

    /// <summary>Late interaction; null when it has no token vectors.</summary>
    public double? MaxSim { get; set; }

    /// <summary>What the legs alone add up to, each by its weight.</summary>
    public double LegSum { get; set; }

    /// <summary>Whether the one participant of its conversation whom the question names said it.</summary>
    public bool IsByNamed { get; set; }

    /// <summary>Traits of its text.</summary>
    public TextTraits Traits { get; set; }

    /// <summary>Which run of messages of the answer it belongs to; 0 for none.</summary>
    public int Session { get; set; }

    /// <summary>Whether the message before it in the same run is a question that somebody else asked.</summary>
    public bool IsReply { get; set; }

    /// <summary>The messages up to two places away in the same run, as far as they were looked at; those before have a negative offset.</summary>
    public List<(VectorMatch Match, int Offset)> Neighbours { get; } = [];
}
