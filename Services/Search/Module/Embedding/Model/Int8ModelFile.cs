using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;
using System.Text;

namespace MemoryMesh.Search.Embedding.Model;

/// <summary>The file format of the shipped model: int8 matrices with a scale for each row, the rest in single precision.</summary>
/// <remarks>
/// Little endian. Magic "MMESHINT" (8 bytes), format version, the six numbers of <see cref="ModelShape"/> and the number of tensors (uint32 each);
/// then each tensor: length of its name (uint16), kind (uint16, 0 single precision, 1 int8), rows and columns (uint32), name (UTF-8), zeros to
/// the next multiple of 64 in the file, for int8 one single-precision scale a row, then the values by rows. Zeros to a multiple of 64, and last
/// the SHA-256 of everything before it.
/// </remarks>
internal sealed unsafe class Int8ModelFile : IModelTensors
{
    public const uint Version = 1;

    private const int Alignment = 64;
    private const int HeaderLength = 40;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">The file is not of this format or version, or is damaged.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public Int8ModelFile(string path)
    {
        var length = new FileInfo(path).Length;
        if (length is < HeaderLength + SHA256.HashSizeInBytes or > int.MaxValue)
        {
            throw new InvalidDataException("The model file has no sensible length.");
        }

        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        _view = _file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        try
        {
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
            Shape = ReadEntries(new ReadOnlySpan<byte>(_start, (int)length));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private enum Kind : ushort
    {
        Float = 0,
        Int8 = 1,
    }

    public ModelShape Shape { get; }

    public bool IsQuantized => true;

    private static ReadOnlySpan<byte> Magic => "MMESHINT"u8;

    /// <summary>Writes a model: matrices that are multiplied or looked up by token as int8, everything else as it is.</summary>
    public static void Write(Stream stream, IModelTensors model)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var writer = new Writer(stream, hash);
        var tensors = Tensors(model.Shape).ToList();
        writer.Bytes(Magic);
        writer.Number(Version);
        foreach (var number in (ReadOnlySpan<int>)
            [model.Shape.Layers, model.Shape.Heads, model.Shape.Width, model.Shape.Inner, model.Shape.Tokens, model.Shape.Positions, tensors.Count])
        {
            writer.Number((uint)number);
        }

        foreach (var (name, rows, columns, kind) in tensors)
        {
            var bytes = Encoding.UTF8.GetBytes(name);
            writer.Number((uint)bytes.Length | ((uint)kind << 16));
            writer.Number((uint)rows);
            writer.Number((uint)columns);
            writer.Bytes(bytes);
            writer.Align();
            var values = model.ReadFloats(name, rows, columns);
            if (kind == Kind.Float)
            {
                writer.Floats(values);
            }
            else
            {
                var (quantized, scales) = RowQuantization.Quantize(values, rows, columns);
                writer.Floats(scales);
                writer.Bytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(quantized.AsSpan()));
            }
        }

        writer.Align();
        stream.Write(hash.GetHashAndReset());
    }

    public float[] ReadFloats(string name, int rows, int columns)
    {
        var entry = Find(name, rows, columns);
        var count = rows * columns;
        if (entry.Kind == Kind.Float)
        {
            return new ReadOnlySpan<float>(_start + entry.Data, count).ToArray();
        }

        var matrix = ReadQuantized(name, rows, columns);
        var values = new float[count];
        for (var index = 0; index < count; index++)
        {
            values[index] = matrix.Scales[index / columns] * matrix.Values[index];
        }

        return values;
    }

    public QuantizedMatrix ReadQuantized(string name, int rows, int columns)
    {
        var entry = Find(name, rows, columns);
        return entry.Kind == Kind.Int8
            ? new QuantizedMatrix((sbyte*)(_start + entry.Data + (4L * rows)), (float*)(_start + entry.Data), rows, columns)
            : throw NotQuantized(name);
    }

    public MappedMatrix MapQuantized(string name, int rows, int columns)
    {
        var entry = Find(name, rows, columns);
        return entry.Kind == Kind.Int8
            ? new MappedMatrix(_file.CreateViewAccessor(entry.Data, SizeOf(entry.Kind, rows, columns), MemoryMappedFileAccess.Read), rows, columns)
            : throw NotQuantized(name);
    }

    public void Unmap()
    {
        if (!_view.SafeMemoryMappedViewHandle.IsClosed)
        {
            if (_start is not null)
            {
                _view.SafeMemoryMappedViewHandle.ReleasePointer();
            }

            _view.Dispose();
        }
    }

    public void Dispose()
    {
        Unmap();
        _file.Dispose();
    }

