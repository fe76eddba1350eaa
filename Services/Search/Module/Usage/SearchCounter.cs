using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Usage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.Search.Usage;

/// <summary>Counts searches in memory and writes them once a second, when they are asked for, and at the end: a search does not wait for the disk.</summary>
/// <remarks>What a process that is killed has not written, at most the searches of its last second, is not counted.</remarks>
internal sealed partial class SearchCounter(
    [FromKeyedServices(SearchModule.Name)] ModuleDatabase database, TimeProvider clock, ILogger<SearchCounter> logger) : BackgroundService, ISearchCounter
{
    /// <summary>Columns, in the order of <see cref="SearchedKind"/>.</summary>
    public static readonly IReadOnlyList<string> Columns = ["messages", "memories", "context"];

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    // A searcher sends a batch again within seconds, or when a server that was away is back.
    private static readonly TimeSpan RememberedFor = TimeSpan.FromDays(2);

    private readonly SearchTally _counts = new();
    private readonly SemaphoreSlim _writing = new(1);

    /// <inheritdoc/>
    public void Count(Guid tenantId, SearchedKind kind) => _counts.Add(tenantId, UsageBuckets.QuarterOf(clock.GetUtcNow()), kind);

    /// <summary>Writes what was counted so far.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            var counts = _counts.Take();
            if (counts.Count == 0)
            {
                return;
            }

            try
            {
                await database.Data.WriteAsync(session => Write(session, counts), CancellationToken.None);
            }
            catch
            {
                // Counted again with the next that are written.
                _counts.Add(counts);
                throw;
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Writes what another process counted. A batch that was written before is written no more.</summary>
    /// <param name="batch">Id of the batch.</param>
    /// <param name="counts">What it holds.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Whether it had not been written before.</returns>
    /// <exception cref="ArgumentException">It holds what nobody counts.</exception>
    public Task<bool> TakeAsync(Guid batch, IReadOnlyList<CountedSearches> counts, CancellationToken cancellationToken)
    {
        if (!counts.All(counted => counted.Quarter >= 0 && counted.Counts.Count == SearchTally.Kinds && counted.Counts.All(count => count >= 0)))
        {
            throw new ArgumentException("Searches are counted by kind and from 0.", nameof(counts));
        }

        var now = clock.GetUtcNow();
        return database.Data.WriteAsync(
            session =>
            {
                if (session.Scalar("SELECT count(*) FROM counted_batches WHERE id = $1", batch) > 0)
                {
                    return false;
                }

                session.Execute("DELETE FROM counted_batches WHERE taken_at < $1", (now - RememberedFor).ToUnixTimeSeconds());
                session.Execute("INSERT INTO counted_batches (id, taken_at) VALUES ($1, $2)", batch, now.ToUnixTimeSeconds());
                Write(session, counts);
                return true;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryWriteAsync();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _writing.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TryWriteAsync();
        }
    }

    private async Task TryWriteAsync()
    {
        try
        {
            await WriteAsync(CancellationToken.None);
        }
        catch (StorageUnavailableException exception)
        {
            LogNotWritten(logger, exception.Message);
        }
    }

    private static void Write(SqliteSession session, IReadOnlyList<CountedSearches> counts)
    {
        foreach (var level in UsageBuckets.Levels)
        {
            foreach (var counted in counts)
            {
                session.Execute(
                    """
                    INSERT INTO search_usage (tenant_id, level, bucket, messages, memories, context) VALUES ($1, $2, $3, $4, $5, $6)
                    ON CONFLICT (tenant_id, level, bucket) DO UPDATE SET
                        messages = messages + excluded.messages, memories = memories + excluded.memories, context = context + excluded.context
                    """,
                    counted.TenantId,
                    level,
                    UsageBuckets.BucketOf(level, counted.Quarter),
                    counted.Counts[0],
                    counted.Counts[1],
                    counted.Counts[2]);
            }
        }
    }

    [LoggerMessage(EventId = 4010, Level = LogLevel.Warning, Message = "Searches that were counted could not be written ({Reason}); it is tried again")]
    private static partial void LogNotWritten(ILogger logger, string reason);
}
