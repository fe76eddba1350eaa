using MemoryMesh.Contracts.Analytics;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Events;
using MemoryMesh.Memory;
using MemoryMesh.Memory.Consolidation;
using MemoryMesh.Memory.Context;
using MemoryMesh.Memory.Features;
using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Usage;
using MemoryMesh.Tests.Integration.Storage;

namespace MemoryMesh.Tests.Integration.Memory;

/// <summary>What holds of memories on each engine: adding, changing, ending, deleting, lists of now and of then, copies and erasure.</summary>
[TestFixtureSource(typeof(MemoryEngines), nameof(MemoryEngines.All))]
public class MemoryContractTests(StoreEngine engine) : MemoryContractFixture(engine)
{
    [Test]
    public async Task A_memory_comes_back_as_it_was_added_and_a_repeated_request_adds_none()
    {
        var memory = Pending("User likes tea.") with { MetadataJson = """{"a":1}""", AgentId = "desk", RunId = "r", Instructions = "Mind.", ExpiresAt = Now.AddDays(3), Slot = "likes:tea" };
        var request = Request("key");
        Assert.That(await Store.AddAsync(memory, Actor.Of(memory.CreatedBy!.Value), request, default), Is.EqualTo(new AddOutcome()));
        Assert.That(await FindAsync(memory), Is.EqualTo(memory));
        Assert.That((await Store.AddAsync(Pending("User likes tea."), Actor.Of(Guid.Empty), request, default)).Before, Is.EqualTo(new AddedIdentity(memory.Id, memory.CreatedAt)));
        Assert.That((await Store.AddAsync(Pending("User likes tea."), Actor.Of(Guid.Empty), Request("key", "b"), default)).KeyReused, Is.True);
        Assert.That(await Store.CountAsync(Tenant, null, default), Is.EqualTo(1));
        Assert.That(await Store.FindTenantAsync(memory.Id, default), Is.EqualTo(Tenant));
        Assert.That(await Store.FindAsync(Guid.CreateVersion7(), memory.Id, default), Is.Null, "another tenant's");
        Assert.That((await Store.ListHistoryAsync(memory, default)).Select(entry => (entry.Version, entry.Event, entry.NewText)), Is.EqualTo(new[] { (1, HistoryEvent.Add, (string?)"User likes tea.") }));
    }

    [Test]
    public async Task Who_opted_out_is_told_nothing_was_added()
    {
        await Store.SaveSettingsAsync(Tenant, Ada, new SubjectSettings(true, Now, ["health"]), default);
        Assert.That((await Store.AddAsync(Pending("User likes tea."), Actor.Of(Guid.Empty), null, default)).OptedOut, Is.True);
        Assert.That(await Store.FindOptedOutAsync(Tenant, [Bob, Ada], default), Is.EqualTo(new[] { Ada }));
        var settings = (await Store.FindSettingsAsync(Tenant, Ada, default))!;
        Assert.That((settings.OptedOut, settings.UpdatedAt, settings.AllowedCategories), Is.EqualTo((true, Now, new[] { "health" })));
        Assert.That(await Store.FindSettingsAsync(Tenant, Bob, default), Is.Null);
        var newer = new SubjectSettings(false, Now.AddSeconds(1));
        Assert.That(await Store.ImportSettingsAsync(Tenant, [(Ada, new SubjectSettings(false, Now)), (Bob, newer)], true, default), Is.EqualTo(new[] { false, true }));
        Assert.That(await Store.ImportSettingsAsync(Tenant, [(Ada, newer), (Bob, newer)], false, default), Is.EqualTo(new[] { true, true }));
        Assert.That(await Store.FindOptedOutAsync(Tenant, [Bob, Ada], default), Is.Empty);
    }

