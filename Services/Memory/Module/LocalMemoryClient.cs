using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Contracts.Search;
using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Memory;

/// <summary>Answers what other services ask of Memory, inside this process.</summary>
internal sealed class LocalMemoryClient(
    IMemoryStore store, [FromKeyedServices(MemoryModule.Name)] MessageWaiters waiters, TimeProvider clock) : IMemoryClient
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    public async Task<IReadOnlyList<MemoryItem>> GetMemoriesAsync(Guid tenantId, IReadOnlyList<Guid> memoryIds, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return [.. (await store.FindManyAsync(tenantId, memoryIds, cancellationToken)).Select(memory => ToItem(memory, memory.Active && !(memory.ExpiresAt <= now)))];
    }

    public async Task<IReadOnlyList<MemoryItem>> GetBelievedMemoriesAsync(
        Guid tenantId, IReadOnlyList<Guid> memoryIds, DateTimeOffset at, CancellationToken cancellationToken)
        => [.. (await store.FindBelievedAsync(tenantId, memoryIds, at, cancellationToken)).Select(memory => ToItem(memory, active: true))];

    public Task<int> CountFromConversationAsync(Guid tenantId, Guid conversationKey, CancellationToken cancellationToken)
        => store.CountFromConversationAsync(tenantId, conversationKey, cancellationToken);

    public Task<IReadOnlyList<Guid>> FindOptedOutAsync(Guid tenantId, IReadOnlyList<Guid> subjectKeys, CancellationToken cancellationToken)
        => store.FindOptedOutAsync(tenantId, subjectKeys, cancellationToken);

    public Task<int> ApplyRetentionAsync(RetentionOrder order, CancellationToken cancellationToken)
        => store.ApplyRetentionAsync(order, clock.GetUtcNow(), cancellationToken);

    public Task<bool> WaitUntilExtractedAsync(
        Guid tenantId, IReadOnlyList<MessageVersion> messages, TimeSpan timeout, CancellationToken cancellationToken)
        => waiters.WaitAsync(
            messages,
            async () =>
            {
                var extracted = await store.FindExtractedAsync(tenantId, [.. messages.Select(message => message.MessageId)], cancellationToken);
                return messages.All(message => extracted.GetValueOrDefault(message.MessageId) >= message.Version);
            },
            timeout < LongestWait ? timeout : LongestWait,
            clock,
            cancellationToken);

    private static MemoryItem ToItem(MemoryRecord memory, bool active) => new()
    {
        Id = memory.Id,
        Scope = memory.ScopeName,
        OwnerKey = memory.OwnerKey,
        UserId = memory.UserId,
        Text = memory.Text,
        Category = memory.Category,
        Status = memory.StatusName,
        Importance = memory.Importance,
        RankedImportance = memory.RankedImportance,
        Confidence = memory.Confidence,
        MetadataJson = memory.MetadataJson,
        CreatedAt = memory.CreatedAt,
        UpdatedAt = memory.UpdatedAt,
        Version = memory.Version,
        Active = active,
        State = memory.StateName,
        ValidFrom = memory.ValidFrom,
        ValidTo = memory.End,
        SupersededBy = memory.SupersededBy,
    };
}
