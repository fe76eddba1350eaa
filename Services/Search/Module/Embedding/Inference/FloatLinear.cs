using System.Numerics;
using System.Runtime.CompilerServices;

namespace MemoryMesh.Search.Embedding.Inference;

/// <summary>A dense layer in single precision: what the int8 layers are measured against.</summary>
internal sealed unsafe class FloatLinear : Linear
{
    private static readonly int Panel = 2 * Vector<float>.Count;

    private readonly AlignedBuffer<float> _weights;
    private readonly AlignedBuffer<float> _bias;

    /// <param name="inputs">Values of an input row.</param>
    /// <param name="weights">Matrix of [outputs, inputs].</param>
    /// <param name="bias">One value for each output.</param>
    public FloatLinear(int inputs, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias)
        : base(inputs, bias.Length)
    {
        _weights = new AlignedBuffer<float>(weights.Length);
        _bias = AlignedBuffer<float>.Copy(bias);
        for (var output = 0; output < Outputs; output++)
        {
            var panel = _weights.Pointer + ((long)(output / Panel) * Panel * inputs);
            for (var input = 0; input < inputs; input++)
            {
                panel[(input * Panel) + (output % Panel)] = weights[(output * inputs) + input];
            }
        }
    }

    public override void Apply(float* input, int rows, float* output, EncoderScratch scratch)
    {
        for (var first = 0; first < Outputs; first += Panel)
        {
            var weights = _weights.Pointer + ((long)first * Inputs);
            for (var row = 0; row < rows; row += RowGroup)
            {
                MultiplyGroup(input + ((long)row * Inputs), weights, _bias.Pointer + first, output + ((long)row * Outputs) + first);
            }
        }
    }

    public override void Dispose()
    {
        _weights.Dispose();
        _bias.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MultiplyGroup(float* a0, float* weights, float* bias, float* output)
    {
        float* a1 = a0 + Inputs, a2 = a1 + Inputs, a3 = a2 + Inputs;
        Vector<float> left0 = Vector.Load(bias), right0 = Vector.Load(bias + Vector<float>.Count);
        Vector<float> left1 = left0, left2 = left0, left3 = left0, right1 = right0, right2 = right0, right3 = right0;
        for (var index = 0; index < Inputs; index++)
        {
            Vector<float> left = Vector.Load(weights), right = Vector.Load(weights + Vector<float>.Count);
            weights += 2 * Vector<float>.Count;
            var value = new Vector<float>(a0[index]);
            left0 = Vector.FusedMultiplyAdd(value, left, left0);
            right0 = Vector.FusedMultiplyAdd(value, right, right0);
            value = new Vector<float>(a1[index]);
            left1 = Vector.FusedMultiplyAdd(value, left, left1);
            right1 = Vector.FusedMultiplyAdd(value, right, right1);
            value = new Vector<float>(a2[index]);
            left2 = Vector.FusedMultiplyAdd(value, left, left2);
            right2 = Vector.FusedMultiplyAdd(value, right, right2);
            value = new Vector<float>(a3[index]);
            left3 = Vector.FusedMultiplyAdd(value, left, left3);
            right3 = Vector.FusedMultiplyAdd(value, right, right3);
        }

        Store(output, left0, right0);
        Store(output + Outputs, left1, right1);
        Store(output + (2 * Outputs), left2, right2);
        Store(output + (3 * Outputs), left3, right3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* output, Vector<float> left, Vector<float> right)
    {
        left.Store(output);
        right.Store(output + Vector<float>.Count);
    }
}
