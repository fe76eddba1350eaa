using MemoryMesh.Contracts.Search;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Search.Storage;

/// <summary>Keeps vectors of at most two models, and the queue of items whose vectors are to be computed.</summary>
internal interface IVectorStore : IConversationOrder
{
    /// <summary>
    /// Makes a model the one that is used. When the one before can still serve, it does until <see cref="TrySwitchAsync"/>; every item is put into the queue
    /// of a model that is new here.
    /// </summary>
    /// <param name="wanted">The model.</param>
    /// <param name="canServe">Whether questions can be embedded with another model.</param>
    /// <param name="cancellationToken">Cancels before the write begins.</param>
    Task<StoredModels> UseModelAsync(EmbeddingModel wanted, Func<EmbeddingModel, bool> canServe, CancellationToken cancellationToken);

    /// <summary>Lets the next model serve, if no more items wait for its vectors than for those of the model that serves.</summary>
    Task<bool> TrySwitchAsync(StoredModel next, CancellationToken cancellationToken);

    /// <summary>Deletes a bounded part of the vectors of models that are not in use any more.</summary>
    /// <param name="after">Where the last part ended; 0 to begin.</param>
    /// <param name="cancellationToken">Cancels before the write begins.</param>
    /// <returns>Where this part ended; null when all are gone.</returns>
    Task<long?> CleanStepAsync(long after, CancellationToken cancellationToken);

    /// <summary>Reads all items of an owner, with their vectors of a model, into a partition.</summary>
    /// <param name="key">The owner.</param>
    /// <param name="model">The model.</param>
    /// <param name="partition">Takes them; empty.</param>
    /// <param name="cancellationToken">Cancels before the reading begins.</param>
    Task ReadPartitionAsync(PartitionKey key, StoredModel model, VectorPartition partition, CancellationToken cancellationToken);

    /// <summary>The owners that have items.</summary>
    Task<IReadOnlyList<Guid>> ListOwnersAsync(Guid tenantId, CancellationToken cancellationToken);

    /// <summary>The jobs that are due, oldest first; those of items that came in lately go before those of a change of the model.</summary>
    /// <param name="now">The time.</param>
    /// <param name="limit">Most jobs.</param>
    /// <param name="slots">Slots whose jobs are wanted, one bit each.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<IReadOnlyList<EmbeddingTask>> ListDueAsync(DateTimeOffset now, int limit, int slots, CancellationToken cancellationToken);

    /// <summary>When the next job of some slots is due; null when none waits.</summary>
    Task<DateTimeOffset?> NextDueAsync(int slots, CancellationToken cancellationToken);

    /// <summary>The messages that were said before each message in its conversation, newest first, as far as each follows the next within a time.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="limit">Most for each.</param>
    /// <param name="gap">Longest time between two that belong together.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<IReadOnlyDictionary<Guid, IReadOnlyList<Guid>>> ListPrecedingAsync(
        IReadOnlyList<IndexedItem> messages, int limit, TimeSpan gap, CancellationToken cancellationToken);

    /// <summary>Makes sure that vectors of a model can be stored, before they are computed.</summary>
    /// <exception cref="DependencyUnavailableException">They cannot at the moment.</exception>
    Task ReadyAsync(StoredModel model, CancellationToken cancellationToken);

    /// <summary>Stored vectors of texts that are equal to these, by the hash of the text.</summary>
    Task<IReadOnlyDictionary<string, ItemVectors>> FindEqualAsync(
        PartitionKey key, StoredModel model, IReadOnlyCollection<string> textHashes, CancellationToken cancellationToken);

    /// <summary>A keyed hash of what is embedded.</summary>
    string HashText(PartitionKey key, string text, string? context);

    /// <summary>Stores vectors and ends their jobs. An item that changed meanwhile keeps its job; vectors of a model that is not in use any more are dropped.</summary>
    Task<SavedVectors> SaveAsync(StoredModel model, IReadOnlyList<EmbeddedItem> items, CancellationToken cancellationToken);

    /// <summary>Rewrites a bounded number of blocks that hold vectors which were replaced or have left, so that no byte of them stays.</summary>
    /// <returns>Whether there were any.</returns>
    Task<bool> PurgeStepAsync(CancellationToken cancellationToken);

    /// <summary>Has no byte of purged vectors stay outside of the service's own files: the end of an erasure, which may take minutes.</summary>
    /// <returns>Names of copies that hold them still, and are not this service's to remove.</returns>
    Task<IReadOnlyList<string>> ScrubAsync(CancellationToken cancellationToken);

    /// <summary>Puts small blocks together where owners have many of them: those of a store of an earlier version are one for each vector.</summary>
    /// <returns>Whether there may be more.</returns>
    Task<bool> FoldSomeAsync(CancellationToken cancellationToken);

    /// <summary>Puts jobs off, or parks them.</summary>
    Task FailAsync(IReadOnlyList<EmbeddingFailure> failures, CancellationToken cancellationToken);

    /// <summary>Drops jobs whose item has nothing to embed or is gone.</summary>
    Task DropAsync(IReadOnlyList<EmbeddingTask> tasks, CancellationToken cancellationToken);

    /// <summary>Counts the items of a tenant and kind by state.</summary>
    Task<EmbeddingCounts> CountAsync(Guid tenantId, ItemKind kind, StoredModel model, CancellationToken cancellationToken);

    /// <summary>Counts the jobs of all tenants.</summary>
    Task<QueueCounts> CountQueueAsync(StoredModel model, CancellationToken cancellationToken);

    /// <summary>Jobs of a tenant that failed, parked ones first.</summary>
    Task<IReadOnlyList<FailedJob>> ListFailedAsync(Guid tenantId, StoredModel model, int limit, CancellationToken cancellationToken);

    /// <summary>Lets parked jobs of a tenant be tried again.</summary>
    /// <returns>How many.</returns>
    Task<int> RetryParkedAsync(Guid tenantId, CancellationToken cancellationToken);

    /// <summary>Whether each message has vectors of the model that serves at its version or a later one, or none to wait for.</summary>
    Task<bool> AreEmbeddedAsync(Guid tenantId, IReadOnlyList<MessageVersion> messages, CancellationToken cancellationToken);
}

