using MemoryMesh.Retention.Receipts;
using MemoryMesh.Retention.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Retention.Features;

/// <summary>Writes the receipt of an erasure that every service has answered.</summary>
internal sealed partial class CompleteErasure(
    IErasureStore store, ReceiptSigner signer, ErasureWaiters waiters, IOptions<RetentionOptions> options, TimeProvider clock, ILogger<CompleteErasure> logger)
{
    public async Task HandleAsync(ErasureRecord erasure, CancellationToken cancellationToken)
    {
        var completedAt = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
        var jws = await signer.SignAsync(ErasureReceipt.Of(erasure, completedAt, options.Value.BackupDays), cancellationToken);
        await store.CompleteAsync(erasure, completedAt, jws, cancellationToken);
        RetentionTelemetry.Erasures.Add(1);
        LogCompleted(logger, erasure.Id, erasure.TenantId);
        waiters.Completed(erasure.Id);
    }

    [LoggerMessage(EventId = 6041, Level = LogLevel.Information, Message = "Erasure {ErasureId} of tenant {TenantId} is completed")]
    private static partial void LogCompleted(ILogger logger, Guid erasureId, Guid tenantId);
}
