namespace MemoryMesh.Search.Storage;

/// <summary>Knows which messages stand beside each other.</summary>
internal interface IConversationOrder
{
    /// <summary>The messages before and after each message in its conversation, oldest first.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="messageIds">The messages; those that are not indexed are left out.</param>
    /// <param name="reach">Most before, and most after.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<IReadOnlyDictionary<Guid, (IReadOnlyList<Guid> Before, IReadOnlyList<Guid> After)>> ListAroundAsync(
        Guid tenantId, IReadOnlyList<Guid> messageIds, int reach, CancellationToken cancellationToken);
}
