using MemoryMesh.Auth.Storage;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Auth.Features;

/// <summary>Removes expired sessions and old audit events, every hour.</summary>
internal sealed class RemoveExpired(
    ISessionStore sessions, IAuditLog audit, IOptions<AuthOptions> options, TimeProvider clock, ILogger<RemoveExpired> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await sessions.RemoveExpiredAsync(now, cancellationToken);
        await audit.RemoveOldAsync(now - TimeSpan.FromDays(options.Value.AuditDays), cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RunOnceAsync(stoppingToken);
            }
            catch (StorageUnavailableException exception)
            {
                Log.CleanUpFailed(logger, exception.Message);
            }
        }
    }
}
