using System.Globalization;
using System.Security.Cryptography;
using MemoryMesh.AppHost;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.Configuration;

namespace MemoryMesh.Benchmarks;

/// <summary>The services as processes of their own beside a RabbitMQ, with as many Gateways as are asked for.</summary>
internal sealed class ProcessFleet : IAsyncDisposable
{
    private static readonly string[] Inner = ["auth", "chat", "memory", "search", "retention"];

    private readonly List<(string Name, int Id, ChildProcess Process)> _processes = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("memorymesh-bench-").FullName;
    private readonly Dictionary<string, string> _environment = new()
    {
        ["MEMORY_GLOBAL_RATE_LIMIT"] = "100000000/minute",
        ["MEMORY_TENANT_RATE_LIMIT"] = "100000000/minute",
        ["Tenants__ClaimOnFirstUse"] = "true",
        ["Messaging__QueueType"] = "classic",
    };

    private RabbitMqServer _broker = null!;

    private ProcessFleet()
    {
    }

    /// <summary>Where the Gateways listen.</summary>
    public List<Uri> Gateways { get; } = [];

    /// <summary>Starts everything and waits until it answers.</summary>
    /// <param name="gateways">How many Gateways.</param>
    /// <param name="embedders">How many embedders. Unless it is null, they and Search compute on one thread each.</param>
    /// <param name="replicas">How many searchers, and how many readers.</param>
    public static async Task<ProcessFleet> StartAsync(int gateways, int? embedders = null, int replicas = 0)
    {
        var fleet = new ProcessFleet();
        var data = Directory.CreateDirectory(Path.Combine(fleet._folder, "data")).FullName;
        _ = KeyFiles.Load(new ConfigurationBuilder().Build(), data);
        fleet._broker = RabbitMqServer.Create(Path.Combine(fleet._folder, "broker"));
        await fleet._broker.StartAsync(default);
        fleet._environment["MEMORY_DATA_DIR"] = data;
        fleet._environment["ConnectionStrings__rabbitmq"] = fleet._broker.ConnectionString;
        var ports = FreePorts.Take(Inner.Length + gateways + (embedders ?? 0) + (2 * replicas));
        foreach (var (service, port) in Inner.Zip(ports))
        {
            fleet._environment[$"services__{service}__http__0"] = Address(port);
        }

        if (embedders is not null)
        {
            fleet._environment["Search__LocalEmbedder__Threads"] = "1";
            fleet._environment["Search__Embedders__Key"] = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
            foreach (var (at, port) in ports.Skip(Inner.Length + gateways).Take(embedders.Value).Index())
            {
                fleet._environment[string.Create(CultureInfo.InvariantCulture, $"services__embedders__http__{at}")] = Address(port);
                await fleet.StartAsync("search", Address(port), "embedder");
            }
        }

        var own = ports.TakeLast(2 * replicas).ToList();
        for (var at = 0; at < replicas; at++)
        {
            fleet._environment[string.Create(CultureInfo.InvariantCulture, $"services__searchers__http__{at}")] = Address(own[2 * at]);
            fleet._environment[string.Create(CultureInfo.InvariantCulture, $"services__readers__http__{at}")] = Address(own[(2 * at) + 1]);
        }

        for (var at = 0; at < replicas; at++)
        {
            await fleet.StartAsync("search", Address(own[2 * at]), "searcher");
            await fleet.StartAsync("memory", Address(own[(2 * at) + 1]), "reader");
        }

        foreach (var (service, port) in Inner.Concat(Enumerable.Repeat("gateway", gateways)).Zip(ports))
        {
            await fleet.StartAsync(service, Address(port));
            if (service == "gateway")
            {
                fleet.Gateways.Add(new Uri(Address(port)));
            }
        }

        foreach (var port in ports)
        {
            await ReadyAsync(Address(port));
        }

        return fleet;
    }

    /// <summary>Starts one more process of a service over the same data.</summary>
    /// <returns>Its exit code and the last line that it printed; null when it serves.</returns>
    public async Task<string?> StartAnotherAsync(string service)
    {
        var address = Address(FreePorts.Take(1)[0]);
        await using var process = await ChildProcess.StartAsync(service, ["dotnet", PathOf(service), "--urls", address], _environment, quiet: true);
        var ready = ReadyAsync(address);
        return await Task.WhenAny(process.Exited, ready) == ready ? null : $"{process.ExitCode}: {process.HeldOutput.Split('\n').Last(line => line.Trim().Length > 0).Trim()}";
    }

    /// <summary>What each process took so far, the broker too.</summary>
    public IReadOnlyList<ProcessUsage> Measure() => [.. _processes.Select(process => ProcessUsage.Of(process.Name, process.Id)), ProcessUsage.OfBroker(_folder)];

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_processes.Select(process => process.Process.DisposeAsync().AsTask()));
        await _broker.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Address(int port) => $"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}";

    private static string PathOf(string service)
    {
        var name = char.ToUpperInvariant(service[0]) + service[1..];
        return BuiltProgram.PathOf(Path.Combine("Services", name, "Api"), $"MemoryMesh.{name}.Api.dll");
    }

    private static async Task ReadyAsync(string address)
    {
        using var client = new HttpClient();
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri($"{address}/health"));
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
            }

            await Task.Delay(50);
        }
    }

    private async Task StartAsync(string service, string address, string? role = null)
    {
        var environment = role is null ? _environment : new(_environment) { [$"{service}__Role"] = role };
        var process = await ChildProcess.StartAsync(role ?? service, ["dotnet", PathOf(service), "--urls", address], environment, quiet: true);
        _processes.Add((role ?? service, ProcessUsage.Find(commandLine => commandLine.Contains(PathOf(service), StringComparison.Ordinal) && commandLine.Contains(address, StringComparison.Ordinal)), process));
    }
}

/// <summary>What a process took, by the account of Linux.</summary>
/// <param name="Name">Name of the service.</param>
/// <param name="Cpu">Processor time.</param>
/// <param name="Resident">Bytes of memory.</param>
/// <param name="Written">Bytes that it had written to disk.</param>
internal sealed record ProcessUsage(string Name, TimeSpan Cpu, long Resident, long Written)
{
    /// <summary>Ticks of a second in <c>/proc</c>: USER_HZ, which is 100 on every Linux that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    public static ProcessUsage Of(string name, int id)
    {
        var stat = File.ReadAllText($"/proc/{id}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return new(
            name,
            TimeSpan.FromSeconds((long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond),
            long.Parse(fields[21], CultureInfo.InvariantCulture) * Environment.SystemPageSize,
            long.Parse(File.ReadLines($"/proc/{id}/io").Single(line => line.StartsWith("write_bytes:", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture));
    }

    /// <summary>The broker whose data are in a folder.</summary>
    public static ProcessUsage OfBroker(string folder)
        => Of("rabbitmq", Find(commandLine => commandLine.Contains("beam", StringComparison.Ordinal) && commandLine.Contains(folder, StringComparison.Ordinal)));

    /// <summary>Id of the process with a command line.</summary>
    public static int Find(Func<string, bool> matches)
    {
        while (true)
        {
            foreach (var folder in Directory.EnumerateDirectories("/proc"))
            {
                if (int.TryParse(Path.GetFileName(folder), out var id) && id != Environment.ProcessId && matches(CommandLine(id)))
                {
                    return id;
                }
            }

            Thread.Sleep(20);
        }
    }

    private static string CommandLine(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline").Replace('\0', ' ');
        }
        catch (IOException)
        {
            return "";
        }
    }
}
