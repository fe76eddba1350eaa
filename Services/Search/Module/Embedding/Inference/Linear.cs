namespace MemoryMesh.Search.Embedding.Inference;

/// <summary>A dense layer: output = weights * input + bias, for many rows at once.</summary>
internal abstract unsafe class Linear(int inputs, int outputs) : IDisposable
{
    /// <summary>Rows are computed in groups of this many; buffers have room for a whole last group.</summary>
    public const int RowGroup = 4;

    public int Inputs => inputs;

    public int Outputs => outputs;

    /// <param name="input">Rows of <see cref="Inputs"/> values.</param>
    /// <param name="rows">How many rows; rounded up to <see cref="RowGroup"/>, so the buffers go that far.</param>
    /// <param name="output">Receives rows of <see cref="Outputs"/> values.</param>
    /// <param name="scratch">Space for the input as int8.</param>
    public abstract void Apply(float* input, int rows, float* output, EncoderScratch scratch);

    /// <summary>Gives back the memory of what <see cref="Restore"/> reads again. Nothing is computed until then.</summary>
    public virtual void Release()
    {
    }

    /// <summary>Reads again what was given back.</summary>
    public virtual void Restore()
    {
    }

    public abstract void Dispose();

    protected static int RoundUp(int rows) => (rows + RowGroup - 1) / RowGroup * RowGroup;
}
