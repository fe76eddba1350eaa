using System.Diagnostics;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Storage;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Messaging;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.Search.Embedding;

/// <summary>Requests that wait until vectors of messages are in the index.</summary>
internal sealed class EmbeddingWaiters
{
    private readonly MessageWaiters _waiters = new();

    /// <inheritdoc cref="MessageWaiters.WaitAsync"/>
    public Task<bool> WaitAsync(
        IReadOnlyList<Contracts.Search.MessageVersion> messages, Func<Task<bool>> isDone, TimeSpan timeout, TimeProvider clock, CancellationToken cancellationToken)
        => _waiters.WaitAsync(messages, isDone, timeout, clock, cancellationToken);

    /// <inheritdoc cref="MessageWaiters.Done"/>
    public void Done(Guid messageId, int version) => _waiters.Done(messageId, version);
}

/// <summary>Wakes <see cref="EmbeddingWorker"/>.</summary>
internal sealed class EmbeddingBell : IDisposable
{
    private static readonly TimeSpan Recent = TimeSpan.FromMilliseconds(300);

    private readonly SemaphoreSlim _bell = new(1);
    private long _rungAt;

    /// <summary>Whether something came in just now.</summary>
    public bool IsBusy => Stopwatch.GetElapsedTime(Volatile.Read(ref _rungAt)) < Recent;

    /// <summary>Tells that something is to be embedded.</summary>
    public void Ring()
    {
        Volatile.Write(ref _rungAt, Stopwatch.GetTimestamp());
        Wake();
    }

    /// <summary>Wakes whoever waits, though nothing came in.</summary>
    public void Wake()
    {
        lock (_bell)
        {
            if (_bell.CurrentCount == 0)
            {
                _bell.Release();
            }
        }
    }

    /// <summary>Waits for a ring, at most so long.</summary>
    public Task WaitAsync(TimeSpan limit, CancellationToken cancellationToken) => _bell.WaitAsync(limit, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _bell.Dispose();
}

/// <summary>Works through the queue of texts to embed, one batch at a time, and keeps the vectors in memory within their bounds.</summary>
internal sealed partial class EmbeddingWorker(
    EmbeddingQueue queue,
    EmbeddingModels models,
    IVectorStore store,
    IVectorIndex index,
    EmbeddingBell bell,
    TimeProvider clock,
    ILogger<EmbeddingWorker> logger,
    IHostApplicationLifetime? lifetime = null) : BackgroundService
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WhileOthersWork = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan BetweenReports = TimeSpan.FromSeconds(5);

    // What comes in together is embedded together.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(10);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.SettleAsync(stoppingToken);
        var trimmedAt = clock.GetTimestamp();
        var reportedAt = trimmedAt;
        var prepared = false;
        while (true)
        {
            try
            {
                if (!prepared)
                {
                    var inUse = await models.GetAsync(stoppingToken);
                    if (inUse.Next is { } next)
                    {
                        LogModelChanged(logger, next.Embedder.Model, inUse.Serving.Embedder.Model);
                    }

                    await CleanAsync(stoppingToken);
                    prepared = true;
                }

                var began = clock.GetTimestamp();
                while (await queue.WorkAsync(stoppingToken) > 0)
                {
                    // While messages come in, storing, indexing and learning go first: half the time is theirs alone.
                    if (bell.IsBusy)
                    {
                        var rest = clock.GetElapsedTime(began);
                        await Task.Delay(rest < LongestRest ? rest : LongestRest, stoppingToken);
                    }

                    if (clock.GetElapsedTime(reportedAt) > BetweenReports)
                    {
                        await ReportAsync(stoppingToken);
                        reportedAt = clock.GetTimestamp();
                    }

                    began = clock.GetTimestamp();
                }

                if (await models.TrySwitchAsync(stoppingToken) is { } before)
                {
                    index.Forget(before);
                    LogSwitched(logger, models.Current!.Serving.Embedder.Model, before.Embedder.Model);
                    await CleanAsync(stoppingToken);
                }

                await ReportAsync(stoppingToken);
                if (clock.GetElapsedTime(trimmedAt) > LongestWait)
                {
                    index.Trim();
                    trimmedAt = clock.GetTimestamp();
                }

                var due = await queue.NextDueAsync(stoppingToken);
                var wait = due is { } at ? at - clock.GetUtcNow() : LongestWait;
                if (queue.IsAtWork && wait < WhileOthersWork)
                {
                    // All that is due is being computed elsewhere; what is given back rings.
                    wait = WhileOthersWork;
                }

                await bell.WaitAsync(wait < Gathering ? Gathering : wait < LongestWait ? wait : LongestWait, stoppingToken);
                await Task.Delay(Gathering, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it was, a server that ended for it would end again at every start.
                LogNotDone(logger, exception);
                await Task.Delay(AfterFailure, stoppingToken);
            }
        }
    }

    /// <summary>Deletes the vectors of models that are not in use any more, in short steps.</summary>
    private async Task CleanAsync(CancellationToken cancellationToken)
    {
        for (long? after = 0; after is { } from; after = await store.CleanStepAsync(from, cancellationToken))
        {
            await Task.Yield();
        }
    }

    /// <summary>Tells the metrics how far it is.</summary>
    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        var inUse = await models.GetAsync(cancellationToken);
        var serving = await store.CountQueueAsync(inUse.Serving.Stored, cancellationToken);
        var next = inUse.Next is null ? null : await store.CountQueueAsync(inUse.Next.Stored, cancellationToken);
        SearchTelemetry.Report(new(serving, next, index.InMemory.Bytes, index.InMemory.Owners, inUse.All.Count(model => queue.OutageOf(model) is not null)));
    }

    [LoggerMessage(EventId = 4022, Level = LogLevel.Warning, Message = "Texts could not be embedded; it is tried again")]
    private static partial void LogNotDone(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 4023, Level = LogLevel.Information, Message = "Everything is embedded again with {Model}; until it is done {Before} answers")]
    private static partial void LogModelChanged(ILogger logger, string model, string before);

    [LoggerMessage(EventId = 4025, Level = LogLevel.Information, Message = "Everything has been embedded with {Model}, which answers from now on; the vectors of {Before} are deleted")]
    private static partial void LogSwitched(ILogger logger, string model, string before);
}