    [Test]
    public async Task Only_the_stored_version_is_replaced_and_work_is_done_once_it_is_indexed()
    {
        var memory = Pending("User likes tea.");
        await Store.AddAsync(memory, Actor.Of(Guid.Empty), null, default);
        var next = memory with { Text = "User likes mate.", Version = 2, UpdatedAt = Now.AddSeconds(1), Category = "preference", MetadataJson = "{}" };
        Assert.That(await Store.ReplaceAsync(memory, next, Actor.Of(Guid.Empty), default), Is.True);
        Assert.That(await Store.ReplaceAsync(memory, next, Actor.Of(Guid.Empty), default), Is.False, "it is of version 2 by now");
        Assert.That((await FindAsync(memory)).Text, Is.EqualTo("User likes mate."));
        Assert.That((await Store.ListHistoryAsync(memory, default)).Select(entry => entry.OldText), Is.EqualTo(new[] { null, "User likes tea." }));

        Assert.That(await Store.FindNextDueAsync(default), Is.EqualTo(next.UpdatedAt));
        Assert.That((await Store.ListDueAsync(next.UpdatedAt, 10, default)).Memories.Select(due => due.Id), Is.EqualTo(new[] { memory.Id }));
        await Store.RescheduleAsync(
            [new Reschedule { TenantId = Tenant, MemoryId = memory.Id, Version = 2, Status = MemoryStatus.Failed, Attempts = 3, Error = MemoryErrors.IndexTimeout, OwnerKey = Ada, Announce = true }], Now, default);
        Assert.That(await Store.FindNextDueAsync(default), Is.Null);
        Assert.That(await Storage.EventsAsync<MemoryChanged>(), Has.Count.EqualTo(1));
        var failed = await FindAsync(memory);
        Assert.That((failed.Status, failed.Attempts, failed.Error), Is.EqualTo((MemoryStatus.Failed, 3, MemoryErrors.IndexTimeout)));
        Assert.That(await Store.RetryAsync(Tenant, memory.Id, Now, default), Is.True);
        Assert.That(await Store.RetryAsync(Tenant, memory.Id, Now, default), Is.False);

        var compared = await KeepAsync("User likes jazz.");
        await Store.CompleteAsync([(Tenant, compared.Id, 1), (Tenant, Guid.CreateVersion7(), 1)], default);
        Assert.That((await FindAsync(compared)).Status, Is.EqualTo(MemoryStatus.Completed));
    }

    [Test]
    public async Task Of_memories_by_id_those_of_the_owners_that_hold_are_recalled()
    {
        var (holding, ending) = (await KeepAsync("User likes jazz."), await KeepAsync("User likes tea."));
        var until = Pending("User is away.") with { Slot = "away", ExpiresAt = Now.AddDays(1) };
        await Store.AddAsync(until, Actor.Of(Guid.Empty), null, default);
        Assert.That(await Store.DeleteAsync(Tenant, ending.Id, null, Now, null, default), Is.True);
        Guid[] ids = [holding.Id, ending.Id, until.Id, Guid.CreateVersion7()];
        var recalled = await Store.RecallAsync(Tenant, ids, [Bob, Ada], Now, default);
        Assert.That(recalled, Is.EquivalentTo((RecalledMemory[])[RecalledMemory.Of(holding), RecalledMemory.Of(until)]));
        Assert.That((await Store.RecallAsync(Tenant, ids, [Ada], until.ExpiresAt!.Value, default)).Select(memory => memory.Id), Is.EqualTo(new[] { holding.Id }), "its end is reached");
        Assert.That(await Store.RecallAsync(Tenant, ids, [Bob], Now, default), Is.Empty, "another owner's");
        Assert.That(await Store.RecallAsync(Guid.CreateVersion7(), ids, [Ada], Now, default), Is.Empty, "another tenant's");
    }

