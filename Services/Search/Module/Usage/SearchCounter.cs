using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Usage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.Search.Usage;

/// <summary>What was searched for.</summary>
internal enum SearchedKind
{
    /// <summary>Messages.</summary>
    Messages,

    /// <summary>Memories.</summary>
    Memories,

    /// <summary>Memories that a context needed.</summary>
    Context,
}

/// <summary>Counts searches in memory and writes them once a second, when they are asked for, and at the end: a search does not wait for the disk.</summary>
/// <remarks>What a process that is killed has not written, at most the searches of its last second, is not counted.</remarks>
internal sealed partial class SearchCounter(
    [FromKeyedServices(SearchModule.Name)] ModuleDatabase database, TimeProvider clock, ILogger<SearchCounter> logger) : BackgroundService
{
    /// <summary>Columns, in the order of <see cref="SearchedKind"/>.</summary>
    public static readonly IReadOnlyList<string> Columns = ["messages", "memories", "context"];

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _writing = new(1);
    private Dictionary<(Guid TenantId, long Quarter), long[]> _counts = [];

    /// <summary>Counts a search.</summary>
    public void Count(Guid tenantId, SearchedKind kind) => Add((tenantId, UsageBuckets.QuarterOf(clock.GetUtcNow())), counts => counts[(int)kind]++);

    /// <summary>Writes what was counted so far.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            Dictionary<(Guid TenantId, long Quarter), long[]> counts;
            lock (_gate)
            {
                (counts, _counts) = (_counts, []);
            }

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
                foreach (var (key, values) in counts)
                {
                    Add(key, sum =>
                    {
                        for (var i = 0; i < sum.Length; i++)
                        {
                            sum[i] += values[i];
                        }
                    });
                }

                throw;
            }
        }
        finally
        {
            _writing.Release();
        }
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

    private void Add((Guid TenantId, long Quarter) key, Action<long[]> add)
    {
        lock (_gate)
        {
            if (!_counts.TryGetValue(key, out var counts))
            {
                _counts[key] = counts = new long[Columns.Count];
            }

            add(counts);
        }
    }

    private static void Write(SqliteSession session, Dictionary<(Guid TenantId, long Quarter), long[]> counts)
    {
        foreach (var level in UsageBuckets.Levels)
        {
            foreach (var ((tenantId, quarter), values) in counts)
            {
                session.Execute(
                    """
                    INSERT INTO search_usage (tenant_id, level, bucket, messages, memories, context) VALUES ($1, $2, $3, $4, $5, $6)
                    ON CONFLICT (tenant_id, level, bucket) DO UPDATE SET
                        messages = messages + excluded.messages, memories = memories + excluded.memories, context = context + excluded.context
                    """,
                    tenantId,
                    level,
                    UsageBuckets.BucketOf(level, quarter),
                    values[0],
                    values[1],
                    values[2]);
            }
        }
    }

    [LoggerMessage(EventId = 4010, Level = LogLevel.Warning, Message = "Searches that were counted could not be written ({Reason}); it is tried again")]
    private static partial void LogNotWritten(ILogger logger, string reason);
}
