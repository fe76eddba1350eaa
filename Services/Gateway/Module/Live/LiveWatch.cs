using Microsoft.Extensions.Hosting;

namespace MemoryMesh.Gateway.Live;

/// <summary>Looks after all live connections, so that none needs a timer of its own; closes them when the server stops.</summary>
internal sealed class LiveWatch(LiveConnections connections, TimeProvider clock, IHostApplicationLifetime lifetime) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The server waits for requests in flight before it stops this service.
        using var stopping = lifetime.ApplicationStopping.Register(() =>
        {
            foreach (var connection in connections.Open)
            {
                connection.Close(LiveClose.Stopping);
            }
        });
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var connection in connections.Open)
            {
                connection.Look();
            }
        }
    }
}
