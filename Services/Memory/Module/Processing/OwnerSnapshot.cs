using MemoryMesh.Memory.Extraction;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Text;

namespace MemoryMesh.Memory.Processing;

/// <summary>Asks for what a decision needs.</summary>
internal sealed record OwnerSnapshotQuery
{
    public required Guid TenantId { get; init; }

    public required Guid OwnerKey { get; init; }

    /// <summary>Messages and added memories that are read again: memories that were drawn from them are wanted, superseded ones too.</summary>
    public IReadOnlyCollection<Guid> MessageIds { get; init; } = [];

    /// <summary>What the decision is about: their texts are looked for among all active memories, and earlier values of their attributes are wanted.</summary>
    public IReadOnlyCollection<Proposal> Proposals { get; init; } = [];

    /// <summary>Texts that are looked for, as <see cref="KnownMemory.TextKey"/>.</summary>
    public IEnumerable<string> TextKeys => Proposals.Select(proposal => proposal.TextKey).Distinct(StringComparer.Ordinal);

    /// <summary>Attributes with one value whose earlier values are wanted.</summary>
    public IReadOnlyCollection<(string Narrowing, string Slot)> Slots
        => [.. Proposals.Where(proposal => proposal is { SingleValued: true, Slot: not null }).Select(proposal => (proposal.Narrowing, proposal.Slot!)).Distinct()];

    /// <summary>Most active memories that are compared, the newest.</summary>
    public required int MaxCompared { get; init; }
}

/// <summary>An owner's memories at one moment.</summary>
internal sealed record OwnerSnapshot
{
    /// <summary>Changes with every change to the owner's memories.</summary>
    public required long Revision { get; init; }

    /// <summary>When all memories of the owner were deleted last, or null.</summary>
    public DateTimeOffset? ForgottenAt { get; init; }

    /// <summary>Memories that hold and were compared, the newest first; those may be left out that the proposals have nothing to do with.</summary>
    public required IReadOnlyList<KnownMemory> Active { get; init; }

    /// <summary>Earlier values of attributes with one value, which something later superseded or whose time is over.</summary>
    public IReadOnlyList<KnownMemory> Past { get; init; } = [];

    /// <summary>Until when what says a text does not bring it back, by <see cref="KnownMemory.TextKey"/>: it was deleted, or said to be wrong.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> Barred { get; init; } = new Dictionary<string, DateTimeOffset>();

    /// <summary>Memories that are held back, by <see cref="KnownMemory.TextKey"/>.</summary>
    public IReadOnlyDictionary<string, Guid> Held { get; init; } = new Dictionary<string, Guid>();

    /// <summary>Memories that were drawn from messages that are read again, by message.</summary>
    public ILookup<Guid, LinkedMemory> Linked { get; init; } = Array.Empty<LinkedMemory>().ToLookup(_ => Guid.Empty);

    /// <summary>What the memories in <see cref="Linked"/> superseded, by the one that superseded it.</summary>
    public ILookup<Guid, KnownMemory> Predecessors { get; init; } = Array.Empty<KnownMemory>().ToLookup(_ => Guid.Empty);
}

/// <summary>A memory that others are compared with.</summary>
internal sealed record KnownMemory
{
    public required Guid Id { get; init; }

    public required int Version { get; init; }

    public required string Text { get; init; }

    /// <summary>Keyed hash of the folded text, of agent and of run.</summary>
    public required string TextKey { get; init; }

    public string? Slot { get; init; }

    public bool SingleValued { get; init; }

    /// <summary>Tells agent and run apart: only memories of the same are compared.</summary>
    public string Narrowing { get; init; } = "";

    public required DateTimeOffset ValidFrom { get; init; }

    /// <summary>When it was said last.</summary>
    public DateTimeOffset ConfirmedAt { get; init; }

    /// <summary>When it was superseded; null while it holds.</summary>
    public DateTimeOffset? ValidTo { get; init; }

    public double Confidence { get; init; } = 1;

    public string Category { get; init; } = Categories.Other;

    /// <summary>Whether a client chose the category.</summary>
    public bool CategoryGiven { get; init; }

    /// <summary>Whether a client chose the importance.</summary>
    public bool ImportanceGiven { get; init; }

    public bool HasMetadata { get; init; }

    /// <summary>Whether somebody undid its merge.</summary>
    public bool KeptApart { get; init; }

    /// <summary>A memory as others are compared with it.</summary>
    public static KnownMemory Of(MemoryRecord memory) => new()
    {
        Id = memory.Id,
        Version = memory.Version,
        Text = memory.Text,
        TextKey = memory.TextKey ?? "",
        Slot = memory.Slot,
        SingleValued = memory.SingleValued,
        Narrowing = MemoryKeys.Narrowing(memory.AgentId, memory.RunId),
        ValidFrom = memory.ValidFrom,
        ValidTo = memory.ValidTo,
        ConfirmedAt = memory.ConfirmedAt ?? memory.ValidFrom,
        Confidence = memory.Confidence,
        Category = memory.Category,
        CategoryGiven = memory.CategoryGiven,
        ImportanceGiven = memory.ImportanceGiven,
        HasMetadata = memory.MetadataJson is not null,
        KeptApart = memory.KeptApart,
    };
}

