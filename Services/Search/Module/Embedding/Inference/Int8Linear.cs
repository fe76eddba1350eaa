using MemoryMesh.Search.Embedding.Inference.Kernels;
using MemoryMesh.Search.Embedding.Model;

namespace MemoryMesh.Search.Embedding.Inference;

/// <summary>A dense layer with int8 weights; each input row is rounded to 8 bits by its own range.</summary>
internal sealed unsafe class Int8Linear : Linear
{
    private readonly Int8Kernel _kernel;
    private readonly AlignedBuffer<sbyte> _weights;
    private readonly AlignedBuffer<float> _scales;
    private readonly AlignedBuffer<float> _sums;
    private readonly AlignedBuffer<float> _bias;
    private readonly AlignedBuffer<int> _weightSums;

    /// <param name="kernel">Multiplies the matrices.</param>
    /// <param name="parts">Matrices whose outputs follow each other.</param>
    /// <param name="bias">One value for each output.</param>
    public Int8Linear(Int8Kernel kernel, ReadOnlySpan<QuantizedMatrix> parts, ReadOnlySpan<float> bias)
        : base(parts[0].Columns, bias.Length)
    {
        _kernel = kernel;
        _weights = new AlignedBuffer<sbyte>(Inputs * Outputs);
        _scales = new AlignedBuffer<float>(Outputs);
        _sums = new AlignedBuffer<float>(Outputs);
        _bias = AlignedBuffer<float>.Copy(bias);
        _weightSums = new AlignedBuffer<int>(Outputs);
        var output = 0;
        foreach (var part in parts)
        {
            for (var row = 0; row < part.Rows; row++, output++)
            {
                var weights = new ReadOnlySpan<sbyte>(part.Values + ((long)row * Inputs), Inputs);
                kernel.Pack(weights, output, _weights.Pointer);
                var sum = 0;
                foreach (var weight in weights)
                {
                    sum += weight;
                }

                _scales.Pointer[output] = part.Scales[row];
                _sums.Pointer[output] = part.Scales[row] * sum;
                _weightSums.Pointer[output] = sum;
            }
        }
    }

    public override void Apply(float* input, int rows, float* output, EncoderScratch scratch)
    {
        rows = RoundUp(rows);
        RowRounding.Apply(input, rows, Inputs, _kernel, scratch.Rounded);
        var product = new Int8Product
        {
            Input = scratch.Rounded,
            Rows = rows,
            Inputs = Inputs,
            Outputs = Outputs,
            Weights = _weights.Pointer,
            Scales = _scales.Pointer,
            Sums = _sums.Pointer,
            WeightSums = _weightSums.Pointer,
            Bias = _bias.Pointer,
            Output = output,
        };
        if (scratch.Team is { } team)
        {
            team.Multiply(_kernel, product);
        }
        else
        {
            _kernel.Multiply(product);
        }
    }

    public override void Dispose()
    {
        _weights.Dispose();
        _scales.Dispose();
        _sums.Dispose();
        _bias.Dispose();
        _weightSums.Dispose();
    }
}
