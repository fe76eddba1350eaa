using System.Buffers.Binary;
using System.Security.Cryptography;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.ServiceDefaults.Security;

/// <summary>The layout of a sealed file: what is too large for memory, sealed part by part.</summary>
/// <remarks>
/// Header: format (1 byte, 1) and the file's own key, sealed with the owner's data key for the place of the row that the file belongs to. Then parts:
/// length of the text and a flag for the last part (4 bytes), nonce (12), ciphertext, tag (16). AES-256-GCM binds each part to its number and to whether
/// it is the last, so parts cannot be left out, repeated, moved or cut off unseen. Nonces are random, not counted: a part that a crash cut off is
/// written again with another text, and a counted nonce would then be used twice.
/// </remarks>
internal static class SealedFile
{
    /// <summary>Most bytes of a part's text.</summary>
    public const int PartSize = 64 * 1024;

    public const byte Format = 1;
    public const int KeySize = 32;
    public const int NonceSize = 12;
    public const int TagSize = 16;
    public const int LengthSize = 4;
    public const int HeaderSize = 1 + 1 + NonceSize + KeySize + TagSize;
    public const int Overhead = LengthSize + NonceSize + TagSize;
    public const uint LastFlag = 0x8000_0000;

    /// <summary>What a part is bound to beside its text.</summary>
    public static void Bind(Span<byte> associated, long number, bool last)
    {
        BinaryPrimitives.WriteInt64BigEndian(associated, number);
        associated[8] = last ? (byte)1 : (byte)0;
    }

    /// <summary>Reads the file's key from its header.</summary>
    /// <exception cref="CryptographicException">The file is not sealed, or was sealed for another owner or place.</exception>
    public static async Task<byte[]> OpenHeaderAsync(FileStream file, DataKey owner, RowIdentity place, CancellationToken cancellationToken)
    {
        var header = new byte[HeaderSize];
        if (await file.ReadAtLeastAsync(header, HeaderSize, throwOnEndOfStream: false, cancellationToken) < HeaderSize || header[0] != Format)
        {
            throw new CryptographicException("A sealed file has an unknown format.");
        }

        return owner.Open(header.AsSpan(1), place);
    }
}

/// <summary>Writes a sealed file. Memory stays at one part, however large the file grows.</summary>
public sealed class SealedFileWriter : IAsyncDisposable
{
    private readonly FileStream _file;
    private readonly AesGcm _cipher;
    private readonly byte[] _text = new byte[SealedFile.PartSize];
    private readonly byte[] _part = new byte[SealedFile.PartSize + SealedFile.Overhead];
    private long _number;
    private int _filled;

    private SealedFileWriter(FileStream file, byte[] key, long number, long length)
    {
        _file = file;
        _cipher = new AesGcm(key, SealedFile.TagSize);
        _number = number;
        Length = length;
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>Bytes of text written so far.</summary>
    public long Length { get; private set; }

    /// <summary>Begins a file anew, over one that is there.</summary>
    /// <exception cref="StorageUnavailableException">The disk does not take it.</exception>
    public static Task<SealedFileWriter> CreateAsync(string path, DataKey owner, RowIdentity place, CancellationToken cancellationToken)
        => OnDiskAsync(async () =>
        {
            ArgumentNullException.ThrowIfNull(owner);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var file = Open(path, FileMode.Create);
            try
            {
                var key = RandomNumberGenerator.GetBytes(SealedFile.KeySize);
                await file.WriteAsync((byte[])[SealedFile.Format, .. owner.Seal(key, place)], cancellationToken);
                return new SealedFileWriter(file, key, 0, 0);
            }
            catch
            {
                await file.DisposeAsync();
                throw;
            }
        });

    /// <summary>Goes on with a file that was not completed. A part that a crash cut off is taken away.</summary>
    /// <exception cref="CryptographicException">It is not sealed for this owner and place.</exception>
    /// <exception cref="StorageUnavailableException">The disk does not take it.</exception>
    public static Task<SealedFileWriter> ContinueAsync(string path, DataKey owner, RowIdentity place, CancellationToken cancellationToken)
        => OnDiskAsync(async () =>
        {
            ArgumentNullException.ThrowIfNull(owner);
            var file = Open(path, FileMode.Open);
            try
            {
                var key = await SealedFile.OpenHeaderAsync(file, owner, place, cancellationToken);
                var (number, length, end) = await FindEndAsync(file, cancellationToken);
                file.SetLength(end);
                file.Position = end;
                return new SealedFileWriter(file, key, number, length);
            }
            catch
            {
                await file.DisposeAsync();
                throw;
            }
        });

    /// <summary>Bytes of text that are in a file that was not completed, without opening them; 0 when there is none.</summary>
    /// <exception cref="StorageUnavailableException">It cannot be read.</exception>
    public static Task<long> MeasureAsync(string path, CancellationToken cancellationToken)
        => OnDiskAsync(async () =>
        {
            if (!File.Exists(path))
            {
                return 0;
            }

            await using var file = new FileStream(
                path, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0, Options = FileOptions.Asynchronous });
            return (await FindEndAsync(file, cancellationToken)).Length;
        });

