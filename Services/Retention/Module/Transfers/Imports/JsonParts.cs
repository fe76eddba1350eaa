using System.Runtime.CompilerServices;
using System.Text.Json;

namespace MemoryMesh.Retention.Transfers.Imports;

/// <summary>A piece of the file. The bytes are valid until the next piece is read.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Bytes">The piece; empty when it is too large.</param>
/// <param name="TooLarge">Whether it is larger than a piece may be, and was passed over.</param>
internal readonly record struct JsonPart(ImportPlace Place, ReadOnlyMemory<byte> Bytes, bool TooLarge);

/// <summary>Cuts a file into lines, or into the elements of a JSON list, without ever holding more than the largest of them.</summary>
internal sealed class JsonParts(Stream stream)
{
    /// <summary>Most bytes of a line.</summary>
    public const int MaxLine = 8 * 1024 * 1024;

    /// <summary>Most bytes of an element of a list, or of a file that is one object: a whole conversation.</summary>
    public const int MaxElement = 64 * 1024 * 1024;

    /// <summary>Deepest nesting.</summary>
    public const int MaxDepth = 64;

    private const int SmallBuffer = 256 * 1024;
    private const string NotJson = "Not JSON.";
    private static readonly JsonReaderOptions Options = new() { MaxDepth = MaxDepth };
    private byte[] _buffer = new byte[SmallBuffer];
    private int _start;
    private int _end;
    private bool _ended;
    private long _line = 1;
    private long _record;

    private ReadOnlySpan<byte> Unread => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Reads the pieces: elements when the file is a list, else lines; a file that is one object over many lines is one piece.</summary>
    /// <exception cref="MalformedImportException">It is no JSON, or breaks off.</exception>
    public async IAsyncEnumerable<JsonPart> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await SkipMarkAndSpaceAsync(cancellationToken);
        if (Unread.IsEmpty)
        {
            yield break;
        }

