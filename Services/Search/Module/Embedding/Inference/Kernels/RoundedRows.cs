namespace MemoryMesh.Search.Embedding.Inference.Kernels;

/// <summary>Rows of activations, rounded to bytes by <see cref="RowRounding"/>.</summary>
internal unsafe struct RoundedRows
{
    /// <summary>The bytes, by rows, as the kernel wants them.</summary>
    public byte* Values;

    /// <summary>What a byte's step is worth, for each row.</summary>
    public float* Scales;

    /// <summary>What byte 0 is worth, for each row.</summary>
    public float* Offsets;

    /// <summary>The byte from which those of the row are counted; this and what follows is for <see cref="PairedKernel"/> alone.</summary>
    public int* Zeros;

    /// <summary>What is to be added to each sum of the row because its weights are counted from -128.</summary>
    public int* Shifts;

    /// <summary>Where the row's steps begin in <see cref="Steps"/>; the row after it tells where they end.</summary>
    public int* StepStarts;

    /// <summary>What of a row's values is too far from its zero for one step; at most one for every four values.</summary>
    public ExtraStep* Steps;
}

/// <summary>Four bytes that are multiplied and added once more.</summary>
/// <param name="Offset">Which input of the row they begin at.</param>
/// <param name="Values">The four signed bytes.</param>
internal readonly record struct ExtraStep(int Offset, int Values);
