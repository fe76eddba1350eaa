using MemoryMesh.Contracts.Search;
using MemoryMesh.ServiceDefaults.Messaging;

namespace MemoryMesh.Retention.Features;

/// <summary>Requests that wait for the completion of an erasure.</summary>
internal sealed class ErasureWaiters(TimeProvider clock)
{
    private readonly MessageWaiters _waiters = new();

    /// <summary>Waits until the erasure is completed.</summary>
    /// <param name="erasureId">The erasure.</param>
    /// <param name="isCompleted">Asks the store.</param>
    /// <param name="timeout">Longest wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task WaitAsync(Guid erasureId, Func<Task<bool>> isCompleted, TimeSpan timeout, CancellationToken cancellationToken)
        => _waiters.WaitAsync([new MessageVersion(erasureId, 1)], isCompleted, timeout, clock, cancellationToken);

    /// <summary>Tells that it is completed.</summary>
    public void Completed(Guid erasureId) => _waiters.Done(erasureId, 1);
}
