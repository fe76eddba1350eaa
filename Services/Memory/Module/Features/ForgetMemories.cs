using MemoryMesh.Memory.Storage;

namespace MemoryMesh.Memory.Features;

/// <summary>Deletes all memories of an owner, and opts a subject out when asked to.</summary>
internal sealed class ForgetMemories(IMemoryStore store, TimeProvider clock)
{
    private const int RowsOfOneTransaction = 200;

    /// <summary>Deletes them, superseded ones too. Opting out comes first, so that nothing is learned while they go.</summary>
    /// <returns>How many were deleted.</returns>
    public async Task<int> HandleAsync(Guid tenantId, MemoryOwner owner, bool optOut, CancellationToken cancellationToken)
    {
        if (optOut)
        {
            await store.SaveSettingsAsync(tenantId, owner.Key, new SubjectSettings(true, clock.GetUtcNow()), cancellationToken);
        }

        var deleted = 0;
        while (true)
        {
            var count = await store.DeleteOwnedAsync(tenantId, owner.Key, RowsOfOneTransaction, clock.GetUtcNow(), cancellationToken);
            deleted += count;
            if (count < RowsOfOneTransaction)
            {
                return deleted;
            }
        }
    }
}
