using MemoryMesh.Contracts.Analytics;
using MemoryMesh.Contracts.Events;
using MemoryMesh.Memory.Features;
using MemoryMesh.Memory.Llm;
using MemoryMesh.Memory.Preferences;
using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Usage;
using MemoryMesh.Tests.Integration.Storage;

namespace MemoryMesh.Tests.Integration.Memory;

/// <summary>What holds on each engine of what is kept beside memories: blocks, profiles, preferences, the ledger, policies, and what a language model took.</summary>
[TestFixtureSource(typeof(MemoryEngines), nameof(MemoryEngines.All))]
public class KeptBesideMemoriesTests(StoreEngine engine) : MemoryContractFixture(engine)
{
    private static readonly Guid Account = Guid.CreateVersion7();

    [Test]
    public async Task A_block_has_one_label_of_its_owner_and_keeps_its_versions()
    {
        var blocks = Storage.Get<ICoreBlockStore>();
        var block = Block("persona", "Kind.");
        Assert.That((await blocks.AddAsync(block, Account, 2, Request("key"), default)).Outcome, Is.EqualTo(BlockOutcome.Done));
        Assert.That(await blocks.FindAsync(Tenant, block.Id, default), Is.EqualTo(block));
        Assert.That(await blocks.FindAsync(Guid.CreateVersion7(), block.Id, default), Is.Null);
        var (outcome, replayed) = await blocks.AddAsync(Block("persona", "Kind."), Account, 2, Request("key"), default);
        Assert.That((outcome, replayed.Id), Is.EqualTo((BlockOutcome.Replayed, block.Id)));
        Assert.That((await blocks.AddAsync(block, Account, 2, Request("key", "b"), default)).Outcome, Is.EqualTo(BlockOutcome.KeyReused));
        Assert.That((await blocks.AddAsync(Block("persona", "x"), Account, 2, null, default)).Outcome, Is.EqualTo(BlockOutcome.LabelTaken));
        Assert.That((await blocks.AddAsync(Block("human", "Ada."), Account, 2, null, default)).Outcome, Is.EqualTo(BlockOutcome.Done));
        Assert.That((await blocks.AddAsync(Block("other", "x"), Account, 2, null, default)).Outcome, Is.EqualTo(BlockOutcome.TooMany));
        Assert.That((await blocks.AddAsync(Block("persona", "x", Bob), Account, 2, null, default)).Outcome, Is.EqualTo(BlockOutcome.Done));
        Assert.That((await blocks.ListAsync(Tenant, [Bob, Ada], default)).Select(item => (item.Owner.Key, item.Label)), Is.EqualTo(new[] { (Bob, "persona"), (Ada, "persona"), (Ada, "human") }));

        var next = block with { Text = "Kinder.", Version = 2, UpdatedAt = Now.AddSeconds(1) };
        Assert.That(await blocks.ReplaceAsync(block, next with { Label = "human" }, Account, default), Is.EqualTo(BlockOutcome.LabelTaken));
        Assert.That(await blocks.ReplaceAsync(block, next, Account, default), Is.EqualTo(BlockOutcome.Done));
        Assert.That(await blocks.ReplaceAsync(block, next, Account, default), Is.EqualTo(BlockOutcome.Stale));
        Assert.That((await blocks.ListVersionsAsync(next, default)).Select(version => (version.Version, version.Text)), Is.EqualTo(new[] { (1, "Kind."), (2, "Kinder.") }));
        Assert.That(await blocks.DeleteAsync(Tenant, block.Id, 1, default), Is.False);
        Assert.That(await blocks.DeleteAsync(Tenant, block.Id, 2, default), Is.True);
        Assert.That(await blocks.ListVersionsAsync(next, default), Is.Empty);
        await Store.SaveSettingsAsync(Tenant, Ada, new SubjectSettings(true, Now), default);
        Assert.That((await blocks.AddAsync(Block("other", "x"), Account, 9, null, default)).Outcome, Is.EqualTo(BlockOutcome.OptedOut));
    }

