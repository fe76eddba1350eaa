using System.Collections.Concurrent;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.Tests.Shared;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace MemoryMesh.Tests.Integration.Messaging;

public class OutboxRelayTests
{
    private static readonly TimeSpan Deadline = Eventually.Patience;

    private string _folder = null!;
    private ModuleDatabase _database = null!;
    private FakeBroker _broker = null!;
    private OutboxRelay _relay = null!;

    [SetUp]
    public void Create()
    {
        _folder = Directory.CreateTempSubdirectory("memorymesh-relay-").FullName;
        var ring = KeyFiles.Load(new ConfigurationBuilder().Build(), _folder);
        _database = new ModuleDatabase("search", [], _folder, ring, NullLoggerFactory.Instance);
        _broker = new FakeBroker();
        _relay = new OutboxRelay([_database], _broker, new FastTime(20), NullLogger<OutboxRelay>.Instance);
    }

    [TearDown]
    public async Task DestroyAsync()
    {
        await _relay.StopAsync(default);
        _relay.Dispose();
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task Events_are_published_in_order_in_windows_and_leave_the_outbox()
    {
        await _database.PublishAsync(Enumerable.Range(1, 350).Select(TestEvents.New));
        await _relay.StartAsync(default);
        await EmptyAsync();
        Assert.That(_broker.Published.Select(item => ((MemoryIndexed)item.ReadEvent()).Version), Is.EqualTo(Enumerable.Range(1, 350)));
        Assert.That(_broker.MostAtOnce, Is.LessThanOrEqualTo(OutboxRelay.Window));
    }

    [Test]
    public async Task A_commit_wakes_the_relay()
    {
        await _relay.StartAsync(default);
        for (var i = 1; i <= 20; i++)
        {
            await _database.PublishAsync(TestEvents.New(i));
            await EmptyAsync();
        }

        Assert.That(_broker.Published, Has.Count.EqualTo(20));
    }

    [Test]
    public async Task Only_what_the_broker_confirmed_leaves_the_outbox()
    {
        await _database.PublishAsync(Enumerable.Range(1, 10).Select(TestEvents.New));
        _broker.Refuse = item => ((MemoryIndexed)item.ReadEvent()).Version % 2 == 0;
        await _relay.StartAsync(default);
        await Eventually.TrueAsync(async () => await _database.CountAsync("outbox") == 5, Deadline, () => "The confirmed ones should be gone.");
        await Eventually.TrueAsync(() => Task.FromResult(_broker.Refused > 20), Deadline, () => "The relay should go on trying.");
        Assert.That(await _database.CountAsync("outbox"), Is.EqualTo(5));

        var refused = _broker.RefusedIds.Distinct().ToList();
        _broker.Refuse = _ => false;
        await EmptyAsync();
        Assert.That(_broker.Published.TakeLast(5).Select(item => item.Id), Is.EqualTo(refused), "under the same ids");
    }

    [Test]
    public async Task An_event_that_is_appended_while_others_go_out_goes_out_with_the_next_ones()
    {
        _broker.WhilePublishing = async item =>
        {
            if (((MemoryIndexed)item.ReadEvent()).Version == 1)
            {
                await _database.PublishAsync(TestEvents.New(2));
            }
        };
        await _database.PublishAsync(TestEvents.New(1));
        await _relay.StartAsync(default);
        await EmptyAsync();
        Assert.That(_broker.Published.Select(item => ((MemoryIndexed)item.ReadEvent()).Version), Is.EqualTo((int[])[1, 2]));
    }

    [Test]
    public async Task An_answer_that_does_not_come_is_no_confirmation()
    {
        _broker.Hang = true;
        await _database.PublishAsync(TestEvents.New());
        await _relay.StartAsync(default);
        await Eventually.TrueAsync(() => Task.FromResult(_broker.Cancelled > 0), Deadline, () => "The wait should be limited.");
        Assert.That(await _database.CountAsync("outbox"), Is.EqualTo(1));
        _broker.Hang = false;
        await EmptyAsync();
    }

    [Test]
    public async Task An_event_that_cannot_be_read_is_parked_and_the_others_go_out()
    {
        await _database.PublishAsync(TestEvents.New(1));
        await _database.Data.WriteAsync(
            session =>
            {
                session.Execute("INSERT INTO outbox (id, type, body, occurred_at) VALUES ($1, 'of.a.later.version', '{}', 0)", Guid.NewGuid());
                session.Execute(
                    "INSERT INTO outbox (id, type, body, occurred_at) VALUES ($1, $2, '{', 0)", Guid.NewGuid(), typeof(MemoryIndexed).FullName);
            },
            default);
        await _database.PublishAsync(TestEvents.New(2));
        await _relay.StartAsync(default);
        await EmptyAsync();
        Assert.That(_broker.Published, Has.Count.EqualTo(2));
        Assert.That(await _database.CountAsync("parked_events"), Is.EqualTo(2));
    }

    private Task EmptyAsync()
        => Eventually.TrueAsync(async () => await _database.CountAsync("outbox") == 0, Deadline, () => "The outbox should become empty.");

    private sealed class FakeBroker : IEventPublisher
    {
        private int _now;

        public ConcurrentQueue<OutboxEvent> Published { get; } = new();

        public ConcurrentQueue<Guid> RefusedIds { get; } = new();

        public Func<OutboxEvent, bool> Refuse { get; set; } = _ => false;

        public Func<OutboxEvent, Task> WhilePublishing { get; set; } = _ => Task.CompletedTask;

        public volatile bool Hang;

        public int MostAtOnce { get; private set; }

        public int Refused => RefusedIds.Count;

        public int Cancelled { get; private set; }

        public async Task PublishAsync(string source, OutboxEvent item, CancellationToken cancellationToken)
        {
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _now));
            try
            {
                if (Hang)
                {
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                }

                if (Refuse(item))
                {
                    RefusedIds.Enqueue(item.Id);
                    throw new InvalidOperationException("no queue");
                }

                await WhilePublishing(item);
                Published.Enqueue(item);
                await Task.Yield();
            }
            catch (OperationCanceledException)
            {
                Cancelled++;
                throw;
            }
            finally
            {
                Interlocked.Decrement(ref _now);
            }
        }
    }
}
