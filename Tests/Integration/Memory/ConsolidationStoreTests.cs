using System.Diagnostics.CodeAnalysis;
using MemoryMesh.Contracts.Events;
using MemoryMesh.Contracts.Search;
using MemoryMesh.Memory;
using MemoryMesh.Memory.Consolidation;
using MemoryMesh.Memory.Features;
using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.Tests.Integration.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Tests.Integration.Memory;

/// <summary>The consolidation over a real file: what came in without being compared, as imports do.</summary>
[TestFixtureSource(typeof(MemoryEngines), nameof(MemoryEngines.All))]
[SuppressMessage("Design", "CA1001", Justification = "Everything is disposed in TearDown.")]
public class ConsolidationStoreTests(StoreEngine engine)
{
    private static readonly Guid Tenant = Guid.NewGuid();

    private readonly Clock _clock = new();
    private readonly FakeVectors _vectors = new();
    private MemoryStorage _storage = null!;
    private KeyedNames _names = null!;
    private MemoryKeys _keys = null!;
    private IMemoryStore _store = null!;
    private IConsolidationStore _runs = null!;
    private ProcessingBell _bell = null!;
    private CarryOutConsolidation _carryOut = null!;
    private ConsolidationWorker _worker = null!;

    [SetUp]
    public void Open()
    {
        _storage = new MemoryStorage(engine, _clock);
        _names = _storage.Get<KeyedNames>();
        _keys = _storage.Get<MemoryKeys>();
        _store = _storage.Get<IMemoryStore>();
        _runs = _storage.Get<IConsolidationStore>();
        _bell = new ProcessingBell();
        var options = Options.Create(new ConsolidationOptions { Hour = 3 });
        _carryOut = new CarryOutConsolidation(_runs, _vectors, _bell, options, Options.Create(new MemoryOptions()), _clock, NullLogger<CarryOutConsolidation>.Instance);
        _worker = new ConsolidationWorker(_runs, _carryOut, options, _clock, NullLogger<ConsolidationWorker>.Instance);
        _vectors.Hook = null;
        _vectors.Alike = false;
    }

    [TearDown]
    public async Task CloseAsync()
    {
        _worker?.Dispose();
        _bell?.Dispose();
        if (_storage is not null)
        {
            await _storage.DisposeAsync();
        }
    }

    [Test]
    public async Task A_dry_run_tells_what_a_run_then_does_and_a_second_one_finds_nothing()
    {
        await ImportAsync("ann", "User likes to hike.", "User really likes to hike!", "User likes tea.");
        await ImportAsync("ben", "User likes to hike.");
        var before = await TextsAsync("ann");
        var dry = await RunAsync(dryRun: true);
        Assert.That(await TextsAsync("ann"), Is.EqualTo(before));
        Assert.That((dry.Figures, dry.State), Is.EqualTo((new ConsolidationFigures(2, 0, 1, 0, 0, 0, 0), ConsolidationState.Completed)));

        var run = await RunAsync(dryRun: false);
        Assert.That(run.Figures, Is.EqualTo(dry.Figures));
        Assert.That((await ChangesAsync(run)).Select(Told), Is.EqualTo((await ChangesAsync(dry)).Select(Told)));
        Assert.That(await TextsAsync("ann"), Is.EqualTo((string[])["User likes tea.", "User likes to hike."]));
        Assert.That((await RunAsync(dryRun: false)).Figures, Is.EqualTo(new ConsolidationFigures(2, 0, 0, 0, 0, 0, 0)));

        static object Told(ReportedChange change) => (change.Kind, change.MemoryId, change.IntoId);
    }

    [Test]
    public async Task A_merge_can_be_undone_and_is_not_made_again()
    {
        await ImportAsync("ann", "User likes to hike.", "User really likes to hike!");
        var merged = (await ChangesAsync(await RunAsync(dryRun: false))).Single();
        var change = new ChangeState(_store, _bell, Options.Create(new MemoryOptions()), _clock);
        Assert.That(await change.UndoAsync((await _store.FindAsync(Tenant, merged.MemoryId, default))!, Guid.NewGuid(), null, default), Is.EqualTo(StateChange.Done));
        Assert.That(await TextsAsync("ann"), Has.Count.EqualTo(2));
        Assert.That((await RunAsync(dryRun: false)).Figures.Merged, Is.Zero);
    }

