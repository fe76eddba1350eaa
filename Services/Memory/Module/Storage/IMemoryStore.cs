using MemoryMesh.Contracts.Chat;
using MemoryMesh.Memory.Context;
using MemoryMesh.Memory.Features;
using MemoryMesh.Memory.Processing;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Memory.Storage;

/// <summary>Keeps memories with their sources and their history. Every change and its event are one transaction.</summary>
internal interface IMemoryStore
{
    /// <summary>Adds a memory that waits for its background work.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="actor">Who adds it.</param>
    /// <param name="request">Set when the request carries an Idempotency-Key.</param>
    /// <param name="cancellationToken">Cancels before the write begins.</param>
    Task<AddOutcome> AddAsync(MemoryRecord memory, Actor actor, IdempotentRequest? request, CancellationToken cancellationToken);

    /// <summary>The tenant of a memory, or null.</summary>
    Task<Guid?> FindTenantAsync(Guid memoryId, CancellationToken cancellationToken);

    /// <summary>A memory, or null.</summary>
    Task<MemoryRecord?> FindAsync(Guid tenantId, Guid memoryId, CancellationToken cancellationToken);

    /// <summary>Memories by id, in no order; those that are not there are left out. At most 1,000 ids.</summary>
    Task<IReadOnlyList<MemoryRecord>> FindManyAsync(Guid tenantId, IReadOnlyCollection<Guid> memoryIds, CancellationToken cancellationToken);

