using MemoryMesh.Search.Embedding.Inference;
using MemoryMesh.Search.Embedding.Tokenization;

namespace MemoryMesh.Search.Embedding;

/// <summary>The texts of one call on their way through the model: their tokens, windows, batches and results. Used again by later calls.</summary>
internal sealed unsafe class EmbeddingJob(float[] tokenMean)
{
    // Start and end, which stand around every window.
    private const int Marks = 2;

    // A context longer than this cannot matter: a token has few letters.
    private const int ContextCharactersPerToken = 16;

    private readonly int _dimensions = tokenMean.Length;
    private readonly TokenBuffer _tokens = new();
    private readonly TokenBuffer _context = new();
    private readonly TokenBuffer _sequence = new();
    private readonly List<Text> _texts = [];
    private readonly List<Window> _windows = [];
    private readonly List<Batch> _batches = [];
    private int[] _lengths = [];
    private float[] _pooled = [];
    private int _start;
    private int _end;
    private int _nextBatch;

    public int BatchCount => _batches.Count;

    public void Clear()
    {
        _tokens.Clear();
        _sequence.Clear();
        _texts.Clear();
        _windows.Clear();
        _batches.Clear();
        _nextBatch = 0;
    }

    public void AddText(WordPieceTokenizer tokenizer, string text, int limit)
    {
        var first = _tokens.Count;
        tokenizer.Append(text, _tokens, limit);
        _texts.Add(new Text(first, _tokens.Count - first, 0, 0, null, null));
        (_start, _end) = (tokenizer.Vocabulary.Start, tokenizer.Vocabulary.End);
    }

    public void AddTextWithTokens(WordPieceTokenizer tokenizer, TextInContext text, int limit, int contextLimit)
    {
        AddText(tokenizer, text.Text, limit);
        var added = _texts[^1];
        var (contextFirst, contextLength) = (0, 0);
        if (!string.IsNullOrEmpty(text.Context) && contextLimit > 0 && added.Length > 0)
        {
            var from = Math.Max(0, text.Context.Length - (contextLimit * ContextCharactersPerToken));
            _context.Clear();
            tokenizer.Append(text.Context.AsSpan(from), _context, int.MaxValue);
            contextFirst = _tokens.Count;
            contextLength = Math.Min(contextLimit, _context.Count);
            _tokens.Add(_context.Ids[^contextLength..]);
        }

        var ids = _tokens.Ids.Slice(added.First, added.Length).ToArray();
        _texts[^1] = added with { ContextFirst = contextFirst, ContextLength = contextLength, Ids = ids, Vectors = new float[ids.Length * _dimensions] };
    }

    /// <summary>Cuts the texts into windows, and puts windows of like length together.</summary>
    /// <param name="batchTokens">Tokens of a batch; a longer window is a batch of its own.</param>
    /// <param name="positions">Most tokens of a window.</param>
    /// <param name="overlap">Tokens that neighbouring windows of a text share.</param>
    public void MakeBatches(int batchTokens, int positions, int overlap)
    {
        var pooledRow = 0;
        for (var index = 0; index < _texts.Count; index++)
        {
            var text = _texts[index] with { PooledFirst = pooledRow };
            _texts[index] = text;
            if (text.ContextLength > 0)
            {
                // The context stands before every window, so that a long text's middle has it too.
                AddWindows(index, positions - Marks - text.ContextLength, overlap, Use.Tokens, ref pooledRow);
                AddWindows(index, positions - Marks, overlap, Use.Pooled, ref pooledRow);
            }
            else
            {
                AddWindows(index, positions - Marks, overlap, text.Vectors is null ? Use.Pooled : Use.Both, ref pooledRow);
            }

            _texts[index] = text with { PooledCount = pooledRow - text.PooledFirst };
        }

        if (_pooled.Length < pooledRow * _dimensions)
        {
            _pooled = new float[Math.Max(pooledRow * _dimensions, 2 * _pooled.Length)];
        }

        _windows.Sort(static (a, b) => a.Use == b.Use ? b.Tokens.CompareTo(a.Tokens) : a.Use.CompareTo(b.Use));
        LayOut(batchTokens, positions);
    }

    public bool TryTakeBatch(out int batch)
    {
        batch = Interlocked.Increment(ref _nextBatch) - 1;
        return batch < _batches.Count;
    }

