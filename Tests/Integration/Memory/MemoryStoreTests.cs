using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Events;
using MemoryMesh.Memory;
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

/// <summary>Learning and background work on each engine, with the moments between their steps under control.</summary>
[TestFixtureSource(typeof(MemoryEngines), nameof(MemoryEngines.All))]
[SuppressMessage("Design", "CA1001", Justification = "Everything is disposed in TearDown.")]
public class MemoryStoreTests(StoreEngine engine)
{
    private static readonly Guid Tenant = Guid.NewGuid();

    private readonly Clock _clock = new();
    private readonly FakeChat _chat = new();
    private readonly HookedExtractor _extractor = new();
    private MemoryStorage _storage = null!;
    private KeyedNames _names = null!;
    private IMemoryStore _store = null!;
    private IExtractionLedger _ledger = null!;
    private IPreferenceStore _preferences = null!;
    private LearnFromMessages _learn = null!;
    private ProcessingBell _bell = null!;
    private MemoryProcessor _processor = null!;
    private Guid _subject;

    [SetUp]
    public void Open()
    {
        _storage = new MemoryStorage(engine, _clock);
        _names = _storage.Get<KeyedNames>();
        var keys = _storage.Get<MemoryKeys>();
        _store = _storage.Get<IMemoryStore>();
        _ledger = _storage.Get<IExtractionLedger>();
        var policies = _storage.Get<IMemoryPolicies>();
        var options = Options.Create(new MemoryOptions());
        _preferences = _storage.Get<IPreferenceStore>();
        _learn = new LearnFromMessages(_store, _ledger, policies, _chat, _extractor, new FactProposals(keys), new ObservePreferences(_preferences, _clock), options, _clock);
        _bell = new ProcessingBell();
        _processor = new MemoryProcessor(_store, _ledger, policies, _extractor, keys, new FactProposals(keys), _bell, options, _clock, NullLogger<MemoryProcessor>.Instance);
        _subject = _names.SubjectKey(Tenant, "honda");
        _chat.Clear();
        _extractor.Hook = null;
        _extractor.Fault = null;
        _extractor.Asked.Clear();
    }

    [TearDown]
    public async Task CloseAsync()
    {
        _processor?.Dispose();
        _bell?.Dispose();
        if (_storage is not null)
        {
            await _storage.DisposeAsync();
        }
    }

