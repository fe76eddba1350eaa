using System.Collections.Concurrent;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Search.Analysis;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.Search.Ranking;
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
/// all that waits for it; that counts for none as an attempt.
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
    private const int MostIds = 500;
    private const int ContextMessages = 6;

    // About 64 tokens, which is what the embedder takes of it.
    private const int ContextCharacters = 600;

    private static readonly TimeSpan LongestBackoff = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestStoreBackoff = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _gate = new(1);
    private readonly ConcurrentDictionary<int, Outage> _outages = new();
    private readonly ConcurrentDictionary<Guid, long> _reused = new();

    /// <summary>How many vectors of a tenant were taken over from an equal text, since the start.</summary>
    public long CountReused(Guid tenantId) => _reused.GetValueOrDefault(tenantId);

    /// <summary>Why a model cannot be reached, and when it is tried again; null when it could be reached the last time.</summary>
    public (string Reason, DateTimeOffset RetryAt)? OutageOf(ModelInUse model)
        => _outages.TryGetValue(model.Stored.Id, out var outage) ? (outage.Reason, outage.RetryAt) : null;

    /// <summary>When something is to be done next; null when nothing waits.</summary>
    public async Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken)
    {
        var inUse = await models.GetAsync(cancellationToken);
        var due = await store.NextDueAsync(ReachableSlots(inUse), cancellationToken);
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
        _gate.Release();
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    /// <summary>Does a batch of what is due.</summary>
    /// <returns>How many jobs were taken; 0 when none was due.</returns>
    public async Task<int> WorkAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        var jobs = 0;
        try
        {
            var inUse = await models.GetAsync(cancellationToken);
            var slots = ReachableSlots(inUse);
            var tasks = slots == 0 ? [] : await store.ListDueAsync(clock.GetUtcNow(), inUse.All.Max(model => model.Embedder.BatchSize), slots, cancellationToken);
            SearchTelemetry.ChangeJobs(jobs = tasks.Count);
            foreach (var ofOwner in tasks.GroupBy(task => (task.Partition, task.Slot)))
            {
                // A slot without a model was given up while the tasks were read; its jobs go with it.
                if (inUse.InSlot(ofOwner.Key.Slot) is { } model && IsReachable(model))
                {
                    await EmbedAsync(model, ofOwner.Key.Partition, [.. ofOwner], cancellationToken);
                }
            }

            return tasks.Count;
        }
        finally
        {
            SearchTelemetry.ChangeJobs(-jobs);
            _gate.Release();
        }
    }

    private bool IsReachable(ModelInUse model) => OutageOf(model) is not { } outage || outage.RetryAt <= clock.GetUtcNow();

    private int ReachableSlots(ModelsInUse inUse) => inUse.All.Where(IsReachable).Aggregate(0, (slots, model) => slots | (1 << model.Stored.Slot));

    private async Task EmbedAsync(ModelInUse model, PartitionKey key, IReadOnlyList<EmbeddingTask> tasks, CancellationToken cancellationToken)
    {
        var texts = key.Kind == ItemKind.Message ? await ReadMessagesAsync(model, key, tasks, cancellationToken) : await ReadMemoriesAsync(key, tasks, cancellationToken);
        var found = texts.ToDictionary(text => text.Task);

        // What the owner no longer has, or has in another version, comes again with its event.
        var gone = tasks.Where(task => !found.ContainsKey(task)).ToList();
        if (gone.Count > 0)
        {
            await store.DropAsync(gone, cancellationToken);
        }

        var done = new List<EmbeddedItem>(texts.Count);
        var failures = new List<EmbeddingFailure>();
        List<EmbeddedItem> fresh = [];
        try
        {
            await store.ReadyAsync(model.Stored, cancellationToken);
            var missing = await ReuseAsync(model, key, texts, done, cancellationToken);
            await ComputeAsync(model, missing, done, failures, cancellationToken);
            var saved = await store.SaveAsync(model.Stored, done, cancellationToken);
            if (saved.LeftTraces)
            {
                cleaner.Wake();
            }

            fresh = [.. done.Where((_, at) => saved.Saved[at])];
        }
        catch (VectorStoreUnavailableException exception)
        {
            // Nothing can be stored: all that waits is left alone for a while.
            failures.Clear();
            PutOff(model, [.. texts.Select(text => text.Task)], exception.Reason, LongestStoreBackoff, null, failures);
        }

        await index.ApplyAsync(model, [.. fresh.Select(item => (item.Task.Item, item.Vectors))], cancellationToken);
        if (failures.Count > 0)
        {
            await store.FailAsync(failures, cancellationToken);
        }

        SearchTelemetry.Embedded.Add(fresh.Count);
        if (models.Current?.Serving != model)
        {
            // Whoever waits for vectors waits for those that answer.
            return;
        }

        foreach (var task in fresh.Select(item => item.Task).Concat(failures.Where(failure => failure.DueAt is null).Select(failure => failure.Task)).Concat(gone))
        {
            waiters.Done(task.Item.Id, task.Item.Version);
        }
    }

    /// <summary>Takes over the vectors of equal texts.</summary>
    /// <returns>The texts that have none.</returns>
    private async Task<List<Text>> ReuseAsync(
        ModelInUse model, PartitionKey key, IReadOnlyList<Text> texts, List<EmbeddedItem> done, CancellationToken cancellationToken)
    {
        var known = await store.FindEqualAsync(key, model.Stored, [.. texts.Select(text => text.Hash)], cancellationToken);
        var missing = new List<Text>(texts.Count);
        foreach (var text in texts)
        {
            if (known.TryGetValue(text.Hash, out var vectors))
            {
                done.Add(new(text.Task, text.Hash, vectors with { Speaker = text.Content.Speaker, Category = text.Category, Traits = text.Traits }));
            }
            else
            {
                missing.Add(text);
            }
        }

        if (done.Count > 0)
        {
            _reused.AddOrUpdate(key.TenantId, done.Count, (_, count) => count + done.Count);
            SearchTelemetry.ReusedVectors.Add(done.Count);
        }

        return missing;
    }

    /// <summary>Leaves a model and what waits for it alone, the longer the more often it failed.</summary>
    private void PutOff(
        ModelInUse model, IReadOnlyList<EmbeddingTask> tasks, string reason, TimeSpan longest, TimeSpan? asked, List<EmbeddingFailure> failures)
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
        failures.AddRange(tasks.Select(task => new EmbeddingFailure(task, reason, due, IsAttempt: false)));
    }

    private async Task ComputeAsync(
        ModelInUse model, List<Text> texts, List<EmbeddedItem> done, List<EmbeddingFailure> failures, CancellationToken cancellationToken)
    {
        if (texts.Count == 0)
        {
            return;
        }

        try
        {
            var vectors = await EncodeAsync(model, texts, cancellationToken);
            done.AddRange(texts.Select((text, at) => new EmbeddedItem(text.Task, text.Hash, vectors[at])));
            if (_outages.TryRemove(model.Stored.Id, out _))
            {
                LogReachable(logger, model.Embedder.Model);
            }
        }
        catch (DependencyUnavailableException exception)
        {
            var unavailable = exception as EmbedderUnavailableException;
            PutOff(model, [.. texts.Select(text => text.Task)], unavailable?.Reason ?? "unavailable", LongestBackoff, unavailable?.RetryAfter, failures);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or OutOfMemoryException) && texts.Count > 1)
        {
            // One of them is to blame: each half alone.
            var half = texts.Count / 2;
            await ComputeAsync(model, texts[..half], done, failures, cancellationToken);
            if (IsReachable(model))
            {
                await ComputeAsync(model, texts[half..], done, failures, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or OutOfMemoryException))
        {
            var task = texts[0].Task;
            var attempts = task.Attempts + 1;
            var reason = (exception as EmbeddingRefusedException)?.Reason ?? exception.GetType().Name;
            LogFailed(logger, task.Item.Id, reason, attempts);
            SearchTelemetry.FailedTexts.Add(1, new KeyValuePair<string, object?>("reason", reason));
            failures.Add(new(task, reason, attempts < options.Value.EmbeddingAttempts ? clock.GetUtcNow() + Backoff(attempts) : null, IsAttempt: true));
        }
    }

    private static TimeSpan Backoff(int attempts)
        => TimeSpan.FromSeconds(Math.Min(LongestBackoff.TotalSeconds, FirstBackoff.TotalSeconds * Math.Pow(4, Math.Min(attempts - 1, 10))));

    private static async Task<IReadOnlyList<ItemVectors>> EncodeAsync(ModelInUse model, List<Text> texts, CancellationToken cancellationToken)
    {
        if (model.Embedder is not ITokenEmbedder tokens)
        {
            var pooled = await model.Embedder.EmbedInBackgroundAsync([.. texts.Select(text => text.Content.Embedded)], cancellationToken);
            return [.. texts.Select((text, at) => ToVectors(text, pooled[at].Span, []))];
        }

        var encodings = await tokens.EncodeInBackgroundAsync([.. texts.Select(text => new TextInContext(text.Content.Embedded, text.Context))], cancellationToken);
        return [.. texts.Select((text, at) => ToVectors(text, encodings[at].Pooled.Span, Signs(tokens, model.Rotation!, encodings[at])))];
    }

    private static ItemVectors ToVectors(Text text, ReadOnlySpan<float> pooled, byte[] signs)
        => new(text.Content.Speaker, text.Category, text.Traits, RoundedVector.Round(pooled), signs);

    private static byte[] Signs(ITokenEmbedder tokens, SignRotation rotation, TextEncoding encoding)
    {
        var ids = encoding.TokenIds.Span;
        var kept = new List<int>(ids.Length);
        for (var token = 0; token < ids.Length; token++)
        {
            if (TokenRules.IsKept(tokens.TokenText(ids[token])))
            {
                kept.Add(token);
            }
        }

        if (kept.Count == 0)
        {
            kept.AddRange(Enumerable.Range(0, ids.Length));
        }

        var size = rotation.Dimensions / 8;
        var signs = new byte[kept.Count * size];
        for (var at = 0; at < kept.Count; at++)
        {
            rotation.Signs(encoding.TokenVectors.Span.Slice(kept[at] * rotation.Dimensions, rotation.Dimensions), signs.AsSpan(at * size, size));
        }

        return signs;
    }

    private async Task<IReadOnlyList<Text>> ReadMemoriesAsync(PartitionKey key, IReadOnlyList<EmbeddingTask> tasks, CancellationToken cancellationToken)
    {
        var found = (await memories.GetMemoriesAsync(key.TenantId, [.. tasks.Select(task => task.Item.Id)], cancellationToken)).ToDictionary(memory => memory.Id);
        var texts = new List<Text>(tasks.Count);
        foreach (var task in tasks)
        {
            if (found.TryGetValue(task.Item.Id, out var memory) && memory.Version == task.Item.Version && (key.Kind == ItemKind.Memory ? memory.Active : memory.Ended))
            {
                texts.Add(new(task, IndexedText.Of(memory), null, memory.Category, store.HashText(key, memory.Text, null)));
            }
        }

        return texts;
    }

    private async Task<IReadOnlyList<Text>> ReadMessagesAsync(ModelInUse model, PartitionKey key, IReadOnlyList<EmbeddingTask> tasks, CancellationToken cancellationToken)
    {
        // What a model without token vectors computes has no context.
        var preceding = model.Rotation is null
            ? new Dictionary<Guid, IReadOnlyList<Guid>>()
            : await store.ListPrecedingAsync([.. tasks.Select(task => task.Item)], ContextMessages, ResidentVectorIndex.SessionGap, cancellationToken);
        var found = new Dictionary<Guid, ChatMessage>();
        foreach (var ids in tasks.Select(task => task.Item.Id).Concat(preceding.Values.SelectMany(ids => ids)).Distinct().Chunk(MostIds))
        {
            foreach (var message in await chat.GetMessagesAsync(key.TenantId, ids, cancellationToken))
            {
                found.Add(message.Id, message);
            }
        }

        var texts = new List<Text>(tasks.Count);
        foreach (var task in tasks)
        {
            if (!found.TryGetValue(task.Item.Id, out var message) || message.Version != task.Item.Version || message.Archived)
            {
                continue;
            }

            var content = IndexedText.Of(message);
            var context = Context(preceding.GetValueOrDefault(task.Item.Id) ?? [], found, message);
            texts.Add(new(task, content, context, null, store.HashText(key, content.Embedded, context)));
        }

        return texts;
    }

    /// <summary>What was said before a message, oldest first, as far as it is of use.</summary>
    private static string? Context(IReadOnlyList<Guid> preceding, Dictionary<Guid, ChatMessage> found, ChatMessage message)
    {
        var lines = new List<string>();
        var length = 0;
        foreach (var id in preceding)
        {
            if (length >= ContextCharacters)
            {
                break;
            }

            if (found.TryGetValue(id, out var before) && !before.Archived && before.ConversationKey == message.ConversationKey)
            {
                lines.Add(IndexedText.Of(before).Embedded);
                length += lines[^1].Length;
            }
        }

        lines.Reverse();
        var context = string.Join('\n', lines);
        return context.Length == 0 ? null : context.Length > ContextCharacters ? context[^ContextCharacters..] : context;
    }

    [LoggerMessage(EventId = 4020, Level = LogLevel.Warning, Message = "The vectors of {ItemId} could not be computed ({Kind}), attempt {Attempts}")]
    private static partial void LogFailed(ILogger logger, Guid itemId, string kind, int attempts);

    [LoggerMessage(EventId = 4021, Level = LogLevel.Warning, Message = "The embedding model {Model} cannot be reached ({Reason}); what waits is tried again in {Wait}")]
    private static partial void LogUnavailable(ILogger logger, string model, string reason, TimeSpan wait);

    [LoggerMessage(EventId = 4024, Level = LogLevel.Information, Message = "The embedding model {Model} can be reached again")]
    private static partial void LogReachable(ILogger logger, string model);

    private sealed record Outage(string Reason, DateTimeOffset RetryAt, int Count);

    private sealed record Text(EmbeddingTask Task, IndexedText Content, string? Context, string? Category, string Hash)
    {
        public TextTraits Traits { get; } = TextSigns.Of(Content.Text);
    }
}
