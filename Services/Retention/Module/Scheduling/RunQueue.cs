using System.Threading.Channels;

namespace MemoryMesh.Retention.Scheduling;

/// <summary>Runs that were started and wait to be carried out. The record in the store is what counts: an entry lost with the process is found again there.</summary>
internal sealed class RunQueue
{
    // Unbounded, since there is at most one unfinished run per tenant.
    private readonly Channel<(Guid TenantId, Guid RunId)> _runs = Channel.CreateUnbounded<(Guid TenantId, Guid RunId)>();

    public void Add(Guid tenantId, Guid runId) => _runs.Writer.TryWrite((tenantId, runId));

    public IAsyncEnumerable<(Guid TenantId, Guid RunId)> ReadAllAsync(CancellationToken cancellationToken) => _runs.Reader.ReadAllAsync(cancellationToken);
}