    [Test]
    public async Task A_message_that_is_delivered_many_times_at_once_is_learned_once()
    {
        var news = Say("My name is Honda. I'm a software engineer who loves Python.");
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => LearnAsync(news))));
        await LearnAsync(news);
        Assert.That(await TextsAsync(includeInactive: true), Is.EqualTo((string[])["User is a software engineer.", "User loves Python.", "User's name is Honda."]));
    }

    [Test]
    public async Task Learners_that_work_at_once_agree_on_the_newest_value()
    {
        var news = Enumerable.Range(0, 24).Select(i => Say($"I live in Town{(char)('A' + i)}ville.")).ToList();
        await Task.WhenAll(news.OrderBy(item => item.MessageId.GetHashCode()).Select(item => Task.Run(() => LearnUntilTakenAsync(item))));
        Assert.That(await TextsAsync(), Is.EqualTo((string[])["User lives in TownXville."]));
        Assert.That(await TextsAsync(includeInactive: true), Has.Count.EqualTo(24));
    }

    [Test]
    public async Task A_message_that_is_deleted_while_it_is_read_teaches_nothing()
    {
        var news = Say("My name is Honda.");
        _extractor.Hook = () =>
        {
            _chat.Clear();
            return _store.ForgetMessagesAsync(Tenant, [(_subject, news.MessageId)], _clock.GetUtcNow(), default);
        };
        await LearnAsync(news);
        Assert.That(await TextsAsync(includeInactive: true), Is.Empty);
    }

    [Test]
    public async Task A_conversation_that_is_deleted_while_it_is_read_teaches_nothing()
    {
        var news = Say("My name is Honda.");
        _extractor.Hook = () =>
        {
            _chat.Clear();
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            return _store.CloseConversationAsync(Tenant, _names.ConversationKey(Tenant, "c"), _clock.GetUtcNow(), default);
        };
        await LearnAsync(news);
        Assert.That(await TextsAsync(includeInactive: true), Is.Empty);
    }

    [Test]
    public async Task A_subject_that_opts_out_while_a_message_is_read_teaches_nothing()
    {
        _extractor.Hook = () => _store.SaveSettingsAsync(Tenant, _subject, new SubjectSettings(true, _clock.GetUtcNow()), default);
        await LearnAsync(Say("My name is Honda."));
        Assert.That(await TextsAsync(includeInactive: true), Is.Empty);
    }

    [Test]
    public async Task What_was_said_before_everything_was_forgotten_is_not_learned_later()
    {
        var forget = new ForgetMemories(_store, new SubjectStyle(_preferences, new ReadProfile(_storage.Get<IProfileStore>(), _clock), _clock), _preferences, _clock);
        var owner = new MemoryOwner(MemoryScope.User, _subject, "honda");
        _extractor.Hook = () => forget.HandleAsync(Tenant, owner, optOut: false, default);
        await LearnAsync(Say("My name is Honda."));
        _extractor.Hook = null;
        var late = Say("I live in Bern.");
        await forget.HandleAsync(Tenant, owner, optOut: false, default);
        await LearnAsync(late);
        Assert.That(await TextsAsync(includeInactive: true), Is.Empty);

        await LearnAsync(Say("I like tea."));
        Assert.That(await TextsAsync(), Is.EqualTo((string[])["User likes tea."]));
    }

    [Test]
    public async Task What_is_read_while_its_subject_is_erased_is_not_learned_and_an_order_that_comes_twice_erases_once()
    {
        await LearnAsync(Say("I live in Bern."));
        var order = new SubjectErasureRequested
        {
            ErasureId = Guid.CreateVersion7(),
            TenantId = Tenant,
            SubjectKey = _subject,
            Service = MemoryModule.Name,
            ErasedUntil = _clock.GetUtcNow(),
        };

        // The text is read by now, from before; its memory would be written after.
        _extractor.Hook = () =>
        {
            _chat.Clear();
            return _storage.EraseAsync(order);
        };
        await LearnAsync(Say("My name is Honda.") with { At = order.ErasedUntil.Value });
        Assert.That(await TextsAsync(includeInactive: true), Is.Empty);

        _extractor.Hook = null;
        await LearnAsync(Say("I like tea.") with { At = order.ErasedUntil.Value.AddSeconds(1) });
        await _storage.EraseAsync(order);
        await _storage.EraseAsync(order with { ErasureId = Guid.CreateVersion7(), Service = "chat" });
        Assert.That(await TextsAsync(), Is.EqualTo((string[])["User likes tea."]));
        var events = await _storage.EventsAsync<ServiceErased>();
        Assert.That(events, Has.Count.EqualTo(2));
        Assert.That(events.Select(body => JsonSerializer.Deserialize<ServiceErased>(body)!.Deleted["memories"]), Is.All.EqualTo(1));
    }

    [Test]
    public async Task What_a_model_should_mind_is_kept_sealed_until_the_text_was_read()
    {
        var (added, _) = await new AddMemory(_store, _bell, _clock).HandleAsync(
            new NewMemory
            {
                TenantId = Tenant, Owner = new MemoryOwner(MemoryScope.User, _subject, "honda"), AccountId = Guid.NewGuid(), Text = "I like tea.", Extract = true, Instructions = "Mind the tea.",
            },
            null,
            default);
        Assert.That((await FindAsync(added.Id)).Instructions, Is.EqualTo("Mind the tea."));
        await _processor.WorkAsync(default);
        Assert.That(_extractor.Asked.Select(request => request.Instructions), Is.EqualTo((string[])["Mind the tea."]));
        Assert.That((await FindAsync(added.Id)).Instructions, Is.Null);
    }

    [Test]
    public async Task What_is_said_in_the_moment_after_Chat_erased_its_subject_is_learned()
    {
        var news = Say("I like tea.");
        var order = new SubjectErasureRequested
        {
            ErasureId = Guid.CreateVersion7(), TenantId = Tenant, SubjectKey = _subject, Service = MemoryModule.Name, ErasedUntil = news.At,
        };
        await _storage.EraseAsync(order);

        // The message is there to be read, so it was stored after the erasure, in the same millisecond of the clock.
        await LearnAsync(news);
        Assert.That(await TextsAsync(), Is.EqualTo((string[])["User likes tea."]));
    }

    [Test]
    public async Task A_conversation_that_begins_in_the_moment_another_of_its_name_was_deleted_is_learned_from()
    {
        var news = Say("I like tea.");
        await _store.CloseConversationAsync(Tenant, _names.ConversationKey(Tenant, "c"), news.At, default);
        await LearnAsync(news);
        Assert.That(await TextsAsync(), Is.EqualTo((string[])["User likes tea."]));
    }

    [Test]
    public async Task A_memory_that_was_sealed_before_its_subject_was_erased_is_refused()
    {
        await AddAsync("User likes tea.");
        var key = await _storage.Database.Keys.GetOrCreateAsync(Tenant, _subject, default);
        await _storage.Database.Keys.DestroyAsync(Tenant, _subject, default);
        Assert.That(key.ThrowIfDestroyed, Throws.InstanceOf<StorageUnavailableException>());
        Assert.That((await _storage.Database.Keys.GetOrCreateAsync(Tenant, _subject, default)).ThrowIfDestroyed, Throws.Nothing);
    }

    [Test]
    public async Task Memories_of_one_moment_are_listed_in_the_order_they_were_said()
    {
        await LearnAsync(Say("My name is Honda. I'm a software engineer who loves Python. I live in Bern. My favorite color is green."));
        var page = await _store.ListAsync(
            new MemoryListQuery { TenantId = Tenant, Owner = new MemoryOwner(MemoryScope.User, _subject, "honda"), Descending = false, Now = _clock.GetUtcNow(), Page = 1, PageSize = 50 }, default);
        var starts = (await _store.ListSourcesAsync(Tenant, _subject, [.. page.Memories.Select(memory => memory.Id)], default))
            .ToDictionary(sources => sources.Key, sources => sources.Single().QuoteStart);
        Assert.That(page.Memories, Has.Count.GreaterThanOrEqualTo(4));
        Assert.That(page.Memories.Select(memory => starts[memory.Id]), Is.Ordered);
    }

    [Test]
    public async Task A_memory_that_cannot_be_opened_does_not_end_the_background_work()
    {
        var broken = await AddAsync("User likes tea.");
        await _storage.Engine.BreakAsync(broken.Id);
        await _processor.StartAsync(default);
        await Task.WhenAny(_processor.ExecuteTask!, Task.Delay(TimeSpan.FromMilliseconds(500)));
        Assert.That(_processor.ExecuteTask!.IsCompleted, Is.False, "An end of the background work ends the server.");
        await _processor.StopAsync(default);
    }

    [Test]
    public async Task Nothing_is_read_of_a_subject_that_opted_out()
    {
        await _store.SaveSettingsAsync(Tenant, _subject, new SubjectSettings(true, _clock.GetUtcNow()), default);
        await LearnAsync(Say("My name is Honda."));
        Assert.That(_chat.Reads, Is.Zero);
    }

    [Test]
    public async Task An_older_version_of_a_message_that_arrives_late_changes_nothing()
    {
        var first = Say("I live in Berlin.");
        var second = Change(first, "I live in Bern.");
        await LearnAsync(second);
        await LearnAsync(first);
        Assert.That(await TextsAsync(includeInactive: true), Is.EqualTo((string[])["User lives in Bern."]));
    }

    [Test]
    public async Task Background_work_that_fails_is_retried_then_failed_with_its_reason_then_tried_slowly()
    {
        var memory = await AddAsync("User likes tea.");
        _extractor.Fault = new InvalidOperationException("a secret");
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            Assert.That(await _processor.WorkAsync(default));
            var state = await FindAsync(memory.Id);
            Assert.That((state.Status, state.Attempts, state.Error), Is.EqualTo((attempt < 5 ? MemoryStatus.Pending : MemoryStatus.Failed, attempt, MemoryErrors.ProcessingFailed)));
            Assert.That(await _processor.WorkAsync(default), Is.False, "It waits before the next try.");
            _clock.Advance(TimeSpan.FromMinutes(2));
        }

        _extractor.Fault = null;
        Assert.That(await _processor.WorkAsync(default), "A failed memory is still tried.");
        Assert.That((await FindAsync(memory.Id)).Status, Is.EqualTo(MemoryStatus.Processing));
        Assert.That((await FindAsync(memory.Id)).Error, Is.Null);
    }

    [Test]
    public async Task A_failed_memory_can_be_retried_at_once()
    {
        var memory = await AddAsync("User likes tea.");
        _extractor.Fault = new InvalidOperationException();
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            await _processor.WorkAsync(default);
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        _extractor.Fault = null;
        Assert.That(await _store.RetryAsync(Tenant, memory.Id, _clock.GetUtcNow(), default));
        Assert.That(await _store.RetryAsync(Tenant, memory.Id, _clock.GetUtcNow(), default), Is.False);
        await _processor.WorkAsync(default);
        Assert.That((await FindAsync(memory.Id)).Status, Is.EqualTo(MemoryStatus.Processing));
    }

    [Test]
    public async Task A_memory_that_search_does_not_index_is_announced_again_and_completed_whenever_it_is()
    {
        var memory = await AddAsync("User likes tea.");
        await _processor.WorkAsync(default);
        var announced = await AnnouncementsAsync();
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            _clock.Advance(TimeSpan.FromHours(2));
            await _processor.WorkAsync(default);
            Assert.That(await AnnouncementsAsync(), Is.EqualTo(announced + attempt));
        }

        var failed = await FindAsync(memory.Id);
        Assert.That((failed.Status, failed.Error), Is.EqualTo((MemoryStatus.Failed, MemoryErrors.IndexTimeout)));
        await _store.CompleteAsync([(Tenant, memory.Id, 1)], default);
        var completed = await FindAsync(memory.Id);
        Assert.That((completed.Status, completed.Error, completed.NextAttemptAt), Is.EqualTo((MemoryStatus.Completed, (string?)null, (DateTimeOffset?)null)));
    }

    [Test]
    public async Task A_version_that_search_has_before_the_work_on_it_ended_is_completed_with_it()
    {
        var memory = await AddAsync("User likes tea.");
        await _store.CompleteAsync([(Tenant, memory.Id, 1)], default);
        Assert.That((await FindAsync(memory.Id)).Status, Is.EqualTo(MemoryStatus.Pending));
        await _processor.WorkAsync(default);
        Assert.That((await FindAsync(memory.Id)).Status, Is.EqualTo(MemoryStatus.Completed));
    }

    [Test]
    public async Task Work_goes_on_after_a_restart_where_it_was()
    {
        var memory = await AddAsync("User likes tea.");
        using var another = new MemoryProcessor(
            _store, _ledger, _storage.Get<IMemoryPolicies>(), _extractor, new MemoryKeys(_names), new FactProposals(new MemoryKeys(_names)), _bell, Options.Create(new MemoryOptions()), _clock, NullLogger<MemoryProcessor>.Instance);
        await another.WorkAsync(default);
        Assert.That((await FindAsync(memory.Id)).Status, Is.EqualTo(MemoryStatus.Processing));
    }

    [Test]
    public async Task An_added_memory_that_says_what_was_learned_is_merged_into_it()
    {
        await LearnAsync(Say("My name is Honda."));
        var memory = await AddAsync("user's name is honda");
        await _processor.WorkAsync(default);
        Assert.That((await FindAsync(memory.Id)).Active, Is.False);
        Assert.That(await TextsAsync(), Is.EqualTo((string[])["User's name is Honda."]));
    }

    [Test]
    public async Task Retention_archives_or_deletes_what_is_old_and_unimportant_once()
    {
        await AddAsync("User likes tea.", importance: 0.2);
        await AddAsync("User is allergic to nuts.", importance: 0.9);
        _clock.Advance(TimeSpan.FromDays(40));
        await AddAsync("User likes jazz.", importance: 0.2);
        var order = new RetentionOrder
        {
            TenantId = Tenant, CreatedBefore = _clock.GetUtcNow().AddDays(-30), ImportanceBelow = 0.5, Archive = true, BatchSize = 10,
        };
        Assert.That(await _store.ApplyRetentionAsync(order, _clock.GetUtcNow(), default), Is.EqualTo(1));
        Assert.That(await _store.ApplyRetentionAsync(order, _clock.GetUtcNow(), default), Is.Zero);
        Assert.That(await TextsAsync(), Is.EqualTo((string[])["User is allergic to nuts.", "User likes jazz."]));
        Assert.That(await TextsAsync(includeInactive: true), Has.Count.EqualTo(3));
        Assert.That(await _store.ApplyRetentionAsync(order with { Archive = false, ImportanceBelow = null }, _clock.GetUtcNow(), default), Is.EqualTo(2));
        Assert.That(await TextsAsync(includeInactive: true), Is.EqualTo((string[])["User likes jazz."]));
    }

    [Test]
    public async Task Memories_of_a_conversation_are_counted_once_each()
    {
        await LearnAsync(Say("My name is Honda. I like tea."));
        await LearnAsync(Say("I like tea."));
        Assert.That(await _store.CountFromConversationAsync(Tenant, _names.ConversationKey(Tenant, "c"), default), Is.EqualTo(2));
        Assert.That(await _store.CountFromConversationAsync(Guid.NewGuid(), _names.ConversationKey(Tenant, "c"), default), Is.Zero);
    }

    [Test]
    public async Task No_word_that_anybody_wrote_stands_in_a_file()
    {
        const string Canary = "zyxwcanary";
        await LearnAsync(Say($"I live in {Canary}city. I like {Canary}tea.", conversation: $"{Canary}-chat", user: $"{Canary}-user"));
        var memory = await AddAsync($"User owns a {Canary}boat.", metadata: $$"""{"{{Canary}}":"{{Canary}}"}""", agent: $"{Canary}-agent");
        await _processor.WorkAsync(default);
        memory = await FindAsync(memory.Id);
        await _store.ReplaceAsync(memory, memory with { Text = $"User sold a {Canary}boat.", Version = 2 }, Actor.Of(Guid.NewGuid()), default);
        Assert.That(await _storage.Engine.HoldsAsync("zyxwcanary"u8.ToArray()), Is.False);
        await _storage.CloseAsync();
        foreach (var file in Directory.EnumerateFiles(_storage.Folder, "*", SearchOption.AllDirectories))
        {
            var bytes = await File.ReadAllBytesAsync(file);
            Assert.That(Encoding.Latin1.GetString(bytes).Contains("zyxwcanary", StringComparison.OrdinalIgnoreCase), Is.False, file);
        }
    }

    [Test]
    public async Task An_added_text_stays_as_it_is_and_its_facts_become_memories_of_the_same_owner()
    {
        var note = await AddAsync("My name is Honda.\n  I love Python.", agent: "desk", extract: true);
        await _processor.WorkAsync(default);
        var stored = await FindAsync(note.Id);
        Assert.That((stored.Text, stored.Status, stored.Active), Is.EqualTo(("My name is Honda.\n  I love Python.", MemoryStatus.Processing, true)));

        var facts = await FactsAsync(note);
        Assert.That(facts.Select(fact => fact.Text), Is.EqualTo((string[])["User's name is Honda.", "User loves Python."]));
        Assert.That(facts.Select(fact => (fact.OwnerKey, fact.UserId, fact.AgentId, fact.CreatedBy, fact.Derived)), Is.All.EqualTo((_subject, "honda", "desk", (Guid?)null, true)));
        var source = (await _store.ListSourcesAsync(Tenant, _subject, [facts[1].Id], default))[facts[1].Id].Single();
        Assert.That((source.MessageId, source.FromMemory, source.Quote), Is.EqualTo((note.Id, true, "I love Python")));
        Assert.That(await TextsAsync(), Has.Count.EqualTo(3));
        Assert.That(await TextsAsync(excludeFacts: true), Is.EqualTo((string[])[note.Text]));
    }

    [Test]
    public async Task An_added_text_is_neither_merged_with_its_facts_nor_with_another_like_it()
    {
        var notes = new[] { await AddAsync("User loves Python.", extract: true), await AddAsync("I love Python.", extract: true), await AddAsync("I love Python.", extract: true) };
        await _processor.WorkAsync(default);
        foreach (var note in notes)
        {
            Assert.That((await FindAsync(note.Id)).Active, note.Text);
        }

        var (second, third) = ((await FactsAsync(notes[1])).Single(), (await FactsAsync(notes[2])).Single());
        Assert.That(third.Id, Is.EqualTo(second.Id), "The fact is kept once.");
    }

    [Test]
    public async Task A_fact_goes_with_the_last_text_that_says_it()
    {
        var (first, second) = (await AddAsync("I love Python. I live in Bern.", extract: true), await AddAsync("I love Python.", extract: true));
        await _processor.WorkAsync(default);
        Assert.That(await _store.DeleteAsync(Tenant, first.Id, null, _clock.GetUtcNow(), null, default));
        Assert.That(await TextsAsync(includeInactive: true), Is.EqualTo((string[])["I love Python.", "User loves Python."]));
        await LearnAsync(Say("I live in Bern. I love Python."));
        Assert.That(await _store.DeleteAsync(Tenant, second.Id, null, _clock.GetUtcNow(), null, default));
        Assert.That(await TextsAsync(), Is.EqualTo((string[])["User lives in Bern.", "User loves Python."]), "A message says it too.");
    }

    [Test]
    public async Task A_fact_that_somebody_changed_stays_when_the_text_goes()
    {
        var note = await AddAsync("I love Python.", extract: true);
        await _processor.WorkAsync(default);
        var fact = (await FactsAsync(note)).Single();
        await new UpdateMemory(_store, _bell, _clock).HandleAsync(fact, new MemoryEdit { Text = "User loves Python 3." }, Guid.NewGuid(), default);
        await _store.DeleteAsync(Tenant, note.Id, null, _clock.GetUtcNow(), null, default);
        Assert.That(await TextsAsync(), Is.EqualTo((string[])["User loves Python 3."]));
        Assert.That((await _store.ListSourcesAsync(Tenant, _subject, [fact.Id], default))[fact.Id], Is.Empty);
    }

    [Test]
    public async Task A_changed_text_is_read_anew_and_what_it_still_says_keeps_its_id()
    {
        var note = await AddAsync("I love Python. I live in Bern.", extract: true);
        await _processor.WorkAsync(default);
        var before = await FactsAsync(note);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await new UpdateMemory(_store, _bell, _clock).HandleAsync(await FindAsync(note.Id), new MemoryEdit { Text = "I live in Basel. I love Python." }, Guid.NewGuid(), default);
        await _processor.WorkAsync(default);
        var after = await FactsAsync(note);
        Assert.That(after.Select(fact => fact.Text), Is.EqualTo((string[])["User lives in Basel.", "User loves Python."]));
        Assert.That(after[1].Id, Is.EqualTo(before[0].Id));
        Assert.That(await TextsAsync(includeInactive: true), Does.Not.Contain("User lives in Bern."));
    }

    [Test]
    public async Task A_fact_that_was_deleted_does_not_come_back_when_something_else_of_the_text_changes()
    {
        var note = await AddAsync("I love Python. I live in Bern.", extract: true);
        await _processor.WorkAsync(default);
        await _store.DeleteAsync(Tenant, (await FactsAsync(note))[0].Id, null, _clock.GetUtcNow(), null, default);
        await new UpdateMemory(_store, _bell, _clock).HandleAsync(await FindAsync(note.Id), new MemoryEdit { Importance = 0.9 }, Guid.NewGuid(), default);
        await _processor.WorkAsync(default);
        Assert.That((await FactsAsync(note)).Select(fact => fact.Text), Is.EqualTo((string[])["User lives in Bern."]));
        Assert.That((await FindAsync(note.Id)).Status, Is.EqualTo(MemoryStatus.Processing));
    }

    [Test]
    public async Task Nothing_is_drawn_for_a_subject_that_opted_out_meanwhile()
    {
        var note = await AddAsync("I love Python.", extract: true);
        _extractor.Hook = () => _store.SaveSettingsAsync(Tenant, _subject, new SubjectSettings(true, _clock.GetUtcNow()), default);
        await _processor.WorkAsync(default);
        Assert.That(await TextsAsync(includeInactive: true), Is.EqualTo((string[])[note.Text]));
        Assert.That((await FindAsync(note.Id)).Status, Is.EqualTo(MemoryStatus.Processing));
    }

    [Test]
    public async Task An_added_text_asks_for_nothing_to_be_forgotten()
    {
        await LearnAsync(Say("My name is Honda."));
        await AddAsync("Forget my name.", extract: true);
        await _processor.WorkAsync(default);
        Assert.That(await TextsAsync(), Does.Contain("User's name is Honda."));
    }

    [Test]
    public async Task Retention_takes_the_text_and_leaves_its_more_important_facts()
    {
        await AddAsync("My name is Honda.", importance: 0.1, extract: true);
        await _processor.WorkAsync(default);
        _clock.Advance(TimeSpan.FromDays(2));
        var order = new RetentionOrder { TenantId = Tenant, CreatedBefore = _clock.GetUtcNow().AddDays(-1), ImportanceBelow = 0.5, Archive = false, BatchSize = 100 };
        Assert.That(await _store.ApplyRetentionAsync(order, _clock.GetUtcNow(), default), Is.EqualTo(1));
        Assert.That(await TextsAsync(), Is.EqualTo((string[])["User's name is Honda."]));
        var id = (await FactIdsAsync()).Single();
        Assert.That((await _store.ListSourcesAsync(Tenant, _subject, [id], default))[id], Is.Empty);
    }

    private async Task<IReadOnlyList<MemoryRecord>> FactsAsync(MemoryRecord note)
        => [.. (await _store.ListFactsAsync(Tenant, _subject, [note.Id], default))[note.Id]];

    private Task<List<Guid>> FactIdsAsync() => _storage.Engine.ListDerivedAsync();

    private Task LearnAsync(MessageNews news) => _learn.HandleAsync(Tenant, [news], default);

    /// <summary>Learns as a bus does, which delivers again what could not be taken.</summary>
    private async Task LearnUntilTakenAsync(MessageNews news)
    {
        while (true)
        {
            try
            {
                await LearnAsync(news);
                return;
            }
            catch (InvalidOperationException)
            {
                await Task.Yield();
            }
        }
    }

    private MessageNews Say(string content, string conversation = "c", string user = "honda")
    {
        _clock.Advance(TimeSpan.FromSeconds(1));
        var message = new ChatMessage
        {
            Id = Guid.CreateVersion7(_clock.GetUtcNow()),
            ConversationKey = _names.ConversationKey(Tenant, conversation),
            ConversationId = conversation,
            SubjectKey = _names.SubjectKey(Tenant, user),
            UserId = user,
            Role = "user",
            Content = content,
            CreatedAt = _clock.GetUtcNow(),
            Version = 1,
            ExtractMemory = true,
        };
        _chat.Put(message);
        return new MessageNews(message.Id, message.SubjectKey, 1, true, _clock.GetUtcNow());
    }

    private MessageNews Change(MessageNews news, string content)
    {
        var message = _chat.Find(news.MessageId);
        _chat.Put(message with { Content = content, Version = message.Version + 1 });
        return news with { Version = message.Version + 1 };
    }

    private async Task<MemoryRecord> AddAsync(string text, double? importance = null, string? metadata = null, string? agent = null, bool extract = false)
    {
        var (memory, _) = await new AddMemory(_store, _bell, _clock).HandleAsync(
            new NewMemory
            {
                TenantId = Tenant,
                Owner = new MemoryOwner(MemoryScope.User, _subject, "honda"),
                AccountId = Guid.NewGuid(),
                Text = text,
                Importance = importance,
                MetadataJson = metadata,
                AgentId = agent,
                Extract = extract,
            },
            null,
            default);
        return memory;
    }

    private async Task<MemoryRecord> FindAsync(Guid id) => (await _store.FindAsync(Tenant, id, default))!;

    private async Task<IReadOnlyList<string>> TextsAsync(bool includeInactive = false, bool excludeFacts = false)
    {
        var page = await _store.ListAsync(
            new MemoryListQuery
            {
                TenantId = Tenant, Owner = new MemoryOwner(MemoryScope.User, _subject, "honda"), View = includeInactive ? MemoryView.All : MemoryView.Current, Now = _clock.GetUtcNow(), ExcludeFacts = excludeFacts, Page = 1, PageSize = 200,
            },
            default);
        return [.. page.Memories.Select(memory => memory.Text).Order(StringComparer.Ordinal)];
    }

    private async Task<long> AnnouncementsAsync() => (await _storage.EventsAsync<MemoryChanged>()).Count;

    private sealed class Clock : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now;

        public void Advance(TimeSpan time) => _now += time;
    }

    /// <summary>The product's extractor, with something that happens, or fails, before it answers.</summary>
    private sealed class HookedExtractor : IMemoryExtractor
    {
        private readonly RuleMemoryExtractor _rules = new();

        public Func<Task>? Hook { get; set; }

        public Exception? Fault { get; set; }

        public List<ExtractionRequest> Asked { get; } = [];

        public async ValueTask<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken cancellationToken)
        {
            lock (Asked)
            {
                Asked.Add(request);
            }

            if (Fault is not null)
            {
                throw Fault;
            }

            if (Hook is not null)
            {
                await Hook();
            }

            return await _rules.ExtractAsync(request, cancellationToken);
        }
    }
}
