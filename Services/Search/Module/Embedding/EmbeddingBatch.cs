using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.Search.Storage;

namespace MemoryMesh.Search.Embedding;

/// <summary>Texts of one or several owners that are embedded together, and what became of them.</summary>
/// <param name="Model">The model.</param>
/// <param name="Owners">Their owners.</param>
internal sealed record EmbeddingBatch(ModelInUse Model, IReadOnlyList<OwnedTexts> Owners)
{
    /// <summary>The texts that have to be computed.</summary>
    public IReadOnlyList<DueText> Missing { get; } = [.. Owners.SelectMany(owner => owner.Missing)];

    /// <summary>What was computed.</summary>
    public Dictionary<EmbeddingTask, EncodedText> Encoded { get; } = [];

    /// <summary>What could not be computed.</summary>
    public Dictionary<EmbeddingTask, EmbeddingFailure> Failures { get; } = [];

    /// <summary>What an embedder is sent of a text.</summary>
    public static TextInContext ToSend(DueText text) => new(text.Content.Embedded, text.Context);
}

/// <summary>Texts of one owner.</summary>
/// <param name="Key">The owner.</param>
/// <param name="Reused">Texts that took over the vectors of an equal one.</param>
/// <param name="Missing">Texts that have to be computed.</param>
internal sealed record OwnedTexts(PartitionKey Key, IReadOnlyList<EmbeddedItem> Reused, IReadOnlyList<DueText> Missing);

/// <summary>A batch that is computed elsewhere.</summary>
/// <param name="Claim">The jobs, which nobody else works on meanwhile.</param>
/// <param name="Batch">Their texts.</param>
/// <param name="Identity">What computes the same elsewhere: <see cref="ITokenEmbedder.Identity"/>.</param>
internal sealed record SharedBatch(EmbeddingClaim Claim, EmbeddingBatch Batch, string Identity);
