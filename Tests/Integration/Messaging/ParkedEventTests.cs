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

/// <summary>Parked events are listed and driven again.</summary>
public class ParkedEventTests
{
    private static readonly string Queue = Subscriptions.MemoryStatus.Name;
    private static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private string _folder = null!;
    private ModuleDatabase _search = null!;
    private ModuleDatabase _memory = null!;
    private RecordingConsumer _consumer = null!;
    private ParkedBell _bell = null!;
    private LocalParkedEvents _parked = null!;
    private ParkedDriver _driver = null!;

    [SetUp]
    public async Task CreateAsync()
    {
        _folder = Directory.CreateTempSubdirectory("memorymesh-parked-").FullName;
        var ring = KeyFiles.Load(new ConfigurationBuilder().Build(), _folder);
        _search = new ModuleDatabase("search", [], _folder, ring, NullLoggerFactory.Instance);
        _memory = new ModuleDatabase("memory", [], _folder, ring, NullLoggerFactory.Instance);
        _consumer = new RecordingConsumer();
        _bell = new ParkedBell();
        _parked = new LocalParkedEvents([_search, _memory], _bell, TimeProvider.System);
        _driver = NewDriver();
        await _driver.StartAsync(default);
    }

    [TearDown]
    public async Task DestroyAsync()
    {
        await StopDriverAsync();
        await _search.DisposeAsync();
        await _memory.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task They_are_listed_newest_first_in_pages_over_all_stores()
    {
        for (var i = 0; i < 7; i++)
        {
            // Two of the same millisecond, in two stores.
            await ParkAsync(i % 2 == 0 ? _memory : _search, i % 2 == 0 ? Queue : Subscriptions.SearchErasure.Name, Noon.AddSeconds(i / 2), attempts: i);
        }

        var all = await _parked.ListAsync(new ParkedQuery(null, null, 100), default);
        Assert.That(all, Has.Count.EqualTo(7));
        Assert.That(all.Select(item => item.ParkedAt), Is.Ordered.Descending);
        Assert.That(all.Select(item => (item.Service, item.EventType, item.Reason, item.Retrying)).Distinct(), Is.EquivalentTo(new[]
        {
            ("memory", typeof(MemoryIndexed).FullName, "SomeException", false), ("search", typeof(MemoryIndexed).FullName, "SomeException", false),
        }));
        Assert.That(all.Select(item => item.Attempts).Order(), Is.EqualTo(Enumerable.Range(0, 7)));

        var paged = new List<ParkedEvent>();
        while (await _parked.ListAsync(
            new ParkedQuery(null, paged is [.., var last] ? new ParkedPlace(last.ParkedAt, last.EventId, last.Subscription) : null, 2), default) is { Count: > 0 } page)
        {
            paged.AddRange(page);
        }

        Assert.That(paged, Is.EqualTo(all));
        Assert.That((await _parked.ListAsync(new ParkedQuery(Queue, null, 100), default)).Select(item => item.Subscription).Distinct(), Is.EqualTo((string[])[Queue]));
    }

    [Test]
    public async Task One_that_is_driven_again_is_taken_with_its_id_and_time_and_is_gone()
    {
        var (id, sent) = await ParkAsync(_memory, Queue, Noon);
        var (other, _) = await ParkAsync(_memory, Queue, Noon);
        Assert.That(await _parked.RetryAsync(new ParkedRetry([id, id, Guid.NewGuid()], null), default), Is.EqualTo(1));
        await CountAsync(_memory, 1);
        var taken = _consumer.Taken.Single();
        Assert.That((taken.Id, taken.OccurredAt, taken.Event), Is.EqualTo((id, Noon, sent)));
        Assert.That((await _parked.ListAsync(new ParkedQuery(null, null, 10), default)).Single().EventId, Is.EqualTo(other));
    }

    [Test]
    public async Task One_that_fails_again_is_parked_again_with_the_new_reason_and_the_others_are_taken()
    {
        var (bad, _) = await ParkAsync(_memory, Queue, Noon, attempts: 8);
        var events = new List<MemoryIndexed>();
        for (var i = 0; i < 150; i++)
        {
            events.Add((await ParkAsync(_memory, Queue, Noon.AddSeconds(i))).Event);
        }

        _consumer.OnEvent = (item, _) => item.Id == bad ? throw new FormatException("canary") : Task.CompletedTask;
        Assert.That(await _parked.RetryAsync(new ParkedRetry(null, Queue), default), Is.EqualTo(151));
        await CountAsync(_memory, 1);
        Assert.That(_consumer.Memories, Is.EquivalentTo(events.Select(item => item.MemoryId)));
        ParkedEvent left = null!;
        await Eventually.TrueAsync(
            async () => !(left = (await _parked.ListAsync(new ParkedQuery(null, null, 10), default)).Single()).Retrying, Eventually.Patience, () => "It should be parked again.");
        Assert.That((left.EventId, left.Reason, left.Attempts), Is.EqualTo((bad, nameof(FormatException), 9)));
    }

    [Test]
    public async Task The_wish_outlives_the_process_and_an_outage()
    {
        _consumer.OnEvent = (_, _) => throw new DependencyUnavailableException("down");
        var (id, _) = await ParkAsync(_memory, Queue, Noon);
        await _parked.RetryAsync(new ParkedRetry([id], Queue), default);
        await StopDriverAsync();
        _consumer.OnEvent = (_, _) => Task.CompletedTask;
        Assert.That((await _parked.ListAsync(new ParkedQuery(null, null, 10), default)).Single().Retrying);
        _driver = NewDriver();
        await _driver.StartAsync(default);
        await CountAsync(_memory, 0);
        Assert.That(_consumer.Taken.Single().Id, Is.EqualTo(id));
    }

    [Test]
    public async Task One_that_could_not_be_published_goes_into_the_outbox_as_the_same_event()
    {
        var (id, sent) = await ParkAsync(_search, OutboxRelay.ParkedBy, Noon);
        await ParkAsync(_search, OutboxRelay.ParkedBy, Noon, body: "no json");
        await _parked.RetryAsync(new ParkedRetry(null, OutboxRelay.ParkedBy), default);
        await CountAsync(_search, 1);
        var published = (await _search.Data.ReadAsync(session => Outbox.Read(session, 0, 10), default)).Single();
        Assert.That((published.Id, published.OccurredAt, published.ReadEvent()), Is.EqualTo((id, Noon, (object)sent)));
    }

    private static async Task<(Guid Id, MemoryIndexed Event)> ParkAsync(ModuleDatabase database, string subscription, DateTimeOffset time, int attempts = 8, string? body = null)
    {
        var sent = TestEvents.New();
        var item = new OutboxEvent(1, Guid.CreateVersion7(time), typeof(MemoryIndexed).FullName!, body ?? System.Text.Json.JsonSerializer.Serialize(sent), time);
        await database.Data.WriteAsync(session => Outbox.Park(session, item, subscription, "search", "SomeException", attempts, time), default);
        return (item.Id, sent);
    }

    private ParkedDriver NewDriver()
    {
        var services = new ServiceCollection().AddSubscription<RecordingConsumer>(Subscriptions.MemoryStatus).AddSingleton(_consumer).BuildServiceProvider();
        return new ParkedDriver([_search, _memory], services.GetServices<SubscriptionRegistration>(), services, _bell, new FastTime(20), NullLogger<ParkedDriver>.Instance);
    }

    private async Task StopDriverAsync()
    {
        await _driver.StopAsync(default);
        _driver.Dispose();
    }

    private static Task CountAsync(ModuleDatabase database, int count)
        => Eventually.TrueAsync(async () => await database.CountAsync("parked_events") == count, Eventually.Patience, () => $"There should be {count} parked events.");
}