    [Test]
    public async Task Lists_hold_what_is_asked_for_in_its_order_page_by_page()
    {
        var tea = await KeepAsync("User likes tea.", importance: .9);
        var jazz = await KeepAsync("User likes jazz.", importance: .2);
        var bern = await KeepAsync("User lives in Bern.", importance: .5);
        await KeepAsync("User likes tea.", Bob);
        await ImportAsync(Memory("User is Honda.") with { State = MemoryState.Review, ValidTo = Now, HoldReason = HoldReasons.Inferred, AgentId = "desk", Category = "identity" });
        Clock.Now += TimeSpan.FromSeconds(1);
        await ChangeAsync(jazz, jazz.Ended(MemoryState.Superseded, Now, Now, bern.Id), HistoryEvent.Supersede);

        Assert.That(await TextsAsync(Query()), Is.EqualTo(new[] { bern.Text, tea.Text }));
        Assert.That(await TextsAsync(Query() with { Order = MemoryOrder.Importance }), Is.EqualTo(new[] { tea.Text, bern.Text }));
        Assert.That(await TextsAsync(Query() with { Descending = false }), Is.EqualTo(new[] { tea.Text, bern.Text }));
        Assert.That(await TextsAsync(Query(view: MemoryView.WithSuperseded) with { Order = MemoryOrder.UpdatedAt }), Is.EqualTo(new[] { jazz.Text, bern.Text, tea.Text }));
        Assert.That(await TextsAsync(Query(view: MemoryView.All)), Is.EqualTo(new[] { bern.Text, jazz.Text, tea.Text }));
        Assert.That(await TextsAsync(Query(view: MemoryView.Held)), Is.EqualTo(new[] { "User is Honda." }));
        Assert.That(await TextsAsync(Query(view: MemoryView.Held) with { HoldReason = HoldReasons.Sensitive }), Is.Empty);
        Assert.That(await TextsAsync(Query(view: MemoryView.Held) with { AgentId = "desk", Category = "identity", Status = MemoryStatus.Completed }), Has.Length.EqualTo(1));
        Assert.That(await TextsAsync(Query(view: MemoryView.Held) with { RunId = "desk" }), Is.Empty);
        Assert.That(await TextsAsync(Query() with { Search = "BERN" }), Is.EqualTo(new[] { bern.Text }));

        var page = await Store.ListAsync(Query() with { Owner = null, Page = 2, PageSize = 2 }, default);
        Assert.That((page.Count, page.Memories.Single().Text, page.Memories[0].OwnerKey), Is.EqualTo((3, tea.Text, Ada)));
        Assert.That((await Store.ListAsync(Query() with { Owner = null, Search = "tea" }, default)).Count, Is.EqualTo(2));
        Assert.That((await Store.ListImportantAsync(Tenant, Ada, null, 1, default)).Single().Id, Is.EqualTo(tea.Id));
        Assert.That(await Store.ListImportantAsync(Tenant, Ada, ["goal", "event"], 5, default), Is.Empty);
        Assert.That((await Store.FindManyAsync(Tenant, [tea.Id, Guid.CreateVersion7(), bern.Id], default)).Select(memory => memory.Id), Is.EquivalentTo(new[] { tea.Id, bern.Id }));
        Assert.That((await Store.ListSupersededIdsAsync(Tenant, [bern.Id, tea.Id], default))[bern.Id], Is.EqualTo(new[] { jazz.Id }));
        Assert.That((await Store.ListPredecessorsAsync(Tenant, Ada, bern.Id, default)).Single().Id, Is.EqualTo(jazz.Id));
    }

    [Test]
    public async Task It_is_told_what_was_true_at_a_time_and_what_was_believed_then()
    {
        var bern = await KeepAsync("User lives in Bern.", slot: "location");
        var before = Now;
        Clock.Now += TimeSpan.FromDays(10);
        var oslo = await KeepAsync("User lives in Oslo.");
        await ChangeAsync(bern, bern.Ended(MemoryState.Superseded, before.AddDays(5), Now, oslo.Id), HistoryEvent.Supersede);
        var after = Now;
        Clock.Now += TimeSpan.FromDays(1);
        Assert.That(await TextsAsync(Query() with { AsOf = before.AddDays(4), Basis = TimeBasis.World }), Is.EqualTo(new[] { bern.Text }));
        Assert.That(await TextsAsync(Query() with { AsOf = before.AddDays(6), Basis = TimeBasis.World }), Is.Empty, "known now to have ended");
        Assert.That(await TextsAsync(Query() with { AsOf = before.AddDays(6), Basis = TimeBasis.System }), Is.EqualTo(new[] { bern.Text }), "not known then");
        Assert.That(await TextsAsync(Query() with { AsOf = after, Basis = TimeBasis.System }), Is.EqualTo(new[] { oslo.Text }));
        Assert.That(await TextsAsync(Query() with { AsOf = before.AddDays(6), Basis = TimeBasis.System, Search = "oslo" }), Is.Empty);
        Assert.That((await Store.ListAsync(Query() with { Owner = null, AsOf = before, Basis = TimeBasis.System, Page = 2, PageSize = 1 }, default)).Count, Is.EqualTo(1));

        var believed = (await Store.FindBelievedAsync(Tenant, [bern.Id, oslo.Id], before.AddDays(6), default)).Single();
        Assert.That((believed.Id, believed.State, believed.ValidTo, believed.SupersededBy), Is.EqualTo((bern.Id, MemoryState.Current, (DateTimeOffset?)null, (Guid?)null)));
        var ended = await FindAsync(bern);
        await ChangeAsync(ended, ended.Reopened(Now, Now.AddMinutes(1)), HistoryEvent.Restore);
        Assert.That((await Store.FindBelievedAsync(Tenant, [bern.Id], Now, default)).Single().Version, Is.EqualTo(3));
    }

