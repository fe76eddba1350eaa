using System.Runtime.InteropServices;

namespace MemoryMesh.Search.Embedding.Model;

/// <summary>What the token vectors of bge-small-en-v1.5 have in common, whatever the token: their mean.</summary>
/// <remarks>
/// It makes up two fifths of a token's length squared and tells nothing. Taken off, the rest stands out: one bit a dimension then keeps what tells two
/// tokens apart, not on which side of it the mean lies (Mu and Viswanath, "All-but-the-Top", ICLR 2018, of word vectors). It is that of the model's
/// commonest words, each alone, so no text had a part in it; tools/ModelConverter computes it.
/// </remarks>
internal static class TokenMean
{
    private const string Resource = "MemoryMesh.Search.Embedding.token-mean.f32";

    /// <summary>The mean of the token vectors, each of length 1.</summary>
    public static float[] Read()
    {
        using var stream = typeof(TokenMean).Assembly.GetManifestResourceStream(Resource)!;
        var values = new float[stream.Length / sizeof(float)];
        stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}
