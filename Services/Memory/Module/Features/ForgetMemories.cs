using MemoryMesh.Memory.Storage;

namespace MemoryMesh.Memory.Features;

/// <summary>Deletes all memories of an owner, and opts a subject out when asked to; or those of a tenant.</summary>
internal sealed class ForgetMemories(IMemoryStore store, SubjectStyle style, IPreferenceStore preferences, TimeProvider clock)
{
    private const int RowsOfOneTransaction = 200;

    /// <summary>Deletes them, superseded ones too. Opting out comes first, so that nothing is learned while they go.</summary>
    /// <returns>How many were deleted.</returns>
    public async Task<int> HandleAsync(Guid tenantId, MemoryOwner owner, bool optOut, CancellationToken cancellationToken)
    {
        if (optOut)
        {
            await store.SaveSettingsAsync(tenantId, owner.Key, (await store.FindSettingsAsync(tenantId, owner.Key, cancellationToken) ?? new SubjectSettings(true, default)) with { OptedOut = true, UpdatedAt = clock.GetUtcNow() }, cancellationToken);
        }

        if (owner.Scope == MemoryScope.User)
        {
            // What was observed is learned as well; what was set is a setting.
            await style.ResetAsync(tenantId, owner.Key, keepSet: true, cancellationToken);
        }

        return await RepeatAsync(() => store.DeleteOwnedAsync(tenantId, owner.Key, RowsOfOneTransaction, clock.GetUtcNow(), cancellationToken));
    }

    /// <summary>Deletes the memories of every owner of a tenant, with all that is known of deleted ones. Opt-outs stay.</summary>
    /// <returns>How many were deleted.</returns>
    public async Task<int> ResetAsync(Guid tenantId, Guid accountId, CancellationToken cancellationToken)
    {
        await preferences.DeleteAllAsync(tenantId, cancellationToken);
        return await RepeatAsync(() => store.ResetAsync(tenantId, accountId, RowsOfOneTransaction, clock.GetUtcNow(), cancellationToken));
    }

    private static async Task<int> RepeatAsync(Func<Task<int>> deleteSome)
    {
        var deleted = 0;
        while (true)
        {
            var count = await deleteSome();
            deleted += count;
            if (count < RowsOfOneTransaction)
            {
                return deleted;
            }
        }
    }
}