    /// <summary>Writes text.</summary>
    /// <exception cref="StorageUnavailableException">The disk does not take it.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> text, CancellationToken cancellationToken)
    {
        while (!text.IsEmpty)
        {
            if (_filled == SealedFile.PartSize)
            {
                await WritePartAsync(last: false, cancellationToken);
            }

            var taken = Math.Min(text.Length, SealedFile.PartSize - _filled);
            text.Span[..taken].CopyTo(_text.AsSpan(_filled));
            _filled += taken;
            Length += taken;
            text = text[taken..];
        }
    }

    /// <summary>Seals what was written so far and makes it durable; the file can be continued from here after a crash.</summary>
    /// <exception cref="StorageUnavailableException">The disk does not take it.</exception>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_filled > 0)
        {
            await WritePartAsync(last: false, cancellationToken);
        }

        await OnDiskAsync(() =>
        {
            _file.Flush(flushToDisk: true);
            return Task.FromResult(true);
        });
    }

    /// <summary>Writes the last part and makes the file durable.</summary>
    /// <exception cref="StorageUnavailableException">The disk does not take it.</exception>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        await WritePartAsync(last: true, cancellationToken);
        await FlushAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        CryptographicOperations.ZeroMemory(_text);
        _cipher.Dispose();
        await _file.DisposeAsync();
    }

    private static FileStream Open(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.Read, BufferSize = 0, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows() && mode == FileMode.Create)
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    /// <summary>Walks over the whole parts: their number, the length of their text and where they end.</summary>
    private static async Task<(long Number, long Length, long End)> FindEndAsync(FileStream file, CancellationToken cancellationToken)
    {
        var (number, length, end) = (0L, 0L, (long)SealedFile.HeaderSize);
        var prefix = new byte[SealedFile.LengthSize];
        while (true)
        {
            file.Position = end;
            if (await file.ReadAtLeastAsync(prefix, prefix.Length, throwOnEndOfStream: false, cancellationToken) < prefix.Length)
            {
                return (number, length, end);
            }

            var size = BinaryPrimitives.ReadUInt32LittleEndian(prefix);
            if (size > SealedFile.PartSize || end + SealedFile.Overhead + size > file.Length)
            {
                // Cut off, or the last part of a file whose completing was not recorded: both are written again.
                return (number, length, end);
            }

            (number, length, end) = (number + 1, length + size, end + SealedFile.Overhead + size);
        }
    }

    private static async Task<T> OnDiskAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            const int NoSpaceLinux = 28;
            const int NoSpaceWindows = unchecked((int)0x80070070);
            throw new StorageUnavailableException("A file cannot be written.", exception) { DiskFull = exception.HResult is NoSpaceLinux or NoSpaceWindows };
        }
    }

    private Task<bool> WritePartAsync(bool last, CancellationToken cancellationToken)
        => OnDiskAsync(async () =>
        {
            var size = SealedFile.Overhead + _filled;
            BinaryPrimitives.WriteUInt32LittleEndian(_part, (uint)_filled | (last ? SealedFile.LastFlag : 0));
            Seal(last);
            await _file.WriteAsync(_part.AsMemory(0, size), cancellationToken);
            _number++;
            _filled = 0;
            return true;
        });

    private void Seal(bool last)
    {
        Span<byte> associated = stackalloc byte[9];
        SealedFile.Bind(associated, _number, last);
        var nonce = _part.AsSpan(SealedFile.LengthSize, SealedFile.NonceSize);
        RandomNumberGenerator.Fill(nonce);
        var sealedText = _part.AsSpan(SealedFile.LengthSize + SealedFile.NonceSize);
        _cipher.Encrypt(nonce, _text.AsSpan(0, _filled), sealedText[.._filled], sealedText.Slice(_filled, SealedFile.TagSize), associated);
    }
}