/// <summary>A memory that was drawn from a message.</summary>
internal sealed record LinkedMemory
{
    public required KnownMemory Memory { get; init; }

    public required bool Active { get; init; }

    public Guid? SupersededBy { get; init; }

    /// <summary>Whether it says nothing but what its messages say.</summary>
    public required bool Derived { get; init; }

    /// <summary>Messages that it was drawn from, this one too.</summary>
    public required int SourceCount { get; init; }
}

/// <summary>Something to learn: what one message says, or one memory that a client added.</summary>
internal sealed record Lesson
{
    /// <summary>The message; null for an added memory.</summary>
    public LessonMessage? Message { get; init; }

    /// <summary>The added memory that facts are drawn from; its own proposal is none of them.</summary>
    public Guid? DrawnFrom { get; init; }

    /// <summary>What the facts were said in: they lose it before they are learned, as it is read anew.</summary>
    public Guid? SourceId => Message?.MessageId ?? DrawnFrom;

    public required IReadOnlyList<Proposal> Proposals { get; init; }

    /// <summary>How it was read.</summary>
    public ReadingCost Cost { get; init; } = ReadingCost.None;
}

/// <summary>What reading a text took.</summary>
/// <param name="Extractor">What read it: rules, or the name of a model beside them.</param>
/// <param name="InputTokens">Tokens that a model was sent.</param>
/// <param name="OutputTokens">Tokens that a model answered with.</param>
/// <param name="CostMicros">Cost in millionths.</param>
/// <param name="Elapsed">Time.</param>
/// <param name="Failure">Why a model did not serve, as a code.</param>
/// <param name="FailedModel">The model that did not.</param>
internal sealed record ReadingCost(string Extractor, int InputTokens, int OutputTokens, long CostMicros, TimeSpan Elapsed, string? Failure, string? FailedModel)
{
    public static readonly ReadingCost None = new(ExtractionResult.Rules, 0, 0, 0, TimeSpan.Zero, null, null);

    public static ReadingCost Of(ExtractionResult result, TimeSpan elapsed)
        => new(
            result.Extractor == ExtractionResult.Rules ? ExtractionResult.Rules : result.Model ?? result.Extractor,
            (int)Math.Min(int.MaxValue, result.InputTokens),
            (int)Math.Min(int.MaxValue, result.OutputTokens),
            (long)Math.Round(result.Cost * 1_000_000),
            elapsed,
            result.Failure,
            result.Failure is null ? null : result.Model) { WithheldPrivate = result.WithheldPrivate };

    /// <summary>Whether something private was stated that is not kept, as nothing asks for it to be.</summary>
    public bool WithheldPrivate { get; init; }
}

/// <summary>A message that was read.</summary>
/// <param name="MessageId">The message.</param>
/// <param name="ConversationKey">Its conversation.</param>
/// <param name="Version">The version that was read.</param>
/// <param name="StoredAt">When that version was stored.</param>
internal sealed record LessonMessage(Guid MessageId, Guid ConversationKey, int Version, DateTimeOffset StoredAt);

/// <summary>A fact that wants to become a memory, or asks for one to go.</summary>
internal sealed record Proposal
{
    /// <summary>Id that the memory has or gets.</summary>
    public required Guid Id { get; init; }

    /// <summary>Version of the memory that a client added; 0 for an extracted fact, which has no row yet.</summary>
    public int StoredVersion { get; init; }

    public CandidateOperation Operation { get; init; }

    public required string Text { get; init; }

    public required string TextKey { get; init; }

    public required string Category { get; init; }

    public string? Slot { get; init; }

    public bool SingleValued { get; init; }

    public string Narrowing { get; init; } = "";

    public string? AgentId { get; init; }

    public string? RunId { get; init; }

    /// <summary>Whether it stands for itself, compared with no other memory: an added text that facts are drawn from.</summary>
    public bool Standalone { get; init; }

    /// <summary>When it was said.</summary>
    public required DateTimeOffset At { get; init; }

    public required double Confidence { get; init; }

    public required double Importance { get; init; }

    /// <summary>When it ends by what was said; null for no known end.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Why it is not taken, a code of <see cref="OutcomeReasons"/>; null when it may be.</summary>
    public string? Refusal { get; init; }

    /// <summary>Why it is held back, a code of <see cref="HoldReasons"/>; null when it is not.</summary>
    public string? Hold { get; init; }

