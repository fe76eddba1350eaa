using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace MemoryMesh.Tests.Shared;

/// <summary>A client of a WebSocket route.</summary>
public sealed class LiveSocket : IDisposable
{
    private static readonly TimeSpan Deadline = Eventually.Patience;

    private LiveSocket(ClientWebSocket socket) => Socket = socket;

    /// <summary>The socket.</summary>
    public ClientWebSocket Socket { get; }

    /// <summary>Id of the last frame that had one.</summary>
    public string? LastId { get; private set; }

    /// <summary>Connects, with the person's access token unless told otherwise.</summary>
    public static async Task<LiveSocket> ConnectAsync(
        TestHost host, string path, string? token = null, Action<ClientWebSocketOptions>? configure = null, HttpMessageInvoker? invoker = null)
    {
        ArgumentNullException.ThrowIfNull(host);
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (token is not null)
        {
            socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        }

        configure?.Invoke(socket.Options);
        using var limit = new CancellationTokenSource(Deadline);
        try
        {
            await socket.ConnectAsync(new UriBuilder(new Uri(host.Address, path)) { Scheme = "ws" }.Uri, invoker, limit.Token);
        }
        catch (WebSocketException exception)
        {
            var status = (int)socket.HttpStatusCode;
            socket.Dispose();
            throw new RefusedException(status, exception);
        }

        return new LiveSocket(socket);
    }

    /// <summary>Connects to the events of the person's own tenant, and reads the hello.</summary>
    public static async Task<LiveSocket> OpenAsync(TestHost host, Person person, string query = "", string? tenant = null)
    {
        ArgumentNullException.ThrowIfNull(person);
        var socket = await ConnectAsync(host, $"/ws/messages/{tenant ?? person.TenantId}{query}", person.Tokens.GetProperty("access_token").GetString());
        await socket.ReadAsync("hello");
        return socket;
    }

    /// <summary>Reads the next frame.</summary>
    /// <exception cref="ClosedException">The server closed.</exception>
    public async Task<JsonElement> ReadAsync(TimeSpan? within = null)
    {
        using var limit = new CancellationTokenSource(within ?? Deadline);
        using var whole = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var received = await Socket.ReceiveAsync(buffer, limit.Token);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                throw new ClosedException((int)Socket.CloseStatus!.Value, Socket.CloseStatusDescription ?? "");
            }

            whole.Write(buffer, 0, received.Count);
            if (received.EndOfMessage)
            {
                var frame = JsonDocument.Parse(whole.ToArray()).RootElement;
                LastId = frame.TryGetProperty("id", out var id) ? id.GetString() : LastId;
                return frame;
            }
        }
    }

    /// <summary>Reads frames until one has the type; the others are passed over.</summary>
    public async Task<JsonElement> ReadAsync(string type)
    {
        while (true)
        {
            var frame = await ReadAsync();
            if (frame.GetProperty("type").GetString() == type)
            {
                return frame;
            }
        }
    }

    /// <summary>Reads until the server closes.</summary>
    public async Task<ClosedException> ReadToCloseAsync(TimeSpan? within = null)
    {
        try
        {
            while (true)
            {
                await ReadAsync(within);
            }
        }
        catch (ClosedException closed)
        {
            return closed;
        }
    }

    /// <summary>Sends a frame: an object as JSON, a string as it is.</summary>
    public async Task SendAsync(object frame)
    {
        using var limit = new CancellationTokenSource(Deadline);
        await Socket.SendAsync(
            Encoding.UTF8.GetBytes(frame as string ?? JsonSerializer.Serialize(frame)), WebSocketMessageType.Text, endOfMessage: true, limit.Token);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Socket.Abort();
        Socket.Dispose();
    }
}

/// <summary>The server refused the handshake.</summary>
public sealed class RefusedException(int status, Exception inner) : Exception($"The handshake was answered with {status}.", inner)
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;
}

/// <summary>The server closed.</summary>
public sealed class ClosedException(int code, string reason) : Exception($"Closed with {code}: {reason}")
{
    /// <summary>The close code.</summary>
    public int Code { get; } = code;

    /// <summary>The reason.</summary>
    public string Reason { get; } = reason;
}