    [Test]
    public async Task What_would_hold_again_beside_what_says_the_same_is_refused()
    {
        var tea = await KeepAsync("User likes tea.");
        Assert.That(await ChangeAsync(tea, tea.Ended(MemoryState.Withdrawn, Now, Now), HistoryEvent.Withdraw, Request("once")), Is.EqualTo(TurnResult.Done));
        Assert.That(await Store.FindRepeatedAsync(Request("once"), Now, default), Is.True);
        Assert.That(await Store.FindRepeatedAsync(Request("once", "other"), Now, default), Is.False);
        Assert.That(await Store.FindRepeatedAsync(Request("new"), Now, default), Is.Null);
        Assert.That(await ChangeAsync(tea, tea.Ended(MemoryState.Withdrawn, Now, Now), HistoryEvent.Withdraw), Is.EqualTo(TurnResult.Stale));
        var ended = await FindAsync(tea);
        Assert.That(await ChangeAsync(ended, ended.Reopened(Now, Now), HistoryEvent.Restore, Request("once")), Is.EqualTo(TurnResult.Stale), "the key is taken");

        await KeepAsync("User likes tea.");
        Assert.That(await ChangeAsync(ended, ended.Reopened(Now, Now), HistoryEvent.Restore), Is.EqualTo(TurnResult.Conflict));
        var bern = await KeepAsync("User lives in Bern.", slot: "location");
        await ChangeAsync(bern, bern.Ended(MemoryState.Superseded, Now, Now), HistoryEvent.Supersede);
        await KeepAsync("User lives in Oslo.", slot: "location");
        ended = await FindAsync(bern);
        Assert.That(await ChangeAsync(ended, ended.Reopened(Now, Now), HistoryEvent.Restore), Is.EqualTo(TurnResult.Conflict), "another value of its attribute holds");
        Assert.That((await FindAsync(bern)).Active, Is.False);
    }

    [Test]
    public async Task What_was_said_to_end_ends_and_feedback_counts_once()
    {
        var memory = (await ImportAsync(Memory("User is in Rome.") with { ExpiresAt = Now.AddDays(1) })).Single();
        Assert.That(await Store.AddFeedbackAsync(memory, Ada, FeedbackKind.Useful, Now, default), Is.True);
        Assert.That(await Store.AddFeedbackAsync(memory, Ada, FeedbackKind.Useful, Now, default), Is.False);
        Assert.That(await Store.AddFeedbackAsync(memory, Ada, FeedbackKind.Wrong, Now, default), Is.True);
        Assert.That(await Store.AddFeedbackAsync(memory with { Id = Guid.CreateVersion7() }, Ada, FeedbackKind.Useful, Now, default), Is.False);
        Assert.That(await Store.FindNextDueAsync(default), Is.EqualTo(memory.ExpiresAt));
        Assert.That(await Store.ExpireAsync(Now, 10, default), Is.Zero);
        Clock.Now += TimeSpan.FromDays(2);
        Assert.That(await Store.ExpireAsync(Now, 10, default), Is.EqualTo(1));
        Assert.That(await Store.ExpireAsync(Now, 10, default), Is.Zero);
        var ended = await FindAsync(memory);
        Assert.That((ended.State, ended.ValidTo), Is.EqualTo((MemoryState.Expired, memory.ExpiresAt)));
    }

