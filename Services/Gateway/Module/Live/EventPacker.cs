using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace MemoryMesh.Gateway.Live;

/// <summary>Writes events of one tenant that came one after the other as bytes: what an event has in common with the one before it takes next to nothing.</summary>
internal sealed class EventPacker
{
    private const int GuidSize = 16;

    /// <summary>The types in the order of their numbers.</summary>
    private static readonly string[] Types = [.. LiveTypes.All, LiveTypes.Reset];

    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly Dictionary<Guid, int> _keys = [];
    private long[] _reached = [];
    private long _ticks;

    /// <summary>Packs events, at most as many as lie together in a log.</summary>
    public static byte[] Pack(IReadOnlyList<LiveEvent> events)
    {
        var packer = new EventPacker();
        packer.Number(events.Count);
        packer.Number(events[0].Reached.Length);
        packer._reached = new long[events[0].Reached.Length];
        foreach (var item in events)
        {
            packer.Event(item);
        }

        return packer._bytes.WrittenSpan.ToArray();
    }

    /// <summary>Unpacks what <see cref="Pack"/> packed.</summary>
    /// <param name="packed">The events.</param>
    /// <param name="tenantId">Their tenant.</param>
    /// <param name="into">Receives them at its end: of those that lie together the first may have been forgotten before they were packed.</param>
    public static void Unpack(ReadOnlySpan<byte> packed, Guid tenantId, Span<LiveEvent> into)
    {
        var reader = new Reader(packed);
        var count = (int)reader.Number();
        var reached = new long[(int)reader.Number()];
        var ticks = 0L;
        foreach (ref var item in into[^count..])
        {
            var type = Types[(int)reader.Number()];
            var at = new DateTimeOffset(ticks += reader.Number(), TimeSpan.Zero);
            reached = [.. reached];
            foreach (ref var position in reached.AsSpan())
            {
                position += reader.Number();
            }

            var source = (int)reader.Number();
            var place = source < 0 ? 0 : reached[source] + reader.Number();
            item = LiveEvent.Unpack(ref reader, type, tenantId, at, source, place).With(reached);
        }
    }

    /// <summary>A number of any size: small ones, below 0 too, take a byte.</summary>
    public void Number(long value)
    {
        var left = (ulong)((value << 1) ^ (value >> 63));
        for (; left >= 0x80; left >>= 7)
        {
            Byte((byte)(left | 0x80));
        }

        Byte((byte)left);
    }

    /// <summary>An id that no other event has.</summary>
    public void Id(Guid id)
    {
        id.TryWriteBytes(_bytes.GetSpan(GuidSize));
        _bytes.Advance(GuidSize);
    }

    /// <summary>A key that other events are likely to have too.</summary>
    public void Key(Guid key)
    {
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_keys, key, out var known);
        if (known)
        {
            Number(number);
            return;
        }

        number = _keys.Count;
        Number(0);
        Id(key);
    }

    /// <summary>A text.</summary>
    public void Text(string text)
    {
        Number(Encoding.UTF8.GetByteCount(text));
        _bytes.Advance(Encoding.UTF8.GetBytes(text, _bytes.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));
    }

    private void Event(LiveEvent item)
    {
        Number(Array.IndexOf(Types, item.Type));
        Number(item.At.UtcTicks - _ticks);
        _ticks = item.At.UtcTicks;
        for (var source = 0; source < _reached.Length; source++)
        {
            Number(item.Reached[source] - _reached[source]);
        }

        _reached = item.Reached;
        Number(item.Source);
        if (item.Source >= 0)
        {
            Number(item.Position - _reached[item.Source]);
        }

        item.Pack(this);
    }

    private void Byte(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
    }

    /// <summary>Reads what was packed.</summary>
    internal ref struct Reader(ReadOnlySpan<byte> packed)
    {
        private readonly List<Guid> _keys = [];
        private ReadOnlySpan<byte> _left = packed;

        public long Number()
        {
            var value = 0UL;
            for (var shift = 0; ; shift += 7)
            {
                var part = _left[0];
                _left = _left[1..];
                value |= (ulong)(part & 0x7f) << shift;
                if (part < 0x80)
                {
                    return (long)(value >> 1) ^ -(long)(value & 1);
                }
            }
        }

        public Guid Id()
        {
            var id = new Guid(_left[..GuidSize]);
            _left = _left[GuidSize..];
            return id;
        }

        public string Text()
        {
            var length = (int)Number();
            var text = Encoding.UTF8.GetString(_left[..length]);
            _left = _left[length..];
            return text;
        }

        public Guid Key()
        {
            if (Number() is > 0 and var number)
            {
                return _keys[(int)number - 1];
            }

            _keys.Add(Id());
            return _keys[^1];
        }
    }
}
