using System.Text.Json;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>Shows the events of every outbox of this process to a listener, after their commit, beginning with the oldest that is still there.</summary>
/// <remarks>It holds back no trimming and saves no position: whoever must have every event consumes a subscription.</remarks>
public sealed partial class InProcessFeed(
    IEnumerable<ModuleStore> databases,
    IEventListener listener,
    TimeProvider clock,
    ILogger<InProcessFeed> logger,
    IHostApplicationLifetime? lifetime = null) : BackgroundService
{
    private const int BatchSize = 256;

    /// <summary>Under steady load the outbox is read this often at most.</summary>
    private static readonly TimeSpan CycleTime = TimeSpan.FromMilliseconds(20);

    private readonly ModuleStore[] _sources = [.. databases];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.SettleAsync(stoppingToken);
        await Task.WhenAll(_sources.Select(source => Task.Run(() => ShowAsync(source, stoppingToken), stoppingToken)));
    }

    private async Task ShowAsync(ModuleStore source, CancellationToken stoppingToken)
    {
        var bell = new Bell();
        source.Data.OnOutboxAppended(bell.Ring);
        long? shown = null;
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (shown is null)
                {
                    shown = await source.Data.ReadAsync(Outbox.PositionBeforeOldest, stoppingToken);
                    listener.Begin(source.Name, shown.Value);
                }

                var began = clock.GetTimestamp();
                var events = await source.Data.ReadAsync(session => Outbox.Read(session, shown.Value, BatchSize), stoppingToken);
                foreach (var item in events)
                {
                    if (item.Position > shown + 1)
                    {
                        listener.Miss(source.Name, item.Position - 1);
                    }

                    listener.Pass(new PassingEvent(source.Name, item.Position, item.Id, item.OccurredAt, ReadOrNull(item)));
                    shown = item.Position;
                }

                failures = 0;
                if (events.Count == 0)
                {
                    await bell.WaitAsync(null, clock, stoppingToken);
                }
                else if (events.Count < BatchSize && CycleTime - clock.GetElapsedTime(began) is { Ticks: > 0 } rest)
                {
                    await Task.Delay(rest, clock, stoppingToken);
                }
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                // Nothing is kept for a listener.
            }
            catch (Exception exception)
            {
                LogFailed(logger, source.Name, exception);
                await Task.Delay(Backoff.After(++failures), clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static object? ReadOrNull(OutboxEvent item)
    {
        try
        {
            return item.ReadEvent();
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            // Its consumers park it and tell.
            return null;
        }
    }

    [LoggerMessage(EventId = 1151, Level = LogLevel.Warning, Message = "The events of {Source} cannot be shown; it is tried again")]
    private static partial void LogFailed(ILogger logger, string source, Exception exception);
}
