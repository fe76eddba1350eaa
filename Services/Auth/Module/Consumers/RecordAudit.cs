using MemoryMesh.Auth.Storage;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Messaging;

namespace MemoryMesh.Auth.Consumers;

/// <summary>Keeps what other services tell for the audit log.</summary>
internal sealed class RecordAudit(IAuditLog audit) : IEventConsumer<AuditRecorded>
{
    public Task ConsumeAsync(IReadOnlyList<EventEnvelope<AuditRecorded>> batch, CancellationToken cancellationToken)
        => audit.AddOnceAsync(
            [.. batch.Select(item => item.Event).Select(told => new AuditEvent(told.At, told.ActorId, told.TenantId, told.Action, told.TargetId))], cancellationToken);
}
