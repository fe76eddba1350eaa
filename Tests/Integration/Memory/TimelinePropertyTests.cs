using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Search;
using MemoryMesh.Memory;
using MemoryMesh.Memory.Consolidation;
using MemoryMesh.Memory.Extraction;
using MemoryMesh.Memory.Features;
using MemoryMesh.Memory.Preferences;
using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.Tests.Integration.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Tests.Integration.Memory;

/// <summary>
/// What holds for every sequence of statements, late ones, corrections, retractions, added texts, undos, feedback, deletions and consolidations, over a real file.
/// Sequences are generated; a failure names its seed and its steps.
/// </summary>
[TestFixtureSource(typeof(MemoryEngines), nameof(MemoryEngines.All))]
[SuppressMessage("Design", "CA1001", Justification = "Everything is disposed in TearDown.")]
public class TimelinePropertyTests(StoreEngine engine)
{
    private const int Steps = 14;
    private static readonly Guid Tenant = Guid.NewGuid();
    private static readonly string[] Cities = ["Berlin", "Munich", "Oslo", "Bern"];

    private readonly List<string> _done = [];
    private int _undone;
    private Clock _clock = null!;
    private FakeChat _chat = null!;
    private MemoryStorage _storage = null!;
    private KeyedNames _names = null!;
    private IMemoryStore _store = null!;
    private LearnFromMessages _learn = null!;
    private ForgetMessages _forget = null!;
    private ProcessingBell _bell = null!;
    private MemoryProcessor _processor = null!;
    private ChangeState _change = null!;
    private ConsolidationWorker _worker = null!;
    private IConsolidationStore _runs = null!;
    private Guid _subject;

    [SetUp]
    public void Open()
    {
        _clock = new Clock();
        _chat = new FakeChat();
        _storage = new MemoryStorage(engine, _clock);
        _names = _storage.Get<KeyedNames>();
        var keys = _storage.Get<MemoryKeys>();
        _store = _storage.Get<IMemoryStore>();
        var ledger = _storage.Get<IExtractionLedger>();
        var policies = _storage.Get<IMemoryPolicies>();
        var options = Options.Create(new MemoryOptions());
        var consolidation = Options.Create(new ConsolidationOptions());
        var extractor = new RuleMemoryExtractor();
        _learn = new LearnFromMessages(
            _store, ledger, policies, _chat, extractor, new FactProposals(keys), new ObservePreferences(_storage.Get<IPreferenceStore>(), _clock), options, _clock);
        _forget = new ForgetMessages(_store, options, _clock);
        _bell = new ProcessingBell();
        _processor = new MemoryProcessor(_store, ledger, policies, extractor, keys, new FactProposals(keys), _bell, options, _clock, NullLogger<MemoryProcessor>.Instance);
        _change = new ChangeState(_store, _bell, options, _clock);
        _runs = _storage.Get<IConsolidationStore>();
        _worker = new ConsolidationWorker(
            _runs,
            new CarryOutConsolidation(_runs, new NoVectors(), _bell, consolidation, options, _clock, NullLogger<CarryOutConsolidation>.Instance),
            consolidation,
            _clock,
            NullLogger<ConsolidationWorker>.Instance);
        _subject = _names.SubjectKey(Tenant, "ann");
    }

    [TearDown]
    public async Task CloseAsync()
    {
        _worker?.Dispose();
        _processor?.Dispose();
        _bell?.Dispose();
        if (_storage is not null)
        {
            await _storage.DisposeAsync();
        }
    }

    [Test]
    public async Task One_value_is_current_what_was_believed_stays_believed_and_undoing_twice_changes_nothing()
    {
        for (var seed = 1; seed <= 24; seed++)
        {
            _done.Clear();
            _subject = _names.SubjectKey(Tenant, User(seed));
            var random = new Random(seed);
            var messages = new List<Guid>();
            var believed = new List<(DateTimeOffset At, IReadOnlyList<(Guid Id, string Text)> Then)>();
            for (var step = 0; step < Steps; step++)
            {
                _clock.Advance(TimeSpan.FromHours(random.Next(1, 40)));

                // What ended meanwhile has ended before something else happens, as where the work goes on all the time.
                await WorkAsync();
                await DoAsync(random, seed, messages);
                await WorkAsync();
                believed.Add((_clock.GetUtcNow(), await BelievedAsync(_clock.GetUtcNow())));
                await CheckCurrentAsync(seed);
                await CheckWorldAsync(seed);
            }

            await CheckBelievedAsync(believed, seed);
        }

        Assert.That(_undone, Is.GreaterThan(3), "The sequences have to undo undos.");
    }

