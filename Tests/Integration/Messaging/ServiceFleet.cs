using System.Net;
using MemoryMesh.AppHost;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.Tests.Shared;
using Microsoft.Extensions.Configuration;
using RabbitMQ.Client;

namespace MemoryMesh.Tests.Integration.Messaging;

/// <summary>
/// The six services as processes of their own beside the operator's RabbitMQ, PostgreSQL (Auth and Retention) and Redis, as an orchestrator runs them: each can be killed, and is
/// started again.
/// </summary>
internal sealed class ServiceFleet : IAsyncDisposable
{
    /// <summary>The services.</summary>
    public static readonly IReadOnlyList<string> Services = ["auth", "chat", "memory", "search", "retention", "gateway"];

    private static readonly Lock Gate = new();
    private static Task<ServiceFleet>? shared;

    private readonly Dictionary<string, Uri> _addresses = Services.ToDictionary(service => service, _ => new Uri($"http://127.0.0.1:{TestHost.FreePort()}"));
    private readonly Dictionary<string, ChildProcess> _processes = [];
    private readonly Dictionary<string, string> _environment;
    private readonly string _folder;

    private ServiceFleet(string folder, RabbitMqServer broker, PostgresServer postgres, string database, RedisServer redis)
    {
        _folder = folder;
        Broker = broker;
        Postgres = postgres;
        Redis = redis;
        _environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Testing",
            ["Auth__PasswordIterations"] = "1000",
            ["MEMORY_GLOBAL_RATE_LIMIT"] = "10000000/minute",
            ["MEMORY_TENANT_RATE_LIMIT"] = "10000000/minute",
            ["Memory__Consolidation__Enabled"] = "false",
            ["MEMORY_DATA_DIR"] = Path.Combine(folder, "data"),
            ["Tenants__ClaimOnFirstUse"] = "true",
            ["ConnectionStrings__rabbitmq"] = broker.ConnectionString,
            ["ConnectionStrings__auth"] = database,
            ["ConnectionStrings__retention"] = database,
            ["ConnectionStrings__redis"] = redis.ConnectionString,
        };
        foreach (var (service, address) in _addresses)
        {
            _environment[$"services__{service}__http__0"] = address.ToString().TrimEnd('/');
        }
    }

    /// <summary>The broker between them.</summary>
    public RabbitMqServer Broker { get; }

    /// <summary>The server of Auth's and Retention's rows.</summary>
    public PostgresServer Postgres { get; }

    /// <summary>What the processes share.</summary>
    public RedisServer Redis { get; }

    /// <summary>The Gateway.</summary>
    public Uri Address => _addresses["gateway"];

    /// <summary>The one that tests share, which leave it as they found it: everything runs and no event waits.</summary>
    public static Task<ServiceFleet> SharedAsync()
    {
        lock (Gate)
        {
            return shared ??= StartAsync();
        }
    }

    /// <summary>Stops the shared one.</summary>
    public static async Task StopSharedAsync()
    {
        if (shared is { IsCompletedSuccessfully: true })
        {
            await (await shared).DisposeAsync();
        }

        shared = null;
    }

    /// <summary>Starts everything and waits until it is ready.</summary>
    private static async Task<ServiceFleet> StartAsync()
    {
        Servers.Require("rabbitmq-server", RabbitMqServer.FindScript() is not null);
        var postgres = await PostgresServer.StartAsync();
        var redis = await RedisServer.StartAsync();
        var folder = Directory.CreateTempSubdirectory("memorymesh-fleet-").FullName;
        var broker = RabbitMqServer.Create(Path.Combine(folder, "broker"));
        var fleet = new ServiceFleet(folder, broker, postgres, await postgres.CreateDatabaseAsync(), redis);
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

    /// <summary>Stops a service as SIGTERM does.</summary>
    public Task StopAsync(string service) => _processes[service].DisposeAsync().AsTask();

    /// <summary>Starts a service that was stopped.</summary>
    public Task StartAgainAsync(string service) => StartAsync(service);

    /// <summary>A client of the Gateway without credentials.</summary>
    public HttpClient CreateClient() => new() { BaseAddress = Address, Timeout = Eventually.Patience };

    /// <summary>A client of a new account.</summary>
    public async Task<HttpClient> RegisterAsync()
    {
        var name = $"p{Guid.NewGuid():N}"[..20];
        var client = CreateClient();
        await client.SendJsonAsync(HttpMethod.Post, "/v1/auth/register", new { email = $"{name}@example.com", username = name, password = Person.Password }, HttpStatusCode.Created);
        var tokens = await client.SendJsonAsync(HttpMethod.Post, "/v1/auth/login", new { email = $"{name}@example.com", password = Person.Password }, HttpStatusCode.OK);
        client.DefaultRequestHeaders.Authorization = new("Bearer", tokens.GetProperty("access_token").GetString());
        return client;
    }

    /// <summary>How many events wait on the broker.</summary>
    public async Task<uint> CountQueuedAsync()
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(Broker.ConnectionString) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var count = 0u;
        foreach (var subscription in Subscriptions.All)
        {
            count += await channel.MessageCountAsync(subscription.Name);
        }

        return count;
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
        await Postgres.DisposeAsync();
        await Redis.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync(string service)
    {
        var name = char.ToUpperInvariant(service[0]) + service[1..];
        var program = TestHost.BuiltPath(Path.Combine("Services", name, "Api"), $"MemoryMesh.{name}.Api.dll");
        _processes[service] = await ChildProcess.StartAsync(service, ["dotnet", program, "--urls", _addresses[service].ToString().TrimEnd('/')], _environment, quiet: true);
    }
}
