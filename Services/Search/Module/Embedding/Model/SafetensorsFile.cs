using System.Buffers.Binary;
using System.Text.Json;

namespace MemoryMesh.Search.Embedding.Model;

/// <summary>A model in the safetensors format, in half or single precision.</summary>
internal sealed class SafetensorsFile : IModelTensors
{
    private const int LongestHeader = 10_000_000;

    private readonly FileStream _file;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly long _dataStart;

    /// <exception cref="InvalidDataException">The file is not of the format, or holds no model that can be computed.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public SafetensorsFile(string path)
    {
        _file = File.OpenRead(path);
        try
        {
            Span<byte> length = stackalloc byte[8];
            _file.ReadExactly(length);
            var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(length);
            if (headerLength > LongestHeader)
            {
                throw new InvalidDataException("The model file is not of the safetensors format.");
            }

            var header = new byte[headerLength];
            _file.ReadExactly(header);
            _dataStart = 8 + (long)headerLength;
            using var json = JsonDocument.Parse(header);
            foreach (var property in json.RootElement.EnumerateObject().Where(property => property.Name != "__metadata__"))
            {
                var shape = property.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt32()).ToArray();
                var offset = property.Value.GetProperty("data_offsets")[0].GetInt64();
                _entries[property.Name] = new Entry(property.Value.GetProperty("dtype").GetString()!, shape, offset);
            }

            Shape = ReadShape();
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            _file.Dispose();
            throw new InvalidDataException("The model file is not of the safetensors format.", exception);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public ModelShape Shape { get; }

    public bool IsQuantized => false;

    public float[] ReadFloats(string name, int rows, int columns)
    {
        var entry = Find(name);
        if (entry.Shape.Aggregate(1L, (product, size) => product * size) != (long)rows * columns || entry.Shape[^1] != columns)
        {
            throw new InvalidDataException($"The model has no {name} of {rows} x {columns}.");
        }

        var values = new float[rows * columns];
        var bytes = new byte[values.Length * (entry.Type == "F16" ? 2 : 4)];
        _file.Position = _dataStart + entry.Offset;
        _file.ReadExactly(bytes);
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = entry.Type switch
            {
                "F16" => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes.AsSpan(2 * index)),
                "F32" => BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(4 * index)),
                _ => throw new InvalidDataException($"Numbers of type {entry.Type} are not supported."),
            };
        }

        return values;
    }

    public QuantizedMatrix ReadQuantized(string name, int rows, int columns) => throw NotQuantized(name);

    public MappedMatrix MapQuantized(string name, int rows, int columns) => throw NotQuantized(name);

    public void Unmap() => _file.Dispose();

    public void Dispose() => _file.Dispose();

    private static InvalidDataException NotQuantized(string name) => new($"The model's {name} is not an int8 matrix.");

    private ModelShape ReadShape()
    {
        var words = Find(TensorNames.Words).Shape;
        var layers = 0;
        while (_entries.ContainsKey(TensorNames.Weight(TensorNames.OfLayer(layers, TensorNames.Query))))
        {
            layers++;
        }

        var inner = Find(TensorNames.Weight(TensorNames.OfLayer(0, TensorNames.Inner))).Shape;
        var shape = new ModelShape(layers, words[1] / ModelShape.HeadWidth, words[1], inner[0], words[0], Find(TensorNames.Positions).Shape[0]);
        shape.Check();
        return shape;
    }

    private Entry Find(string name)
        => _entries.TryGetValue(name, out var entry) ? entry : throw new InvalidDataException($"The model has no {name}.");

    private sealed record Entry(string Type, int[] Shape, long Offset);
}
