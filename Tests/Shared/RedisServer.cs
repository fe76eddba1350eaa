using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MemoryMesh.Tests.Shared;

/// <summary>A Redis server of a test's own, from Debian's package. It keeps nothing on disk.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private const string Program = "/usr/bin/redis-server";

    private readonly string _folder = Directory.CreateTempSubdirectory("memorymesh-redis-").FullName;
    private Process? _process;

    private RedisServer() => Port = TestHost.FreePort();

    /// <summary>Port of the loopback address.</summary>
    public int Port { get; }

    /// <summary>Value for <c>ConnectionStrings__redis</c>.</summary>
    public string ConnectionString => $"127.0.0.1:{Port}";

    /// <summary>Starts one. Where Redis is not installed, the test is skipped, or fails in CI.</summary>
    public static async Task<RedisServer> StartAsync()
    {
        Servers.Require("redis-server", File.Exists(Program));
        var server = new RedisServer();
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Starts it again on the same port, after <see cref="Kill"/>. What it held is gone.</summary>
    public async Task StartAgainAsync()
    {
        var port = Port.ToString(CultureInfo.InvariantCulture);
        string[] arguments = ["--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", _folder, "--logfile", Path.Combine(_folder, "log")];
        _process = Process.Start(new ProcessStartInfo(Program, arguments) { UseShellExecute = false })!;
        await Eventually.TrueAsync(AnswersAsync, Eventually.Patience, () => "Redis did not start.");
    }

    /// <summary>Kills it, as a power cut does.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            Kill();
        }

        Directory.Delete(_folder, recursive: true);
        return default;
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port);
            var stream = client.GetStream();
            await stream.WriteAsync("PING\r\n"u8.ToArray());
            return await stream.ReadAsync(new byte[1]) == 1;
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return false;
        }
    }
}