/// <summary>A model as the store names it.</summary>
/// <param name="Id">Its row.</param>
/// <param name="Slot">0 or 1: where its vectors and jobs lie.</param>
/// <param name="Model">The model.</param>
internal sealed record StoredModel(int Id, int Slot, EmbeddingModel Model)
{
    /// <summary>Where its vectors lie.</summary>
    public ModelSlot InSlot => new(Id, Slot);
}

/// <summary>A model's row and slot.</summary>
internal readonly record struct ModelSlot(int Id, int Slot);

/// <summary>The models in use.</summary>
/// <param name="Serving">The one whose vectors answer questions.</param>
/// <param name="Next">The one that takes its place, or null.</param>
/// <param name="Queued">How many items were put into the queue for a model that is new here.</param>
internal sealed record StoredModels(StoredModel Serving, StoredModel? Next, int Queued);

/// <summary>An item whose vectors are to be computed.</summary>
/// <param name="RowId">Its row.</param>
/// <param name="Slot">Slot of the model.</param>
/// <param name="Item">The item as it is indexed.</param>
/// <param name="Attempts">How often it failed.</param>
/// <param name="Round">Counts the requests to compute them.</param>
internal sealed record EmbeddingTask(long RowId, int Slot, IndexedItem Item, int Attempts, long Round)
{
    /// <summary>Where it belongs.</summary>
    public PartitionKey Partition => new(Item.TenantId, Item.Kind, Item.OwnerKey);
}

/// <summary>Vectors that were computed.</summary>
internal sealed record EmbeddedItem(EmbeddingTask Task, string TextHash, ItemVectors Vectors);

/// <summary>What became of vectors.</summary>
/// <param name="Saved">For each whether it was stored.</param>
/// <param name="LeftTraces">Whether vectors were replaced or dropped whose bytes are to be purged.</param>
internal sealed record SavedVectors(IReadOnlyList<bool> Saved, bool LeftTraces);

/// <summary>A job that could not be done.</summary>
/// <param name="Task">The job.</param>
/// <param name="Error">The reason, a code without personal text.</param>
/// <param name="DueAt">When it is tried again; null parks it.</param>
/// <param name="IsAttempt">Whether it counts as an attempt: not when the text is not to blame.</param>
internal sealed record EmbeddingFailure(EmbeddingTask Task, string Error, DateTimeOffset? DueAt, bool IsAttempt);

/// <summary>A job that failed.</summary>
/// <param name="Kind">Message or memory.</param>
/// <param name="ItemId">The item.</param>
/// <param name="IsParked">Whether it waits to be retried by hand.</param>
/// <param name="Attempts">How often it failed.</param>
/// <param name="Error">The reason of the last time.</param>
internal sealed record FailedJob(ItemKind Kind, Guid ItemId, bool IsParked, int Attempts, string Error);

/// <summary>How far embedding is for a tenant.</summary>
/// <param name="Items">Indexed items.</param>
/// <param name="Embedded">Items with vectors of the model.</param>
/// <param name="Waiting">Items whose vectors are to be computed.</param>
/// <param name="Retrying">Those of them that failed before.</param>
/// <param name="Parked">Items that failed too often, and wait to be retried by hand.</param>
/// <param name="Errors">Reasons of parked items with their counts.</param>
internal sealed record EmbeddingCounts(
    long Items, long Embedded, long Waiting, long Retrying, long Parked, IReadOnlyDictionary<string, long> Errors);

/// <summary>How far embedding is for all tenants.</summary>
/// <param name="Items">Indexed items.</param>
/// <param name="Waiting">Items whose vectors are to be computed.</param>
/// <param name="Parked">Items that failed too often.</param>
internal sealed record QueueCounts(long Items, long Waiting, long Parked);
