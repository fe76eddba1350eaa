using MemoryMesh.Search.Usage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Internal;
using MemoryMesh.ServiceDefaults.Usage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.Search.Searchers;

/// <summary>Counts searches in memory and sends them to the process with the store once a second, and at the end.</summary>
/// <remarks>
/// A batch has an id and is sent with it until it is taken: an answer that was lost counts nothing twice. What a process that is killed has not sent, at most the searches of its last second while
/// Search is there, is not counted.
/// </remarks>
internal sealed partial class RemoteSearchCounter(InternalHttp http, TimeProvider clock, ILogger<RemoteSearchCounter> logger) : BackgroundService, ISearchCounter
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly SearchTally _counts = new();
    private readonly SemaphoreSlim _sending = new(1);
    private CountedCall? _batch;
    private bool _isAway;

    /// <inheritdoc/>
    public void Count(Guid tenantId, SearchedKind kind) => _counts.Add(tenantId, UsageBuckets.QuarterOf(clock.GetUtcNow()), kind);

    /// <summary>Sends the batch that was not taken yet, if any, and then what was counted since.</summary>
    /// <returns>Whether everything was taken.</returns>
    public async Task<bool> SendAsync(CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                _batch ??= _counts.Take() is { Count: > 0 } searches ? new CountedCall(Guid.NewGuid(), searches) : null;
                if (_batch is null)
                {
                    return true;
                }

                await http.CallAsync<CountedCall, bool>(SearchModule.Name, RankingDoor.Counted, _batch, cancellationToken);
                (_batch, _isAway) = (null, false);
            }
        }
        catch (DependencyUnavailableException exception)
        {
            if (!_isAway)
            {
                _isAway = true;
                LogNotSent(logger, exception.Message);
            }

            return false;
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await SendAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // There is no more time.
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _sending.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await SendAsync(stoppingToken);
        }
    }

    [LoggerMessage(EventId = 4052, Level = LogLevel.Warning, Message = "Searches that were counted could not be sent ({Reason}); it is tried again")]
    private static partial void LogNotSent(ILogger logger, string reason);
}