    [Test]
    public async Task A_deleted_memory_goes_with_all_that_is_kept_of_it_and_whose_it_was_is_told()
    {
        var tea = await KeepAsync("User likes tea.");
        var chai = await KeepAsync("User likes chai.");
        await ChangeAsync(tea, tea.Ended(MemoryState.Merged, Now, Now, chai.Id), HistoryEvent.Merge);
        await Store.AddFeedbackAsync(chai, Ada, FeedbackKind.Useful, Now, default);
        Assert.That(await Store.DeleteAsync(Tenant, chai.Id, 7, Now, null, default), Is.False, "another version");
        Assert.That(await Store.DeleteAsync(Guid.CreateVersion7(), chai.Id, null, Now, null, default), Is.False, "another tenant");
        Assert.That(await Store.DeleteAsync(Tenant, chai.Id, 1, Now, Request("gone"), default), Is.True);
        Assert.That(await Store.DeleteAsync(Tenant, tea.Id, null, Now, Request("gone"), default), Is.False, "the key is taken");
        Assert.That(await Store.FindDeletedAsync(chai.Id, default), Is.EqualTo(new DeletedMemory(Tenant, MemoryScope.User, Ada, 2, Now)));
        Assert.That((await FindAsync(tea)).SupersededBy, Is.Null);
        Assert.That(await Storage.Engine.CountAsync("memory_feedback"), Is.Zero);
        Assert.That(await Storage.Engine.CountAsync("memory_history"), Is.EqualTo(2), "those of the other one");
        await Store.PurgeNotesAsync(Now.AddDays(1), default);
        Assert.That(await Store.FindDeletedAsync(chai.Id, default), Is.Not.Null, "what bars its text stays");

        await KeepAsync("User likes jazz.", Bob);
        Assert.That(await Store.DeleteOwnedAsync(Tenant, Ada, 10, Now, default), Is.EqualTo(1));
        Assert.That(await Store.ResetAsync(Tenant, Guid.CreateVersion7(), 10, Now, default), Is.EqualTo(1));
        Assert.That(await Storage.Engine.CountAsync("memory_tombstones"), Is.Zero);
        Assert.That(await Storage.EventsAsync<AuditRecorded>(), Has.Count.EqualTo(1));
        Assert.That(await Store.CountAsync(Tenant, null, default), Is.Zero);
    }

    [Test]
    public async Task Counters_follow_every_change()
    {
        var tea = await KeepAsync("User likes tea.");
        var jazz = await KeepAsync("User likes jazz.");
        var rome = await KeepAsync("User is in Rome.", Bob);
        await Store.ReplaceAsync(tea, tea with { Text = "User likes black tea.", Version = 2, UpdatedAt = Now }, Actor.Of(Guid.Empty), default);
        await ChangeAsync(jazz, jazz.Ended(MemoryState.Superseded, Now, Now, tea.Id), HistoryEvent.Supersede);
        var order = new RetentionOrder { TenantId = Tenant, CreatedBefore = rome.CreatedAt.AddMilliseconds(1), ImportanceBelow = .6, Archive = true, BatchSize = 10 };
        Assert.That(await Store.ApplyRetentionAsync(order, Now, default), Is.EqualTo(2));
        await Store.DeleteAsync(Tenant, jazz.Id, null, Now, null, default);
        var usage = await Storage.Get<IMemoryUsage>().GetUsageAsync(new UsageQuery(Tenant, [0, UsageBuckets.QuarterOf(DateTimeOffset.UtcNow.AddYears(1))]), default);
        Assert.That((usage.Active, usage.Stored), Is.EqualTo((0L, 2L)));
        var counts = usage.Intervals.Single();
        Assert.That((counts.Added, counts.Superseded, counts.Archived, counts.Deleted), Is.EqualTo((3L, 1L, 2L, 1L)));
        Assert.That((counts.BytesAdded, usage.BytesBefore), Is.EqualTo((usage.Bytes, 0L)));
        Assert.That(usage.Bytes, Is.GreaterThan("User likes black tea.User is in Rome.adabob".Length));
        await Store.DeleteOwnedAsync(Tenant, Ada, 10, Now, default);
        await Store.DeleteOwnedAsync(Tenant, Bob, 10, Now, default);
        usage = await Storage.Get<IMemoryUsage>().GetUsageAsync(new UsageQuery(Tenant, [0, UsageBuckets.QuarterOf(DateTimeOffset.UtcNow.AddYears(1))]), default);
        Assert.That((usage.Active, usage.Stored, usage.Bytes), Is.EqualTo((0L, 0L, 0L)));
    }

