using MemoryMesh.Search.Embedding.Inference.Kernels;
using MemoryMesh.Search.Embedding.Model;

namespace MemoryMesh.Search.Embedding.Inference;

/// <summary>The space in which one call at a time computes; made once and used again.</summary>
internal sealed unsafe class EncoderScratch : IDisposable
{
    private readonly AlignedBuffer<float> _floats;
    private readonly AlignedBuffer<byte> _rounded;
    private readonly AlignedBuffer<int> _numbers;
    private readonly AlignedBuffer<ExtraStep> _steps;

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
        var inputs = rows * Math.Max(shape.Width, shape.Inner);
        _rounded = new AlignedBuffer<byte>(inputs);
        _numbers = new AlignedBuffer<int>((3 * rows) + 1);
        _steps = new AlignedBuffer<ExtraStep>(inputs / PairedRounding.ValuesPerStep, clear: false);
        var next = _floats.Pointer;
        Hidden = Take(ref next, sizes[0]);
        Projected = Take(ref next, sizes[1]);
        Mixed = Take(ref next, sizes[2]);
        Attended = Take(ref next, sizes[3]);
        Inner = Take(ref next, sizes[4]);
        Keys = Take(ref next, sizes[5]);
        Scores = Take(ref next, sizes[6]);
        Rounded = new RoundedRows
        {
            Values = _rounded.Pointer,
            Scales = Take(ref next, sizes[7]),
            Offsets = Take(ref next, sizes[8]),
            Zeros = _numbers.Pointer,
            Shifts = _numbers.Pointer + rows,
            StepStarts = _numbers.Pointer + (2 * rows),
            Steps = _steps.Pointer,
        };
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

    /// <summary>Input of a dense layer, rounded to bytes.</summary>
    public RoundedRows Rounded { get; }

    /// <summary>Who may help with the products of this computation; null for nobody.</summary>
    public PanelTeam? Team { get; set; }

    public void Dispose()
    {
        _floats.Dispose();
        _rounded.Dispose();
        _numbers.Dispose();
        _steps.Dispose();
    }

    private static int Aligned(int size) => (size + 15) / 16 * 16;

    private static float* Take(ref float* next, int size)
    {
        var start = next;
        next += Aligned(size);
        return start;
    }
}
