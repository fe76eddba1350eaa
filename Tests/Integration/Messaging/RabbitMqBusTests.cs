using System.Text;
using MemoryMesh.AppHost;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.Tests.Shared;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RabbitMQ.Client;

namespace MemoryMesh.Tests.Integration.Messaging;

[TestFixture(QueueTypes.Quorum)]
[TestFixture(QueueTypes.Classic)]
public partial class RabbitMqBusTests(string queueType)
{
    private static readonly TimeSpan Deadline = Eventually.Patience;
    private static readonly string Queue = Subscriptions.MemoryStatus.Name;

    private readonly List<WebApplication> _hosts = [];
    private string _brokerFolder = null!;
    private RabbitMqServer _broker = null!;
    private string _folder = null!;
    private RecordingConsumer _consumer = null!;

    [OneTimeSetUp]
    public async Task StartBrokerAsync()
    {
        Servers.Require("rabbitmq-server", RabbitMqServer.FindScript() is not null);
        _brokerFolder = Directory.CreateTempSubdirectory("memorymesh-broker-").FullName;
        _broker = RabbitMqServer.Create(_brokerFolder);
        await _broker.StartAsync(default);
    }

    [OneTimeTearDown]
    public async Task StopBrokerAsync()
    {
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
            Directory.Delete(_brokerFolder, recursive: true);
        }
    }

    [SetUp]
    public async Task CreateAsync()
    {
        _folder = Directory.CreateTempSubdirectory("memorymesh-rabbit-").FullName;
        _consumer = new RecordingConsumer();
        await WithChannelAsync(async channel =>
        {
            foreach (var subscription in Subscriptions.All)
            {
                await channel.QueueDeleteAsync(subscription.Name);
                await channel.QueueDeleteAsync(RabbitMqTopology.ErrorQueueOf(subscription));
                await channel.QueueDeleteAsync(RabbitMqTopology.GivenUpQueueOf(subscription));
            }

            return 0;
        });
    }

    [TearDown]
    public async Task DestroyAsync()
    {
        foreach (var host in _hosts)
        {
            await StopAsync(host);
        }

        _hosts.Clear();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task What_is_published_before_a_consumer_ever_started_is_not_lost()
    {
        var search = await StartAsync("search");
        var events = Enumerable.Range(1, 500).Select(TestEvents.New).ToList();
        await Database(search, "search").PublishAsync(events);
        await EmptyAsync(search, "search");
        await StopAsync(search);

        await StartAsync("memory", consumes: true);
        await TakenAsync(events);
        Assert.That(_consumer.Taken, Has.Count.EqualTo(500));
        Assert.That(_consumer.Taken.Select(item => item.Id).Distinct().Count(), Is.EqualTo(500));
    }

    [Test]
    public async Task Id_and_time_of_an_event_arrive_with_it()
    {
        var search = await StartAsync("search");
        await StartAsync("memory", consumes: true);
        var sent = TestEvents.New();
        var time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);
        await Database(search, "search").Data.WriteAsync(session => session.Publish(sent, time), default);
        await TakenAsync([sent]);
        var taken = _consumer.Taken.Single();
        Assert.That(taken.Event, Is.EqualTo(sent));
        Assert.That(taken.OccurredAt, Is.EqualTo(time));
        Assert.That(taken.Id.Version, Is.EqualTo(7));
    }

    [Test]
    public async Task While_the_broker_is_away_writes_go_on_and_afterwards_everything_arrives()
    {
        var search = await StartAsync("search");
        await StartAsync("memory", consumes: true);
        var sent = new List<MemoryIndexed>();

        // Each round waits for a broker to stop and to start. Once killed and once stopped where both are allowed.
        for (var round = 0; round < (queueType == QueueTypes.Classic ? 2 : 1); round++)
        {
            var running = Enumerable.Range(0, 200).Select(TestEvents.New).ToList();
            var publishing = Database(search, "search").PublishAsync(running);

            // RabbitMQ 3.10 loses a quorum queue that it declared moments before it is killed.
            await (round % 2 == 0 && queueType == QueueTypes.Classic ? _broker.KillAsync() : _broker.StopAsync());
            await publishing;
            var away = Enumerable.Range(0, 200).Select(TestEvents.New).ToList();
            await Database(search, "search").PublishAsync(away);
            Assert.That(await Database(search, "search").CountAsync("outbox"), Is.GreaterThanOrEqualTo(200));
            await HealthAsync(search, HealthStatus.Unhealthy);

            await _broker.StartAsync(default);
            sent.AddRange([.. running, .. away]);
            await TakenAsync(sent);
            await EmptyAsync(search, "search");
            await HealthAsync(search, HealthStatus.Healthy);
        }

        var errors = await WithChannelAsync(channel => channel.MessageCountAsync($"{Queue}_error"));
        Assert.That(errors, Is.Zero, "A lost connection parks nothing.");
    }

    [Test]
    public async Task A_host_starts_while_the_broker_is_away_and_joins_it_later()
    {
        if (queueType == QueueTypes.Quorum)
        {
            Assert.Pass("The kind of the queues has no part in it, and starting a broker takes a while.");
        }

        await _broker.StopAsync();
        WebApplication search, memory;
        try
        {
            search = await StartAsync("search", waitForBroker: false);
            memory = await StartAsync("memory", consumes: true, waitForBroker: false);
            await HealthAsync(memory, HealthStatus.Unhealthy);
        }
        finally
        {
            await _broker.StartAsync(default);
        }

        var sent = TestEvents.New();
        await Database(search, "search").PublishAsync(sent);
        await TakenAsync([sent]);
        await HealthAsync(memory, HealthStatus.Healthy);
    }

    [Test]
    public async Task An_event_that_cannot_be_taken_is_parked_with_ids_only_and_the_others_arrive()
    {
        var search = await StartAsync("search");
        var memory = await StartAsync("memory", consumes: true, time: new FastTime(20));
        _consumer.OnEvent = (item, _) => item.Event.Version == 50 ? throw new InvalidOperationException("canary-in-a-reason") : Task.CompletedTask;
        var sent = Enumerable.Range(1, 100).Select(TestEvents.New).ToList();
        await Database(search, "search").PublishAsync(sent);
        await TakenAsync(sent.Where(item => item.Version != 50));

        var store = Database(memory, "memory");
        await Eventually.TrueAsync(async () => await store.CountAsync("parked_events") == 1, Deadline, () => "The event should be parked.");
        var everything = await store.Data.ReadAsync(
            session => session.QueryFirst("SELECT subscription || source || type || body || reason FROM parked_events", row => row.Text(0)), default);
        Assert.That(everything, Does.Contain(sent[49].MemoryId.ToString("D")).And.Contain("search").And.Contain(nameof(InvalidOperationException)).And.Not.Contain("canary"));
        Assert.That(_consumer.Memories, Does.Not.Contain(sent[49].MemoryId));
        Assert.That(_consumer.Taken, Has.Count.EqualTo(99), "The others are taken once.");

        // What was in its way is put right.
        _consumer.OnEvent = (_, _) => Task.CompletedTask;
        Assert.That(await memory.Services.GetRequiredService<IParkedEvents>().RetryAsync(new ParkedRetry(null, Queue), default), Is.EqualTo(1));
        await TakenAsync(sent);
        await Eventually.TrueAsync(async () => await store.CountAsync("parked_events") == 0, Deadline, () => "It should not be parked any more.");
    }

    [Test]
    public async Task An_event_that_no_process_came_to_an_end_with_is_parked_undelivered_and_can_be_driven_again()
    {
        if (queueType == QueueTypes.Classic)
        {
            Assert.Pass("A classic queue counts nothing.");
        }

        var search = await StartAsync("search");
        var sent = TestEvents.New();
        await Database(search, "search").PublishAsync([sent]);
        await EmptyAsync(search, "search");
        await WithChannelAsync(async channel =>
        {
            while (await channel.BasicGetAsync(Queue, autoAck: false) is { } message)
            {
                await channel.BasicNackAsync(message.DeliveryTag, multiple: false, requeue: true);
            }

            return 0;
        });

        var memory = await StartAsync("memory", consumes: true);
        var store = Database(memory, "memory");
        await Eventually.TrueAsync(async () => await store.CountAsync("parked_events") == 1, Deadline, () => "The event should be parked.");
        Assert.That(_consumer.Taken, Is.Empty);
        var parked = (await memory.Services.GetRequiredService<IParkedEvents>().ListAsync(new ParkedQuery(null, null, 10), default)).Single();
        Assert.That(parked.Reason, Is.EqualTo(nameof(DeliveryLimitException)));
        Assert.That(parked.Attempts, Is.EqualTo(RabbitMqTopology.DeliveryLimit));

        Assert.That(await memory.Services.GetRequiredService<IParkedEvents>().RetryAsync(new ParkedRetry([parked.EventId], Queue), default), Is.EqualTo(1));
        await TakenAsync([sent]);
        await Eventually.TrueAsync(async () => await store.CountAsync("parked_events") == 0, Deadline, () => "It should not be parked any more.");
    }

    [Test]
    public async Task A_message_that_is_no_event_is_parked_and_the_others_arrive()
    {
        var search = await StartAsync("search");
        await StartAsync("memory", consumes: true);
        await WithChannelAsync(async channel =>
        {
            var properties = new BasicProperties
            {
                MessageId = Guid.NewGuid().ToString(),
                Type = typeof(MemoryIndexed).FullName,
                Headers = new Dictionary<string, object?> { [EventHeaders.OccurredAt] = 0L },
            };
            await channel.BasicPublishAsync("", Queue, mandatory: true, properties, Encoding.UTF8.GetBytes("{ no json"));
            await channel.BasicPublishAsync("", Queue, mandatory: true, new BasicProperties(), Encoding.UTF8.GetBytes("who knows"));
            return 0;
        });
        var sent = TestEvents.New();
        await Database(search, "search").PublishAsync(sent);
        await TakenAsync([sent]);

        // A quorum queue may hand out again what was taken when the taker's connection closes at once.
        var parked = new HashSet<string>();
        while (parked.Count < 2)
        {
            parked.Add(Text(await ReceiveAsync($"{Queue}_error")));
        }

        Assert.That(parked, Is.EquivalentTo(["{ no json", "who knows"]));
    }

    [Test]
    public async Task An_event_that_no_queue_takes_stays_until_the_queue_is_back()
    {
        var search = await StartAsync("search");
        await Database(search, "search").PublishAsync(TestEvents.New(1));
        await EmptyAsync(search, "search");
        await WithChannelAsync(channel => channel.QueueDeleteAsync(Queue));

        var sent = TestEvents.New(2);
        await Database(search, "search").PublishAsync(sent);
        await StartAsync("memory", consumes: true);
        await TakenAsync([sent]);
        await EmptyAsync(search, "search");
    }

    [Test]
    public async Task An_event_that_was_not_done_when_its_consumer_stopped_comes_again_with_the_same_id()
    {
        var search = await StartAsync("search");
        var memory = await StartAsync("memory", consumes: true);
        var ids = new System.Collections.Concurrent.ConcurrentQueue<Guid>();
        _consumer.OnEvent = (item, cancellationToken) =>
        {
            ids.Enqueue(item.Id);
            return Task.Delay(Timeout.Infinite, cancellationToken);
        };
        var sent = Enumerable.Range(0, 20).Select(TestEvents.New).ToList();
        await Database(search, "search").PublishAsync(sent);
        await Eventually.TrueAsync(() => Task.FromResult(!ids.IsEmpty), Deadline, () => "Nothing was delivered.");
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        await StopAsync(memory);

        // A consumer that does not end would hold the stop until the host's own limit, 30 s.
        Assert.That(System.Diagnostics.Stopwatch.GetElapsedTime(started), Is.LessThan(TimeSpan.FromSeconds(25)));

        _consumer.OnEvent = (_, _) => Task.CompletedTask;
        await StartAsync("memory", consumes: true);
        await TakenAsync(sent);
        Assert.That(_consumer.Taken.Select(item => item.Id), Does.Contain(ids.First()));
        var errors = await WithChannelAsync(channel => channel.MessageCountAsync($"{Queue}_error"));
        Assert.That(errors, Is.Zero, "Stopping parks nothing.");
    }

    [Test]
    public async Task Every_queue_of_the_system_exists_once_a_service_published()
    {
        var chat = await StartAsync("chat");
        await Database(chat, "chat").Data.WriteAsync(
            session => session.Publish(
                new ConversationDeleted { TenantId = Guid.NewGuid(), ConversationKey = Guid.NewGuid(), DeletedAt = DateTimeOffset.UtcNow }, DateTimeOffset.UtcNow),
            default);
        await EmptyAsync(chat, "chat");
        foreach (var subscription in Subscriptions.All.Where(subscription => subscription.EventTypes.Contains(typeof(ConversationDeleted))))
        {
            var count = await WithChannelAsync(channel => channel.MessageCountAsync(subscription.Name));
            Assert.That(count, Is.EqualTo(1), subscription.Name);
        }
    }

    [Test]
    public async Task The_relay_is_told_of_a_commit_and_does_not_wait_for_its_own_turn()
    {
        var time = new StoppableTime();
        var search = await StartAsync("search", time: time);
        await StartAsync("memory", consumes: true);
        time.Stop();
        for (var i = 0; i < 60; i++)
        {
            var sent = TestEvents.New(i);
            await Database(search, "search").PublishAsync(sent);
            await Eventually.TrueAsync(() => Task.FromResult(_consumer.Memories.Contains(sent.MemoryId)), Deadline, () => $"Event {i} does not arrive.");
        }
    }

    private static string Text(BasicGetResult message) => Encoding.UTF8.GetString(message.Body.Span);

    private static ModuleDatabase Database(WebApplication host, string name) => host.Services.GetRequiredKeyedService<ModuleDatabase>(name);

    private async Task<WebApplication> StartAsync(string name, bool consumes = false, bool waitForBroker = true, TimeProvider? time = null, string? address = null)
    {
        var builder = MemoryMeshHost.CreateBuilder(
            [
                "--urls", "http://127.0.0.1:0", "--data", _folder, "--ConnectionStrings:rabbitmq", address ?? _broker.ConnectionString,
                "--Messaging:QueueType", queueType,
                "--Logging:LogLevel:Default", "Critical",
            ],
            name);
        builder.Services.AddModuleDatabase<RabbitMqBusTests>(name);
        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }

        if (consumes)
        {
            builder.Services.AddSubscription<RecordingConsumer>(Subscriptions.MemoryStatus);
            builder.Services.AddSingleton(_consumer);
        }

        builder.AddRabbitMqBus();
        var host = builder.Build();
        _hosts.Add(host);
        await host.StartAsync();
        if (waitForBroker)
        {
            await HealthAsync(host, HealthStatus.Healthy);
        }

        return host;
    }

    private static async Task StopAsync(WebApplication host)
    {
        try
        {
            await host.StopAsync();
        }
        catch (ObjectDisposedException)
        {
            return;
        }

        await host.DisposeAsync();
    }

    private static Task HealthAsync(WebApplication host, HealthStatus status)
    {
        HealthReport? report = null;
        return Eventually.TrueAsync(
            async () =>
            {
                report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
                return report.Entries[RabbitMqBusExtensions.Name].Status == status;
            },
            Deadline,
            () => $"The bus should become {status}: {report?.Entries[RabbitMqBusExtensions.Name].Description}");
    }

    private Task TakenAsync(IEnumerable<MemoryIndexed> events)
    {
        var missing = events.Select(item => item.MemoryId).ToHashSet();
        var all = missing.Count;
        return Eventually.TrueAsync(
            () =>
            {
                missing.ExceptWith(_consumer.Memories);
                return Task.FromResult(missing.Count == 0);
            },
            Deadline,
            () => $"{missing.Count} of {all} events did not arrive.");
    }

    private static Task EmptyAsync(WebApplication host, string name)
        => Eventually.TrueAsync(async () => await Database(host, name).CountAsync("outbox") == 0, Deadline, () => "The outbox should become empty.");

    private async Task<BasicGetResult> ReceiveAsync(string queue)
    {
        BasicGetResult? received = null;
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    received = await WithChannelAsync(channel => channel.BasicGetAsync(queue, autoAck: true));
                }
                catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
                {
                    // The queue is not there yet.
                }

                return received is not null;
            },
            Deadline,
            () => $"{queue} should hold a message.");
        return received!;
    }

    private async Task<T> WithChannelAsync<T>(Func<IChannel, Task<T>> work)
    {
        var factory = new ConnectionFactory { Uri = new Uri(_broker.ConnectionString) };
        await using var connection = await factory.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        return await work(channel);
    }
}