    [Test]
    public async Task Where_words_do_not_decide_vectors_do()
    {
        await ImportAsync("ann", "User enjoys mountain hiking.", "User enjoys hiking in the mountains.");
        Assert.That((await RunAsync(dryRun: false)).Figures.Merged, Is.Zero);
        _vectors.Alike = true;
        Assert.That((await RunAsync(dryRun: false)).Figures.Merged, Is.EqualTo(1));
    }

    [Test]
    public async Task Two_values_of_an_attribute_that_were_imported_follow_each_other()
    {
        var (berlin, munich) = (City("Berlin", 1), City("Munich", 2));
        await ImportAsync(berlin, munich);
        Assert.That((await RunAsync(dryRun: false)).Figures.Superseded, Is.EqualTo(1));
        var ended = await _store.FindAsync(Tenant, berlin.Id, default);
        Assert.That((ended!.State, ended.ValidTo, ended.SupersededBy), Is.EqualTo((MemoryState.Superseded, (DateTimeOffset?)munich.ValidFrom, (Guid?)munich.Id)));
    }

    [Test]
    public async Task A_run_that_was_killed_is_gone_on_with_after_its_lease_and_nothing_is_told_twice()
    {
        foreach (var user in (string[])["a", "b", "c"])
        {
            await ImportAsync(user, "User enjoys mountain hiking.", "User enjoys hiking in the mountains.");
        }

        _vectors.Alike = true;
        var requested = await RequestAsync(dryRun: false);
        var seen = 0;
        _vectors.Hook = () => ++seen == 2 ? throw new StorageUnavailableException("killed") : Task.CompletedTask;
        var lease = Guid.NewGuid();
        var taken = await _runs.TryLeaseAsync(lease, _clock.GetUtcNow(), _clock.GetUtcNow() + CarryOutConsolidation.Lease, default);
        Assert.ThrowsAsync<StorageUnavailableException>(() => _carryOut.HandleAsync(taken!, lease, default));
        Assert.That((await _runs.FindAsync(Tenant, requested.Id, default))!.Figures.Merged, Is.EqualTo(1));
        Assert.That(await _worker.WorkAsync(default), Is.False, "Its worker may live.");

        _clock.Advance(CarryOutConsolidation.Lease);
        Assert.That(await _worker.WorkAsync(default), Is.True);
        var ended = (await _runs.FindAsync(Tenant, requested.Id, default))!;
        Assert.That((ended.State, ended.Figures), Is.EqualTo((ConsolidationState.Completed, new ConsolidationFigures(3, 0, 3, 0, 0, 0, 0))));
        Assert.That(await ChangesAsync(ended), Has.Count.EqualTo(3));

        // Whoever held the lease before writes nothing more.
        var step = new ConsolidationStep(taken!, lease, _clock.GetUtcNow(), Subject("a"), null, new ConsolidationPlan([], []));
        Assert.That(await _runs.ApplyAsync(step, _clock.GetUtcNow(), default), Is.EqualTo(ConsolidationStepResult.LeaseLost));
    }

    [Test]
    public async Task A_tenant_has_one_run_at_a_time_and_an_owner_that_changes_meanwhile_is_read_again()
    {
        await ImportAsync("ann", "User enjoys mountain hiking.", "User enjoys hiking in the mountains.");
        var first = await RequestAsync(dryRun: false);
        Assert.That((await _runs.RequestAsync(Run(dryRun: true), null, default)).Run, Is.Null);
        _vectors.Alike = true;
        var reads = 0;
        _vectors.Hook = () => ++reads == 1 ? ImportAsync("ann", "User likes tea.", "User really likes tea!") : Task.CompletedTask;
        Assert.That(await _worker.WorkAsync(default), Is.True);
        Assert.That((await _runs.FindAsync(Tenant, first.Id, default))!.Figures.Merged, Is.EqualTo(2));
        Assert.That(reads, Is.EqualTo(2));
    }

    [Test]
    public async Task It_begins_by_itself_once_in_its_hour_for_tenants_with_changes_and_looks_at_these_owners_alone()
    {
        await ImportAsync("ann", "User likes to hike.", "User really likes to hike!");
        Assert.That(await _worker.WorkAsync(default), Is.False, "It is noon.");
        _clock.Advance(TimeSpan.FromHours(15));
        Assert.That(await _worker.WorkAsync(default), Is.True);
        Assert.That(await _worker.WorkAsync(default), Is.False);
        await ImportAsync("ben", "User likes tea.", "User really likes tea!");
        Assert.That(await _worker.WorkAsync(default), Is.False, "It ran in this hour.");
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.That(await _worker.WorkAsync(default), Is.True);
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.That(await _worker.WorkAsync(default), Is.False, "Nothing changed.");
        Assert.That((await _runs.ListAsync(Tenant, null, 10, default)).Select(run => (run.Figures.Owners, run.Figures.Merged)), Is.EqualTo((object[])[(1, 1), (1, 1)]));

        _clock.Advance(TimeSpan.FromDays(100));
        await _worker.WorkAsync(default);
        Assert.That(await _runs.ListAsync(Tenant, null, 10, default), Is.Empty);
    }

