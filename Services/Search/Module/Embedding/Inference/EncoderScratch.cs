using MemoryMesh.Search.Embedding.Model;

namespace MemoryMesh.Search.Embedding.Inference;

/// <summary>The space in which one call at a time computes; made once and used again.</summary>
internal sealed unsafe class EncoderScratch : IDisposable
{
    private readonly AlignedBuffer<float> _floats;
    private readonly AlignedBuffer<byte> _rounded;

    /// <param name="shape">Sizes of the model.</param>
    public EncoderScratch(ModelShape shape)
    {
        Capacity = shape.Positions;
        var rows = Capacity + Linear.RowGroup;
        var padded = Attention.Padded(shape.Positions);
        var sizes = (ReadOnlySpan<int>)
        [
            rows * shape.Width, rows * shape.Width, rows * shape.Width, rows * 3 * shape.Width, rows * shape.Inner,
            ModelShape.HeadWidth * padded, Attention.QueryGroup * padded, rows, rows,
        ];
        var total = 0;
        foreach (var size in sizes)
        {
            total += Aligned(size);
        }

        _floats = new AlignedBuffer<float>(total);
        _rounded = new AlignedBuffer<byte>(rows * Math.Max(shape.Width, shape.Inner) * sizeof(short));
        var next = _floats.Pointer;
        Hidden = Take(ref next, sizes[0]);
        Projected = Take(ref next, sizes[1]);
        Mixed = Take(ref next, sizes[2]);
        Attended = Take(ref next, sizes[3]);
        Inner = Take(ref next, sizes[4]);
        Keys = Take(ref next, sizes[5]);
        Scores = Take(ref next, sizes[6]);
        RowScales = Take(ref next, sizes[7]);
        RowOffsets = Take(ref next, sizes[8]);
    }

    /// <summary>Most tokens of a call, over all its sequences.</summary>
    public int Capacity { get; }

    /// <summary>A token's vector, and after a call the result.</summary>
    public float* Hidden { get; }

    /// <summary>What a dense layer adds to <see cref="Hidden"/>.</summary>
    public float* Projected { get; }

    /// <summary>Values mixed by attention.</summary>
    public float* Mixed { get; }

    /// <summary>Query, key and value of each token.</summary>
    public float* Attended { get; }

    /// <summary>The inner part of the feed-forward layers.</summary>
    public float* Inner { get; }

    /// <summary>Keys of one head, by columns.</summary>
    public float* Keys { get; }

    /// <summary>Attention of a group of queries.</summary>
    public float* Scores { get; }

    /// <summary>Input of a dense layer, rounded to bytes that stand in 8 or 16 bits.</summary>
    public byte* Rounded => _rounded.Pointer;

    public float* RowScales { get; }

    public float* RowOffsets { get; }

    /// <summary>Who may help with the products of this computation; null for nobody.</summary>
    public PanelTeam? Team { get; set; }

    public void Dispose()
    {
        _floats.Dispose();
        _rounded.Dispose();
    }

    private static int Aligned(int size) => (size + 15) / 16 * 16;

    private static float* Take(ref float* next, int size)
    {
        var start = next;
        next += Aligned(size);
        return start;
    }
}
