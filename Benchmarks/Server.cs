using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace MemoryMesh.Benchmarks;

/// <summary>A program that serves HTTP, in a process of its own over a temporary folder.</summary>
internal sealed class Server : IAsyncDisposable
{
    private const string Password = "correct horse battery";
    private readonly Process _process;
    private readonly string? _folder;

    private Server(Process process, Uri address, string? folder, TimeSpan readyAfter)
    {
        _process = process;
        _folder = folder;
        Address = address;
        ReadyAfter = readyAfter;
    }

    public Uri Address { get; }

    /// <summary>From the start of the process to its first 200.</summary>
    public TimeSpan ReadyAfter { get; }

    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Waits until the process does next to nothing: what it does behind its answers would be taken for the slowness of what is measured next.</summary>
    public async Task RestAsync()
    {
        var (quiet, before) = (0, _process.TotalProcessorTime);
        while (quiet < 4)
        {
            await Task.Delay(250);
            _process.Refresh();
            var now = _process.TotalProcessorTime;
            quiet = now - before < TimeSpan.FromMilliseconds(25) ? quiet + 1 : 0;
            before = now;
        }
    }

    /// <summary>The product with every module in one process.</summary>
    /// <param name="environment">Settings.</param>
    /// <param name="folder">Data that stay; null for a folder of its own.</param>
    public static Task<Server> StartProductAsync(IReadOnlyDictionary<string, string>? environment = null, string? folder = null)
    {
        var own = folder is null ? Directory.CreateTempSubdirectory("memorymesh-bench-").FullName : null;
        return StartAsync(
            own,
            "/v1/admin/readiness",
            address => [BuiltProgram.PathOf("AppHost", "MemoryMesh.AppHost.dll"), "--urls", address, "--data", folder ?? own!],
            environment);
    }

    /// <summary>A minimal API with one route.</summary>
    public static Task<Server> StartBareApiAsync()
        => StartAsync(
            Directory.CreateTempSubdirectory("memorymesh-bench-").FullName,
            "/",
            address => [typeof(Server).Assembly.Location, BareApi.Command, address]);

    /// <summary>Registers an account and returns a client that sends its token.</summary>
    public async Task<HttpClient> RegisterAsync(string name, int connections)
    {
        using (var client = new HttpClient { BaseAddress = Address })
        {
            using var registered = await client.PostAsJsonAsync("/v1/auth/register", new { email = $"{name}@example.com", username = name, password = Password });
            registered.EnsureSuccessStatusCode();
        }

        return await LogInAsync(name, connections);
    }

    /// <summary>Returns a client that sends the token of an account.</summary>
    public async Task<HttpClient> LogInAsync(string name, int connections)
    {
        var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = connections }) { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(2) };
        using var loggedIn = await client.PostAsJsonAsync("/v1/auth/login", new { email = $"{name}@example.com", password = Password });
        var tokens = await loggedIn.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", tokens.GetProperty("access_token").GetString());
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static async Task<Server> StartAsync(
        string? folder, string path, Func<string, string[]> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var address = $"http://127.0.0.1:{FreePort()}";
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in arguments(address))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["MEMORY_GLOBAL_RATE_LIMIT"] = "100000000/minute";
        start.Environment["MEMORY_TENANT_RATE_LIMIT"] = "100000000/minute";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var client = new HttpClient { BaseAddress = new Uri(address) };
        var began = Stopwatch.GetTimestamp();
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        while (true)
        {
            try
            {
                using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    return new Server(process, new Uri(address), folder, Stopwatch.GetElapsedTime(began));
                }
            }
            catch (HttpRequestException) when (!process.HasExited)
            {
            }

            await Task.Delay(2);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
