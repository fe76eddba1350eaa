namespace MemoryMesh.Gateway.Forwarding;

/// <summary>The body of a request that may be sent to two servers, one after the other. What was read is kept in memory, up to a bound; nothing is written to a disk.</summary>
internal sealed class ReplayedBody(Stream body) : Stream
{
    /// <summary>Most that is kept: what a search may send at all.</summary>
    public const int Most = 1024 * 1024;

    private readonly MemoryStream _kept = new();
    private int _at;
    private bool _isWhole = true;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Begins again.</summary>
    /// <returns>False when more was read than is kept.</returns>
    public bool TryRewind()
    {
        _at = 0;
        return _isWhole;
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_at < _kept.Length)
        {
            var again = Math.Min(buffer.Length, (int)_kept.Length - _at);
            _kept.GetBuffer().AsMemory(_at, again).CopyTo(buffer);
            _at += again;
            return again;
        }

        var count = await body.ReadAsync(buffer, cancellationToken);
        if (_isWhole && _kept.Length + count <= Most)
        {
            _kept.Write(buffer.Span[..count]);
            _at += count;
        }
        else
        {
            _isWhole = false;
            _kept.SetLength(0);
            _at = 0;
        }

        return count;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Flush() => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
