using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using NUnit.Framework;

namespace MemoryMesh.Tests.Shared;

/// <summary>Which way the product runs.</summary>
public enum HostKind
{
    /// <summary>Every module in one process.</summary>
    Embedded,

    /// <summary>Each service a process of its own, RabbitMQ between them.</summary>
    Processes,
}

/// <summary>The product as its user starts it: the built AppHost in a process of its own, on a free port, over a temporary folder.</summary>
public sealed class TestHost : IAsyncDisposable
{
    /// <summary>What the operator of every host sends.</summary>
    public const string MonitoringToken = "operator-of-a-server-under-test-0123456789";

    private readonly ConcurrentQueue<string> _output = new();
    private readonly string[] _arguments;
    private readonly Dictionary<string, string> _environment;
    private readonly bool _ownsFolder;
    private Process? _process;

    private TestHost(HostKind kind, string? folder, string[] arguments, IReadOnlyDictionary<string, string>? environment)
    {
        Kind = kind;
        _ownsFolder = folder is null;
        Folder = folder ?? Directory.CreateTempSubdirectory("memorymesh-test-").FullName;
        Address = new Uri($"http://127.0.0.1:{FreePort()}");
        _arguments = arguments;

        // Limits that a person never meets would stop a test run, and hashing the passwords of all its people would take most of its time.
        _environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Testing",
            ["Auth__PasswordIterations"] = "1000",
            ["MEMORY_GLOBAL_RATE_LIMIT"] = "10000000/minute",
            ["MEMORY_TENANT_RATE_LIMIT"] = "10000000/minute",
            ["Auth__FailuresPerAddress"] = "100000",
            ["Monitoring__Token"] = MonitoringToken,

            // Once a day it begins by itself, which would come in between what tests ask of it then.
            ["Memory__Consolidation__Enabled"] = "false",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            _environment[name] = value;
        }
    }

    /// <summary>Which way it runs.</summary>
    public HostKind Kind { get; }

    /// <summary>The data folder.</summary>
    public string Folder { get; }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>What it printed so far.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Id of the process.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>Starts the product and waits until it is ready.</summary>
    public static async Task<TestHost> StartAsync(
        HostKind kind, string? folder = null, string[]? arguments = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        if (kind == HostKind.Processes)
        {
            Servers.Require("rabbitmq-server", File.Exists("/usr/sbin/rabbitmq-server"));
        }

        var host = new TestHost(kind, folder, arguments ?? [], environment);
        try
        {
            await host.StartAgainAsync();
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }

        return host;
    }

    /// <summary>Starts the process again over the same folder and port, after <see cref="Kill"/> or <see cref="StopAsync"/>.</summary>
    public async Task StartAgainAsync()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(AppHostPath());
        if (Kind == HostKind.Processes)
        {
            start.ArgumentList.Add("--processes");
        }

        foreach (var argument in (string[])["--urls", Address.ToString().TrimEnd('/'), "--data", Folder, .. _arguments])
        {
            start.ArgumentList.Add(argument);
        }

        // A busy machine may take longer over a search than a context waits for it otherwise.
        start.Environment["Memory__ContextSearchTimeoutMilliseconds"] = "30000";
        foreach (var (name, value) in _environment)
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        using var client = new HttpClient { BaseAddress = Address, Timeout = Eventually.Patience };
        await Eventually.TrueAsync(
            async () =>
            {
                if (_process.HasExited)
                {
                    throw new InvalidOperationException($"The host ended with {_process.ExitCode}:\n{Output}");
                }

                try
                {
                    using var response = await client.GetAsync(new Uri("/v1/admin/readiness", UriKind.Relative));
                    return response.StatusCode == HttpStatusCode.OK;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            Eventually.Patience,
            () => $"The host did not become ready:\n{Output}");
    }

    /// <summary>A client without credentials. Its answers are held against the API's description.</summary>
    public HttpClient CreateClient() => new(new DescribedAnswers()) { BaseAddress = Address, Timeout = Eventually.Patience };

    /// <summary>Kills the process at once, as <c>kill -9</c> does.</summary>
    public void Kill()
    {
        _process!.Kill(entireProcessTree: true);
        _process.WaitForExit();
    }

    /// <summary>Asks the process to stop, as Ctrl-C does.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        Signal("TERM");
        using var deadline = new CancellationTokenSource(Eventually.Patience);
        await _process!.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    /// <summary>Sends a signal to the process.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", $"-{name} {_process!.Id}");
        kill.WaitForExit();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            try
            {
                await StopAsync();
            }
            catch (OperationCanceledException)
            {
                Kill();
            }
        }

        _process?.Dispose();
        if (_ownsFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    /// <summary>A port of the loopback address that nothing listens on; below those that outgoing connections get, which could take it before it is listened on.</summary>
    public static int FreePort()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(10_000, 20_000));
            try
            {
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // Somebody listens there.
            }
        }
    }

    /// <summary>The built AppHost, of the same configuration as this test.</summary>
    public static string AppHostPath() => BuiltPath("AppHost", "MemoryMesh.AppHost.dll");

    /// <summary>A program of another project, of the same stack and configuration as the tests.</summary>
    /// <param name="project">Folder of the project, from the root of the repository.</param>
    /// <param name="program">File name of the program.</param>
    public static string BuiltPath(string project, string program)
    {
        var bin = new DirectoryInfo(AppContext.BaseDirectory);
        while (bin.Name != "bin")
        {
            bin = bin.Parent ?? throw new InvalidOperationException("The tests are in no folder `bin`.");
        }

        return Path.Combine(RepositoryRoot(), project, "bin", Path.GetRelativePath(bin.FullName, AppContext.BaseDirectory), program);
    }

    /// <summary>The folder that holds MemoryMesh.sln.</summary>
    public static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "MemoryMesh.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("MemoryMesh.sln was not found above the tests.");
        }

        return folder.FullName;
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is not null)
        {
            _output.Enqueue(line.Data);
        }
    }
}

/// <summary>Servers that tests need.</summary>
public static class Servers
{
    /// <summary>Skips the test when a server is missing, and fails it in CI.</summary>
    public static void Require(string name, bool present)
    {
        if (present)
        {
            return;
        }

        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            Assert.Fail($"{name} is missing; CI must install it.");
        }

        Assert.Ignore($"{name} is not installed.");
    }
}

/// <summary>Waits for conditions.</summary>
public static class Eventually
{
    /// <summary>How long anything may take: a machine may be ten times as slow as the one a test was written on.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>Waits until a condition holds.</summary>
    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan deadline, Func<string> explain)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > deadline)
            {
                throw new TimeoutException(explain());
            }

            await Task.Delay(20);
        }
    }
}