    private async Task DoAsync(Random random, int seed, List<Guid> messages)
    {
        var all = await AllAsync();
        var any = all.Count == 0 ? null : all[random.Next(all.Count)];
        switch (random.Next(14))
        {
            case < 4:
                await SayAsync($"I live in {Cities[random.Next(Cities.Length)]}.", _clock.GetUtcNow(), seed, messages);
                return;
            case 4:
                await SayAsync($"I live in {Cities[random.Next(Cities.Length)]}.", _clock.GetUtcNow().AddDays(-random.Next(1, 30)), seed, messages);
                return;
            case 5:
                await SayAsync("Please forget where I live.", _clock.GetUtcNow(), seed, messages);
                return;
            case 6:
                await SayAsync($"I live in {Cities[random.Next(Cities.Length)]} until tomorrow.", _clock.GetUtcNow(), seed, messages);
                return;
            case 7:
                _done.Add("add");
                await new AddMemory(_store, _bell, _clock).HandleAsync(
                    new NewMemory
                    {
                        TenantId = Tenant, Owner = new MemoryOwner(MemoryScope.User, _subject, User(seed)), AccountId = Guid.NewGuid(), Text = $"I live in {Cities[random.Next(Cities.Length)]}.",
                    },
                    null,
                    default);
                return;
            case 8 or 12 or 13 when any is not null:
                await UndoTwiceAsync(any, seed);
                return;
            case 9 when any is not null:
                var kind = (FeedbackKind)random.Next(1, 4);
                _done.Add($"{kind} {any.Text}");
                await _change.TakeFeedbackAsync(any, kind, Guid.NewGuid(), null, default);
                return;
            case 10 when any is not null:
                _done.Add($"delete {any.Text}");
                await _store.DeleteAsync(Tenant, any.Id, null, _clock.GetUtcNow(), null, default);
                return;
            case 11 when messages.Count > 0:
                var message = messages[random.Next(messages.Count)];
                _done.Add("delete a message");
                _chat.Remove(message);
                await _store.ForgetMessagesAsync(Tenant, [(_subject, message)], _clock.GetUtcNow(), default);
                await _forget.HandleAsync(Tenant, [message], default);
                return;
            default:
                _done.Add("consolidate");
                await _runs.RequestAsync(
                    new ConsolidationRun { Id = Guid.CreateVersion7(_clock.GetUtcNow()), TenantId = Tenant, RequestedBy = Guid.NewGuid(), DryRun = false, RequestedAt = _clock.GetUtcNow() },
                    null,
                    default);
                while (await _worker.WorkAsync(default))
                {
                }

                return;
        }
    }

    /// <summary>An undo, and the undo of that: where both are possible, everything is as it was.</summary>
    private async Task UndoTwiceAsync(MemoryRecord memory, int seed)
    {
        var before = await StatesAsync();
        if (await _change.UndoAsync(memory, Guid.NewGuid(), null, default) != StateChange.Done)
        {
            return;
        }

        _done.Add($"undo {memory.Text}");
        await WorkAsync();
        await CheckCurrentAsync(seed);
        _clock.Advance(TimeSpan.FromSeconds(1));
        var undone = (await _store.FindAsync(Tenant, memory.Id, default))!;
        var isTurn = undone.State == MemoryState.Withdrawn || memory is { State: MemoryState.Superseded or MemoryState.Withdrawn, SupersededBy: not null };
        if (isTurn && await _change.UndoAsync(undone, Guid.NewGuid(), null, default) == StateChange.Done)
        {
            _done.Add("undo that");
            _undone++;
            await WorkAsync();
            Assert.That(await StatesAsync(), Is.EqualTo(before), Told(seed));
        }
    }

    private async Task CheckCurrentAsync(int seed)
    {
        var all = await AllAsync();
        Assert.That(all.Where(memory => memory is { Active: true, SingleValued: true, Slot: not null }).Select(memory => memory.Slot), Is.Unique, Told(seed));
        Assert.That(all.All(memory => memory.ValidTo is not { } end || end >= memory.ValidFrom), Told(seed));
        Assert.That(all.All(memory => memory.Active == (memory.State == MemoryState.Current)), Told(seed));
    }