/// <summary>Reads a sealed file from its beginning as a stream of its text. Memory stays at one part.</summary>
public sealed class SealedFileStream : Stream
{
    private readonly FileStream _file;
    private readonly AesGcm _cipher;
    private readonly byte[] _part = new byte[SealedFile.PartSize + SealedFile.Overhead];
    private readonly byte[] _text = new byte[SealedFile.PartSize];
    private ReadOnlyMemory<byte> _left;
    private long _number;
    private bool _ended;

    private SealedFileStream(FileStream file, byte[] key)
    {
        _file = file;
        _cipher = new AesGcm(key, SealedFile.TagSize);
        CryptographicOperations.ZeroMemory(key);
    }

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

    /// <summary>Opens a file that was completed.</summary>
    /// <exception cref="CryptographicException">It is not sealed for this owner and place. Reading throws it too, for a part that was changed or is missing.</exception>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    public static async Task<SealedFileStream> OpenAsync(string path, DataKey owner, RowIdentity place, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(owner);

        // It may be deleted while somebody reads it; who reads it reads on.
        var file = new FileStream(
            path,
            new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.Read | FileShare.Delete, BufferSize = 0, Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
        try
        {
            return new SealedFileStream(file, await SealedFile.OpenHeaderAsync(file, owner, place, cancellationToken));
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_left.IsEmpty && !_ended)
        {
            await ReadPartAsync(cancellationToken);
        }

        var taken = Math.Min(buffer.Length, _left.Length);
        _left[..taken].CopyTo(buffer);
        _left = _left[taken..];
        return taken;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            CryptographicOperations.ZeroMemory(_text);
            _cipher.Dispose();
            _file.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task ReadPartAsync(CancellationToken cancellationToken)
    {
        await FillAsync(_part.AsMemory(0, SealedFile.LengthSize), cancellationToken);
        var prefix = BinaryPrimitives.ReadUInt32LittleEndian(_part);
        var last = (prefix & SealedFile.LastFlag) != 0;
        var size = prefix & ~SealedFile.LastFlag;
        if (size > SealedFile.PartSize)
        {
            throw new CryptographicException("A sealed file was changed.");
        }

        await FillAsync(_part.AsMemory(SealedFile.LengthSize, (int)size + SealedFile.Overhead - SealedFile.LengthSize), cancellationToken);
        Open((int)size, last);
        _left = _text.AsMemory(0, (int)size);
        _number++;
        _ended = last;
    }

    private void Open(int size, bool last)
    {
        Span<byte> associated = stackalloc byte[9];
        SealedFile.Bind(associated, _number, last);
        var sealedText = _part.AsSpan(SealedFile.LengthSize + SealedFile.NonceSize);
        _cipher.Decrypt(
            _part.AsSpan(SealedFile.LengthSize, SealedFile.NonceSize),
            sealedText[..size],
            sealedText.Slice(size, SealedFile.TagSize),
            _text.AsSpan(0, size),
            associated);
    }

    private async Task FillAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (await _file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken) < buffer.Length)
        {
            throw new CryptographicException("A sealed file is cut off.");
        }
    }
}
