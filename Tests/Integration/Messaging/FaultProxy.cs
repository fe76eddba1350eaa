using System.Net;
using System.Net.Sockets;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Messaging;

/// <summary>Stands between a client and a server, and cuts all connections after a number of bytes.</summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _end = new();
    private readonly int _target;
    private readonly Task _accepting;
    private long _sentUntilCut = long.MaxValue;
    private long _receivedUntilCut = long.MaxValue;
    private CancellationTokenSource _cut = new();

    public FaultProxy(int target)
    {
        _target = target;
        _listener = new TcpListener(IPAddress.Loopback, 0);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>How many times connections were cut.</summary>
    public int Cuts { get; private set; }

    /// <summary>Cuts after so many more bytes from the client, or from the server, whichever comes first. Connections made afterwards stay.</summary>
    public void CutAfter(long sent = long.MaxValue, long received = long.MaxValue)
    {
        Interlocked.Exchange(ref _sentUntilCut, sent);
        Interlocked.Exchange(ref _receivedUntilCut, received);
    }

    /// <summary>Waits until connections were cut so many times.</summary>
    public Task CutAsync(int times) => Eventually.TrueAsync(() => Task.FromResult(Cuts >= times), Eventually.Patience, () => $"Cut {Cuts} times.");

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptTcpClientAsync(_end.Token);
            _ = ServeAsync(client);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_end.Token, Volatile.Read(ref _cut).Token);
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _target, end.Token);
                await await Task.WhenAny(PumpAsync(client, server, () => ref _sentUntilCut, end.Token), PumpAsync(server, client, () => ref _receivedUntilCut, end.Token));
            }
            catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException)
            {
                // Either side ended it, or it was cut: both are closed now, the client's without a farewell.
                client.LingerState = new LingerOption(true, 0);
            }
        }
    }

    private delegate ref long Counter();

    private async Task PumpAsync(TcpClient from, TcpClient to, Counter left, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        while (await from.GetStream().ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            var rest = Interlocked.Add(ref left(), -count) + count;
            await to.GetStream().WriteAsync(buffer.AsMemory(0, (int)Math.Min(count, Math.Max(rest, 0))), cancellationToken);
            if (rest <= count)
            {
                CutAfter();
                Cuts++;
                await Interlocked.Exchange(ref _cut, new CancellationTokenSource()).CancelAsync();
                throw new IOException("cut");
            }
        }
    }
}