    /// <summary>At no time are two values of an attribute true, as far as is known now: where somebody stays until tomorrow is another one than where they live.</summary>
    private async Task CheckWorldAsync(int seed)
    {
        var values = (await AllAsync()).Where(memory => memory.SingleValued && memory.State is not (MemoryState.Merged or MemoryState.Withdrawn)).ToList();
        foreach (var (slot, time) in values.Select(value => (value.Slot, value.ValidFrom)))
        {
            var then = values.Where(value => value.Slot == slot && value.ValidFrom <= time && !(value.End <= time)).ToList();
            Assert.That(then, Has.Count.LessThanOrEqualTo(1), () => $"{string.Join(" | ", then.Select(value => $"{value.Text} {value.State} {value.ValidFrom:s} to {value.End:s}"))} at {time:s}. {Told(seed)}");
        }
    }

    private async Task CheckBelievedAsync(List<(DateTimeOffset At, IReadOnlyList<(Guid Id, string Text)> Then)> believed, int seed)
    {
        // A deletion deletes its past as well.
        var there = (await AllAsync()).Select(memory => memory.Id).ToHashSet();
        foreach (var (at, then) in believed)
        {
            Assert.That(await BelievedAsync(at), Is.EquivalentTo(then.Where(memory => there.Contains(memory.Id))), Told(seed));
        }
    }

    private async Task<IReadOnlyList<(Guid Id, string Text)>> BelievedAsync(DateTimeOffset at)
        => [.. (await ListAsync(new MemoryListQuery
        {
            TenantId = Tenant, Owner = Owner(), AsOf = at, Basis = TimeBasis.System, Now = _clock.GetUtcNow(), Page = 1, PageSize = 200,
        })).Select(memory => (memory.Id, memory.Text))];

    private async Task<IReadOnlyList<(string, MemoryState, bool)>> StatesAsync()
        => [.. (await AllAsync()).OrderBy(memory => memory.Id).Select(memory => (memory.Text, memory.State, memory.Active))];

    private async Task<IReadOnlyList<MemoryRecord>> AllAsync()
        => await ListAsync(new MemoryListQuery { TenantId = Tenant, Owner = Owner(), View = MemoryView.All, Now = _clock.GetUtcNow(), Page = 1, PageSize = 200 });

    private async Task<IReadOnlyList<MemoryRecord>> ListAsync(MemoryListQuery query) => (await _store.ListAsync(query, default)).Memories;

    private MemoryOwner Owner() => new(MemoryScope.User, _subject, null);

    private async Task WorkAsync()
    {
        while (await _processor.WorkAsync(default))
        {
            var waiting = (await AllAsync()).Where(memory => memory.Status == MemoryStatus.Processing).Select(memory => (Tenant, memory.Id, memory.Version)).ToList();
            await _store.CompleteAsync(waiting, default);
        }
    }

    private Task SayAsync(string content, DateTimeOffset at, int seed, List<Guid> messages)
    {
        _done.Add($"{content} ({at.ToString("d", CultureInfo.InvariantCulture)})");
        var message = new ChatMessage
        {
            Id = Guid.CreateVersion7(_clock.GetUtcNow()),
            ConversationKey = _names.ConversationKey(Tenant, "c"),
            ConversationId = "c",
            SubjectKey = _subject,
            UserId = User(seed),
            Role = "user",
            Content = content,
            CreatedAt = at,
            Version = 1,
            ExtractMemory = true,
        };
        _chat.Put(message);
        messages.Add(message.Id);
        return _learn.HandleAsync(Tenant, [new MessageNews(message.Id, _subject, 1, true, _clock.GetUtcNow())], default);
    }

    private static string User(int seed) => $"user-{seed.ToString(CultureInfo.InvariantCulture)}";

    private string Told(int seed) => $"Seed {seed.ToString(CultureInfo.InvariantCulture)}: {string.Join("; ", _done)}";

    /// <summary>A model that cannot be reached.</summary>
    private sealed class NoVectors : ITextVectors
    {
        public Task<IReadOnlyList<float[]>> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<float[]>>([]);

        public Task<IReadOnlyList<float[]>> EmbedSoonAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken) => EmbedAsync(texts, cancellationToken);
    }

    private sealed class Clock : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now;

        public void Advance(TimeSpan time) => _now += time;
    }
}