    [Test]
    public async Task A_profile_is_marked_by_every_change_and_shows_no_text_that_is_gone()
    {
        var profiles = Storage.Get<IProfileStore>();
        var rang = 0;
        profiles.OnChanges(() => Interlocked.Increment(ref rang));
        Assert.That(await profiles.FindAsync(Tenant, Ada, default), Is.Null);
        var tea = await KeepAsync("User likes tea.");
        Assert.That(await profiles.ListStaleAsync(5, default), Is.EqualTo(new[] { (Tenant, Ada) }));
        var source = await profiles.ReadSourceAsync(Tenant, Ada, default);
        Assert.That(source.Memories.Single().Id, Is.EqualTo(tea.Id));
        var built = ProfileRules.Build(source.Memories, Now);
        Assert.That(await profiles.SaveAsync(Tenant, Ada, source.Changes + 1, built, default), Is.False, "made of other memories");
        Assert.That(await profiles.SaveAsync(Tenant, Ada, source.Changes, built, default), Is.True);
        var stored = (await profiles.FindAsync(Tenant, Ada, default))!;
        Assert.That((stored.Stale, stored.OptedOut, stored.Profile!.Recent.Concat(stored.Profile.Static).Single().Text), Is.EqualTo((false, false, tea.Text)));
        Assert.That(await profiles.ListStaleAsync(5, default), Is.Empty);

        await KeepAsync("User likes jazz.");
        stored = (await profiles.FindAsync(Tenant, Ada, default))!;
        Assert.That((stored.Stale, stored.Profile is null), Is.EqualTo((true, false)), "what it shows is still there");
        await ChangeAsync(tea, tea.Ended(MemoryState.Withdrawn, Now, Now), HistoryEvent.Withdraw);
        await Store.SaveSettingsAsync(Tenant, Ada, new SubjectSettings(true, Now), default);
        stored = (await profiles.FindAsync(Tenant, Ada, default))!;
        Assert.That((stored.Stale, stored.Profile, stored.OptedOut), Is.EqualTo((true, (SubjectProfile?)null, true)), "a text of it is gone");
        Assert.That(await profiles.SaveAsync(Tenant, Ada, source.Changes, built, default), Is.False);
        Assert.That(await profiles.SaveAsync(Tenant, Bob, 0, built, default), Is.False, "of whom nothing is known");
        await Storage.EventsAsync<MemoryChanged>();
        Assert.That(Volatile.Read(ref rang), Is.Positive);
    }