    [Test]
    public async Task Whole_memories_are_listed_by_id_and_come_back_the_same_once()
    {
        var source = new MemorySource { MessageId = Guid.CreateVersion7(), ConversationKey = Guid.CreateVersion7(), ConversationId = "c", QuoteStart = 2, QuoteLength = 3, Quote = "tea" };
        var whole = new WholeMemory(Memory("User likes tea."), [source], [new HistoryEntry(1, HistoryEvent.Add, new Actor(ActorKind.Extraction), null, "User likes tea.", Now, Now)]);
        Assert.That(await Store.ImportAsync([(whole, null)], true, Now, default), Is.EqualTo(new[] { ImportStatus.Added }));
        Assert.That(await Store.CountAsync(Tenant, Ada, default), Is.Zero, "a dry run");
        var another = new WholeMemory(Memory("User likes jazz.", Bob), [], []);
        var same = new WholeMemory(Memory("User likes tea."), [], []);
        Assert.That(
            await Store.ImportAsync([(whole, null), (another, whole.Memory.Id), (same, null), (whole, null)], false, Now, default),
            Is.EqualTo(new[] { ImportStatus.Added, ImportStatus.Added, ImportStatus.Exists, ImportStatus.Exists }));
        var (first, next) = await Store.ListWholeAsync(Tenant, null, null, 1, default);
        var (second, last) = await Store.ListWholeAsync(Tenant, null, next, 2, default);
        Assert.That((next, last, first.Concat(second).Count()), Is.EqualTo((first[0].Memory.Id, (Guid?)null, 2)));
        var copy = (await Store.ListWholeAsync(Tenant, Ada, null, 10, default)).Memories.Single();
        Assert.That(copy.Memory, Is.EqualTo(whole.Memory));
        Assert.That(copy.Sources, Is.EqualTo(whole.Sources));
        Assert.That(copy.History, Is.EqualTo(whole.History));
        Assert.That((await Store.ListQuotesAsync(Tenant, Ada, 5, default)).Single(), Is.EqualTo(("User likes tea.", "tea")));
        Assert.That((await Store.ListOwnersAsync(Tenant, [source.MessageId], default)).Single().Key, Is.EqualTo(new MemoryOwner(MemoryScope.User, Ada, null)));
        Assert.That(await Store.CountFromConversationAsync(Tenant, source.ConversationKey, default), Is.EqualTo(1));
        Assert.That(await Store.CloseConversationAsync(Tenant, source.ConversationKey, Now, default), Is.EqualTo(new[] { source.MessageId }));
        await Store.UnlinkMessagesAsync(Tenant, [source.MessageId], default);
        Assert.That(await Store.CountFromConversationAsync(Tenant, source.ConversationKey, default), Is.Zero);
        await Store.ForgetMessagesAsync(Tenant, [(Ada, source.MessageId)], Now, default);
        Assert.That((await Store.FindExtractedAsync(Tenant, [source.MessageId, Guid.NewGuid()], default)).Single().Value, Is.EqualTo(int.MaxValue));
        await Store.PurgeNotesAsync(Now.AddDays(1), default);
        Assert.That(await Store.FindExtractedAsync(Tenant, [source.MessageId], default), Is.Empty);
    }

    [Test]
    public async Task Writes_at_the_same_time_change_what_they_should_and_count_right()
    {
        var memories = Enumerable.Range(0, 60).Select(i => Pending($"User likes {i}.", i % 2 == 0 ? Ada : Bob)).ToList();
        await Task.WhenAll(memories.Select(memory => Store.AddAsync(memory, Actor.Of(Guid.Empty), null, default)));
        var results = await Task.WhenAll(memories.Take(20).SelectMany(memory => Enumerable.Range(0, 3).Select(_ => Store.DeleteAsync(Tenant, memory.Id, null, Now, null, default))));
        Assert.That(results.Count(deleted => deleted), Is.EqualTo(20), "each is deleted once");
        Assert.That(await Store.CountAsync(Tenant, null, default), Is.EqualTo(40));
        Assert.That(await Storage.EventsAsync<MemoryChanged>(), Has.Count.EqualTo(20));
        var usage = await Storage.Get<IMemoryUsage>().GetUsageAsync(new UsageQuery(Tenant, [0, 1]), default);
        Assert.That((usage.Active, usage.Stored), Is.EqualTo((40L, 40L)));
    }

