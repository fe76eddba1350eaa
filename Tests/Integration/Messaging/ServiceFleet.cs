using MemoryMesh.AppHost;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.Tests.Shared;
using Microsoft.Extensions.Configuration;

namespace MemoryMesh.Tests.Integration.Messaging;

/// <summary>The six services as processes of their own beside a broker of the operator's, as an orchestrator runs them: each can be killed, and is started again.</summary>
internal sealed class ServiceFleet : IAsyncDisposable
{
    /// <summary>The services.</summary>
    public static readonly IReadOnlyList<string> Services = ["auth", "chat", "memory", "search", "retention", "gateway"];

    private readonly Dictionary<string, Uri> _addresses = Services.ToDictionary(service => service, _ => new Uri($"http://127.0.0.1:{TestHost.FreePort()}"));
    private readonly Dictionary<string, ChildProcess> _processes = [];
    private readonly Dictionary<string, string> _environment;
    private readonly string _folder;

    private ServiceFleet(string folder, RabbitMqServer broker)
    {
        _folder = folder;
        Broker = broker;
        _environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Testing",
            ["Auth__PasswordIterations"] = "1000",
            ["MEMORY_GLOBAL_RATE_LIMIT"] = "10000000/minute",
            ["MEMORY_TENANT_RATE_LIMIT"] = "10000000/minute",
            ["MEMORY_DATA_DIR"] = Path.Combine(folder, "data"),
            ["Tenants__ClaimOnFirstUse"] = "true",
            ["ConnectionStrings__rabbitmq"] = broker.ConnectionString,
        };
        foreach (var (service, address) in _addresses)
        {
            _environment[$"services__{service}__http__0"] = address.ToString().TrimEnd('/');
        }
    }

    /// <summary>The broker between them.</summary>
    public RabbitMqServer Broker { get; }

    /// <summary>The Gateway.</summary>
    public Uri Address => _addresses["gateway"];

    /// <summary>Starts everything and waits until it is ready.</summary>
    public static async Task<ServiceFleet> StartAsync()
    {
        Servers.Require("rabbitmq-server", RabbitMqServer.FindScript() is not null);
        var folder = Directory.CreateTempSubdirectory("memorymesh-fleet-").FullName;
        var broker = RabbitMqServer.Create(Path.Combine(folder, "broker"));
        var fleet = new ServiceFleet(folder, broker);
        try
        {
            await broker.StartAsync(default);
            var data = Directory.CreateDirectory(Path.Combine(folder, "data")).FullName;

            // The services start together and must find the same keys.
            _ = KeyFiles.Load(new ConfigurationBuilder().Build(), data);
            foreach (var service in Services)
            {
                await fleet.StartAsync(service);
            }

            await fleet.ReadyAsync();
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills a service as <c>kill -9</c> does, and starts it again at once.</summary>
    public async Task KillAsync(string service)
    {
        _processes[service].Kill();
        await _processes[service].Exited;
        await _processes[service].DisposeAsync();
        await StartAsync(service);
    }

    /// <summary>Waits until every service is healthy, the broker of each included.</summary>
    public async Task ReadyAsync()
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        foreach (var service in Services)
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    Assert.That(_processes[service].HasExited, Is.False, $"{service} ended:\n{_processes[service].HeldOutput}");
                    try
                    {
                        using var answer = await client.GetAsync(new Uri(_addresses[service], "/health"));
                        return answer.IsSuccessStatusCode;
                    }
                    catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
                    {
                        return false;
                    }
                },
                Eventually.Patience,
                () => $"{service} did not become healthy:\n{_processes[service].HeldOutput}");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_processes.Values.Select(process => process.DisposeAsync().AsTask()));
        await Broker.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync(string service)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var name = char.ToUpperInvariant(service[0]) + service[1..];
        var program = Path.Combine(TestHost.RepositoryRoot(), "Services", name, "Api", "bin", configuration, "net10.0", $"MemoryMesh.{name}.Api.dll");
        _processes[service] = await ChildProcess.StartAsync(service, ["dotnet", program, "--urls", _addresses[service].ToString().TrimEnd('/')], _environment, quiet: true);
    }
}
