using System.Collections.Concurrent;
using System.Diagnostics;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace MemoryMesh.Benchmarks;

/// <summary>Two hosts of the product over one broker: one commits events to the outbox of its store, the other consumes them.</summary>
internal sealed class EventPair : IAsyncDisposable
{
    private readonly WebApplication _publisher;
    private readonly WebApplication _consumer;
    private readonly SqliteDatabase _store;
    private readonly Arrivals _arrivals;

    private EventPair(WebApplication publisher, WebApplication consumer, Arrivals arrivals)
    {
        _publisher = publisher;
        _consumer = consumer;
        _store = publisher.Services.GetRequiredKeyedService<ModuleDatabase>("search").Data;
        _arrivals = arrivals;
    }

    /// <summary>Starts them and waits until both are joined to the broker.</summary>
    public static async Task<EventPair> StartAsync(string broker, string folder, string queueType)
    {
        var arrivals = new Arrivals();
        return new EventPair(
            await StartAsync("search", broker, folder, queueType, _ => { }),
            await StartAsync("memory", broker, folder, queueType, services =>
            {
                services.AddSubscription<Consumer>(Subscriptions.MemoryStatus);
                services.AddSingleton(arrivals);
            }),
            arrivals);
    }

    /// <summary>Removes what the product declared, so that queues of another kind can be declared.</summary>
    public static async Task DeleteQueuesAsync(string broker)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(broker) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        foreach (var queue in Subscriptions.All.SelectMany(item => (string[])[item.Name, $"{item.Name}_error", $"{item.Name}_given_up"]).Append("bare"))
        {
            await channel.QueueDeleteAsync(queue);
        }
    }

    /// <summary>Commits so many events in one write.</summary>
    public Task WriteAsync(int count) => _store.WriteAsync(
        session =>
        {
            for (var i = 0; i < count; i++)
            {
                session.Publish(New(Guid.CreateVersion7()), DateTimeOffset.UtcNow);
            }
        },
        default);

    /// <summary>Done when so many more events were taken.</summary>
    public Task TakenAsync(int count) => _arrivals.WaitAsync(count);

    /// <summary>Milliseconds to the consumer, from asking for the write and from its commit.</summary>
    public async Task<(double FromWrite, double FromCommit)> LagAsync()
    {
        var id = Guid.CreateVersion7();
        var taken = _arrivals.WaitAsync(id);
        var began = Stopwatch.GetTimestamp();
        var writing = _store.WriteAsync(session => session.Publish(New(id), DateTimeOffset.UtcNow), default);
        await writing;
        var committed = Stopwatch.GetTimestamp();
        var arrived = await taken;
        return (Stopwatch.GetElapsedTime(began, arrived).TotalMilliseconds, Math.Max(0, Stopwatch.GetElapsedTime(committed, arrived).TotalMilliseconds));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in (WebApplication[])[_publisher, _consumer])
        {
            await host.StopAsync();
            await host.DisposeAsync();
        }
    }

    private static MemoryIndexed New(Guid id) => new() { TenantId = Guid.NewGuid(), MemoryId = id, Version = 1 };

    private static async Task<WebApplication> StartAsync(string name, string broker, string folder, string queueType, Action<IServiceCollection> add)
    {
        var builder = MemoryMeshHost.CreateBuilder(
            [
                "--urls", "http://127.0.0.1:0", "--data", folder, "--ConnectionStrings:rabbitmq", broker, "--Messaging:QueueType", queueType,
                ],
            name);
        builder.Logging.ClearProviders();
        builder.Services.AddModuleDatabase<EventPair>(name);
        add(builder.Services);
        builder.AddRabbitMqBus();
        var host = builder.Build();
        await host.StartAsync();
        var health = host.Services.GetRequiredService<HealthCheckService>();
        while ((await health.CheckHealthAsync()).Entries[RabbitMqBusExtensions.Name].Status != HealthStatus.Healthy)
        {
            await Task.Delay(50);
        }

        return host;
    }

    private sealed class Consumer(Arrivals arrivals) : IEventConsumer<MemoryIndexed>
    {
        public Task ConsumeAsync(IReadOnlyList<EventEnvelope<MemoryIndexed>> batch, CancellationToken cancellationToken)
        {
            foreach (var item in batch)
            {
                arrivals.Add(item.Event.MemoryId);
            }

            return Task.CompletedTask;
        }
    }
}

/// <summary>What a consumer took, for whoever waits for it.</summary>
internal sealed class Arrivals
{
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource<long>> _awaited = new();
    private TaskCompletionSource _all = new();
    private int _left;

    /// <summary>An event was taken.</summary>
    public void Add(Guid id)
    {
        if (_awaited.TryRemove(id, out var one))
        {
            one.TrySetResult(Stopwatch.GetTimestamp());
        }
        else if (Interlocked.Decrement(ref _left) == 0)
        {
            _all.TrySetResult();
        }
    }

    /// <summary>When a certain event was taken.</summary>
    public Task<long> WaitAsync(Guid id) => (_awaited[id] = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Done when so many events were taken from now on, besides those that are waited for by their ids.</summary>
    public Task WaitAsync(int count)
    {
        _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _left, count);
        return _all.Task;
    }
}
