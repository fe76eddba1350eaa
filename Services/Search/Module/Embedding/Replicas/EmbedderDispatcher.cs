using MemoryMesh.ServiceDefaults.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.Search.Embedding.Replicas;

/// <summary>Sends batches of the queue to embedders, as many at a time as they take, beside <see cref="EmbeddingWorker"/>, which computes here.</summary>
/// <remarks>
/// A batch that an embedder did not compute is due as it was before, and is computed here: a text is parked for what is wrong with it alone. What waits less than one batch is not sent:
/// it is there sooner without the way.
/// </remarks>
internal sealed partial class EmbedderDispatcher(
    EmbedderPool pool, EmbeddingQueue queue, EmbeddingBell bell, ILogger<EmbedderDispatcher> logger, IHostApplicationLifetime? lifetime = null) : BackgroundService
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly HashSet<Task> _calls = [];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (pool.Addresses.Count == 0)
        {
            return;
        }

        SearchTelemetry.Watch(pool);
        await lifetime.SettleAsync(stoppingToken);
        try
        {
            while (true)
            {
                var wait = pool.RestsFor ?? LongestWait;
                await queue.Surplus.WaitAsync(wait < LongestWait ? wait : LongestWait, stoppingToken);
                try
                {
                    await FillAsync(stoppingToken);
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    LogNotTaken(logger, exception);
                    await Task.Delay(AfterFailure, stoppingToken);
                }
            }
        }
        finally
        {
            await Task.WhenAll(UnderWay());
        }
    }

    private List<Task> UnderWay()
    {
        lock (_lock)
        {
            return [.. _calls];
        }
    }

    /// <summary>Makes calls until no embedder takes more, or no more is due.</summary>
    private async Task FillAsync(CancellationToken cancellationToken)
    {
        while (pool.TryEnter(out var place))
        {
            SharedBatch? shared = null;
            try
            {
                shared = await queue.TakeAsync(cancellationToken);
            }
            finally
            {
                if (shared is null)
                {
                    place.Address.Leave();
                }
            }

            if (shared is null)
            {
                return;
            }

            var call = Task.Run(() => ComputeAsync(place, shared, cancellationToken), CancellationToken.None);
            lock (_lock)
            {
                _calls.Add(call);
            }

            _ = call.ContinueWith(
                ended =>
                {
                    lock (_lock)
                    {
                        _calls.Remove(ended);
                    }
                },
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }

    /// <summary>Never fails: what is not computed is due as it was.</summary>
    private async Task ComputeAsync(EmbedderPlace place, SharedBatch shared, CancellationToken cancellationToken)
    {
        try
        {
            var encoded = await EmbedderPool.EncodeAsync(place, shared, cancellationToken);
            await queue.FinishAsync(shared, encoded, cancellationToken);
        }
        catch (EmbedderFailedException failed)
        {
            queue.GiveBack(shared, isForHere: failed.Reason != EmbedderFailedException.Full);
        }
        catch (Exception exception)
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                LogNotDone(logger, exception);
                await Task.Delay(AfterFailure, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            queue.GiveBack(shared, isForHere: true);
        }

        bell.Wake();
        queue.Surplus.Wake();
    }

    [LoggerMessage(EventId = 4043, Level = LogLevel.Warning, Message = "No batch could be taken for embedders; it is tried again")]
    private static partial void LogNotTaken(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 4044, Level = LogLevel.Warning, Message = "What embedders computed could not be stored; it is computed again")]
    private static partial void LogNotDone(ILogger logger, Exception exception);
}