    private static IEnumerable<(string Name, int Rows, int Columns, Kind Kind)> Tensors(ModelShape shape)
    {
        yield return (TensorNames.Words, shape.Tokens, shape.Width, Kind.Int8);
        yield return (TensorNames.Positions, shape.Positions, shape.Width, Kind.Float);
        yield return (TensorNames.Types, 2, shape.Width, Kind.Float);
        foreach (var vector in Norm(TensorNames.EmbeddingNorm, shape))
        {
            yield return vector;
        }

        for (var layer = 0; layer < shape.Layers; layer++)
        {
            (string Part, int Outputs, int Inputs)[] matrices =
            [
                (TensorNames.Query, shape.Width, shape.Width), (TensorNames.Key, shape.Width, shape.Width), (TensorNames.Value, shape.Width, shape.Width),
                (TensorNames.AttentionOutput, shape.Width, shape.Width), (TensorNames.Inner, shape.Inner, shape.Width), (TensorNames.Output, shape.Width, shape.Inner),
            ];
            foreach (var (part, outputs, inputs) in matrices)
            {
                var name = TensorNames.OfLayer(layer, part);
                yield return (TensorNames.Weight(name), outputs, inputs, Kind.Int8);
                yield return (TensorNames.Bias(name), 1, outputs, Kind.Float);
            }

            foreach (var part in new[] { TensorNames.AttentionNorm, TensorNames.OutputNorm })
            {
                foreach (var vector in Norm(TensorNames.OfLayer(layer, part), shape))
                {
                    yield return vector;
                }
            }
        }
    }

    private static IEnumerable<(string Name, int Rows, int Columns, Kind Kind)> Norm(string part, ModelShape shape)
        => [(TensorNames.Weight(part), 1, shape.Width, Kind.Float), (TensorNames.Bias(part), 1, shape.Width, Kind.Float)];

    private static long SizeOf(Kind kind, long rows, long columns) => kind == Kind.Int8 ? (rows * columns) + (4 * rows) : 4 * rows * columns;

    private static InvalidDataException NotQuantized(string name) => new($"The model's {name} is not an int8 matrix.");

    private static uint Number(ReadOnlySpan<byte> file, int at) => BinaryPrimitives.ReadUInt32LittleEndian(file[at..]);

    private ModelShape ReadEntries(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith(Magic) || Number(file, 8) != Version)
        {
            throw new InvalidDataException($"The model file is not of format version {Version}.");
        }

        var content = file[..^SHA256.HashSizeInBytes];
        if (!SHA256.HashData(content).AsSpan().SequenceEqual(file[^SHA256.HashSizeInBytes..]))
        {
            throw new InvalidDataException("The model file is damaged: its checksum differs.");
        }

        var shape = new ModelShape(
            (int)Number(file, 12), (int)Number(file, 16), (int)Number(file, 20), (int)Number(file, 24), (int)Number(file, 28), (int)Number(file, 32));
        shape.Check();
        var at = HeaderLength;
        for (var left = Number(file, 36); left > 0; left--)
        {
            var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(content[at..]);
            var kind = (Kind)BinaryPrimitives.ReadUInt16LittleEndian(content[(at + 2)..]);
            var (rows, columns) = (Number(content, at + 4), Number(content, at + 8));
            var name = Encoding.UTF8.GetString(content.Slice(at + 12, nameLength));
            var data = (at + 12 + nameLength + Alignment - 1) / Alignment * Alignment;
            var size = SizeOf(kind, rows, columns);
            if (!Enum.IsDefined(kind) || data + size > content.Length)
            {
                throw new InvalidDataException($"The model file's entry {name} does not fit.");
            }

            _entries[name] = new Entry(kind, (int)rows, (int)columns, data);
            at = (int)(data + size);
        }

        return shape;
    }

    private Entry Find(string name, int rows, int columns)
        => _entries.TryGetValue(name, out var entry) && entry.Rows == rows && entry.Columns == columns
            ? entry
            : throw new InvalidDataException($"The model has no {name} of {rows} x {columns}.");

    private readonly record struct Entry(Kind Kind, int Rows, int Columns, int Data);

    private sealed class Writer(Stream stream, IncrementalHash hash)
    {
        private long _written;

        public void Bytes(ReadOnlySpan<byte> bytes)
        {
            stream.Write(bytes);
            hash.AppendData(bytes);
            _written += bytes.Length;
        }

        public void Number(uint number)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
            Bytes(bytes);
        }

        public void Floats(ReadOnlySpan<float> values) => Bytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values));

        public void Align() => Bytes(stackalloc byte[(int)((Alignment - (_written % Alignment)) % Alignment)]);
    }
}
