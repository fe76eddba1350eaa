using MemoryMesh.Contracts.Search;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;

namespace MemoryMesh.Search.Storage;

/// <summary>The full-text index over messages and memories.</summary>
internal interface IItemIndex
{
    /// <summary>Adds, replaces and removes items in one transaction. An entry that is not newer than what is indexed changes nothing.</summary>
    /// <remarks>For each memory that came in or changed, <c>MemoryIndexed</c> is published in the same transaction.</remarks>
    Task<AppliedChanges> ApplyAsync(IReadOnlyList<IndexEntry> entries, IReadOnlyList<ItemReference> removals, CancellationToken cancellationToken);

    /// <summary>The best items that hold at least one of the terms, with their BM25 score, in no order.</summary>
    /// <param name="filter">What may be found.</param>
    /// <param name="terms">Distinct terms, at least one.</param>
    /// <param name="limit">Most items, from 1.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<IReadOnlyList<ScoredItem>> FindAsync(ItemFilter filter, IReadOnlyList<string> terms, int limit, CancellationToken cancellationToken);

    /// <summary>Ids of all indexed messages of a conversation.</summary>
    Task<IReadOnlyList<Guid>> ListConversationAsync(Guid tenantId, Guid conversationKey, CancellationToken cancellationToken);

    /// <summary>Whether each message is indexed at its version or a later one.</summary>
    Task<bool> ContainsAsync(Guid tenantId, IReadOnlyList<MessageVersion> messages, CancellationToken cancellationToken);

    /// <summary>Counts removals, so that what they leave in the index can be cleaned out.</summary>
    /// <returns>How many there were, and up to which of them the index is clean.</returns>
    Task<(long Removals, long Cleaned)> ReadCleaningAsync(CancellationToken cancellationToken);

    /// <summary>Does a bounded part of rewriting the index without what was removed.</summary>
    /// <param name="first">Whether this begins a rewriting.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Whether more is to do.</returns>
    Task<bool> CleanStepAsync(bool first, CancellationToken cancellationToken);

    /// <summary>Notes that a rewriting which began after so many removals has ended, and has freed pages leave the write-ahead log.</summary>
    Task FinishCleaningAsync(long removals, CancellationToken cancellationToken);
}

/// <summary>What a change of the index came to.</summary>
/// <param name="Cleared">How many rows were replaced or removed: what they leave behind is to be cleaned out.</param>
/// <param name="Removed">Items that are gone, and where they were.</param>
internal sealed record AppliedChanges(int Cleared, IReadOnlyList<(PartitionKey Partition, Guid ItemId)> Removed);
