using MemoryMesh.Search.Embedding.Inference.Kernels;
using MemoryMesh.Search.Embedding.Model;

namespace MemoryMesh.Search.Embedding.Inference;

/// <summary>A dense layer with int8 weights, which lie in memory as the kernel reads them; each input row is rounded to 8 bits by its own range.</summary>
internal sealed unsafe class Int8Linear : Linear
{
    private readonly Int8Kernel _kernel;
    private readonly Func<IEnumerable<MappedMatrix>> _map;
    private AlignedBuffer<sbyte> _weights;
    private readonly AlignedBuffer<float> _scales;
    private readonly AlignedBuffer<float> _sums;
    private readonly AlignedBuffer<float> _bias;
    private readonly AlignedBuffer<int> _weightSums;

    /// <param name="kernel">Multiplies the matrices.</param>
    /// <param name="inputs">Values of an input row.</param>
    /// <param name="map">Maps the matrices whose outputs follow each other; disposed of when they have been read.</param>
    /// <param name="bias">One value for each output.</param>
    public Int8Linear(Int8Kernel kernel, int inputs, Func<IEnumerable<MappedMatrix>> map, ReadOnlySpan<float> bias)
        : base(inputs, bias.Length)
    {
        _kernel = kernel;
        _map = map;
        _scales = new AlignedBuffer<float>(Outputs);
        _sums = new AlignedBuffer<float>(Outputs);
        _bias = AlignedBuffer<float>.Copy(bias);
        _weightSums = new AlignedBuffer<int>(Outputs);
        _weights = Pack((weights, scale, output) =>
        {
            var sum = 0;
            foreach (var weight in weights)
            {
                sum += weight;
            }

            _scales.Pointer[output] = scale;
            _sums.Pointer[output] = scale * sum;
            _weightSums.Pointer[output] = sum;
        });
    }

    private delegate void RowReader(ReadOnlySpan<sbyte> weights, float scale, int output);

    public override void Release() => _weights.Dispose();

    public override void Restore() => _weights = Pack(static (_, _, _) => { });

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

    private AlignedBuffer<sbyte> Pack(RowReader read)
    {
        var packed = new AlignedBuffer<sbyte>(Inputs * Outputs);
        var output = 0;
        foreach (var mapped in _map())
        {
            using (mapped)
            {
                var part = mapped.Matrix;
                for (var row = 0; row < part.Rows; row++, output++)
                {
                    var weights = new ReadOnlySpan<sbyte>(part.Values + ((long)row * Inputs), Inputs);
                    _kernel.Pack(weights, output, packed.Pointer);
                    read(weights, part.Scales[row], output);
                }
            }
        }

        return packed;
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
