using MemoryMesh.Contracts.Search;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;

namespace MemoryMesh.Search.Storage;

/// <summary>Keeps vectors, and the queue of items whose vectors are to be computed.</summary>
internal interface IVectorStore
{
    /// <summary>Makes the embedder's model the one whose vectors are used; items with vectors of another are put into the queue. Anything else here does it when needed.</summary>
    /// <returns>How many were put there.</returns>
    Task<int> UseModelAsync(CancellationToken cancellationToken);

    /// <summary>All items of an owner, each with its vectors of the model in use, or null.</summary>
    Task<IReadOnlyList<(IndexedItem Item, ItemVectors? Vectors)>> ReadPartitionAsync(PartitionKey key, CancellationToken cancellationToken);

    /// <summary>The owners that have items.</summary>
    Task<IReadOnlyList<Guid>> ListOwnersAsync(Guid tenantId, CancellationToken cancellationToken);

    /// <summary>The jobs that are due, oldest first.</summary>
    Task<IReadOnlyList<EmbeddingTask>> ListDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <summary>When the next job is due; null when none waits.</summary>
    Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken);

    /// <summary>The messages that were said before each message in its conversation, newest first, as far as each follows the next within a time.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="limit">Most for each.</param>
    /// <param name="gap">Longest time between two that belong together.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<IReadOnlyDictionary<Guid, IReadOnlyList<Guid>>> ListPrecedingAsync(
        IReadOnlyList<IndexedItem> messages, int limit, TimeSpan gap, CancellationToken cancellationToken);

    /// <summary>The messages before and after each message in its conversation, oldest first.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="messageIds">The messages; those that are not indexed are left out.</param>
    /// <param name="reach">Most before, and most after.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<IReadOnlyDictionary<Guid, (IReadOnlyList<Guid> Before, IReadOnlyList<Guid> After)>> ListAroundAsync(
        Guid tenantId, IReadOnlyList<Guid> messageIds, int reach, CancellationToken cancellationToken);

    /// <summary>Stored vectors of texts that are equal to these, by the hash of the text.</summary>
    Task<IReadOnlyDictionary<string, ItemVectors>> FindEqualAsync(
        PartitionKey key, IReadOnlyCollection<string> textHashes, CancellationToken cancellationToken);

    /// <summary>A keyed hash of what is embedded.</summary>
    string HashText(PartitionKey key, string text, string? context);

    /// <summary>Stores vectors and ends their jobs. An item that changed meanwhile keeps its job.</summary>
    /// <returns>For each whether it was stored.</returns>
    Task<bool[]> SaveAsync(IReadOnlyList<EmbeddedItem> items, CancellationToken cancellationToken);

    /// <summary>Puts jobs off, or parks them.</summary>
    /// <param name="failures">Jobs with the reason, without personal text, and when they are due again; null parks.</param>
    /// <param name="cancellationToken">Cancels before the write begins.</param>
    Task FailAsync(IReadOnlyList<(EmbeddingTask Task, string Error, DateTimeOffset? DueAt)> failures, CancellationToken cancellationToken);

    /// <summary>Drops jobs whose item has nothing to embed or is gone.</summary>
    Task DropAsync(IReadOnlyList<EmbeddingTask> tasks, CancellationToken cancellationToken);

    /// <summary>Counts the items of a tenant and kind by state.</summary>
    Task<EmbeddingCounts> CountAsync(Guid tenantId, ItemKind kind, CancellationToken cancellationToken);

    /// <summary>Lets parked jobs of a tenant be tried again.</summary>
    /// <returns>How many.</returns>
    Task<int> RetryParkedAsync(Guid tenantId, CancellationToken cancellationToken);

    /// <summary>Whether each message has vectors at its version or a later one, or none to wait for.</summary>
    Task<bool> AreEmbeddedAsync(Guid tenantId, IReadOnlyList<MessageVersion> messages, CancellationToken cancellationToken);
}

/// <summary>An item whose vectors are to be computed.</summary>
/// <param name="RowId">Its row.</param>
/// <param name="Item">The item as it is indexed.</param>
/// <param name="Attempts">How often it failed.</param>
/// <param name="Round">Counts the requests to compute them.</param>
internal sealed record EmbeddingTask(long RowId, IndexedItem Item, int Attempts, long Round)
{
    /// <summary>Where it belongs.</summary>
    public PartitionKey Partition => new(Item.TenantId, Item.Kind, Item.OwnerKey);
}

/// <summary>Vectors that were computed.</summary>
internal sealed record EmbeddedItem(EmbeddingTask Task, string TextHash, ItemVectors Vectors);

/// <summary>How far embedding is.</summary>
/// <param name="Items">Indexed items.</param>
/// <param name="Embedded">Items with vectors of the model in use.</param>
/// <param name="Waiting">Items whose vectors are to be computed.</param>
/// <param name="Retrying">Those of them that failed before.</param>
/// <param name="Parked">Items that failed too often, and wait to be retried by hand.</param>
/// <param name="Errors">Reasons of parked items with their counts.</param>
internal sealed record EmbeddingCounts(
    long Items, long Embedded, long Waiting, long Retrying, long Parked, IReadOnlyDictionary<string, long> Errors);