        switch (Unread[0])
        {
            case (byte)'[':
                Consume(1);
                while (await ReadElementAsync(inList: true, cancellationToken) is { } part)
                {
                    yield return part;
                }

                break;
            case (byte)'{' when await IsWholeLineAsync(cancellationToken):
                while (await ReadLineAsync(cancellationToken) is { } part)
                {
                    yield return part;
                }

                break;
            case (byte)'{':
                yield return (await ReadElementAsync(inList: false, cancellationToken))!.Value;
                break;
            default:
                throw Malformed("Neither a JSON object nor a list.");
        }
    }

    private async Task<JsonPart?> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var searched = 0;
            int length;
            while ((length = Unread[searched..].IndexOf((byte)'\n')) < 0 && !_ended && Unread.Length <= MaxLine)
            {
                searched = Unread.Length;
                await FillAsync(cancellationToken);
            }

            length = length < 0 ? Unread.Length : searched + length;
            if (length > MaxLine)
            {
                var place = new ImportPlace(_line, ++_record);
                await SkipLineAsync(cancellationToken);
                return new JsonPart(place, default, TooLarge: true);
            }

            if (length == 0 && _ended && Unread.IsEmpty)
            {
                return null;
            }

            var line = _buffer.AsMemory(_start, length);
            var at = _line;
            Consume(Math.Min(length + 1, Unread.Length));
            if (!line.Span.Trim(" \t\r"u8).IsEmpty)
            {
                return new JsonPart(new ImportPlace(at, ++_record), line, TooLarge: false);
            }
        }
    }

    private async Task SkipLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var at = Unread.IndexOf((byte)'\n');
            if (at >= 0)
            {
                Consume(at + 1);
                return;
            }

            Consume(Unread.Length);
            if (_ended)
            {
                return;
            }

            await FillAsync(cancellationToken);
        }
    }

    private async Task<JsonPart?> ReadElementAsync(bool inList, CancellationToken cancellationToken)
    {
        await SkipSpaceAsync(cancellationToken);
        if (inList)
        {
            if (!Unread.IsEmpty && Unread[0] == ',' && _record > 0)
            {
                Consume(1);
                await SkipSpaceAsync(cancellationToken);
            }
            else if (!Unread.IsEmpty && Unread[0] == ']')
            {
                Consume(1);
                await SkipSpaceAsync(cancellationToken);
                return Unread.IsEmpty ? null : throw Malformed("Something follows the list.");
            }
            else if (_record > 0)
            {
                throw Malformed(Unread.IsEmpty ? "The file ends inside the list." : NotJson);
            }
        }

        var place = new ImportPlace(_line, ++_record);
        for (var tried = 0; ; tried = Unread.Length)
        {
            // Tried again when there is twice as much, so that a large element is not read over and over.
            while (!_ended && Unread.Length < Math.Max(4_096, 2 * tried) && Unread.Length <= MaxElement)
            {
                await FillAsync(cancellationToken);
            }

            if (Measure(place) is { } length)
            {
                var element = _buffer.AsMemory(_start, length);
                Consume(length);
                if (!inList)
                {
                    await SkipSpaceAsync(cancellationToken);
                    if (!Unread.IsEmpty)
                    {
                        throw Malformed("Something follows the object.");
                    }
                }

                return length <= MaxElement ? new JsonPart(place, element, TooLarge: false) : new JsonPart(place, default, TooLarge: true);
            }

            if (_ended)
            {
                throw new MalformedImportException(place, "The file ends inside this record.");
            }

            if (Unread.Length > MaxElement)
            {
                await SkipElementAsync(place, cancellationToken);
                return new JsonPart(place, default, TooLarge: true);
            }
        }
    }

    /// <summary>Length of the value that comes next; null when its end is not here yet.</summary>
    private int? Measure(ImportPlace place)
    {
        try
        {
            var reader = new Utf8JsonReader(Unread, _ended, new JsonReaderState(Options));
            return reader.Read() && reader.TrySkip() ? (int)reader.BytesConsumed : null;
        }
        catch (JsonException)
        {
            throw new MalformedImportException(place, _ended ? "Not JSON, or it breaks off." : NotJson);
        }
    }

    private async Task SkipElementAsync(ImportPlace place, CancellationToken cancellationToken)
    {
        var state = new JsonReaderState(Options);
        while (true)
        {
            var consumed = Skip(place, ref state, out var done);
            Consume(consumed);
            if (done)
            {
                return;
            }

            if (_ended || (consumed == 0 && Unread.Length > MaxElement))
            {
                throw new MalformedImportException(place, _ended ? "The file ends inside this record." : "A text is larger than a record may be.");
            }

            await FillAsync(cancellationToken);
        }
    }

    private int Skip(ImportPlace place, ref JsonReaderState state, out bool done)
    {
        try
        {
            var reader = new Utf8JsonReader(Unread, _ended, state);
            done = false;
            while (!done && reader.Read())
            {
                done = reader.CurrentDepth == 0 && reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray);
            }

            state = reader.CurrentState;
            return (int)reader.BytesConsumed;
        }
        catch (JsonException)
        {
            throw new MalformedImportException(place, NotJson);
        }
    }

    /// <summary>Whether the first line is a whole JSON value: then each line is.</summary>
    private async Task<bool> IsWholeLineAsync(CancellationToken cancellationToken)
    {
        while (Unread.IndexOf((byte)'\n') < 0 && !_ended && Unread.Length <= MaxLine)
        {
            await FillAsync(cancellationToken);
        }

        var end = Unread.IndexOf((byte)'\n');
        var line = end < 0 ? Unread : Unread[..end];
        try
        {
            // A first line that is broken, and is not just the beginning of an object, is one among many lines too.
            var reader = new Utf8JsonReader(line, isFinalBlock: false, new JsonReaderState(Options));
            return reader.Read() && reader.TrySkip() ? true : end >= 0 && await IsNextLineAnObjectAsync(end + 1, cancellationToken);
        }
        catch (JsonException)
        {
            return true;
        }
    }

    private async Task<bool> IsNextLineAnObjectAsync(int from, CancellationToken cancellationToken)
    {
        while (Unread.Length == from && !_ended)
        {
            await FillAsync(cancellationToken);
        }

        return Unread.Length > from && Unread[from] == '{';
    }

    private async Task SkipMarkAndSpaceAsync(CancellationToken cancellationToken)
    {
        while (Unread.Length < 3 && !_ended)
        {
            await FillAsync(cancellationToken);
        }

        if (Unread.StartsWith("\uFEFF"u8))
        {
            Consume(3);
        }

        await SkipSpaceAsync(cancellationToken);
    }

    private async Task SkipSpaceAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Consume(Unread.Length - Unread.TrimStart(" \t\r\n"u8).Length);
            if (!Unread.IsEmpty || _ended)
            {
                return;
            }

            await FillAsync(cancellationToken);
        }
    }

    private void Consume(int count)
    {
        _line += Unread[..count].Count((byte)'\n');
        _start += count;
    }

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        if (_buffer.Length > SmallBuffer && Unread.Length < SmallBuffer / 2)
        {
            // The room for one large record is not kept for all that follow.
            var small = new byte[SmallBuffer];
            Unread.CopyTo(small);
            (_buffer, _start, _end) = (small, 0, _end - _start);
        }
        else if (_start > 0 && (_start == _end || _buffer.Length == _end))
        {
            Unread.CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        }

        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += read;
        _ended = read == 0;
    }

    private MalformedImportException Malformed(string reason) => new(new ImportPlace(_line, _record + 1), reason);
}
