using System.Collections.Concurrent;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.Search.Storage;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search.Embedding;

/// <summary>Computes the vectors that are due and puts them into the index.</summary>
/// <remarks>
/// What is to be done stands in the store, so a process killed at any moment goes on where it was. A text is read from its owner when its turn
/// comes. A message's token vectors are computed with what was said before it in the same session, its pooled vector without. A text that the
/// embedder cannot take is tried again with growing waits and then parked with the reason. An embedder that cannot be reached is left alone for a while, with
/// all that waits for it; that counts for none as an attempt. One batch at a time is computed here, and as many as there are embedders for elsewhere; store and index
/// are worked with by one of them at a time.
/// </remarks>
internal sealed partial class EmbeddingQueue(
    IVectorStore store,
    IVectorIndex index,
    EmbeddingModels models,
    IChatClient chat,
    IMemoryClient memories,
    EmbeddingWaiters waiters,
    IndexCleaner cleaner,
    IOptions<SearchOptions> options,
    TimeProvider clock,
    ILogger<EmbeddingQueue> logger) : IDisposable
{
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestStoreBackoff = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromSeconds(2);

    private readonly EmbeddingTextReader _reader = new(store, chat, memories);
    private readonly SemaphoreSlim _here = new(1);
    private readonly SemaphoreSlim _gate = new(1);
    private readonly EmbeddingClaims _claims = new();
    private readonly ConcurrentDictionary<int, Outage> _outages = new();
    private readonly ConcurrentDictionary<Guid, long> _reused = new();

    /// <summary>Rings when more is due than was taken.</summary>
    public EmbeddingBell Surplus { get; } = new();

    /// <summary>Whether something is being worked on.</summary>
    public bool IsAtWork => _claims.Open.Count > 0;

    /// <summary>How many vectors of a tenant were taken over from an equal text, since the start.</summary>
    public long CountReused(Guid tenantId) => _reused.GetValueOrDefault(tenantId);

    /// <summary>Why a model cannot be reached, and when it is tried again; null when it could be reached the last time.</summary>
    public (string Reason, DateTimeOffset RetryAt)? OutageOf(ModelInUse model)
        => _outages.TryGetValue(model.Stored.Id, out var outage) ? (outage.Reason, outage.RetryAt) : null;

    /// <summary>When something is to be done next; null when nothing waits.</summary>
    public async Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken)
    {
        var inUse = await models.GetAsync(cancellationToken);
        var due = await store.NextDueAsync(SlotsOf(inUse.All.Where(IsReachable)), cancellationToken);
        foreach (var model in inUse.All)
        {
            if (OutageOf(model) is { } outage && outage.RetryAt > clock.GetUtcNow() && (due is null || outage.RetryAt < due))
            {
                due = outage.RetryAt;
            }
        }

        return due;
    }

    /// <summary>Waits until work has ended that began before.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        var open = _claims.Open;
        _gate.Release();
        await Task.WhenAll(open).WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _here.Dispose();
        _gate.Dispose();
        Surplus.Dispose();
    }

    /// <summary>Does a batch of what is due, here.</summary>
    /// <returns>How many jobs were taken; 0 when none was due.</returns>
    public async Task<int> WorkAsync(CancellationToken cancellationToken)
    {
        await _here.WaitAsync(cancellationToken);
        try
        {
            var inUse = await models.GetAsync(cancellationToken);
            using var claim = await ClaimAsync(inUse.All, elsewhere: false, cancellationToken);
            foreach (var ofSlot in claim?.Tasks.GroupBy(task => task.Slot) ?? [])
            {
                // A slot without a model was given up while the tasks were read; its jobs go with it.
                if (inUse.InSlot(ofSlot.Key) is { } model && IsReachable(model))
                {
                    var batch = await PrepareAsync(model, [.. ofSlot], cancellationToken);
                    await ComputeAsync(batch, batch.Missing, cancellationToken);
                    await FinishAsync(batch, cancellationToken);
                }
            }

            return claim?.Tasks.Count ?? 0;
        }
        finally
        {
            _here.Release();
        }
    }

    /// <summary>Takes a batch of what is due to be computed elsewhere. <see cref="FinishAsync(SharedBatch, IReadOnlyList{EncodedText}, CancellationToken)"/> or <see cref="GiveBack"/> ends it.</summary>
    /// <returns>Null when nothing is due that somebody else can compute.</returns>
    public async Task<SharedBatch?> TakeAsync(CancellationToken cancellationToken)
    {
        var inUse = await models.GetAsync(cancellationToken);
        var model = inUse.All.FirstOrDefault(model => model.Embedder is ITokenEmbedder { Identity: not null });
        if (model is null || await ClaimAsync([model], elsewhere: true, cancellationToken) is not { } claim)
        {
            return null;
        }

        try
        {
            return new(claim, await PrepareAsync(model, claim.Tasks, cancellationToken), ((ITokenEmbedder)model.Embedder).Identity!);
        }
        catch
        {
            claim.Dispose();
            throw;
        }
    }

    /// <summary>Puts what was computed elsewhere into the index.</summary>
    /// <param name="shared">The batch.</param>
    /// <param name="encoded">One for each missing text, in their order.</param>
    /// <param name="cancellationToken">Cancels before the write begins.</param>
    public async Task FinishAsync(SharedBatch shared, IReadOnlyList<EncodedText> encoded, CancellationToken cancellationToken)
    {
        using (shared.Claim)
        {
            foreach (var (at, text) in shared.Batch.Missing.Index())
            {
                shared.Batch.Encoded[text.Task] = encoded[at];
            }

            await FinishAsync(shared.Batch, cancellationToken);
        }
    }

    /// <summary>Leaves a batch to others: it is due as it was before.</summary>
    /// <param name="shared">The batch.</param>
    /// <param name="isForHere">Whether it is computed here, and not sent anywhere again.</param>
    public void GiveBack(SharedBatch shared, bool isForHere)
    {
        if (isForHere)
        {
            _claims.KeepHere(shared.Claim);
        }

        shared.Claim.Dispose();
    }

    private bool IsReachable(ModelInUse model) => OutageOf(model) is not { } outage || outage.RetryAt <= clock.GetUtcNow();

    private static int SlotsOf(IEnumerable<ModelInUse> inUse) => inUse.Aggregate(0, (slots, model) => slots | (1 << model.Stored.Slot));

    private async Task<EmbeddingClaim?> ClaimAsync(IEnumerable<ModelInUse> of, bool elsewhere, CancellationToken cancellationToken)
    {
        var reachable = of.Where(IsReachable).ToList();
        if (reachable.Count == 0)
        {
            return null;
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            var most = reachable.Max(model => model.Embedder.BatchSize);
            var due = await store.ListDueAsync(clock.GetUtcNow(), most + 1 + _claims.Hidden, SlotsOf(reachable), cancellationToken);
            var (claim, isMore) = _claims.Take(due, most, elsewhere);
            SearchTelemetry.ChangeJobs(claim?.Tasks.Count ?? 0);
            if (isMore)
            {
                Surplus.Ring();
            }

            return claim;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Reads the texts of jobs, and finds those that need not be computed.</summary>
    private async Task<EmbeddingBatch> PrepareAsync(ModelInUse model, IReadOnlyList<EmbeddingTask> tasks, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var owners = new List<OwnedTexts>();
            foreach (var ofOwner in tasks.GroupBy(task => task.Partition))
            {
                if (await PrepareAsync(model, ofOwner.Key, [.. ofOwner], cancellationToken) is not { } owner)
                {
                    break;
                }

                owners.Add(owner);
            }

            return new(model, owners);
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<OwnedTexts?> PrepareAsync(ModelInUse model, PartitionKey key, IReadOnlyList<EmbeddingTask> tasks, CancellationToken cancellationToken)
    {
        var texts = await _reader.ReadAsync(model, key, tasks, cancellationToken);
        var found = texts.Select(text => text.Task).ToHashSet();

        // What the owner no longer has, or has in another version, comes again with its event.
        var gone = tasks.Where(task => !found.Contains(task)).ToList();
        if (gone.Count > 0)
        {
            await store.DropAsync(gone, cancellationToken);
            TellWaiters(model, gone);
        }

        try
        {
            await store.ReadyAsync(model.Stored, cancellationToken);
            return await ReuseAsync(model, key, texts, cancellationToken);
        }
        catch (VectorStoreUnavailableException exception)
        {
            await store.FailAsync(PutOff(model, found, exception.Reason, LongestStoreBackoff, null), cancellationToken);
            return null;
        }
    }

    /// <summary>Takes over the vectors of equal texts.</summary>
    private async Task<OwnedTexts> ReuseAsync(ModelInUse model, PartitionKey key, IReadOnlyList<DueText> texts, CancellationToken cancellationToken)
    {
        var known = await store.FindEqualAsync(key, model.Stored, [.. texts.Select(text => text.Hash)], cancellationToken);
        var reused = new List<EmbeddedItem>();
        var missing = new List<DueText>(texts.Count);
        foreach (var text in texts)
        {
            if (known.TryGetValue(text.Hash, out var vectors))
            {
                reused.Add(new(text.Task, text.Hash, vectors with { Speaker = text.Content.Speaker, Category = text.Category, Traits = text.Traits }));
            }
            else
            {
                missing.Add(text);
            }
        }

        if (reused.Count > 0)
        {
            _reused.AddOrUpdate(key.TenantId, reused.Count, (_, count) => count + reused.Count);
            SearchTelemetry.ReusedVectors.Add(reused.Count);
        }

        return new(key, reused, missing);
    }

    /// <summary>Puts what was computed into store and index, and notes what could not be.</summary>
    private async Task FinishAsync(EmbeddingBatch batch, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            foreach (var owner in batch.Owners)
            {
                if (!await FinishAsync(batch, owner, cancellationToken))
                {
                    // What is left is due as it was, and waits with its model.
                    return;
                }
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<bool> FinishAsync(EmbeddingBatch batch, OwnedTexts owner, CancellationToken cancellationToken)
    {
        List<EmbeddedItem> done = [.. owner.Reused];
        var failures = new List<EmbeddingFailure>();
        foreach (var text in owner.Missing)
        {
            if (batch.Encoded.TryGetValue(text.Task, out var encoded))
            {
                done.Add(new(text.Task, text.Hash, new ItemVectors(text.Content.Speaker, text.Category, text.Traits, encoded.Pooled, encoded.Signs)));
            }
            else if (batch.Failures.TryGetValue(text.Task, out var failure))
            {
                failures.Add(failure);
            }
        }

        List<EmbeddedItem> fresh = [];
        var isStored = true;
        try
        {
            var saved = await store.SaveAsync(batch.Model.Stored, done, cancellationToken);
            if (saved.LeftTraces)
            {
                cleaner.Wake();
            }

            fresh = [.. done.Where((_, at) => saved.Saved[at])];
        }
        catch (VectorStoreUnavailableException exception)
        {
            // Nothing can be stored: all that waits is left alone for a while.
            isStored = false;
            failures = PutOff(batch.Model, owner.Reused.Select(item => item.Task).Concat(owner.Missing.Select(text => text.Task)), exception.Reason, LongestStoreBackoff, null);
        }

        await index.ApplyAsync(batch.Model, [.. fresh.Select(item => (item.Task.Item, item.Vectors))], cancellationToken);
        if (failures.Count > 0)
        {
            await store.FailAsync(failures, cancellationToken);
        }

        SearchTelemetry.Embedded.Add(fresh.Count);
        TellWaiters(batch.Model, fresh.Select(item => item.Task).Concat(failures.Where(failure => failure.DueAt is null).Select(failure => failure.Task)));
        return isStored;
    }

    private void TellWaiters(ModelInUse model, IEnumerable<EmbeddingTask> tasks)
    {
        if (models.Current?.Serving != model)
        {
            // Whoever waits for vectors waits for those that answer.
            return;
        }

        foreach (var task in tasks)
        {
            waiters.Done(task.Item.Id, task.Item.Version);
        }
    }

    /// <summary>Leaves a model and what waits for it alone, the longer the more often it failed.</summary>
    private List<EmbeddingFailure> PutOff(ModelInUse model, IEnumerable<EmbeddingTask> tasks, string reason, TimeSpan longest, TimeSpan? asked)
    {
        var count = 1 + (_outages.TryGetValue(model.Stored.Id, out var before) ? before.Count : 0);
        var wait = Backoff(count) < longest ? Backoff(count) : longest;
        if (asked > wait)
        {
            wait = asked.Value < LongestBackoff ? asked.Value : LongestBackoff;
        }

        var due = clock.GetUtcNow() + wait;
        _outages[model.Stored.Id] = new Outage(reason, due, count);
        LogUnavailable(logger, model.Embedder.Model, reason, wait);
        return [.. tasks.Select(task => new EmbeddingFailure(task, reason, due, IsAttempt: false))];
    }

    private async Task ComputeAsync(EmbeddingBatch batch, IReadOnlyList<DueText> texts, CancellationToken cancellationToken)
    {
        if (texts.Count == 0)
        {
            return;
        }

        var model = batch.Model;
        try
        {
            var encoded = await ItemEncoder.EncodeAsync(model.Embedder, model.Rotation, [.. texts.Select(EmbeddingBatch.ToSend)], cancellationToken);
            SearchTelemetry.Computed.Add(texts.Count, new KeyValuePair<string, object?>("place", "here"));
            foreach (var (at, text) in texts.Index())
            {
                batch.Encoded[text.Task] = encoded[at];
            }

            if (_outages.TryRemove(model.Stored.Id, out _))
            {
                LogReachable(logger, model.Embedder.Model);
            }
        }
        catch (DependencyUnavailableException exception)
        {
            var unavailable = exception as EmbedderUnavailableException;
            foreach (var failure in PutOff(model, texts.Select(text => text.Task), unavailable?.Reason ?? "unavailable", LongestBackoff, unavailable?.RetryAfter))
            {
                batch.Failures[failure.Task] = failure;
            }
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or OutOfMemoryException) && texts.Count > 1)
        {
            // One of them is to blame: each half alone.
            var half = texts.Count / 2;
            await ComputeAsync(batch, [.. texts.Take(half)], cancellationToken);
            if (IsReachable(model))
            {
                await ComputeAsync(batch, [.. texts.Skip(half)], cancellationToken);
            }
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or OutOfMemoryException))
        {
            var task = texts[0].Task;
            var attempts = task.Attempts + 1;
            var reason = (exception as EmbeddingRefusedException)?.Reason ?? exception.GetType().Name;
            LogFailed(logger, task.Item.Id, reason, attempts);
            SearchTelemetry.FailedTexts.Add(1, new KeyValuePair<string, object?>("reason", reason));
            batch.Failures[task] = new(task, reason, attempts < options.Value.EmbeddingAttempts ? clock.GetUtcNow() + Backoff(attempts) : null, IsAttempt: true);
        }
    }

    private static TimeSpan Backoff(int attempts)
        => TimeSpan.FromSeconds(Math.Min(LongestBackoff.TotalSeconds, FirstBackoff.TotalSeconds * Math.Pow(4, Math.Min(attempts - 1, 10))));

    [LoggerMessage(EventId = 4020, Level = LogLevel.Warning, Message = "The vectors of {ItemId} could not be computed ({Kind}), attempt {Attempts}")]
    private static partial void LogFailed(ILogger logger, Guid itemId, string kind, int attempts);

    [LoggerMessage(EventId = 4021, Level = LogLevel.Warning, Message = "The embedding model {Model} cannot be reached ({Reason}); what waits is tried again in {Wait}")]
    private static partial void LogUnavailable(ILogger logger, string model, string reason, TimeSpan wait);

    [LoggerMessage(EventId = 4024, Level = LogLevel.Information, Message = "The embedding model {Model} can be reached again")]
    private static partial void LogReachable(ILogger logger, string model);

    private sealed record Outage(string Reason, DateTimeOffset RetryAt, int Count);
}
