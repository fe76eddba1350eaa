using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MemoryMesh.Memory.Text;

/// <summary>Weights of words and of what stands together, learned by a logistic regression: a byte for each place that features are hashed to.</summary>
/// <remarks>The files are made by the benchmarks ("orders train", "statements train"): the step that a byte counts in, the bias, and the bytes.</remarks>
internal sealed class WordWeights(sbyte[] weights, float step, float bias)
{
    /// <summary>How many places there are for weights; two features may share one.</summary>
    public const int Places = 1 << 18;

    /// <summary>Reads weights from a resource of this assembly.</summary>
    public static WordWeights FromResource(string name)
    {
        using var stream = typeof(WordWeights).Assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[(2 * sizeof(float)) + Places];
        stream.ReadExactly(bytes);
        return new WordWeights(
            MemoryMarshal.Cast<byte, sbyte>(bytes.AsSpan(2 * sizeof(float))).ToArray(), BinaryPrimitives.ReadSingleLittleEndian(bytes), BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(sizeof(float))));
    }

    /// <summary>Writes them as <see cref="FromResource"/> reads them.</summary>
    public void Write(string path)
    {
        var bytes = new byte[(2 * sizeof(float)) + Places];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, step);
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(sizeof(float)), bias);
        MemoryMarshal.AsBytes(weights.AsSpan()).CopyTo(bytes.AsSpan(2 * sizeof(float)));
        File.WriteAllBytes(path, bytes);
    }

    /// <summary>Adds the place of a feature, by FNV-1a, which is the same in every process.</summary>
    public static void Add(HashSet<int> places, params ReadOnlySpan<string> parts)
    {
        var hash = 2166136261u;
        foreach (var part in parts)
        {
            foreach (var c in part)
            {
                hash = (hash ^ c) * 16777619;
            }

            hash = (hash ^ ' ') * 16777619;
        }

        places.Add((int)((hash ^ (hash >> 17)) & (Places - 1)));
    }

    /// <summary>The logarithm of the odds that a text with these features is of the kind that was learned.</summary>
    public float Weigh(IReadOnlyCollection<int> places)
    {
        var sum = 0;
        foreach (var place in places)
        {
            sum += weights[place];
        }

        return bias + (step * sum / MathF.Sqrt(places.Count));
    }
}
