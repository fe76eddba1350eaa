using MemoryMesh.Search.Embedding.Inference.Kernels;
using MemoryMesh.Search.Embedding.Model;

namespace MemoryMesh.Search.Embedding.Inference;

/// <summary>A BERT encoder. Its weights do not change, so any number of calls may use it at the same time, each with its own scratch, but for <see cref="Release"/> and <see cref="Restore"/>.</summary>
internal sealed unsafe class Encoder : IDisposable
{
    private readonly float[]? _words;
    private readonly MappedMatrix? _mappedWords;
    private readonly AlignedBuffer<float> _positions;
    private readonly Norm _embeddingNorm;
    private readonly Layer[] _layers;
    private readonly IModelTensors _tensors;

    /// <param name="tensors">The weights. Disposed with this.</param>
    /// <param name="kernel">Multiplies the matrices when they are int8.</param>
    /// <exception cref="InvalidDataException">A tensor is missing.</exception>
    public Encoder(IModelTensors tensors, Int8Kernel kernel)
    {
        Shape = tensors.Shape;
        if (tensors.IsQuantized)
        {
            // Looked up by row, not multiplied: of a third of the model only the words that are said take memory, and go back with the rest.
            _mappedWords = tensors.MapQuantized(TensorNames.Words, Shape.Tokens, Shape.Width);
        }
        else
        {
            _words = tensors.ReadFloats(TensorNames.Words, Shape.Tokens, Shape.Width);
        }

        _positions = ReadPositions(tensors);
        _embeddingNorm = new Norm(tensors, TensorNames.EmbeddingNorm);
        _layers = Enumerable.Range(0, Shape.Layers).Select(layer => new Layer(tensors, layer, kernel)).ToArray();
        _tensors = tensors;
        _tensors.Unmap();
    }

    /// <summary>Whether the weights are in memory.</summary>
    public bool IsRestored { get; private set; } = true;

    public ModelShape Shape { get; }

    /// <summary>Computes the vectors of several sequences, one after the other without padding; they stand in <see cref="EncoderScratch.Hidden"/>.</summary>
    /// <param name="ids">The tokens of all sequences.</param>
    /// <param name="lengths">Tokens of each sequence, at least 1.</param>
    /// <param name="firstOnly">Only the vector of each sequence's first token is wanted: the result has a row a sequence, not a token.</param>
    /// <param name="scratch">Space that no other call uses.</param>
    /// <exception cref="ArgumentException">There are more tokens than the scratch has room for.</exception>
    public void Run(ReadOnlySpan<int> ids, ReadOnlySpan<int> lengths, bool firstOnly, EncoderScratch scratch)
    {
        if (ids.Length > scratch.Capacity)
        {
            throw new ArgumentException("There are more tokens than the scratch has room for.", nameof(ids));
        }

        Embed(ids, lengths, scratch);
        for (var index = 0; index < _layers.Length; index++)
        {
            RunLayer(_layers[index], lengths, ids.Length, firstOnly && index == _layers.Length - 1, scratch);
        }
    }

    /// <summary>Gives back the weights of the layers, most of the model. Nothing is computed until they are restored.</summary>
    public void Release()
    {
        IsRestored = false;
        foreach (var linear in _layers.SelectMany(layer => layer.Linears))
        {
            linear.Release();
        }
    }

    /// <summary>Reads the weights again, from the file that was read first, whatever stands in its place by now.</summary>
    public void Restore()
    {
        // Somebody waits for it, and it is all copying.
        Parallel.ForEach(_layers.SelectMany(layer => layer.Linears), static linear => linear.Restore());

        IsRestored = true;
    }

    public void Dispose()
    {
        foreach (var layer in _layers)
        {
            layer.Dispose();
        }

        _tensors.Dispose();
        _embeddingNorm.Dispose();
        _positions.Dispose();
        _mappedWords?.Dispose();
    }

    private static AlignedBuffer<float> ReadPositions(IModelTensors tensors)
    {
        var shape = tensors.Shape;
        var positions = tensors.ReadFloats(TensorNames.Positions, shape.Positions, shape.Width);
        var types = tensors.ReadFloats(TensorNames.Types, 2, shape.Width);
        for (var index = 0; index < positions.Length; index++)
        {
            positions[index] += types[index % shape.Width];
        }

        return AlignedBuffer<float>.Copy(positions);
    }

    private void Embed(ReadOnlySpan<int> ids, ReadOnlySpan<int> lengths, EncoderScratch scratch)
    {
        var width = Shape.Width;
        var token = 0;
        foreach (var length in lengths)
        {
            new ReadOnlySpan<float>(_positions.Pointer, length * width).CopyTo(new Span<float>(scratch.Projected + ((long)token * width), length * width));
            for (var end = token + length; token < end; token++)
            {
                ReadWord(ids[token], new Span<float>(scratch.Hidden + ((long)token * width), width));
            }
        }

        _embeddingNorm.AddTo(scratch.Hidden, scratch.Projected, ids.Length, width);
    }

