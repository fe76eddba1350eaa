using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using MemoryMesh.Contracts.Events;
using MemoryMesh.Retention;
using MemoryMesh.Retention.Storage;
using MemoryMesh.Retention.Storage.Sql;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.Tests.Integration.Auth;
using MemoryMesh.Tests.Integration.Storage;

namespace MemoryMesh.Tests.Integration.Privacy;

/// <summary>How far erasures are, on each engine, with a clock that is moved by hand.</summary>
[TestFixture(StoreEngine.Embedded)]
[TestFixture(StoreEngine.Postgres)]
[SuppressMessage("Design", "CA1001", Justification = "Everything is disposed in TearDown.")]
public class ErasureStoreTests(StoreEngine engine)
{
    private static readonly Guid Tenant = Guid.CreateVersion7();
    private static readonly Guid Subject = Guid.CreateVersion7();
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(60);

    private HandClock _clock = null!;
    private string _folder = null!;
    private ModuleStore _database = null!;
    private SqlErasureStore _store = null!;

    [SetUp]
    public async Task OpenAsync()
    {
        _clock = new HandClock();
        _folder = Directory.CreateTempSubdirectory("memorymesh-erasures-").FullName;
        var ring = new KeyRing(RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
        _database = await TestStores.OpenAsync(engine, RetentionModule.Name, typeof(RetentionModule).Assembly, _folder, ring);
        _store = new SqlErasureStore(_database, new KeyedNames(ring), _clock);
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task Services_are_asked_one_after_the_other_and_an_answer_counts_once()
    {
        var erasure = await StartAsync();
        foreach (var service in ErasureSteps.All)
        {
            Assert.That((await OrdersAsync())[^1].Service, Is.EqualTo(service));
            var answered = await _store.AdvanceAsync(Answer(erasure, service), default);
            Assert.That(answered is not null, Is.EqualTo(service == ErasureSteps.All[^1]));
            await _store.AdvanceAsync(Answer(erasure, service, deleted: 9), default);
        }

        var orders = await OrdersAsync();
        Assert.That(orders.Select(order => order.Service), Is.EqualTo(ErasureSteps.All));
        Assert.That(orders.Select(order => order.ErasedUntil is not null), Is.EqualTo((bool[])[false, true, true, true]));
        var found = (await _store.FindAsync(Tenant, Subject, erasure.Id, default))!;
        Assert.That(found.Steps.Select(step => step.Deleted["rows"]), Is.All.EqualTo(1));

        await _store.CompleteAsync(found, _clock.GetUtcNow(), "a", default);
        await _store.CompleteAsync(found, _clock.GetUtcNow(), "b", default);
        found = (await _store.FindAsync(Tenant, null, erasure.Id, default))!;
        Assert.That((found.Receipt, found.Details, found.Status), Is.EqualTo(("a", (ErasureDetails?)null, ErasureStatus.Completed)));
        Assert.That(await EventsAsync<SubjectErased>(), Has.Count.EqualTo(1));
        Assert.That((await EventsAsync<AuditRecorded>()).Select(audit => audit.Action), Is.EqualTo((string[])["erasure.requested", "erasure.completed"]));
    }

    [Test]
    public async Task Answers_that_nobody_waits_for_change_nothing()
    {
        var erasure = await StartAsync();
        foreach (var stray in (ServiceErased[])
        [
            Answer(erasure, "search"), Answer(erasure, "chat") with { TenantId = Guid.NewGuid() }, Answer(erasure, "chat") with { ErasureId = Guid.NewGuid() },
        ])
        {
            Assert.That(await _store.AdvanceAsync(stray, default), Is.Null);
        }

        Assert.That((await _store.FindAsync(Tenant, null, erasure.Id, default))!.Steps, Is.Empty);
        Assert.That(await OrdersAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_service_that_does_not_answer_is_asked_again_with_growing_waits_and_then_counts_as_failed()
    {
        var erasure = await StartAsync();
        await AskAgainAsync();
        Assert.That(await OrdersAsync(), Has.Count.EqualTo(1), "asked a moment ago");
        var waits = new List<TimeSpan>();
        for (var asked = 2; asked <= 9; asked++)
        {
            var waited = TimeSpan.Zero;
            while ((await OrdersAsync()).Count < asked)
            {
                _clock.Advance(Wait);
                waited += Wait;
                await AskAgainAsync();
            }

            waits.Add(waited);
        }

        Assert.That(waits.Select(wait => wait.TotalMinutes), Is.EqualTo((double[])[1, 2, 4, 8, 16, 32, 60, 60]));
        Assert.That((await _store.FindAsync(Tenant, null, erasure.Id, default))!.Status, Is.EqualTo(ErasureStatus.Failed));

        await _store.AdvanceAsync(Answer(erasure, "chat"), default);
        var going = (await _store.FindAsync(Tenant, null, erasure.Id, default))!;
        Assert.That((going.Status, going.Step, going.Attempts), Is.EqualTo((ErasureStatus.Running, "memory", 1)));
    }

    [Test]
    public async Task A_receipt_whose_writing_was_cut_off_is_found()
    {
        var erasure = await StartAsync();
        foreach (var service in ErasureSteps.All)
        {
            await _store.AdvanceAsync(Answer(erasure, service), default);
        }

        Assert.That((await _store.AskAgainAsync(Wait, 8, default)).Select(found => found.Id), Is.EqualTo((Guid[])[erasure.Id]));
    }

    [Test]
    public async Task A_subject_that_is_being_erased_is_not_erased_twice_and_later_it_may_be()
    {
        var first = await StartAsync();
        Assert.That((await StartAsync()).Id, Is.EqualTo(first.Id));
        Assert.That(first.Details, Is.EqualTo(new ErasureDetails("anna", "why")));
        foreach (var service in ErasureSteps.All)
        {
            await _store.AdvanceAsync(Answer(first, service), default);
        }

        await _store.CompleteAsync((await _store.FindAsync(Tenant, null, first.Id, default))!, _clock.GetUtcNow(), "a", default);
        Assert.That((await StartAsync()).Id, Is.Not.EqualTo(first.Id));
    }

    [Test]
    public async Task A_deleted_tenant_is_erased_once_and_not_before_its_time()
    {
        var deleted = new TenantDeleted { TenantId = Tenant, ActorId = Guid.NewGuid(), DeletedAt = _clock.GetUtcNow() };
        await _store.StartTenantAsync(deleted, _clock.GetUtcNow().AddSeconds(120), default);
        await _store.StartTenantAsync(deleted, _clock.GetUtcNow().AddSeconds(120), default);
        _clock.Advance(TimeSpan.FromSeconds(119));
        await AskAgainAsync();
        Assert.That(await OrdersAsync(), Is.Empty);
        _clock.Advance(TimeSpan.FromSeconds(2));
        await AskAgainAsync();
        var order = (await OrdersAsync()).Single();
        Assert.That((order.WholeTenant, order.TenantId, order.Service), Is.EqualTo((true, Tenant, "chat")));
    }

    private Task AskAgainAsync() => _store.AskAgainAsync(Wait, 8, default);

    private async Task<ErasureRecord> StartAsync()
    {
        var now = _clock.GetUtcNow();
        return (await _store.StartAsync(
            new ErasureRecord
            {
                Id = Guid.CreateVersion7(now),
                TenantId = Tenant,
                SubjectKey = Subject,
                RequestedBy = Guid.NewGuid(),
                RequestedAt = now,
                Status = ErasureStatus.Running,
                Details = new ErasureDetails("anna", "why"),
                AskedAt = now,
                Attempts = 1,
            },
            null,
            _ => Task.CompletedTask,
            default)).Erasure!;
    }

    private ServiceErased Answer(ErasureRecord erasure, string service, long deleted = 1) => new()
    {
        ErasureId = erasure.Id,
        TenantId = erasure.TenantId,
        Service = service,
        ErasedAt = _clock.GetUtcNow(),
        Deleted = new Dictionary<string, long> { ["rows"] = deleted },
        Kept = new Dictionary<string, long>(),
        DataMap = "0",
    };

    private Task<List<SubjectErasureRequested>> OrdersAsync() => EventsAsync<SubjectErasureRequested>();

    private Task<List<TEvent>> EventsAsync<TEvent>()
        => _database.Data.ReadAsync(
            session => session.Query("SELECT body FROM outbox WHERE type = $1 ORDER BY seq", row => JsonSerializer.Deserialize<TEvent>(row.Text(0))!, typeof(TEvent).FullName),
            default);
}
