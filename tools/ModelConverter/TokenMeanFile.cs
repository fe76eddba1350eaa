using MemoryMesh.Search.Embedding.Inference;
using MemoryMesh.Search.Embedding.Inference.Kernels;
using MemoryMesh.Search.Embedding.Model;
using MemoryMesh.Search.Embedding.Tokenization;
using MemoryMesh.Search.Index.Vectors;

namespace MemoryMesh.ModelConverter;

/// <summary>Computes what the token vectors of a model have in common.</summary>
internal static unsafe class TokenMeanFile
{
    private const int Words = 3_000;

    // Before it the vocabulary holds marks, unused places and single characters; then words follow by falling frequency.
    private const int FirstWord = 1_996;

    /// <summary>Writes the mean of the token vectors, each of length 1, of the commonest words that tell something, each alone, as floats.</summary>
    /// <returns>Of how many words it is.</returns>
    public static int Write(string target, IModelTensors tensors, Vocabulary vocabulary)
    {
        using var encoder = new Encoder(tensors, Int8Kernels.Choose(""));
        using var scratch = new EncoderScratch(encoder.Shape);
        var words = Enumerable.Range(FirstWord, vocabulary.Count - FirstWord).Where(id => vocabulary[id].All(char.IsAsciiLetter)).Take(Words)
            .Where(id => TokenRules.IsKept(vocabulary[id])).ToList();
        var width = encoder.Shape.Width;
        var sums = new double[width];
        var vector = new float[width];
        foreach (var word in words)
        {
            encoder.Run([vocabulary.Start, word, vocabulary.End], [3], firstOnly: false, scratch);
            Functions.ToUnitLength(scratch.Hidden + width, width, vector);
            for (var column = 0; column < width; column++)
            {
                sums[column] += vector[column];
            }
        }

        using var writer = new BinaryWriter(File.Create(target));
        foreach (var sum in sums)
        {
            writer.Write((float)(sum / words.Count));
        }

        return words.Count;
    }
}
