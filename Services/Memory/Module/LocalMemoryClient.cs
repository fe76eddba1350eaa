using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Memory.Storage;

namespace MemoryMesh.Memory;

/// <summary>Answers what other services ask of Memory, inside this process.</summary>
internal sealed class LocalMemoryClient(IMemoryStore store, TimeProvider clock) : IMemoryClient
{
    public async Task<IReadOnlyList<MemoryItem>> GetMemoriesAsync(Guid tenantId, IReadOnlyList<Guid> memoryIds, CancellationToken cancellationToken)
        => [.. (await store.FindManyAsync(tenantId, memoryIds, cancellationToken)).Select(memory => new MemoryItem
        {
            Id = memory.Id,
            Scope = memory.ScopeName,
            OwnerKey = memory.OwnerKey,
            UserId = memory.UserId,
            Text = memory.Text,
            Category = memory.Category,
            Status = memory.StatusName,
            Importance = memory.Importance,
            Confidence = memory.Confidence,
            MetadataJson = memory.MetadataJson,
            CreatedAt = memory.CreatedAt,
            UpdatedAt = memory.UpdatedAt,
            Version = memory.Version,
            Active = memory.Active,
        })];

    public Task<int> CountFromConversationAsync(Guid tenantId, Guid conversationKey, CancellationToken cancellationToken)
        => store.CountFromConversationAsync(tenantId, conversationKey, cancellationToken);

    public Task<IReadOnlyList<Guid>> FindOptedOutAsync(Guid tenantId, IReadOnlyList<Guid> subjectKeys, CancellationToken cancellationToken)
        => store.FindOptedOutAsync(tenantId, subjectKeys, cancellationToken);

    public Task<int> ApplyRetentionAsync(RetentionOrder order, CancellationToken cancellationToken)
        => store.ApplyRetentionAsync(order, clock.GetUtcNow(), cancellationToken);
}
