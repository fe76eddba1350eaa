namespace MemoryMesh.Search.Embedding.Tokenization;

/// <summary>A list of token ids that keeps its memory when it is used again.</summary>
internal sealed class TokenBuffer
{
    private int[] _ids = new int[512];

    public int Count { get; private set; }

    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, Count);

    public void Add(int id)
    {
        if (Count == _ids.Length)
        {
            Array.Resize(ref _ids, 2 * Count);
        }

        _ids[Count++] = id;
    }

    public void Add(ReadOnlySpan<int> ids)
    {
        while (_ids.Length - Count < ids.Length)
        {
            Array.Resize(ref _ids, 2 * _ids.Length);
        }

        ids.CopyTo(_ids.AsSpan(Count));
        Count += ids.Length;
    }

    /// <summary>Keeps the first tokens only.</summary>
    public void Cut(int count) => Count = Math.Min(Count, count);

    public void Clear() => Count = 0;
}
