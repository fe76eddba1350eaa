using MemoryMesh.Search.Index.Vectors;

namespace MemoryMesh.Search.Embedding;

/// <summary>What is kept of a text's vectors.</summary>
/// <param name="Pooled">Vector of the text.</param>
/// <param name="Signs">Signs of the kept tokens after <see cref="SignRotation"/>, one bit a dimension; empty when the model gives no token vectors.</param>
internal sealed record EncodedText(RoundedVector Pooled, byte[] Signs);

/// <summary>Turns texts into what the index keeps of their vectors: the same in the process that keeps them and in one that only computes.</summary>
internal static class ItemEncoder
{
    /// <summary>Encodes texts that nobody waits for, in their order.</summary>
    /// <param name="embedder">The model.</param>
    /// <param name="rotation">What token vectors are turned by; null for a model that gives none.</param>
    /// <param name="texts">1 to 256 texts. A model without token vectors takes no notice of the contexts.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="MemoryMesh.ServiceDefaults.Http.DependencyUnavailableException">The model cannot be reached.</exception>
    /// <exception cref="EmbeddingRefusedException">The model does not take one of the texts.</exception>
    public static async Task<IReadOnlyList<EncodedText>> EncodeAsync(
        ITextEmbedder embedder, SignRotation? rotation, IReadOnlyList<TextInContext> texts, CancellationToken cancellationToken)
    {
        if (rotation is null || embedder is not ITokenEmbedder tokens)
        {
            var pooled = await embedder.EmbedInBackgroundAsync([.. texts.Select(text => text.Text)], cancellationToken);
            return [.. pooled.Select(vector => new EncodedText(RoundedVector.Round(vector.Span), []))];
        }

        var encodings = await tokens.EncodeInBackgroundAsync(texts, cancellationToken);
        return [.. encodings.Select(encoding => new EncodedText(RoundedVector.Round(encoding.Pooled.Span), Signs(tokens, rotation, encoding)))];
    }

    private static byte[] Signs(ITokenEmbedder tokens, SignRotation rotation, TextEncoding encoding)
    {
        var ids = encoding.TokenIds.Span;
        var kept = new List<int>(ids.Length);
        for (var token = 0; token < ids.Length; token++)
        {
            if (TokenRules.IsKept(tokens.TokenText(ids[token])))
            {
                kept.Add(token);
            }
        }

        if (kept.Count == 0)
        {
            kept.AddRange(Enumerable.Range(0, ids.Length));
        }

        var size = rotation.Dimensions / 8;
        var signs = new byte[kept.Count * size];
        for (var at = 0; at < kept.Count; at++)
        {
            rotation.Signs(encoding.TokenVectors.Span.Slice(kept[at] * rotation.Dimensions, rotation.Dimensions), signs.AsSpan(at * size, size));
        }

        return signs;
    }
}
