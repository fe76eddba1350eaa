using System.IO.MemoryMappedFiles;

namespace MemoryMesh.Search.Embedding.Model;

/// <summary>The weights of a BERT encoder by the names Hugging Face gives them; matrices are [outputs, inputs].</summary>
internal interface IModelTensors : IDisposable
{
    ModelShape Shape { get; }

    /// <summary>Whether matrices are stored, and to be computed, as int8.</summary>
    bool IsQuantized { get; }

    /// <summary>A tensor in full precision; int8 matrices are multiplied with their scales.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor, or it has another shape.</exception>
    float[] ReadFloats(string name, int rows, int columns);

    /// <summary>A matrix as it is stored; valid until this is unmapped or disposed.</summary>
    /// <exception cref="InvalidDataException">There is no such int8 matrix, or it has another shape.</exception>
    QuantizedMatrix ReadQuantized(string name, int rows, int columns);

    /// <summary>Keeps nothing in memory that was read so far: all but <see cref="MapQuantized"/> has been used.</summary>
    void Unmap();

    /// <summary>The same, of which only what is read takes memory, and which lives on when this is disposed.</summary>
    /// <exception cref="InvalidDataException">There is no such int8 matrix, or it has another shape.</exception>
    MappedMatrix MapQuantized(string name, int rows, int columns);
}

/// <summary>An int8 matrix: value = scale of the row * stored number, which is -127 to 127.</summary>
internal readonly unsafe struct QuantizedMatrix(sbyte* values, float* scales, int rows, int columns)
{
    public sbyte* Values => values;

    public float* Scales => scales;

    public int Rows => rows;

    public int Columns => columns;
}

/// <summary>An int8 matrix in a part of a file that is mapped for it alone.</summary>
internal sealed unsafe class MappedMatrix : IDisposable
{
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;

    /// <param name="view">The part of the file: scales, then values. Disposed with this.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="columns">Values of a row.</param>
    public MappedMatrix(MemoryMappedViewAccessor view, int rows, int columns)
    {
        _view = view;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        var scales = _start + view.PointerOffset;
        Matrix = new QuantizedMatrix((sbyte*)(scales + (4L * rows)), (float*)scales, rows, columns);
    }

    public QuantizedMatrix Matrix { get; }

    public void Dispose()
    {
        if (!_view.SafeMemoryMappedViewHandle.IsClosed)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
        }
    }
}
