namespace MemoryMesh.Search.Embedding.Inference.Kernels;

/// <summary>A product of int8 matrices, and what makes its sums values again.</summary>
/// <remarks>
/// output[row, column] = RowScales[row] * Scales[column] * sum(Input[row, i] * weight[column, i]) + RowOffsets[row] * Sums[column] + Bias[column],
/// where Sums[column] is the scaled sum of the column's weights.
/// </remarks>
internal unsafe struct Int8Product
{
    public byte* Input;
    public float* RowScales;
    public float* RowOffsets;
    public int Rows;
    public int Inputs;
    public int Outputs;
    public sbyte* Weights;
    public float* Scales;
    public float* Sums;
    public float* Bias;
    public float* Output;
}
