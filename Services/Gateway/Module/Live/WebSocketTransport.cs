using System.Net.WebSockets;
using System.Text.Json;

namespace MemoryMesh.Gateway.Live;

/// <summary>Sends and receives frames on a WebSocket: one at a time in each direction, within limits.</summary>
internal sealed class WebSocketTransport(WebSocket socket, LiveServices services) : IDisposable
{
    private static readonly TimeSpan HandshakeLimit = TimeSpan.FromSeconds(1);
    private static readonly JsonDocumentOptions JsonOptions = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly FrameBudget _budget = new(services.Options.FramesPerSecond, services.Clock);

    /// <summary>Sends a text frame.</summary>
    /// <exception cref="WebSocketException">The client is gone.</exception>
    public async Task SendAsync(ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            await socket.SendAsync(json, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Hands over each frame until the client closes, goes away or breaks the rules.</summary>
    /// <param name="take">Takes a frame that is a JSON object; null for one that is not.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Why it ended.</returns>
    public async Task<LiveClose> ReceiveAsync(Func<JsonElement?, Task> take, CancellationToken cancellationToken)
    {
        var buffer = new byte[Math.Min(4 * 1024, services.Options.MaxFrameBytes + 1)];
        while (true)
        {
            var size = 0;
            ValueWebSocketReceiveResult received;
            do
            {
                if (size == buffer.Length)
                {
                    if (size > services.Options.MaxFrameBytes)
                    {
                        return LiveClose.FrameTooBig;
                    }

                    Array.Resize(ref buffer, Math.Min(buffer.Length * 2, services.Options.MaxFrameBytes + 1));
                }

                received = await socket.ReceiveAsync(buffer.AsMemory(size), cancellationToken);
                size += received.Count;
            }
            while (!received.EndOfMessage && received.MessageType == WebSocketMessageType.Text);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return LiveClose.Normal;
            }

            if (received.MessageType != WebSocketMessageType.Text)
            {
                return LiveClose.NotText;
            }

            if (size > services.Options.MaxFrameBytes)
            {
                return LiveClose.FrameTooBig;
            }

            if (!_budget.Take())
            {
                return LiveClose.TooManyFrames;
            }

            await take(Parse(buffer.AsMemory(0, size)));
        }
    }

    /// <summary>Sends the close frame and waits a moment for the client's.</summary>
    /// <param name="close">Why.</param>
    /// <param name="receiving">The receiving that is under way.</param>
    /// <param name="cancellationToken">Canceled when the connection must end even so.</param>
    public async Task CloseAsync(LiveClose close, Task receiving, CancellationToken cancellationToken)
    {
        try
        {
            await _sending.WaitAsync(cancellationToken);
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync((WebSocketCloseStatus)close.Code, close.Reason, cancellationToken);
                await DrainAsync(receiving).WaitAsync(HandshakeLimit, CancellationToken.None);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or TimeoutException or IOException or ObjectDisposedException)
        {
            // It is dropped without one.
        }

        socket.Abort();
    }

    public void Dispose() => _sending.Dispose();

    /// <summary>Reads on until the client closes: to drop a connection with something unread in it would take the close frame from the client.</summary>
    private async Task DrainAsync(Task receiving)
    {
        await receiving;
        var rest = new byte[4 * 1024];
        while (socket.State is WebSocketState.Open or WebSocketState.CloseSent)
        {
            await socket.ReceiveAsync(rest.AsMemory(), CancellationToken.None);
        }
    }

    private static JsonElement? Parse(ReadOnlyMemory<byte> frame)
    {
        try
        {
            using var document = JsonDocument.Parse(frame, JsonOptions);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>How many frames a client may still send: refilled steadily, twice a second's worth at most. For one thread at a time.</summary>
internal sealed class FrameBudget(int perSecond, TimeProvider clock)
{
    private double _left = 2 * perSecond;
    private long _at = clock.GetTimestamp();

    /// <summary>Takes one.</summary>
    public bool Take()
    {
        var now = clock.GetTimestamp();
        _left = Math.Min(2 * perSecond, _left + (clock.GetElapsedTime(_at, now).TotalSeconds * perSecond));
        _at = now;
        if (_left < 1)
        {
            return false;
        }

        _left--;
        return true;
    }
}
