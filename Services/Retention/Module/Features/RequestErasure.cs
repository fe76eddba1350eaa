using MemoryMesh.Retention.Storage;
using MemoryMesh.Retention.Transfers;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Retention.Features;

/// <summary>Accepts that a subject is to be erased, and waits for it when asked to.</summary>
internal sealed class RequestErasure(
    IErasureStore store, WithdrawTransfers transfers, KeyedNames names, ErasureWaiters waiters, TimeProvider clock)
{
    /// <summary>Stores the request, or finds the erasure of the subject that is under way.</summary>
    public Task<ErasureStart> HandleAsync(
        TenantAccess access, string userId, string? reason, IdempotentRequest? request, CancellationToken cancellationToken)
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
        return store.StartAsync(
            new ErasureRecord
            {
                Id = Guid.CreateVersion7(now),
                TenantId = access.TenantId,
                SubjectKey = names.SubjectKey(access.TenantId, userId),
                RequestedBy = access.AccountId,
                RequestedAt = now,
                Status = ErasureStatus.Running,
                Details = new ErasureDetails(userId, reason),
                AskedAt = now,
                Attempts = 1,
            },
            request,

            // An import under way could bring back from its file what Chat and Memory have erased.
            token => transfers.HandleAsync(access.TenantId, token),
            cancellationToken);
    }

    /// <summary>Waits until an erasure is completed, at most for <paramref name="timeout"/>.</summary>
    /// <returns>How it stands then.</returns>
    public async Task<ErasureRecord> WaitAsync(ErasureRecord erasure, TimeSpan timeout, CancellationToken cancellationToken)
    {
        await waiters.WaitAsync(
            erasure.Id,
            async () => await FindAsync() is { Status: ErasureStatus.Completed },
            timeout,
            cancellationToken);
        return await FindAsync() ?? erasure;

        Task<ErasureRecord?> FindAsync() => store.FindAsync(erasure.TenantId, null, erasure.Id, cancellationToken);
    }
}
