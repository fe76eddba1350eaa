using System.Diagnostics;
using System.Runtime.ExceptionServices;
using MemoryMesh.Search.Storage;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search.Index;

/// <summary>Rewrites the full-text index and blocks of vectors after removals, so that no hash and no vector of a removed text stays in the file.</summary>
/// <remarks>
/// Deleting a row of FTS5 only marks it; its terms leave with the merging of the segments that hold them. The rewriting goes in small steps
/// between other writes, and rests for ten times as long as it took, so that steady removals cost a bounded share of the writer. A count in the
/// store says what is left to clean, so a restart goes on with it.
/// </remarks>
internal sealed partial class IndexCleaner(IItemIndex index, IVectorStore vectors, IOptions<SearchOptions> options, ILogger<IndexCleaner> logger) : BackgroundService
{
    private const int RestFactor = 10;
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(30);
    private readonly SemaphoreSlim _bell = new(1);

    /// <summary>Tells that something was removed.</summary>
    public void Wake()
    {
        if (_bell.CurrentCount == 0)
        {
            _bell.Release();
        }
    }

    /// <summary>Rewrites what holds something that was removed since the last time.</summary>
    /// <exception cref="DependencyUnavailableException">Vectors that were removed lie where they cannot be removed from at the moment.</exception>
    public async Task CleanAsync(CancellationToken cancellationToken)
    {
        DependencyUnavailableException? away = null;
        try
        {
            while (await vectors.PurgeStepAsync(cancellationToken))
            {
                await Task.Yield();
            }
        }
        catch (DependencyUnavailableException exception)
        {
            // Where the vectors are cannot be reached; the words are here.
            away = exception;
        }

        await CleanTermsAsync(cancellationToken);
        if (away is not null)
        {
            ExceptionDispatchInfo.Throw(away);
        }
    }

    private async Task CleanTermsAsync(CancellationToken cancellationToken)
    {
        var (removals, cleaned) = await index.ReadCleaningAsync(cancellationToken);
        if (removals == cleaned)
        {
            return;
        }

        for (var first = true; await index.CleanStepAsync(first, cancellationToken); first = false)
        {
            await Task.Yield();
        }

        await index.FinishCleaningAsync(removals, cancellationToken);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _bell.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var folded = false; ;)
        {
            await _bell.WaitAsync(stoppingToken);
            await Task.Delay(options.Value.CleaningDelay, stoppingToken);
            var started = Stopwatch.GetTimestamp();
            try
            {
                await CleanAsync(stoppingToken);

                // Once: what comes in later is put together when it is stored.
                while (!folded && await vectors.FoldSomeAsync(stoppingToken))
                {
                    await Task.Yield();
                }

                folded = true;
            }
            catch (DependencyUnavailableException exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotReached(logger, exception.Message);
                Wake();
                await Task.Delay(LongestRest, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it was, a server that ended for it would end again at every start.
                LogNotCleaned(logger, exception);
                Wake();
            }

            var rest = RestFactor * Stopwatch.GetElapsedTime(started);
            await Task.Delay(rest < LongestRest ? rest : LongestRest, stoppingToken);
        }
    }

    [LoggerMessage(EventId = 4002, Level = LogLevel.Warning, Message = "Removed texts are not yet cleaned out of the index; it is tried again")]
    private static partial void LogNotCleaned(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 4003, Level = LogLevel.Warning, Message = "The vectors of removed texts are not yet removed; it is tried again: {Reason}")]
    private static partial void LogNotReached(ILogger logger, string reason);
}
