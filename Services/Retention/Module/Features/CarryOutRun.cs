using System.Collections.Concurrent;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Retention.Storage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.Retention.Features;

/// <summary>Carries a run out, batch by batch. Orders are safe to repeat, so a run that was cut off is continued by carrying it out again.</summary>
internal sealed partial class CarryOutRun(
    IRetentionStore store, IChatClient chat, IMemoryClient memory, TimeProvider clock, ILogger<CarryOutRun> logger)
{
    /// <summary>Most messages or memories of one order.</summary>
    public const int BatchSize = 500;

    /// <summary>Tries of one batch, with waits of 1, 2, 4 and 8 seconds between them.</summary>
    public const int Attempts = 5;

    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Guid, bool> _underWay = [];

    /// <summary>Carries out what is left of a run. Does nothing when the run is finished, or under way in this process.</summary>
    /// <exception cref="OperationCanceledException">The service stops; the run stays unfinished and is continued at the next start.</exception>
    public async Task HandleAsync(Guid tenantId, Guid runId, CancellationToken cancellationToken)
    {
        if (!_underWay.TryAdd(runId, true))
        {
            return;
        }

        try
        {
            if (await store.FindRunAsync(tenantId, runId, cancellationToken) is { Status: RunStatus.Running } run)
            {
                await CarryOutAsync(run, cancellationToken);
            }
        }
        finally
        {
            _underWay.TryRemove(runId, out _);
        }
    }

    private async Task CarryOutAsync(RetentionRun run, CancellationToken cancellationToken)
    {
        var (status, error) = (RunStatus.Completed, (RunError?)null);
        if (run.Policy.AppliesTo.HasFlag(RetentionTargets.Messages))
        {
            (run, error) = await ApplyAsync(
                run,
                chat.ApplyRetentionAsync,
                (state, count) => state with { Messages = state.Messages + count },
                "messages",
                (RunError.ChatUnavailable, RunError.ChatFailed),
                cancellationToken);
        }

        // Memories are not held back by a Chat that is down: each target is tried.
        if (run.Policy.AppliesTo.HasFlag(RetentionTargets.Memories))
        {
            (run, var memoryError) = await ApplyAsync(
                run,
                memory.ApplyRetentionAsync,
                (state, count) => state with { Memories = state.Memories + count },
                "memories",
                (RunError.MemoryUnavailable, RunError.MemoryFailed),
                cancellationToken);
            error ??= memoryError;
        }

        if (error is not null)
        {
            status = RunStatus.Failed;
        }

        run = run with { Status = status, Error = error, FinishedAt = clock.GetUtcNow() };
        await SaveAsync(run, cancellationToken);
        RetentionTelemetry.Runs.Add(
            1, new("outcome", status == RunStatus.Completed ? "completed" : "failed"), new("trigger", run.Trigger == RunTrigger.Manual ? "manual" : "schedule"));
        LogFinished(logger, run.Id, run.TenantId, status, run.Messages, run.Memories, error);
    }

    private async Task<(RetentionRun Run, RunError? Error)> ApplyAsync(
        RetentionRun run,
        Func<RetentionOrder, CancellationToken, Task<int>> apply,
        Func<RetentionRun, int, RetentionRun> count,
        string target,
        (RunError Unavailable, RunError Failed) errors,
        CancellationToken cancellationToken)
    {
        var order = new RetentionOrder
        {
            TenantId = run.TenantId,
            CreatedBefore = run.CreatedBefore,
            ImportanceBelow = run.Policy.ImportanceBelow,
            Archive = run.Policy.Action == RetentionAction.Archive,
            BatchSize = BatchSize,
        };
        var attempt = 1;
        while (true)
        {
            var started = clock.GetTimestamp();
            try
            {
                var acted = await apply(order, cancellationToken);
                if (acted <= 0)
                {
                    return (run, null);
                }

                run = count(run, acted);
                await SaveAsync(run, cancellationToken);
                RetentionTelemetry.Items.Add(acted, new("kind", target), new("action", order.Archive ? "archive" : "delete"));
                attempt = 1;
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                var passing = exception is DependencyUnavailableException or StorageUnavailableException or OperationCanceledException;
                LogBatchFailed(logger, run.Id, target, attempt, exception);
                if (!passing || attempt == Attempts)
                {
                    return (run, passing ? errors.Unavailable : errors.Failed);
                }

                await Task.Delay(TimeSpan.FromSeconds(Math.Pow(2, attempt - 1)), clock, cancellationToken);
                attempt++;
                continue;
            }

            // As long a pause as the batch took: people's requests get at least half of the store's time.
            var pause = clock.GetElapsedTime(started);
            await Task.Delay(pause < MinPause ? MinPause : pause > MaxPause ? MaxPause : pause, clock, cancellationToken);
        }
    }

    /// <summary>Stores the run; a store that cannot take it now is waited for, since an unfinished record would block the tenant's next run.</summary>
    private async Task SaveAsync(RetentionRun run, CancellationToken cancellationToken)
    {
        for (var wait = TimeSpan.FromSeconds(1); ; wait = wait < TimeSpan.FromMinutes(1) ? wait * 2 : wait)
        {
            try
            {
                await store.UpdateRunAsync(run, cancellationToken);
                return;
            }
            catch (StorageUnavailableException exception)
            {
                LogNotSaved(logger, run.Id, exception);
                await Task.Delay(wait, clock, cancellationToken);
            }
        }
    }

    [LoggerMessage(EventId = 6001, Level = LogLevel.Information, Message = "Retention run {RunId} of tenant {TenantId}: {Status}, {Messages} messages, {Memories} memories, error {Error}")]
    private static partial void LogFinished(ILogger logger, Guid runId, Guid tenantId, RunStatus status, long messages, long memories, RunError? error);

    [LoggerMessage(EventId = 6002, Level = LogLevel.Warning, Message = "Retention run {RunId}: a batch of {Target} failed at try {Attempt}")]
    private static partial void LogBatchFailed(ILogger logger, Guid runId, string target, int attempt, Exception exception);

    [LoggerMessage(EventId = 6003, Level = LogLevel.Warning, Message = "Retention run {RunId}: its record could not be stored; it is tried again")]
    private static partial void LogNotSaved(ILogger logger, Guid runId, Exception exception);
}