    private void ReadWord(int id, Span<float> row)
    {
        if (_words is not null)
        {
            _words.AsSpan(id * row.Length, row.Length).CopyTo(row);
            return;
        }

        var words = _mappedWords!.Matrix;
        var values = words.Values + ((long)id * row.Length);
        var scale = words.Scales[id];
        for (var index = 0; index < row.Length; index++)
        {
            row[index] = scale * values[index];
        }
    }

    private void RunLayer(Layer layer, ReadOnlySpan<int> lengths, int rows, bool firstOnly, EncoderScratch scratch)
    {
        var width = Shape.Width;
        layer.Attended.Apply(scratch.Hidden, rows, scratch.Attended, scratch);
        var (token, result) = (0, 0);
        foreach (var length in lengths)
        {
            var wanted = firstOnly ? 1 : length;
            var start = scratch.Attended + (3L * token * width);
            for (var head = 0; head < Shape.Heads; head++)
            {
                var query = start + (head * ModelShape.HeadWidth);
                Attention.Apply(
                    query, query + width, query + (2 * width), 3 * width, length, wanted,
                    scratch.Mixed + ((long)result * width) + (head * ModelShape.HeadWidth), width, scratch);
            }

            if (firstOnly)
            {
                // Rows only ever move towards the start, over rows that are not needed any more.
                new ReadOnlySpan<float>(scratch.Hidden + ((long)token * width), width).CopyTo(new Span<float>(scratch.Hidden + ((long)result * width), width));
            }

            token += length;
            result += wanted;
        }

        layer.Output.Apply(scratch.Mixed, result, scratch.Projected, scratch);
        layer.AttentionNorm.AddTo(scratch.Hidden, scratch.Projected, result, width);
        layer.Inner.Apply(scratch.Hidden, result, scratch.Inner, scratch);
        Functions.Gelu(scratch.Inner, (long)result * Shape.Inner);
        layer.Outer.Apply(scratch.Inner, result, scratch.Projected, scratch);
        layer.OutputNorm.AddTo(scratch.Hidden, scratch.Projected, result, width);
    }

    private sealed class Norm(IModelTensors tensors, string part) : IDisposable
    {
        private readonly AlignedBuffer<float> _weight = AlignedBuffer<float>.Copy(tensors.ReadFloats(TensorNames.Weight(part), 1, tensors.Shape.Width));
        private readonly AlignedBuffer<float> _bias = AlignedBuffer<float>.Copy(tensors.ReadFloats(TensorNames.Bias(part), 1, tensors.Shape.Width));

        public void AddTo(float* rows, float* added, int count, int width)
            => Functions.AddAndNormalize(rows, added, count, width, _weight.Pointer, _bias.Pointer);

        public void Dispose()
        {
            _weight.Dispose();
            _bias.Dispose();
        }
    }

    private sealed class Layer : IDisposable
    {
        public Layer(IModelTensors tensors, int layer, Int8Kernel kernel)
        {
            var shape = tensors.Shape;
            string Name(string part) => TensorNames.OfLayer(layer, part);
            Attended = ReadLinear(tensors, kernel, shape.Width, shape.Width, Name(TensorNames.Query), Name(TensorNames.Key), Name(TensorNames.Value));
            Output = ReadLinear(tensors, kernel, shape.Width, shape.Width, Name(TensorNames.AttentionOutput));
            AttentionNorm = new Norm(tensors, Name(TensorNames.AttentionNorm));
            Inner = ReadLinear(tensors, kernel, shape.Inner, shape.Width, Name(TensorNames.Inner));
            Outer = ReadLinear(tensors, kernel, shape.Width, shape.Inner, Name(TensorNames.Output));
            OutputNorm = new Norm(tensors, Name(TensorNames.OutputNorm));
        }

        public Linear Attended { get; }

        public Linear Output { get; }

        public Norm AttentionNorm { get; }

        public Linear Inner { get; }

        public Linear Outer { get; }

        public Norm OutputNorm { get; }

        public Linear[] Linears => [Attended, Output, Inner, Outer];

        public void Dispose()
        {
            foreach (var linear in Linears)
            {
                linear.Dispose();
            }

            AttentionNorm.Dispose();
            OutputNorm.Dispose();
        }

        private static Linear ReadLinear(IModelTensors tensors, Int8Kernel kernel, int outputs, int inputs, params string[] parts)
        {
            var bias = parts.SelectMany(part => tensors.ReadFloats(TensorNames.Bias(part), 1, outputs)).ToArray();
            if (tensors.IsQuantized)
            {
                return new Int8Linear(kernel, inputs, () => parts.Select(part => tensors.MapQuantized(TensorNames.Weight(part), outputs, inputs)), bias);
            }

            return new FloatLinear(inputs, parts.SelectMany(part => tensors.ReadFloats(TensorNames.Weight(part), outputs, inputs)).ToArray(), bias);
        }
    }
}
