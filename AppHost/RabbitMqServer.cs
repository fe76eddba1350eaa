using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.AppHost;

/// <summary>A RabbitMQ broker of our own, from Debian's package: private folder, private ports on the loopback address, a user with a random password.</summary>
/// <remarks>
/// Everything that could meet another broker of the machine is its own: the node's port and its distribution port, the port mapper (<c>epmd</c>), the
/// cookie (its HOME), configuration, plug-ins and logs. The folder can be used again after the broker was killed.
/// </remarks>
internal sealed class RabbitMqServer : IAsyncDisposable
{
    private const string User = "memorymesh";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);

    private readonly string _folder;
    private readonly string _script;
    private readonly string _password;
    private readonly int _distributionPort;
    private readonly int _mapperPort;
    private ChildProcess? _mapper;
    private ChildProcess? _node;

    private RabbitMqServer(string folder, string script, int port, int distributionPort, int mapperPort)
    {
        _folder = folder;
        _script = script;
        Port = port;
        _distributionPort = distributionPort;
        _mapperPort = mapperPort;
        _password = ReadOrCreatePassword(Path.Combine(folder, "password"));
    }

    /// <summary>Port of the broker.</summary>
    public int Port { get; }

    /// <summary>Value for <c>ConnectionStrings__rabbitmq</c>.</summary>
    public string ConnectionString => $"amqp://{User}:{_password}@127.0.0.1:{Port}";

    /// <summary>Done when the broker ended.</summary>
    public Task Exited => _node!.Exited;

    /// <summary>The start script of the installed package, not its wrapper, which changes user; null when it is not installed.</summary>
    public static string? FindScript()
        => Directory.Exists("/usr/lib/rabbitmq/lib")
            ? Directory.EnumerateDirectories("/usr/lib/rabbitmq/lib", "rabbitmq_server-*")
                .Select(folder => Path.Combine(folder, "sbin", "rabbitmq-server"))
                .Where(File.Exists)
                .Order(StringComparer.Ordinal)
                .LastOrDefault()
            : null;

    /// <summary>Prepares a broker over a folder, which may hold the data of an earlier one.</summary>
    /// <exception cref="StartupException">RabbitMQ is not installed.</exception>
    public static RabbitMqServer Create(string folder)
    {
        var script = FindScript() ?? throw new StartupException(
            "RabbitMQ is not installed: run `apt-get install rabbitmq-server` (Debian, Ubuntu), or set ConnectionStrings__rabbitmq to a broker that runs. "
            + "Without `--processes` no broker is needed.");
        CreatePrivateFolder(folder);
        var ports = FreePorts.Take(3);
        return new RabbitMqServer(Path.GetFullPath(folder), script, ports[0], ports[1], ports[2]);
    }

    /// <summary>Starts it and waits until it takes connections. Also after <see cref="StopAsync"/>, on the same port.</summary>
    /// <exception cref="StartupException">It ended, or was not ready in time.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string>
        {
            ["HOME"] = _folder,
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["ERL_EPMD_PORT"] = Text(_mapperPort),
            ["RABBITMQ_NODENAME"] = "memorymesh@localhost",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = Text(Port),
            ["RABBITMQ_DIST_PORT"] = Text(_distributionPort),
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder, "mnesia"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(_folder, "log"),
            ["RABBITMQ_PID_FILE"] = Path.Combine(_folder, "pid"),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder, "rabbitmq"),
            ["RABBITMQ_ADVANCED_CONFIG_FILE"] = Path.Combine(_folder, "advanced"),
            ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(_folder, "rabbitmq-env.conf"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "enabled_plugins"),

            // Schedulers that spin while idle would take the processor from the services.
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none",

            // The script then becomes the broker instead of starting it beside itself, and signals reach it.
            ["RUNNING_UNDER_SYSTEMD"] = "true",
        };
        await File.WriteAllTextAsync(Path.Combine(_folder, "enabled_plugins"), "[].\n", cancellationToken);
        await WritePrivateAsync(
            Path.Combine(_folder, "rabbitmq.conf"),
            $"""
            listeners.tcp.1 = 127.0.0.1:{Text(Port)}
            default_user = {User}
            default_pass = {_password}
            log.console = false
            log.file.level = warning

            """,
            cancellationToken);

        // The port mapper would be started by the node, as a daemon that stays.
        _mapper = await ChildProcess.StartAsync("epmd", ["epmd", "-address", "127.0.0.1", "-port", Text(_mapperPort)], environment, quiet: true);
        _node = await ChildProcess.StartAsync("rabbitmq", [_script], environment, quiet: true);
        await WaitUntilReadyAsync(_node, cancellationToken);
    }

    /// <summary>Stops it, as SIGTERM does.</summary>
    public async Task StopAsync()
    {
        foreach (var child in new[] { _node, _mapper })
        {
            if (child is not null)
            {
                await child.DisposeAsync();
            }
        }

        (_node, _mapper) = (null, null);
    }

    /// <summary>Kills it, as a power cut does.</summary>
    public async Task KillAsync()
    {
        _node?.Kill();
        await StopAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task WaitUntilReadyAsync(ChildProcess node, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartLimit);
        while (!await AnswersAsync(limit.Token))
        {
            if (node.HasExited || limit.IsCancellationRequested)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw new StartupException(
                    $"RabbitMQ {(node.HasExited ? $"ended with {node.ExitCode}" : $"was not ready within {StartLimit.TotalSeconds:0} s")}; its log is in {Path.Combine(_folder, "log")}. It printed:\n{node.HeldOutput}");
            }

            await Task.Delay(50, CancellationToken.None);
        }
    }

    /// <summary>Whether the broker greets: it sends its first frame only once it is fully up.</summary>
    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port, cancellationToken);
            var stream = client.GetStream();
            await stream.WriteAsync("AMQP\0\0\u0009\u0001"u8.ToArray(), cancellationToken);
            return await stream.ReadAsync(new byte[1], cancellationToken) == 1;
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException)
        {
            return false;
        }
    }

    private static string ReadOrCreatePassword(string path)
    {
        if (!File.Exists(path))
        {
            WritePrivateAsync(path, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)), CancellationToken.None).GetAwaiter().GetResult();
        }

        return File.ReadAllText(path);
    }

    private static async Task WritePrivateAsync(string path, string text, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        // Moved into place whole, so that a start that is killed leaves no half a file.
        var temporary = $"{path}.new";
        await using (var writer = new StreamWriter(new FileStream(temporary, options)))
        {
            await writer.WriteAsync(text.AsMemory(), cancellationToken);
        }

        File.Move(temporary, path, overwrite: true);
    }

    private static void CreatePrivateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Ports of the loopback address that nothing listens on.</summary>
/// <remarks>
/// They are below those that systems give to outgoing connections (from 32,768 on Linux, from 49,152 elsewhere): one of these can be taken between being found
/// free and being listened on.
/// </remarks>
internal static class FreePorts
{
    private const int First = 20_000;
    private const int End = 32_000;
    private const int Tries = 1_000;

    /// <summary>Different free ports.</summary>
    /// <exception cref="SocketException">None is to be found.</exception>
    public static int[] Take(int count)
    {
        // Held until all are found, so that none is found twice.
        var listeners = new List<TcpListener>(count);
        try
        {
            for (var tried = 1; listeners.Count < count; tried++)
            {
                var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(First, End));
                try
                {
                    listener.Start();
                    listeners.Add(listener);
                }
                catch (SocketException) when (tried < Tries)
                {
                    listener.Dispose();
                }
            }

            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            listeners.ForEach(listener => listener.Dispose());
        }
    }
}
