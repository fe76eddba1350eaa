using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace MemoryMesh.Search.Embedding.Inference.Kernels;

/// <summary>Multiplies int8 matrices with the instructions of one kind of processor.</summary>
internal abstract unsafe class Int8Kernel
{
    /// <summary>Largest byte of the input, the same for all kernels, so that a text has the same vector on every processor.</summary>
    public const int Levels = 255;

    private const int CacheLine = 64;

    /// <summary>Name in settings, logs and benchmarks.</summary>
    public abstract string Name { get; }

    /// <summary>Whether this processor has the instructions.</summary>
    public abstract bool IsSupported { get; }

    /// <summary>Whether the input's bytes are signed, and shifted down by 128.</summary>
    public virtual bool HasSignedInput => false;

    /// <summary>Neighbouring inputs that an instruction multiplies and adds in one step.</summary>
    protected virtual int Group => 4;

    /// <summary>Outputs that are computed together; divides 192, as every model's outputs are a multiple of that.</summary>
    protected abstract int Panel { get; }

    /// <summary>Puts the weights of one output where <see cref="Multiply"/> reads them: by panels, in these by groups of inputs, in these by outputs.</summary>
    public virtual void Pack(ReadOnlySpan<sbyte> weights, int output, sbyte* packed)
    {
        var target = packed + ((long)(output / Panel) * Panel * weights.Length) + (output % Panel * Group);
        if (Group == sizeof(int))
        {
            // As numbers of four bytes: a model has twenty million weights.
            foreach (var group in MemoryMarshal.Cast<sbyte, int>(weights))
            {
                Unsafe.WriteUnaligned(target, group);
                target += Group * Panel;
            }

            return;
        }

        for (var input = 0; input < weights.Length; input++)
        {
            target[(input / Group * Group * Panel) + (input % Group)] = weights[input];
        }
    }

    /// <summary>Into how many panels the outputs of a product fall.</summary>
    public int PanelsOf(in Int8Product product) => product.Outputs / Panel;

    /// <summary>Computes the product; its rows are a multiple of <see cref="Linear.RowGroup"/>, its inputs and outputs of 192.</summary>
    public void Multiply(in Int8Product product)
    {
        for (var panel = 0; panel < PanelsOf(product); panel++)
        {
            MultiplyPanel(product, panel, ahead: 1);
        }
    }

    /// <summary>Computes one panel of the product.</summary>
    /// <param name="product">The product.</param>
    /// <param name="panel">Which panel.</param>
    /// <param name="ahead">How many panels farther the one stands that this thread will probably compute next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void MultiplyPanel(in Int8Product product, int panel, int ahead)
    {
        // A panel of weights stays in the first-level cache while all rows pass by it; the next is fetched meanwhile, as the weights of a
        // model are more than the second level holds.
        var panelLength = Panel * product.Inputs;
        var step = (panelLength * Linear.RowGroup / product.Rows / CacheLine * CacheLine) + CacheLine;
        var first = panel * Panel;
        var next = product.Weights + ((long)(first + (ahead * Panel)) * product.Inputs);
        var end = first + (ahead * Panel) < product.Outputs ? next + panelLength : next;
        for (var row = 0; row < product.Rows; row += Linear.RowGroup)
        {
            for (var until = next + step; next < end && next < until; next += CacheLine)
            {
                Prefetch(next);
            }

            MultiplyGroup(product, row, first);
        }
    }

    /// <summary>Computes <see cref="Linear.RowGroup"/> rows of one panel.</summary>
    protected abstract void MultiplyGroup(in Int8Product product, int row, int first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(sbyte* line)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch1(line);
        }
    }
}
