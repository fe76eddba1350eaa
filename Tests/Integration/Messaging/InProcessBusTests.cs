using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.Tests.Shared;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace MemoryMesh.Tests.Integration.Messaging;

public class InProcessBusTests
{
    private static readonly TimeSpan Deadline = Eventually.Patience;

    private string _folder = null!;
    private ModuleDatabase _search = null!;
    private ModuleDatabase _memory = null!;
    private RecordingConsumer _consumer = null!;
    private InProcessBus _bus = null!;

    [SetUp]
    public void Create()
    {
        _folder = Directory.CreateTempSubdirectory("memorymesh-bus-").FullName;
        var ring = KeyFiles.Load(new ConfigurationBuilder().Build(), _folder);
        _search = new ModuleDatabase("search", [], _folder, ring, NullLoggerFactory.Instance);
        _memory = new ModuleDatabase("memory", [], _folder, ring, NullLoggerFactory.Instance);
        _consumer = new RecordingConsumer();
        _bus = NewBus();
    }

    [TearDown]
    public async Task DestroyAsync()
    {
        await StopAsync();
        await _search.DisposeAsync();
        await _memory.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task Every_event_is_delivered_once_when_nothing_fails()
    {
        await _search.PublishAsync(Enumerable.Range(1, 300).Select(TestEvents.New));
        await _bus.StartAsync(default);
        await _search.PublishAsync(Enumerable.Range(301, 300).Select(TestEvents.New));
        await TakenAsync(600);
        Assert.That(_consumer.Taken.Select(item => item.Event.Version), Is.EqualTo(Enumerable.Range(1, 600)));
    }

    [Test]
    public async Task An_event_that_cannot_be_taken_holds_back_nothing_and_is_parked()
    {
        _consumer.OnEvent = (item, _) => item.Event.Version == 5 ? throw new InvalidOperationException("no") : Task.CompletedTask;
        await _search.PublishAsync(Enumerable.Range(1, 10).Select(TestEvents.New));
        await _bus.StartAsync(default);
        await TakenAsync(9);
        await _search.PublishAsync(TestEvents.New(11));
        await TakenAsync(10);
        Assert.That(await _memory.CountAsync("parked_events"), Is.Zero, "The later event should not wait for the last try of the bad one.");
        await Eventually.TrueAsync(async () => await _memory.CountAsync("parked_events") == 1, Deadline, () => "The event should be parked.");
        await PositionAsync(11);
    }

    [Test]
    public async Task An_event_that_waits_for_another_try_when_the_process_ends_is_delivered_after_the_start()
    {
        var down = true;
        _consumer.OnEvent = (item, _) => down && item.Event.Version == 5 ? throw new DependencyUnavailableException("down") : Task.CompletedTask;
        await _search.PublishAsync(Enumerable.Range(1, 10).Select(TestEvents.New));
        await _bus.StartAsync(default);
        await TakenAsync(9);
        await PositionAsync(4);

        await StopAsync();
        down = false;
        _bus = NewBus();
        await _bus.StartAsync(default);
        await Eventually.TrueAsync(() => Task.FromResult(_consumer.Taken.Any(item => item.Event.Version == 5)), Deadline, () => "It should come again.");
        await PositionAsync(10);
        Assert.That(await _memory.CountAsync("parked_events"), Is.Zero);
    }

    [Test]
    public async Task An_event_of_a_type_that_is_not_known_is_parked_and_delivery_goes_on()
    {
        await _search.Data.WriteAsync(
            session => session.Execute("INSERT INTO outbox (id, type, body, occurred_at) VALUES ($1, 'of.a.later.version', '{}', 0)", Guid.NewGuid()), default);
        await _search.PublishAsync(TestEvents.New(2));
        await _bus.StartAsync(default);
        await TakenAsync(1);
        await Eventually.TrueAsync(async () => await _memory.CountAsync("parked_events") == 1, Deadline, () => "The event should be parked.");
        await PositionAsync(2);
    }

    private InProcessBus NewBus()
    {
        var services = new ServiceCollection().AddSubscription<RecordingConsumer>(Subscriptions.MemoryStatus).AddSingleton(_consumer).BuildServiceProvider();
        return new InProcessBus(
            [_search, _memory], services.GetServices<SubscriptionRegistration>(), services, new FastTime(20), NullLogger<InProcessBus>.Instance);
    }

    private async Task StopAsync()
    {
        try
        {
            await _bus.StopAsync(default);
        }
        catch (OperationCanceledException)
        {
            // Its loops end by cancellation.
        }

        _bus.Dispose();
    }

    private Task TakenAsync(int count)
        => Eventually.TrueAsync(() => Task.FromResult(_consumer.Taken.Count >= count), Deadline, () => $"{_consumer.Taken.Count} of {count} were delivered.");

    private Task PositionAsync(long position)
        => Eventually.TrueAsync(
            async () => await _memory.Data.ReadAsync(session => Outbox.Position(session, Subscriptions.MemoryStatus.Name, "search"), default) == position,
            Deadline,
            () => $"The position should become {position}.");
}
