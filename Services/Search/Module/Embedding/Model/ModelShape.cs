namespace MemoryMesh.Search.Embedding.Model;

/// <summary>Sizes of a BERT encoder.</summary>
/// <param name="Layers">Transformer layers.</param>
/// <param name="Heads">Attention heads in each; they share the width equally.</param>
/// <param name="Width">Length of a token's vector.</param>
/// <param name="Inner">Width of the feed-forward part.</param>
/// <param name="Tokens">Tokens of the vocabulary.</param>
/// <param name="Positions">Most tokens of one sequence.</param>
internal readonly record struct ModelShape(int Layers, int Heads, int Width, int Inner, int Tokens, int Positions)
{
    /// <summary>Width of one attention head in every BERT model.</summary>
    public const int HeadWidth = 32;

    /// <exception cref="InvalidDataException">These sizes are not of a model that can be computed.</exception>
    public void Check()
    {
        if (Layers is < 1 or > 64 || Width is < 64 or > 4_096 || Width % 192 != 0 || Inner is < 64 or > 16_384 || Inner % 192 != 0
            || Heads * HeadWidth != Width || Tokens is < 1 or > 1_000_000 || Positions is < 16 or > 8_192)
        {
            throw new InvalidDataException($"The model's sizes are not supported: {this}.");
        }
    }
}