    [Test]
    public async Task Of_an_erased_subject_no_report_tells()
    {
        await ImportAsync("ann", "User likes to hike.", "User really likes to hike!");
        var run = await RunAsync(dryRun: false);
        var order = new SubjectErasureRequested { ErasureId = Guid.NewGuid(), TenantId = Tenant, SubjectKey = Subject("ann"), Service = MemoryModule.Name, ErasedUntil = _clock.GetUtcNow() };
        await _storage.EraseAsync(order);
        Assert.That(await ChangesAsync(run), Is.Empty);
    }

    private async Task<ConsolidationRun> RunAsync(bool dryRun)
    {
        _clock.Advance(TimeSpan.FromMinutes(1));
        var run = await RequestAsync(dryRun);
        Assert.That(await _worker.WorkAsync(default), Is.True);
        return (await _runs.FindAsync(Tenant, run.Id, default))!;
    }

    private async Task<ConsolidationRun> RequestAsync(bool dryRun) => (await _runs.RequestAsync(Run(dryRun), null, default)).Run!;

    private ConsolidationRun Run(bool dryRun)
        => new() { Id = Guid.CreateVersion7(_clock.GetUtcNow()), TenantId = Tenant, RequestedBy = Guid.NewGuid(), DryRun = dryRun, RequestedAt = _clock.GetUtcNow() };

    private Task<IReadOnlyList<ReportedChange>> ChangesAsync(ConsolidationRun run) => _runs.ListChangesAsync(Tenant, run.Id, null, 100, default);

    private async Task<IReadOnlyList<string>> TextsAsync(string user)
        => [.. (await _runs.ReadOwnerAsync(Tenant, Subject(user), 100, default)).Memories.Select(memory => memory.Text).Order(StringComparer.Ordinal)];

    private Guid Subject(string user) => _names.SubjectKey(Tenant, user);

    private Task ImportAsync(string user, params string[] texts)
        => ImportAsync([.. texts.Select(text =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            return Memory(user, text, _clock.GetUtcNow());
        })]);

    private async Task ImportAsync(params MemoryRecord[] memories)
    {
        var statuses = await _store.ImportAsync([.. memories.Select(memory => (new WholeMemory(memory, [], []), (Guid?)null))], false, _clock.GetUtcNow(), default);
        Assert.That(statuses, Is.All.EqualTo(ImportStatus.Added));
    }

    private MemoryRecord City(string city, int day)
        => Memory("ann", $"User lives in {city}.", _clock.GetUtcNow().AddDays(day)) with { Category = "location", Slot = "location", SingleValued = true };

    private MemoryRecord Memory(string user, string text, DateTimeOffset at) => new()
    {
        Id = Guid.CreateVersion7(at),
        TenantId = Tenant,
        Scope = MemoryScope.User,
        OwnerKey = Subject(user),
        UserId = user,
        Derived = true,
        Text = text,
        TextKey = _keys.TextKey(Tenant, Subject(user), null, null, text),
        Category = "other",
        Importance = .5,
        Confidence = .8,
        Status = MemoryStatus.Completed,
        ValidFrom = at,
        Version = 1,
        CreatedAt = at,
        UpdatedAt = at,
    };

    /// <summary>Vectors that are all the same, or all at right angles.</summary>
    private sealed class FakeVectors : ITextVectors
    {
        public bool Alike { get; set; }

        public Func<Task>? Hook { get; set; }

        public async Task<IReadOnlyList<float[]>> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
        {
            await (Hook?.Invoke() ?? Task.CompletedTask);
            return [.. texts.Select((_, at) => Enumerable.Range(0, texts.Count).Select(place => place == (Alike ? 0 : at) ? 1f : 0f).ToArray())];
        }

        public Task<IReadOnlyList<float[]>> EmbedSoonAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken) => EmbedAsync(texts, cancellationToken);
    }

    private sealed class Clock : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now;

        public void Advance(TimeSpan time) => _now += time;
    }
}
