using MemoryMesh.Contracts.Chat;
using MemoryMesh.Memory.Consolidation;
using MemoryMesh.Memory.Features;
using MemoryMesh.Memory.Llm;
using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Summaries;
using MemoryMesh.Tests.Integration.Memory;
using MemoryMesh.Tests.Integration.Storage;

namespace MemoryMesh.Tests.Integration.Moving;

/// <summary>A store of Memory that has something in every table.</summary>
public abstract class FilledMemoryFixture(StoreEngine engine) : MemoryContractFixture(engine)
{
    private static readonly Guid Account = Guid.CreateVersion7();

    [SetUp]
    public async Task FillAsync()
    {
        var tea = await AddMemoriesAsync();
        await AddLedgerAsync(tea);
        await AddRunAsync(tea);
        await AddBlocksAsync();
        await AddBesideAsync();
    }

    /// <summary>Memories in several states, from messages and from an added memory, with what was said of them.</summary>
    private async Task<MemoryRecord> AddMemoriesAsync()
    {
        var tea = await KeepAsync("User likes tea.", slot: "likes:tea");
        var note = await KeepAsync("User lives in Bern and likes jazz.");
        var jazz = Memory("User likes jazz.") with
        {
            Derived = true, AgentId = "agent", RunId = "run", MetadataJson = """{"a":1}""", ExpiresAt = Now.AddDays(3), Boost = .25, Inferred = true, ConfirmedAt = Now, CategoryGiven = true,
        };
        var sources = new List<MemorySource>
        {
            new() { MessageId = note.Id, FromMemory = true, Quote = "likes jazz", QuoteStart = 23, QuoteLength = 10 },
            new() { MessageId = Guid.CreateVersion7(), ConversationKey = Guid.CreateVersion7(), ConversationId = "c", Quote = "jazz", QuoteLength = 4 },
        };
        var whole = new WholeMemory(jazz, sources, [PlannedMemory.FirstEntry(jazz, new Actor(ActorKind.Extraction))]);
        Assert.That(await Store.ImportAsync([(whole, null)], false, Now, default), Is.All.EqualTo(ImportStatus.Added));
        await Store.AddAsync(Pending("User rides a red bicycle."), Actor.Of(Account), Request("added"), default);
        var wrong = await KeepAsync("User likes rain.");
        await ChangeAsync(wrong, wrong.Ended(MemoryState.Withdrawn, Now, Now), HistoryEvent.Withdraw);
        var old = await KeepAsync("User owns a boat.");
        await Store.DeleteAsync(Tenant, old.Id, null, Now, Request("deleted"), default);
        await Store.AddFeedbackAsync(tea, Account, FeedbackKind.Useful, Now, default);
        await KeepAsync("User likes coffee.", Bob);
        await Storage.Engine.ForgetAsync(Tenant, Bob, Now);
        await Store.SaveSettingsAsync(Tenant, Bob, new SubjectSettings(true, Now, ["health", "goal"]), default);
        await Store.SaveSettingsAsync(Tenant, Ada, new SubjectSettings(false, Now), default);
        await Store.ForgetMessagesAsync(Tenant, [(Bob, Guid.CreateVersion7())], Now, default);
        await Store.CloseConversationAsync(Tenant, Guid.CreateVersion7(), Now, default);
        return tea;
    }

    private async Task AddLedgerAsync(MemoryRecord memory)
    {
        var message = Guid.CreateVersion7();
        var entry = new LedgerEntry
        {
            Id = Guid.CreateVersion7(),
            TenantId = Tenant,
            Scope = MemoryScope.User,
            OwnerKey = Ada,
            SourceId = message,
            SourceVersion = 1,
            ConversationKey = Guid.CreateVersion7(),
            Outcome = ExtractionOutcome.Added,
            Reason = OutcomeReasons.New,
            MemoryId = memory.Id,
            Category = "other",
            Extractor = "rules",
            CostMicros = 7,
            At = Now,
        };
        var snapshot = await Store.ReadOwnerAsync(new OwnerSnapshotQuery { TenantId = Tenant, OwnerKey = Ada, MessageIds = [], Proposals = [], MaxCompared = 10 }, default);
        var plan = new OwnerPlan
        {
            TenantId = Tenant,
            Owner = new MemoryOwner(MemoryScope.User, Ada, "ada"),
            Revision = snapshot.Revision,
            IndexDeadline = Now,
            Steps = [],
            Ledger = [entry],
            Consents = [new ConsentEntry(Guid.CreateVersion7(), Tenant, Ada, "health", message, memory.Id, Now)],
        };
        Assert.That(await Store.ApplyAsync(plan, Now, default), Is.True);
    }

    /// <summary>A run that is under way, and has looked at all that Ada's memories were changed.</summary>
    private async Task AddRunAsync(MemoryRecord memory)
    {
        var runs = Storage.Get<IConsolidationStore>();
        await runs.RequestAsync(new ConsolidationRun { Id = Guid.CreateVersion7(), TenantId = Tenant, RequestedBy = Account, DryRun = false, RequestedAt = Now }, Request("run"), default);
        var (lease, until) = (Guid.CreateVersion7(), Now.AddMinutes(1));
        var run = (await runs.TryLeaseAsync(lease, Now, until, default))!;
        var revision = (await runs.ReadOwnerAsync(Tenant, Ada, 50, default)).Revision;
        var plan = new ConsolidationPlan([new ConsolidationChange(ConsolidationChangeKind.Promoted, memory)], []);
        Assert.That(await runs.ApplyAsync(new ConsolidationStep(run, lease, until, Ada, revision, plan), Now, default), Is.EqualTo(ConsolidationStepResult.Done));
    }

    private async Task AddBlocksAsync()
    {
        var blocks = Storage.Get<ICoreBlockStore>();
        var block = new CoreBlock
        {
            Id = Guid.CreateVersion7(),
            TenantId = Tenant,
            Owner = new MemoryOwner(MemoryScope.User, Ada, "ada"),
            Label = "persona",
            Text = "Kind.",
            MaxCharacters = 100,
            ReadOnly = true,
            Version = 1,
            CreatedAt = Now,
            UpdatedAt = Now,
        };
        await blocks.AddAsync(block, Account, 2, Request("block"), default);
        Assert.That(await blocks.ReplaceAsync(block, block with { Text = "Kinder.", Version = 2, UpdatedAt = Now }, Account, default), Is.EqualTo(BlockOutcome.Done));
    }

    private async Task AddBesideAsync()
    {
        var profiles = Storage.Get<IProfileStore>();
        var source = await profiles.ReadSourceAsync(Tenant, Ada, default);
        Assert.That(await profiles.SaveAsync(Tenant, Ada, source.Changes, ProfileRules.Build(source.Memories, Now), default), Is.True);
        await Storage.Get<IPreferenceStore>().ChangeAsync(Tenant, Ada, before => before with { Version = before.Version + 1, UpdatedAt = Now }, learned: false, default);
        await Storage.Get<ISummaryStore>().SaveAsync(Tenant, Guid.CreateVersion7(), Ada, default, RollingSummary.Empty with { Messages = 3, UpdatedAt = Now }, default);
        await Storage.Get<IMemoryPolicies>().SaveAsync(Tenant, Account, true, ["goal", "event"], Now, default);
        await Storage.Get<ILlmUsageStore>().AddAsync(Tenant, new LlmAnswer(null, LlmFailures.Timeout, 10, 2, .25), Now, default);
        Assert.That(await Storage.Get<IExtractionSettingsStore>().SaveAsync(Tenant, 0, new ExtractionGuidance("Mind.", ["health"], 1, Now), default), Is.True);
    }
}
