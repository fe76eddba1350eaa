using MemoryMesh.Retention.Features;
using MemoryMesh.Retention.Storage;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Quartz;

namespace MemoryMesh.Retention.Scheduling;

/// <summary>Starts the scheduled pass at its interval, with Quartz and its store in memory; when the last pass was is kept in our own store.</summary>
/// <remarks>Quartz is built a while after the host serves: readiness waits for nothing here.</remarks>
internal sealed partial class RunSchedule(
    IRetentionStore store,
    RunForEveryTenant pass,
    IOptions<RetentionOptions> options,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<RunSchedule> logger) : BackgroundService
{
    /// <summary>Longest wait from the host's start to the first look at what is due.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    /// <summary>When the next pass is due: an interval after the last one, or now when that is past or there was none.</summary>
    public static DateTimeOffset NextDue(DateTimeOffset? lastPass, TimeSpan interval, DateTimeOffset now)
        => lastPass is { } last && last <= now && last + interval > now ? last + interval : now;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (lifetime.ApplicationStarted.Register(started.SetResult))
        {
            await started.Task.WaitAsync(stoppingToken);
        }

        var interval = TimeSpan.FromSeconds(options.Value.ScheduleSeconds);
        await Task.Delay(interval < Settling ? interval : Settling, clock, stoppingToken);
        var due = NextDue(await FindLastPassAsync(stoppingToken), interval, clock.GetUtcNow());
        await RunQuartzAsync(due, interval, stoppingToken);
    }

    /// <summary>A method of its own, so that Quartz is loaded when this is called and not when the host starts.</summary>
    private async Task RunQuartzAsync(DateTimeOffset due, TimeSpan interval, CancellationToken stoppingToken)
    {
        var scheduler = await QuartzSchedulerBuilder
            .Create(quartz =>
            {
                quartz.UseInMemoryStore();
                quartz.UseDefaultThreadPool(1);
                quartz.UseTimeProvider(clock);
                quartz.ScheduleJob(
                    "retention",
                    (CancellationToken _) => pass.HandleAsync(stoppingToken),
                    trigger => trigger.StartAt(due).WithSimpleSchedule(interval));
            })
            .BuildScheduler(stoppingToken);
        await scheduler.Start(stoppingToken);
        LogScheduled(logger, due, interval);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The pass has the same token and ends by itself: a run that is under way is continued at the next start.
            await scheduler.Shutdown(true, CancellationToken.None);
        }
    }

    private async Task<DateTimeOffset?> FindLastPassAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await store.FindLastPassAsync(cancellationToken);
        }
        catch (StorageUnavailableException exception)
        {
            LogLastPassUnknown(logger, exception);
            return clock.GetUtcNow();
        }
    }

    [LoggerMessage(EventId = 6031, Level = LogLevel.Debug, Message = "The next retention pass is due at {Due}, then every {Interval}")]
    private static partial void LogScheduled(ILogger logger, DateTimeOffset due, TimeSpan interval);

    [LoggerMessage(EventId = 6032, Level = LogLevel.Warning, Message = "When retention last ran cannot be read; the next pass comes after a whole interval")]
    private static partial void LogLastPassUnknown(ILogger logger, Exception exception);
}