    [Test]
    public async Task Preferences_are_changed_one_after_the_other_and_learned_once_for_a_key()
    {
        var preferences = Storage.Get<IPreferenceStore>();
        Assert.That((await preferences.FindAsync(Tenant, Ada, default)).Version, Is.EqualTo(new SubjectPreferences().Version));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => preferences.ChangeAsync(Tenant, Ada, Bump, learned: false, default)));
        var first = (await preferences.FindAsync(Tenant, Ada, default)).Version;
        Assert.That(first, Is.EqualTo(new SubjectPreferences().Version + 8));
        Assert.That((await preferences.LearnOnceAsync(Tenant, Ada, Bump, Request("key"), Now, default)).Repeated, Is.False);
        Assert.That((await preferences.LearnOnceAsync(Tenant, Ada, Bump, Request("key"), Now, default)).Repeated, Is.True);
        Assert.That((await preferences.LearnOnceAsync(Tenant, Ada, Bump, Request("key", "b"), Now, default)).Repeated, Is.Null);
        Assert.That((await preferences.FindAsync(Tenant, Ada, default)).Version, Is.EqualTo(first + 1));
        await Store.SaveSettingsAsync(Tenant, Bob, new SubjectSettings(true, Now), default);
        await preferences.ChangeAsync(Tenant, Bob, Bump, learned: true, default);
        Assert.That(await Storage.Engine.CountAsync("subject_preferences"), Is.EqualTo(1), "nothing is learned of who opted out");
        await preferences.DeleteAllAsync(Tenant, default);
        Assert.That(await Storage.Engine.CountAsync("subject_preferences"), Is.Zero);

        SubjectPreferences Bump(SubjectPreferences before) => before with { Version = before.Version + 1, UpdatedAt = Now };
    }

    [Test]
    public async Task The_ledger_is_asked_by_whatever_stands_in_it_the_newest_first()
    {
        var ledger = Storage.Get<IExtractionLedger>();
        var (message, memory, conversation) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        var ids = OrderedIds.Create(Now, 4);
        await ledger.AddAsync(
        [
            Entry(ids[0], Ada) with { SourceId = message, ConversationKey = conversation, Outcome = ExtractionOutcome.Added, MemoryId = memory },
            Entry(ids[1], Ada) with { At = Now.AddDays(1), OtherId = memory, Category = "other", CostMicros = long.MaxValue },
            Entry(ids[2], Bob) with { At = Now.AddDays(2) },
        ], default);
        await ledger.AddAsync([Entry(ids[3], Ada) with { SourceId = message, Outcome = ExtractionOutcome.Added }], default);
        Assert.That((await ledger.ListAsync(Asked(), default)).Select(entry => entry.Id), Is.EqualTo(new[] { ids[2], ids[1], ids[0] }), "what was noted of a version before is not again");
        Assert.That((await ledger.ListAsync(Asked() with { OwnerKey = Ada, Limit = 1 }, default)).Single().CostMicros, Is.EqualTo(long.MaxValue));
        Assert.That((await ledger.ListAsync(Asked() with { OwnerKey = Ada, After = ids[1] }, default)).Single().Id, Is.EqualTo(ids[0]));
        Assert.That((await ledger.ListAsync(Asked() with { MemoryId = memory }, default)).Select(entry => entry.Id), Is.EqualTo(new[] { ids[1], ids[0] }));
        Assert.That((await ledger.ListAsync(Asked() with { SourceId = message, ConversationKey = conversation, Outcome = ExtractionOutcome.Added }, default)).Single().Id, Is.EqualTo(ids[0]));
        Assert.That((await ledger.ListAsync(Asked() with { From = Now.AddDays(1), To = Now.AddDays(1) }, default)).Single().Id, Is.EqualTo(ids[1]));
        Assert.That(await ledger.ListAsync(Asked() with { TenantId = Guid.CreateVersion7() }, default), Is.Empty);
        Assert.That(await ledger.ListConsentsAsync(Tenant, null, null, 5, default), Is.Empty);
        await ledger.PurgeAsync(Now.AddDays(2), default);
        Assert.That((await ledger.ListAsync(Asked(), default)).Single().Id, Is.EqualTo(ids[2]));
    }

    [Test]
    public async Task A_policy_is_what_was_set_last_and_that_is_noted()
    {
        var policies = Storage.Get<IMemoryPolicies>();
        Assert.That(await policies.FindAsync(Tenant, default), Is.EqualTo(MemoryPolicy.Default));
        await policies.SaveAsync(Tenant, Account, false, ["health"], Now, default);
        var policy = await policies.SaveAsync(Tenant, Account, true, ["goal", "event"], Now, default);
        Assert.That((policy.ReviewInferred, policy.AllowedCategories, policy.Version, policy.UpdatedAt), Is.EqualTo((true, new[] { "goal", "event" }, 2, Now)));
        Assert.That((await policies.FindAsync(Tenant, default)).AllowedCategories, Is.EqualTo(new[] { "goal", "event" }));
        Assert.That((await policies.SaveAsync(Tenant, Account, true, null, Now, default)).AllowedCategories, Is.Null);
        Assert.That(await Storage.EventsAsync<AuditRecorded>(), Has.Count.EqualTo(3));
    }

    [Test]
    public async Task What_a_language_model_took_is_counted_and_its_settings_are_changed_over_a_version()
    {
        var usage = Storage.Get<ILlmUsageStore>();
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => usage.AddAsync(Tenant, new LlmAnswer(null, null, 10, 2, .25), Now, default)));
        await usage.AddAsync(Tenant, new LlmAnswer(null, LlmFailures.Timeout), Now, default);
        Assert.That(await usage.CountTokensOfDayAsync(Tenant, Now, default), Is.EqualTo(60));
        Assert.That(await usage.CountTokensOfDayAsync(Tenant, Now.AddDays(1), default), Is.Zero);
        var quarter = UsageBuckets.QuarterOf(Now);
        var counts = await Storage.Get<ILlmUsage>().GetLlmUsageAsync(new UsageQuery(Tenant, [quarter - 7, quarter, quarter + 400]), default);
        Assert.That(counts, Is.EqualTo(new[] { new LlmCounts(0, 0, 0, 0, 0), new LlmCounts(6, 1, 50, 10, 1.25) }));

        var settings = Storage.Get<IExtractionSettingsStore>();
        Assert.That(await settings.FindAsync(Tenant, default), Is.Null);
        Assert.That(await settings.SaveAsync(Tenant, 0, new ExtractionGuidance("Mind.", ["health"], 1, Now), default), Is.True);
        Assert.That(await settings.SaveAsync(Tenant, 0, new ExtractionGuidance("Late.", [], 1, Now), default), Is.False);
        Assert.That(await settings.SaveAsync(Tenant, 1, new ExtractionGuidance("Mind it.", [], 2, Now), default), Is.True);
        Assert.That((await settings.FindAsync(Tenant, default))!.Instructions, Is.EqualTo("Mind it."));
        await settings.DeleteAsync(Tenant, default);
        Assert.That(await settings.FindAsync(Tenant, default), Is.Null);
    }

    private CoreBlock Block(string label, string text, Guid? owner = null) => new()
    {
        Id = Guid.CreateVersion7(Clock.Now += TimeSpan.FromMilliseconds(1)),
        TenantId = Tenant,
        Owner = new MemoryOwner(MemoryScope.User, owner ?? Ada, "someone"),
        Label = label,
        Description = "What it is for.",
        Text = text,
        MaxCharacters = 100,
        ReadOnly = true,
        Version = 1,
        CreatedAt = Now,
        UpdatedAt = Now,
    };

    private LedgerQuery Asked() => new() { TenantId = Tenant, OwnerKey = null, Limit = 50 };

    private LedgerEntry Entry(Guid id, Guid owner) => new()
    {
        Id = id,
        TenantId = Tenant,
        Scope = MemoryScope.User,
        OwnerKey = owner,
        SourceId = Guid.CreateVersion7(),
        SourceVersion = 1,
        Outcome = ExtractionOutcome.Skipped,
        Reason = OutcomeReasons.New,
        Extractor = "rules",
        At = Now,
    };
}