    /// <summary>Of memories by id, in no order, those of some owners that hold, with what a context shows of them. At most 1,000 ids.</summary>
    Task<IReadOnlyList<RecalledMemory>> RecallAsync(
        Guid tenantId, IReadOnlyCollection<Guid> memoryIds, IReadOnlyCollection<Guid> ownerKeys, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>A page of the memories of an owner, or of a tenant.</summary>
    Task<MemoryPage> ListAsync(MemoryListQuery query, CancellationToken cancellationToken);

    /// <summary>Memories as they were held for true at a time, with the texts of then, by id, in no order; those that were not are left out.</summary>
    Task<IReadOnlyList<MemoryRecord>> FindBelievedAsync(Guid tenantId, IReadOnlyCollection<Guid> memoryIds, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Active memories of an owner: those of the categories (null for any), the most important and then the newest first.</summary>
    Task<IReadOnlyList<MemoryRecord>> ListImportantAsync(
        Guid tenantId, Guid ownerKey, IReadOnlyCollection<string>? categories, int limit, CancellationToken cancellationToken);

    /// <summary>Sources of memories of one owner, by memory.</summary>
    Task<ILookup<Guid, MemorySource>> ListSourcesAsync(
        Guid tenantId, Guid ownerKey, IReadOnlyCollection<Guid> memoryIds, CancellationToken cancellationToken);

    /// <summary>Facts that hold and were drawn from added memories of one owner, by the memory they were drawn from, in the order of the words.</summary>
    Task<ILookup<Guid, MemoryRecord>> ListFactsAsync(
        Guid tenantId, Guid ownerKey, IReadOnlyCollection<Guid> memoryIds, CancellationToken cancellationToken);

    /// <summary>Versions of a memory, oldest first.</summary>
    Task<IReadOnlyList<HistoryEntry>> ListHistoryAsync(MemoryRecord memory, CancellationToken cancellationToken);

    /// <summary>What is left of a deleted memory, of any tenant; null when there is nothing.</summary>
    Task<DeletedMemory?> FindDeletedAsync(Guid memoryId, CancellationToken cancellationToken);

    /// <summary>Replaces a memory by its next version, which waits for its background work again.</summary>
    /// <returns>False when <paramref name="current"/> is not the stored version any more.</returns>
    Task<bool> ReplaceAsync(MemoryRecord current, MemoryRecord next, Actor actor, CancellationToken cancellationToken);

    /// <summary>Sets a failed memory to pending.</summary>
    /// <returns>False when it has not failed.</returns>
    Task<bool> RetryAsync(Guid tenantId, Guid memoryId, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Deletes a memory with its history and sources, and the facts that were drawn from it and from nothing else.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="memoryId">The memory.</param>
    /// <param name="version">Only this version; null for any.</param>
    /// <param name="now">The time.</param>
    /// <param name="request">Set when the request carries an Idempotency-Key.</param>
    /// <param name="cancellationToken">Cancels before the write begins.</param>
    /// <returns>False when it was not there, or is of another version, or the key was used meanwhile.</returns>
    Task<bool> DeleteAsync(Guid tenantId, Guid memoryId, int? version, DateTimeOffset now, IdempotentRequest? request, CancellationToken cancellationToken);

    /// <summary>Deletes memories of an owner, superseded ones too, at most <paramref name="limit"/>. What was said until <paramref name="now"/> is not learned any more.</summary>
    /// <returns>How many.</returns>
    Task<int> DeleteOwnedAsync(Guid tenantId, Guid ownerKey, int limit, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes memories of every owner of a tenant, at most <paramref name="limit"/>. The call that leaves none deletes what is known of deleted ones and
    /// notes it in the audit log. What was said until <paramref name="now"/> is not learned any more.
    /// </summary>
    /// <returns>How many; less than <paramref name="limit"/> when none is left.</returns>
    Task<int> ResetAsync(Guid tenantId, Guid accountId, int limit, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Archives or deletes memories that a retention rule covers.</summary>
    /// <returns>How many.</returns>
    Task<int> ApplyRetentionAsync(RetentionOrder order, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Which of the subjects opted out.</summary>
    Task<IReadOnlyList<Guid>> FindOptedOutAsync(Guid tenantId, IReadOnlyCollection<Guid> subjectKeys, CancellationToken cancellationToken);

    /// <summary>A subject's setting; null when it was never set.</summary>
    Task<SubjectSettings?> FindSettingsAsync(Guid tenantId, Guid subjectKey, CancellationToken cancellationToken);

    /// <summary>Sets whether a subject is opted out.</summary>
    Task SaveSettingsAsync(Guid tenantId, Guid subjectKey, SubjectSettings settings, CancellationToken cancellationToken);

    /// <summary>How many active memories have a source in a conversation.</summary>
    Task<int> CountFromConversationAsync(Guid tenantId, Guid conversationKey, CancellationToken cancellationToken);

    /// <summary>Memories whose background work is due, the longest due first.</summary>
    Task<DueMemories> ListDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <summary>When the next background work is due, or null.</summary>
    Task<DateTimeOffset?> FindNextDueAsync(CancellationToken cancellationToken);

    /// <summary>Notes that the background work on a version failed or has to be announced again.</summary>
    /// <param name="attempts">What becomes of each.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Cancels before the write begins.</param>
    Task RescheduleAsync(IReadOnlyList<Reschedule> attempts, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Completes memories whose version can be found by search.</summary>
    Task CompleteAsync(IReadOnlyCollection<(Guid TenantId, Guid MemoryId, int Version)> indexed, CancellationToken cancellationToken);

    /// <summary>What a decision about an owner's memories is made from.</summary>
    Task<OwnerSnapshot> ReadOwnerAsync(OwnerSnapshotQuery query, CancellationToken cancellationToken);

    /// <summary>Writes a decision, if what it was made from is still so.</summary>
    /// <returns>False when it is not: read again and decide again.</returns>
    Task<bool> ApplyAsync(OwnerPlan plan, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Active memories of an owner with words they were said in, the newest first.</summary>
    Task<IReadOnlyList<(string Text, string Quote)>> ListQuotesAsync(Guid tenantId, Guid ownerKey, int limit, CancellationToken cancellationToken);

    /// <summary>Versions of messages that were read for memories; a deleted message has <see cref="int.MaxValue"/>.</summary>
    Task<IReadOnlyDictionary<Guid, int>> FindExtractedAsync(Guid tenantId, IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken);

    /// <summary>Notes that messages were deleted: they are not read any more. What was drawn from them is decided on after it.</summary>
    Task ForgetMessagesAsync(
        Guid tenantId, IReadOnlyCollection<(Guid SubjectKey, Guid MessageId)> messages, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Owners of memories that were drawn from messages, each with those messages. The owners' ids are not told.</summary>
    Task<ILookup<MemoryOwner, Guid>> ListOwnersAsync(Guid tenantId, IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken);

    /// <summary>Whether a request was carried out before under its Idempotency-Key: null when the key is new, false when it came with another request.</summary>
    Task<bool?> FindRepeatedAsync(IdempotentRequest request, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Ends, reopens or rewrites memories of one owner, all or none of them.</summary>
    /// <param name="turns">Each with the version that it is made over.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="now">The time.</param>
    /// <param name="request">Set when the request carries an Idempotency-Key.</param>
    /// <param name="cancellationToken">Cancels before the write begins.</param>
    /// <returns><see cref="TurnResult.Stale"/> also when the key was used meanwhile.</returns>
    Task<TurnResult> ChangeAsync(
        IReadOnlyList<MemoryTurn> turns, Actor actor, DateTimeOffset now, IdempotentRequest? request, CancellationToken cancellationToken);

    /// <summary>Memories whose place a memory took, the last ones first.</summary>
    Task<IReadOnlyList<MemoryRecord>> ListPredecessorsAsync(Guid tenantId, Guid ownerKey, Guid memoryId, CancellationToken cancellationToken);

    /// <summary>For each memory those whose place it took or that were merged into it, in no order.</summary>
    Task<ILookup<Guid, Guid>> ListSupersededIdsAsync(Guid tenantId, IReadOnlyCollection<Guid> memoryIds, CancellationToken cancellationToken);

    /// <summary>Notes what an account says of a memory.</summary>
    /// <returns>False when it said so before.</returns>
    Task<bool> AddFeedbackAsync(MemoryRecord memory, Guid accountId, FeedbackKind kind, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Ends memories whose time is over.</summary>
    /// <returns>How many.</returns>
    Task<int> ExpireAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <summary>Forgets the provenance in a message that was changed, when the new text may not be read.</summary>
    Task UnlinkMessagesAsync(Guid tenantId, IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken);

    /// <summary>Notes that a conversation was deleted.</summary>
    /// <returns>Messages of it that memories were drawn from.</returns>
    Task<IReadOnlyList<Guid>> CloseConversationAsync(
        Guid tenantId, Guid conversationKey, DateTimeOffset deletedAt, CancellationToken cancellationToken);

    /// <summary>Deletes the notes about messages and conversations that were deleted before a time.</summary>
    Task PurgeNotesAsync(DateTimeOffset before, CancellationToken cancellationToken);

    /// <summary>Memories of one owner, or of all, by id, with history and sources.</summary>
    /// <returns>The memories, and the id that the next page follows; null on the last one.</returns>
    Task<(IReadOnlyList<WholeMemory> Memories, Guid? Next)> ListWholeAsync(
        Guid tenantId, Guid? ownerKey, Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>How many memories one owner has, or all, superseded and archived ones too.</summary>
    Task<long> CountAsync(Guid tenantId, Guid? ownerKey, CancellationToken cancellationToken);

    /// <summary>Adds memories as they are, and what they come from, in one transaction; those that are there already are left as they are.</summary>
    /// <param name="memories">Memories with their id where they come from: one of that id here is the same.</param>
    /// <param name="dryRun">Whether nothing is written.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Cancels before the write begins.</param>
    Task<ImportStatus[]> ImportAsync(
        IReadOnlyList<(WholeMemory Memory, Guid? SourceId)> memories, bool dryRun, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Sets subjects' settings, where those that are there are older.</summary>
    /// <returns>For each whether it was, or would be, set.</returns>
    Task<bool[]> ImportSettingsAsync(
        Guid tenantId, IReadOnlyList<(Guid SubjectKey, SubjectSettings Settings)> settings, bool dryRun, CancellationToken cancellationToken);
}

/// <summary>A change of one memory.</summary>
/// <param name="Current">The version it is made over.</param>
/// <param name="Next">The version it makes.</param>
/// <param name="Event">What it is in the history.</param>
internal sealed record MemoryTurn(MemoryRecord Current, MemoryRecord Next, HistoryEvent Event);

/// <summary>What became of changes.</summary>
internal enum TurnResult
{
    Done,

    /// <summary>A version is not the stored one any more.</summary>
    Stale,

    /// <summary>A memory that would hold again says what another one that holds says, or is another value of its attribute.</summary>
    Conflict,
}

/// <summary>A memory with all that is kept of it.</summary>
internal sealed record WholeMemory(MemoryRecord Memory, IReadOnlyList<MemorySource> Sources, IReadOnlyList<HistoryEntry> History);

/// <summary>What became of a memory that was to be imported.</summary>
internal enum ImportStatus
{
    Added,

    /// <summary>It, or an active one of the same owner that says the same, is there.</summary>
    Exists,

    /// <summary>The subject opted out.</summary>
    OptedOut,
}

/// <summary>What became of an addition; all are unset when it was made.</summary>
/// <param name="OptedOut">Whether the subject opted out, so that nothing was stored.</param>
/// <param name="KeyReused">Whether the Idempotency-Key came with another request before.</param>
/// <param name="Before">The memory that the same request made before.</param>
internal sealed record AddOutcome(bool OptedOut = false, bool KeyReused = false, AddedIdentity? Before = null);

/// <summary>What the answer to an addition has beside the request.</summary>
internal sealed record AddedIdentity(Guid Id, DateTimeOffset CreatedAt);

/// <summary>That a memory was deleted: whose it was, and nothing of what it said.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="Scope">The scope.</param>
/// <param name="OwnerKey">The owner.</param>
/// <param name="Version">Version that the deletion made.</param>
/// <param name="At">When.</param>
internal sealed record DeletedMemory(Guid TenantId, MemoryScope Scope, Guid OwnerKey, int Version, DateTimeOffset At);

/// <summary>A subject's settings.</summary>
/// <param name="OptedOut">Whether nothing is learned about the subject and nothing recalled.</param>
/// <param name="UpdatedAt">When it was set.</param>
/// <param name="AllowedCategories">Categories that may be learned about the subject; null for all.</param>
internal sealed record SubjectSettings(bool OptedOut, DateTimeOffset UpdatedAt, IReadOnlyList<string>? AllowedCategories = null);

/// <summary>Background work that is due.</summary>
/// <param name="Memories">The memories.</param>
/// <param name="Unreadable">Memories whose key is gone.</param>
internal sealed record DueMemories(IReadOnlyList<MemoryRecord> Memories, IReadOnlyList<Reschedule> Unreadable);

/// <summary>What becomes of a memory whose background work did not end.</summary>
internal sealed record Reschedule
{
    public required Guid TenantId { get; init; }

    public required Guid MemoryId { get; init; }

    public required int Version { get; init; }

    public required MemoryStatus Status { get; init; }

    public required int Attempts { get; init; }

    public string? Error { get; init; }

    /// <summary>Null to leave it.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>Set to announce the version to search again.</summary>
    public bool Announce { get; init; }

    public Guid OwnerKey { get; init; }
}