    /// <summary>Whether its words do not stand in what was said.</summary>
    public bool Inferred { get; init; }

    /// <summary>Whether it touches health, faith, politics, orientation or the law.</summary>
    public bool Sensitive { get; init; }

    /// <summary>Whether a client chose the category of an added memory.</summary>
    public bool CategoryGiven { get; init; }

    /// <summary>Whether a client chose the importance of an added memory.</summary>
    public bool ImportanceGiven { get; init; }

    /// <summary>Metadata that a client gave an added memory, as a JSON object.</summary>
    public string? MetadataJson { get; init; }

    /// <summary>Where it was said; null for an added memory.</summary>
    public MemorySource? Source { get; init; }

    public bool Stored => StoredVersion > 0;

    public KnownMemory ToKnown() => new()
    {
        Id = Id,
        Version = Stored ? StoredVersion : 1,
        Text = Text,
        TextKey = TextKey,
        Slot = Slot,
        SingleValued = SingleValued,
        Narrowing = Narrowing,
        ValidFrom = At,
        ConfirmedAt = At,
        Confidence = Confidence,
        Category = Category,
        CategoryGiven = CategoryGiven,
        ImportanceGiven = ImportanceGiven,
        HasMetadata = MetadataJson is not null,
    };
}

/// <summary>A decision about an owner's memories, made from one snapshot.</summary>
internal sealed record OwnerPlan
{
    public required Guid TenantId { get; init; }

    public required MemoryOwner Owner { get; init; }

    /// <summary><see cref="OwnerSnapshot.Revision"/> it was made from.</summary>
    public required long Revision { get; init; }

    /// <summary>When memories are announced again that search has not found until then.</summary>
    public required DateTimeOffset IndexDeadline { get; init; }

    /// <summary>Messages that were read.</summary>
    public IReadOnlyList<LessonMessage> Messages { get; init; } = [];

    /// <summary>What to do, in this order.</summary>
    public required IReadOnlyList<MemoryStep> Steps { get; init; }

    /// <summary>What is noted about it, written with it.</summary>
    public IReadOnlyList<LedgerEntry> Ledger { get; init; } = [];

    /// <summary>Consent that was given in the messages, written with it.</summary>
    public IReadOnlyList<ConsentEntry> Consents { get; init; } = [];
}

/// <summary>One step of a plan.</summary>
/// <param name="MemoryId">The memory.</param>
internal abstract record MemoryStep(Guid MemoryId)
{
    /// <summary>An extracted fact becomes a memory; one that is older than what superseded it is closed from the start.</summary>
    internal sealed record Insert(Guid MemoryId, Proposal Fact, DateTimeOffset? ValidTo, Guid? SupersededBy) : MemoryStep(MemoryId);

    /// <summary>An added memory stands for itself: it goes to search.</summary>
    internal sealed record Settle(Guid MemoryId, Proposal Fact) : MemoryStep(MemoryId);

    /// <summary>Another memory takes its place.</summary>
    internal sealed record Close(Guid MemoryId, int Version, string Text, DateTimeOffset ValidTo, Guid SupersededBy, string NewText, bool Merged) : MemoryStep(MemoryId);

    /// <summary>What a client chose of an added memory goes to the one it is merged into, where that has nothing chosen; and it counts as evidence.</summary>
    internal sealed record Absorb(Guid MemoryId, int Version, string Text, string? Category, double? Importance, string? MetadataJson, double Confidence) : MemoryStep(MemoryId);

    /// <summary>An earlier value ends earlier than was known: another one came between.</summary>
    internal sealed record Cut(Guid MemoryId, DateTimeOffset ValidTo, Guid SupersededBy) : MemoryStep(MemoryId);

    /// <summary>The fact was said again; without a confidence that stays as it is.</summary>
    internal sealed record Link(Guid MemoryId, MemorySource Source, double? Confidence, DateTimeOffset At) : MemoryStep(MemoryId);

    /// <summary>The fact was true earlier than was known.</summary>
    internal sealed record Extend(Guid MemoryId, DateTimeOffset ValidFrom) : MemoryStep(MemoryId);

    /// <summary>It goes, with its history. Remembered: what was said before does not bring it back.</summary>
    internal sealed record Remove(Guid MemoryId, bool Remember = false) : MemoryStep(MemoryId);

    /// <summary>What superseded it is gone: it holds again.</summary>
    internal sealed record Revive(Guid MemoryId, int Version, string Text) : MemoryStep(MemoryId);

    /// <summary>What superseded it is gone, and another stands in its place.</summary>
    internal sealed record Repoint(Guid MemoryId, Guid SupersededBy) : MemoryStep(MemoryId);

    /// <summary>The owner's memories lose a message as source. The id is the message's.</summary>
    internal sealed record Unlink(Guid MemoryId) : MemoryStep(MemoryId);
}