    [Test]
    public async Task What_is_read_for_a_decision_is_never_older_than_the_revision_that_is_read_with_it()
    {
        const int Writes = 5;
        const int OfOneWrite = 80;
        var store = Storage.Get<IConsolidationStore>();
        await KeepAsync("User likes tea.");

        // Many in a write, so that carrying it out takes a while.
        var writing = Task.WhenAll(Enumerable.Range(0, Writes).Select(i => Task.Run(() => Store.ImportAsync(
            [.. Enumerable.Range(0, OfOneWrite).Select(at => (new WholeMemory(Memory($"User likes {i} and {at}."), [], []), (Guid?)null))], false, Now, default))));
        ConsolidatedOwner read;
        do
        {
            read = await store.ReadOwnerAsync(Tenant, Ada, 1_000, default);
            Assert.That(read.Memories, Has.Count.GreaterThanOrEqualTo((int)read.Revision));
        }
        while (!writing.IsCompleted);
        await writing;
        read = await store.ReadOwnerAsync(Tenant, Ada, 1_000, default);
        Assert.That((read.Revision, read.Memories.Count), Is.EqualTo(((Writes * OfOneWrite) + 1L, (Writes * OfOneWrite) + 1)));
    }

    [Test]
    public async Task An_erased_subject_goes_from_everything_and_is_counted_and_the_others_stay()
    {
        var source = new MemorySource { MessageId = Guid.CreateVersion7(), ConversationKey = Guid.CreateVersion7(), ConversationId = "c", Quote = "tea" };
        var whole = Enumerable.Range(0, 3).Select(i => (new WholeMemory(Memory($"User likes {i}."), [source], [new HistoryEntry(1, HistoryEvent.Add, new Actor(ActorKind.Extraction), null, "x", Now)]), (Guid?)null));
        await Store.ImportAsync([.. whole], false, Now, default);
        await Store.AddAsync(Pending("User likes tea."), Actor.Of(Guid.Empty), Request("key"), default);
        await KeepAsync("User likes jazz.", Bob);
        await Store.SaveSettingsAsync(Tenant, Ada, new SubjectSettings(false, Now), default);
        var order = new SubjectErasureRequested { ErasureId = Guid.CreateVersion7(), TenantId = Tenant, SubjectKey = Ada, Service = MemoryModule.Name, ErasedUntil = Now };
        await Storage.EraseAsync(order);
        await Storage.EraseAsync(order);
        var receipts = (await Storage.EventsAsync<ServiceErased>()).ConvertAll(body => System.Text.Json.JsonSerializer.Deserialize<ServiceErased>(body)!);
        Assert.That(receipts[1].Deleted, Is.EqualTo(receipts[0].Deleted), "an order that comes twice erases once");
        var deleted = receipts[0].Deleted;
        Assert.That((deleted["memories"], deleted["memory_history"], deleted["memory_sources"], deleted["idempotency_keys"]), Is.EqualTo((4L, 4L, 3L, 1L)));
        Assert.That((deleted["subject_profiles"], deleted["memory_settings"]), Is.EqualTo((1L, 1L)));
        Assert.That(receipts[0].Kept["memory_owners"], Is.EqualTo(1));
        Assert.That(await Store.CountAsync(Tenant, null, default), Is.EqualTo(1));
        Assert.That((await Store.ListWholeAsync(Tenant, Ada, null, 10, default)).Memories, Is.Empty);
        Assert.That(await Storage.Database.Keys.FindAsync(Tenant, Ada, default), Is.Null);

        var before = (await Storage.EventsAsync<MemoryChanged>()).Count;
        await KeepAsync("User likes mate.");
        await Storage.AnnounceAsync(new SubjectErased { ErasureId = order.ErasureId, TenantId = Tenant, SubjectKey = Ada, CompletedAt = Now });
        Assert.That(await Storage.EventsAsync<MemoryChanged>(), Has.Count.EqualTo(before + 2), "what came after it is announced anew");
    }

    [Test]
    public async Task An_erased_tenant_goes_and_leaves_the_others()
    {
        await KeepAsync("User likes tea.");
        var theirs = Memory("User likes jazz.") with { TenantId = Guid.CreateVersion7() };
        await ImportAsync(theirs);
        var order = new SubjectErasureRequested { ErasureId = Guid.CreateVersion7(), TenantId = Tenant, SubjectKey = Guid.Empty, Service = MemoryModule.Name, WholeTenant = true };
        await Storage.EraseAsync(order);
        Assert.That(await Store.CountAsync(Tenant, null, default), Is.Zero);
        Assert.That((await Store.FindAsync(theirs.TenantId, theirs.Id, default))!.Text, Is.EqualTo(theirs.Text));
        Assert.That(await Storage.Engine.HoldsAsync(Tenant.ToByteArray(bigEndian: true)), Is.False, "no document names it");
    }
}
