using System.Diagnostics;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace MemoryMesh.Tests.Unit.Messaging;

public class DelivererTests
{
    private ManualTime _time = null!;
    private Consumer _consumer = null!;
    private Deliverer _deliverer = null!;

    [SetUp]
    public void Create()
    {
        _time = new ManualTime();
        _consumer = new Consumer();
        var services = new ServiceCollection().AddSubscription<Consumer>(Subscriptions.MemoryStatus).AddSingleton(_consumer).BuildServiceProvider();
        _deliverer = new Deliverer(services.GetRequiredService<SubscriptionRegistration>(), services, _time, NullLogger.Instance);
    }

    [Test]
    public async Task Events_that_wait_together_are_delivered_together_in_their_order()
    {
        var events = Events(300);
        await _deliverer.DeliverAsync(events, default);
        Assert.That(_consumer.Batches.Select(batch => batch.Length), Is.EqualTo([256, 44]));
        Assert.That(_consumer.Batches.SelectMany(batch => batch), Is.EqualTo(events.Select(item => item.Id)));
        Assert.That(events, Has.All.Matches<FakeDelivery>(item => item.Taken));
    }

    [Test]
    public async Task An_event_that_cannot_be_taken_is_parked_after_its_last_try_and_the_others_are_taken_at_once()
    {
        var events = Events(100);
        _consumer.Fail = id => id == events[40].Id ? new InvalidOperationException("no") : null;
        await _deliverer.DeliverAsync(events, default);
        Assert.That(events.Where(item => item != events[40]), Has.All.Matches<FakeDelivery>(item => item.Taken));

        await RunUntilIdleAsync();
        Assert.That(events[40].Parked, Is.InstanceOf<InvalidOperationException>());
        Assert.That(_consumer.Tries(events[40].Id), Is.EqualTo(9), "once with the others, three times at once, five times after a wait");
        Assert.That(_time.Elapsed, Is.EqualTo(TimeSpan.FromSeconds(46.2)).Within(TimeSpan.FromSeconds(1)));
    }

    [Test]
    public async Task While_something_is_down_events_wait_for_as_long_as_it_takes_and_are_never_parked(
        [Values(typeof(StorageUnavailableException), typeof(DependencyUnavailableException))] Type outage)
    {
        var events = Events(100);
        _consumer.Fail = _ => (Exception)Activator.CreateInstance(outage)!;
        await _deliverer.DeliverAsync(events, default);
        Assert.That(_consumer.Batches, Has.Count.EqualTo(3), "no try for each event while it is down");
        while (_time.Elapsed < TimeSpan.FromMinutes(40))
        {
            await RunOnceAsync();
        }

        _consumer.Fail = _ => null;
        await RunUntilIdleAsync();
        Assert.That(events, Has.All.Matches<FakeDelivery>(item => item.Taken && item.Parked is null));
    }

    [Test]
    public async Task Events_whose_own_outage_does_not_end_do_not_hold_back_the_others()
    {
        var events = Events(256);
        var bad = events.Take(10).Select(item => item.Id).ToHashSet();
        _consumer.Fail = id => bad.Contains(id) ? new DependencyUnavailableException("always") : null;
        await _deliverer.DeliverAsync(events, default);
        while (_time.Elapsed < TimeSpan.FromSeconds(5))
        {
            await RunOnceAsync();
        }

        Assert.That(events.Skip(10), Has.All.Matches<FakeDelivery>(item => item.Taken));
        Assert.That(events.Take(10), Has.All.Matches<FakeDelivery>(item => !item.Taken && item.Parked is null));
    }

    [Test]
    public async Task An_event_that_cannot_be_read_is_parked_and_the_others_are_taken()
    {
        var events = Events(3);
        events[1].Event = null;
        await _deliverer.DeliverAsync(events, default);
        await RunUntilIdleAsync();
        Assert.That(events[1].Parked, Is.Not.Null);
        Assert.That(events[0].Taken && events[2].Taken);
    }

    [Test]
    public async Task What_its_source_took_back_is_not_delivered()
    {
        var events = Events(2);
        events[0].IsWithdrawn = true;
        await _deliverer.DeliverAsync(events, default);
        Assert.That(_consumer.Batches.Single(), Is.EqualTo([events[1].Id]));
    }

    [Test]
    public async Task An_event_is_taken_in_the_trace_of_its_change_whether_anybody_collects_spans_or_not([Values] bool collects)
    {
        using var listener = new ActivityListener { ShouldListenTo = source => collects && source.Name == Telemetry.Name, Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData };
        ActivitySource.AddActivityListener(listener);
        var change = ActivityTraceId.CreateRandom();
        Activity? current = null;
        _consumer.Fail = _ =>
        {
            current = Activity.Current;
            return null;
        };
        await _deliverer.DeliverAsync([new FakeDelivery { TraceOf = $"00-{change}-{ActivitySpanId.CreateRandom()}-01" }, new FakeDelivery()], default);
        Assert.That(current?.TraceId, Is.EqualTo(change));
        Assert.That(current!.IsStopped);
        Assert.That(Activity.Current, Is.Null);

        await _deliverer.DeliverAsync([new FakeDelivery { TraceOf = "no trace" }], default);
        Assert.That(current, Is.Null);
    }

    private static FakeDelivery[] Events(int count) => [.. Enumerable.Range(0, count).Select(_ => new FakeDelivery())];

    private async Task RunUntilIdleAsync()
    {
        while (_deliverer.UntilDue is not null)
        {
            await RunOnceAsync();
        }
    }

    private async Task RunOnceAsync()
    {
        _time.Advance(_deliverer.UntilDue!.Value + TimeSpan.FromMilliseconds(1));
        await _deliverer.DeliverDueAsync(default);
    }

    private sealed class Consumer : IEventConsumer<MemoryIndexed>
    {
        public List<Guid[]> Batches { get; } = [];

        public Func<Guid, Exception?> Fail { get; set; } = _ => null;

        public int Tries(Guid id) => Batches.Count(batch => batch.Contains(id));

        public Task ConsumeAsync(IReadOnlyList<EventEnvelope<MemoryIndexed>> batch, CancellationToken cancellationToken)
        {
            Batches.Add([.. batch.Select(item => item.Id)]);
            var failure = batch.Select(item => Fail(item.Id)).FirstOrDefault(exception => exception is not null);
            return failure is null ? Task.CompletedTask : Task.FromException(failure);
        }
    }

    private sealed class FakeDelivery : Delivery
    {
        public MemoryIndexed? Event { get; set; } = new() { TenantId = Guid.NewGuid(), MemoryId = Guid.NewGuid(), Version = 1 };

        public bool Taken { get; private set; }

        public Exception? Parked { get; private set; }

        public bool IsWithdrawn { get; set; }

        public override Guid Id { get; } = Guid.NewGuid();

        public override string TypeName => typeof(MemoryIndexed).FullName!;

        public override DateTimeOffset OccurredAt => DateTimeOffset.UnixEpoch;

        public override string? Trace => TraceOf;

        public string? TraceOf { get; init; }

        public override bool Withdrawn => IsWithdrawn;

        public override object ReadEvent() => Event ?? throw new System.Text.Json.JsonException("unreadable");

        public override void Take() => Taken = true;

        public override Task ParkAsync(Exception reason, CancellationToken cancellationToken)
        {
            Parked = reason;
            return Task.CompletedTask;
        }
    }

    private sealed class ManualTime : TimeProvider
    {
        public TimeSpan Elapsed { get; private set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan time) => Elapsed += time;

        public override long GetTimestamp() => Elapsed.Ticks;
    }
}
