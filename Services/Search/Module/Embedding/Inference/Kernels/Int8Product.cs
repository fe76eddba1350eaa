namespace MemoryMesh.Search.Embedding.Inference.Kernels;

/// <summary>A product of int8 matrices, and what makes its sums values again.</summary>
/// <remarks>
/// output[row, column] = Input.Scales[row] * Scales[column] * sum(Input.Values[row, i] * weight[column, i]) + Input.Offsets[row] * Sums[column] + Bias[column],
/// where Sums[column] is the scaled sum of the column's weights.
/// </remarks>
internal unsafe struct Int8Product
{
    public RoundedRows Input;
    public int Rows;
    public int Inputs;
    public int Outputs;
    public sbyte* Weights;
    public float* Scales;
    public float* Sums;

    /// <summary>The sum of each column's weights as they are; only <see cref="PairedKernel"/> reads it.</summary>
    public int* WeightSums;

    public float* Bias;
    public float* Output;
}
