using System.Runtime.InteropServices;

namespace MemoryMesh.Search.Embedding.Inference.Kernels;

/// <summary>
/// For processors that multiply unsigned by signed bytes and add neighbouring products in 16 bits, which hold -32,768 to 32,767 and cut off what is beyond.
/// </summary>
/// <remarks>
/// Exact all the same, and faster than multiplying 16-bit numbers. The weights are the unsigned side, counted from -128, so at most 255. The inputs are counted from the byte that stands for 0,
/// where most of them are near: no pair of products is too much as long as the positive inputs of a pair add up to at most <see cref="HighestPair"/> and the negative ones to at least
/// <see cref="LowestPair"/> (255 * 127 = 32,385, 255 * 128 = 32,640). What an input has beyond that is multiplied in a step of its own (<see cref="ExtraStep"/>), which few rows need.
/// With w the weights, x the input's bytes and z the row's zero: sum(x * w) = sum((x - z) * (w + 128)) - 128 * sum(x - z) + z * sum(w).
/// </remarks>
internal abstract unsafe class PairedKernel : Int8Kernel
{
    /// <summary>What is added to each weight.</summary>
    public const int WeightShift = 128;

    /// <summary>Most that the positive inputs of a pair may add up to.</summary>
    public const int HighestPair = sbyte.MaxValue;

    /// <summary>Least that the negative inputs of a pair may add up to.</summary>
    public const int LowestPair = sbyte.MinValue;

    protected const int Quad = 4;

    private const ulong HighestBits = 0x8080_8080_8080_8080;

    protected override int Group => Quad;

    public override void Pack(ReadOnlySpan<sbyte> weights, int output, sbyte* packed)
    {
        // Adding 128 turns the highest bit, here of eight at a time: inputs are a multiple of that.
        Span<sbyte> shifted = stackalloc sbyte[weights.Length];
        var from = MemoryMarshal.Cast<sbyte, ulong>(weights);
        var to = MemoryMarshal.Cast<sbyte, ulong>(shifted);
        for (var at = 0; at < from.Length; at++)
        {
            to[at] = from[at] ^ HighestBits;
        }

        base.Pack(shifted, output, packed);
    }

    /// <summary>Rounds a row with this kernel's vectors; see <see cref="PairedRounding"/>.</summary>
    public abstract bool TryRound(float* values, int columns, float lowest, float inverse, int zero, ref PairedRounding.StepSplitter split, out int sum);
}
