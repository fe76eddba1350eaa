using MemoryMesh.Memory.Features;
using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.Memory.Processing;

/// <summary>
/// Rebuilds profiles in the background, so that reading one is reading a row. Changes are gathered for a second: who learns much at once costs one
/// rebuild. What is stale stands in the store; a reader who comes before the rebuild makes it itself.
/// </summary>
internal sealed class ProfileKeeper(
    IProfileStore profiles, ReadProfile reader, TimeProvider clock, ILogger<ProfileKeeper> logger, IHostApplicationLifetime? lifetime = null) : BackgroundService
{
    private const int BatchSize = 64;
    private static readonly TimeSpan Gathering = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly ChangeBell _changed = new();

    /// <summary>Rebuilds what is stale.</summary>
    /// <returns>How many were.</returns>
    public async Task<int> WorkAsync(CancellationToken cancellationToken)
    {
        var stale = await profiles.ListStaleAsync(BatchSize, cancellationToken);
        foreach (var (tenantId, subjectKey) in stale)
        {
            await reader.RebuildAsync(tenantId, subjectKey, cancellationToken);
        }

        return stale.Count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        profiles.OnChanges(_changed.Ring);
        await lifetime.SettleAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await WorkAsync(stoppingToken) < BatchSize)
                {
                    await _changed.WaitAsync(LongestWait, clock, stoppingToken);
                }

                await Task.Delay(Gathering, clock, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it was, a server that ended for it would end again at every start.
                Log.ProfilesFailed(logger, exception);
                await Task.Delay(LongestWait, clock, stoppingToken);
            }
        }
    }
}