    /// <summary>Computes one batch. Different batches may be computed at the same time.</summary>
    public void Compute(Encoder encoder, EncoderScratch scratch, int index)
    {
        var batch = _batches[index];
        var firstOnly = _windows[batch.FirstWindow].Use == Use.Pooled;
        encoder.Run(
            _sequence.Ids.Slice(batch.FirstToken, batch.Tokens), _lengths.AsSpan(batch.FirstWindow, batch.Windows), firstOnly, scratch);
        var row = scratch.Hidden;
        for (var at = batch.FirstWindow; at < batch.FirstWindow + batch.Windows; at++)
        {
            var window = _windows[at];
            if (window.Use != Use.Tokens)
            {
                Functions.ToUnitLength(row, _dimensions, _pooled.AsSpan(window.PooledRow * _dimensions, _dimensions));
            }

            if (window.Use != Use.Pooled)
            {
                var text = _texts[window.Text];
                var tokens = row + ((long)_dimensions * (1 + text.ContextLength));
                for (var token = window.KeepFirst; token < window.KeepEnd; token++)
                {
                    Centre(tokens + ((long)(token - window.First) * _dimensions), text.Vectors.AsSpan(token * _dimensions, _dimensions));
                }
            }

            row += (long)_dimensions * (firstOnly ? 1 : window.Tokens);
        }
    }

    /// <summary>A text's vector, in memory of its own.</summary>
    public float[] Pooled(int index)
    {
        var text = _texts[index];
        var vector = new float[_dimensions];
        for (var row = text.PooledFirst; row < text.PooledFirst + text.PooledCount; row++)
        {
            for (var column = 0; column < _dimensions; column++)
            {
                vector[column] += _pooled[(row * _dimensions) + column];
            }
        }

        if (text.PooledCount > 1)
        {
            fixed (float* values = vector)
            {
                Functions.ToUnitLength(values, _dimensions, vector);
            }
        }

        return vector;
    }

    public TextEncoding Encoding(int index) => new(Pooled(index), _texts[index].Ids, _texts[index].Vectors);

    private void Centre(float* token, Span<float> vector)
    {
        Functions.ToUnitLength(token, _dimensions, vector);
        for (var column = 0; column < vector.Length; column++)
        {
            vector[column] -= tokenMean[column];
        }

        fixed (float* centred = vector)
        {
            Functions.ToUnitLength(centred, _dimensions, vector);
        }
    }

    private void AddWindows(int index, int capacity, int overlap, Use use, ref int pooledRow)
    {
        var text = _texts[index];
        var context = use == Use.Tokens ? text.ContextLength : 0;
        var count = text.Length <= capacity ? 1 : 1 + ((text.Length - capacity + capacity - overlap - 1) / (capacity - overlap));
        var keepEnd = 0;
        for (var window = 0; window < count; window++)
        {
            // The last window is as long as the others, and shares more.
            var first = Math.Max(0, Math.Min(window * (capacity - overlap), text.Length - capacity));
            var length = Math.Min(capacity, text.Length - first);
            var keepFirst = keepEnd;
            keepEnd = window == count - 1 ? text.Length : first + capacity - (overlap / 2);
            _windows.Add(new Window(index, use, first, length, keepFirst, keepEnd, context + length + Marks, use == Use.Tokens ? -1 : pooledRow++));
        }
    }

    private void LayOut(int batchTokens, int positions)
    {
        if (_lengths.Length < _windows.Count)
        {
            _lengths = new int[Math.Max(_windows.Count, 2 * _lengths.Length)];
        }

        var batch = new Batch(0, 0, 0, 0);
        for (var index = 0; index < _windows.Count; index++)
        {
            var window = _windows[index];
            var text = _texts[window.Text];
            var other = batch.Windows > 0 && (_windows[batch.FirstWindow].Use == Use.Pooled) != (window.Use == Use.Pooled);
            if (batch.Windows > 0 && (other || batch.Tokens + window.Tokens > Math.Min(batchTokens, positions)))
            {
                _batches.Add(batch);
                batch = new Batch(index, 0, _sequence.Count, 0);
            }

            _sequence.Add(_start);
            if (window.Use == Use.Tokens)
            {
                _sequence.Add(_tokens.Ids.Slice(text.ContextFirst, text.ContextLength));
            }

            _sequence.Add(_tokens.Ids.Slice(text.First + window.First, window.Length));
            _sequence.Add(_end);
            _lengths[index] = window.Tokens;
            batch = batch with { Windows = batch.Windows + 1, Tokens = batch.Tokens + window.Tokens };
        }

        _batches.Add(batch);
    }

    private enum Use
    {
        Both,
        Tokens,
        Pooled,
    }

    private readonly record struct Text(
        int First, int Length, int ContextFirst, int ContextLength, int[]? Ids, float[]? Vectors, int PooledFirst = 0, int PooledCount = 0);

    private readonly record struct Window(int Text, Use Use, int First, int Length, int KeepFirst, int KeepEnd, int Tokens, int PooledRow);

    private readonly record struct Batch(int FirstWindow, int Windows, int FirstToken, int Tokens);
}
