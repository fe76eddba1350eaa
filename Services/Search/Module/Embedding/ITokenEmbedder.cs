namespace MemoryMesh.Search.Embedding;

/// <summary>An embedder that also gives a vector for each token of a text, for late interaction.</summary>
internal interface ITokenEmbedder : ITextEmbedder
{
    /// <summary>
    /// Names everything that the vectors of a text depend on: program, model and settings. Whoever has the same computes the same. Null when nobody else can compute for it.
    /// </summary>
    string? Identity => null;

    /// <summary>The vector of each text and of its tokens, in the order of the texts.</summary>
    /// <param name="texts">1 to 256 texts.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="MemoryMesh.ServiceDefaults.Http.DependencyUnavailableException">The model cannot be reached.</exception>
    ValueTask<IReadOnlyList<TextEncoding>> EncodeAsync(IReadOnlyList<TextInContext> texts, CancellationToken cancellationToken);

    /// <summary>The same for texts that nobody waits for: a part of the threads is left to others while these ask.</summary>
    /// <inheritdoc cref="EncodeAsync"/>
    ValueTask<IReadOnlyList<TextEncoding>> EncodeInBackgroundAsync(IReadOnlyList<TextInContext> texts, CancellationToken cancellationToken);

    /// <summary>Lends this thread to a text that somebody waits for, if one is being computed here, until that is done. An embedder that computes elsewhere has no use for it.</summary>
    void Assist()
    {
    }

    /// <summary>What a token of <see cref="TextEncoding.TokenIds"/> stands for; one that continues a word starts with <c>##</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No token has this id.</exception>
    string TokenText(int id);
}

/// <summary>A text to encode.</summary>
/// <param name="Text">The text itself.</param>
/// <param name="Context">
/// What was said before it, or null. Its last tokens stand before the text when the token vectors are computed;
/// the pooled vector is that of the text alone, which ranks better.
/// </param>
internal readonly record struct TextInContext(string Text, string? Context = null);

/// <summary>A text as vectors.</summary>
/// <param name="Pooled">Vector of the text, of length 1.</param>
/// <param name="TokenIds">The text's tokens, without the model's own marks and without the context.</param>
/// <param name="TokenVectors">
/// One vector of length 1 for each token, one after the other, from which what all tokens of the model have in common was taken off.
/// </param>
internal sealed record TextEncoding(ReadOnlyMemory<float> Pooled, ReadOnlyMemory<int> TokenIds, ReadOnlyMemory<float> TokenVectors);
