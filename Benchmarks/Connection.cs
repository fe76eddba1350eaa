using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace MemoryMesh.Benchmarks;

/// <summary>A kept-open connection that sends requests made beforehand and reads no more of an answer than it must.</summary>
/// <remarks>The load comes from the machine that serves it: what the sender costs is taken from the server.</remarks>
internal sealed class Connection : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[4 * 1024 * 1024];

    public static async Task<Connection> OpenAsync(Uri address)
    {
        var connection = new Connection();
        await connection._socket.ConnectAsync(address.Host, address.Port);
        return connection;
    }

    /// <summary>A POST of JSON.</summary>
    public static byte[] Post(string path, string token, byte[] json) =>
    [
        .. Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {json.Length}\r\n\r\n"),
        .. json,
    ];

    /// <summary>A GET.</summary>
    public static byte[] Get(string path, string token)
        => Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n");

    /// <summary>Sends a request and waits for the whole answer.</summary>
    /// <returns>The body.</returns>
    /// <exception cref="InvalidOperationException">The answer is no success.</exception>
    public async Task<ReadOnlyMemory<byte>> SendAsync(byte[] request)
    {
        await _socket.SendAsync(request);
        var length = 0;
        while (true)
        {
            length += await ReceiveAsync(length);
            var head = _buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (head < 0)
            {
                continue;
            }

            var bodyAt = head + 4;
            if (_buffer[9] != (byte)'2')
            {
                throw new InvalidOperationException(Encoding.UTF8.GetString(_buffer, 0, length));
            }

            var header = Encoding.ASCII.GetString(_buffer, 0, head);
            var contentLength = ReadContentLength(header);
            while (contentLength is { } full ? length < bodyAt + full : !_buffer.AsSpan(bodyAt - 2, length - bodyAt + 2).EndsWith("\r\n0\r\n\r\n"u8))
            {
                length += await ReceiveAsync(length);
            }

            return _buffer.AsMemory(bodyAt, length - bodyAt);
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task<int> ReceiveAsync(int at)
    {
        var received = await _socket.ReceiveAsync(_buffer.AsMemory(at));
        return received > 0 ? received : throw new InvalidOperationException("The server closed the connection.");
    }

    private static int? ReadContentLength(string header)
    {
        const string Name = "\r\nContent-Length: ";
        var at = header.IndexOf(Name, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return null;
        }

        var value = header.AsSpan(at + Name.Length);
        var end = value.IndexOf('\r');
        return int.Parse(end < 0 ? value : value[..end], CultureInfo.InvariantCulture);
    }
}
