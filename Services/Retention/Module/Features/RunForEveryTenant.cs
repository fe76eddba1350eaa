using MemoryMesh.Contracts.Auth;
using MemoryMesh.Retention.Storage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Retention.Features;

/// <summary>The scheduled pass: a run for each tenant that a policy holds for, one after the other.</summary>
internal sealed partial class RunForEveryTenant(
    IRetentionStore store,
    IAuthClient auth,
    PolicyInForce policies,
    StartRun startRun,
    CarryOutRun carryOutRun,
    IOptions<RetentionOptions> options,
    TimeProvider clock,
    ILogger<RunForEveryTenant> logger)
{
    private const int PageSize = 200;

    private int _running;

    /// <summary>Makes a pass. One that is under way already is left alone.</summary>
    public async Task HandleAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _running, 1) == 1)
        {
            return;
        }

        try
        {
            var now = clock.GetUtcNow();
            await store.SaveLastPassAsync(now, cancellationToken);
            await store.TrimRunsAsync(now.AddDays(-options.Value.RunHistoryDays), cancellationToken);

            // With no default policy only tenants with one of their own are concerned: Auth need not be asked.
            Func<Guid?, int, CancellationToken, Task<IReadOnlyList<Guid>>> list =
                policies.Default is null ? store.ListTenantsWithPolicyAsync : auth.ListTenantsAsync;
            var tenants = await list(null, PageSize, cancellationToken);
            while (tenants.Count > 0)
            {
                foreach (var tenantId in tenants)
                {
                    if ((await startRun.HandleAsync(tenantId, RunTrigger.Schedule, null, cancellationToken)).Run is { } run)
                    {
                        await carryOutRun.HandleAsync(tenantId, run.Id, cancellationToken);
                    }
                }

                tenants = await list(tenants[^1], PageSize, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is DependencyUnavailableException or StorageUnavailableException)
        {
            LogPassCutShort(logger, exception);
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }

    [LoggerMessage(EventId = 6011, Level = LogLevel.Warning, Message = "The scheduled retention pass was cut short; the next one covers what it missed")]
    private static partial void LogPassCutShort(ILogger logger, Exception exception);
}
