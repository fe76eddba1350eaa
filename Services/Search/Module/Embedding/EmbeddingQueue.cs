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
/// embedder cannot take is tried again with growing waits and then parked with the reason; an embedder that cannot be reached holds all up and counts for none.
/// </remarks>
internal sealed partial class EmbeddingQueue(
    IVectorStore store,
    IVectorIndex index,
    ITextEmbedder embedder,
    IChatClient chat,
    IMemoryClient memories,
    EmbeddingWaiters waiters,
    IOptions<SearchOptions> options,
    TimeProvider clock,
    ILogger<EmbeddingQueue> logger) : IDisposable
{
    private const int BatchSize = 48;
    private const int MostIds = 500;
    private const int ContextMessages = 6;

    // About 64 tokens, which is what the embedder takes of it.
    private const int ContextCharacters = 600;

    private static readonly TimeSpan LongestBackoff = TimeSpan.FromHours(1);
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromSeconds(2);

    private readonly SignRotation _rotation = new(embedder.Dimensions);
    private readonly SemaphoreSlim _gate = new(1);

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
            var tasks = await store.ListDueAsync(clock.GetUtcNow(), BatchSize, cancellationToken);
            SearchTelemetry.ChangeJobs(jobs = tasks.Count);
            foreach (var ofOwner in tasks.GroupBy(task => task.Partition))
            {
                await EmbedAsync(ofOwner.Key, [.. ofOwner], cancellationToken);
            }

            return tasks.Count;
        }
        finally
        {
            SearchTelemetry.ChangeJobs(-jobs);
            _gate.Release();
        }
    }

    private async Task EmbedAsync(PartitionKey key, IReadOnlyList<EmbeddingTask> tasks, CancellationToken cancellationToken)
    {
        var texts = key.Kind == ItemKind.Message ? await ReadMessagesAsync(key, tasks, cancellationToken) : await ReadMemoriesAsync(key, tasks, cancellationToken);
        var found = texts.ToDictionary(text => text.Task);

        // What the owner no longer has, or has in another version, comes again with its event.
        var gone = tasks.Where(task => !found.ContainsKey(task)).ToList();
        if (gone.Count > 0)
        {
            await store.DropAsync(gone, cancellationToken);
        }

        var known = await store.FindEqualAsync(key, [.. texts.Select(text => text.Hash)], cancellationToken);
        var done = new List<EmbeddedItem>(texts.Count);
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

        var failures = new List<(EmbeddingTask Task, string Error, DateTimeOffset? DueAt)>();
        await ComputeAsync(missing, done, failures, cancellationToken);
        var saved = done.Count == 0 ? [] : await store.SaveAsync(done, cancellationToken);
        var fresh = done.Where((_, at) => saved[at]).ToList();
        await index.ApplyAsync([.. fresh.Select(item => (item.Task.Item, item.Vectors))], cancellationToken);
        if (failures.Count > 0)
        {
            await store.FailAsync(failures, cancellationToken);
        }

        SearchTelemetry.Embedded.Add(fresh.Count);
        foreach (var task in fresh.Select(item => item.Task).Concat(failures.Where(failure => failure.DueAt is null).Select(failure => failure.Task)).Concat(gone))
        {
            waiters.Done(task.Item.Id, task.Item.Version);
        }
    }

    private async Task ComputeAsync(
        List<Text> texts, List<EmbeddedItem> done, List<(EmbeddingTask Task, string Error, DateTimeOffset? DueAt)> failures, CancellationToken cancellationToken)
    {
        if (texts.Count == 0)
        {
            return;
        }

        try
        {
            var vectors = await EncodeAsync(texts, cancellationToken);
            done.AddRange(texts.Select((text, at) => new EmbeddedItem(text.Task, text.Hash, vectors[at])));
        }
        catch (DependencyUnavailableException exception)
        {
            LogUnavailable(logger, exception);
            var due = clock.GetUtcNow() + Backoff(1 + texts.Max(text => text.Task.Attempts));
            failures.AddRange(texts.Select(text => (text.Task, "unavailable", (DateTimeOffset?)due)));
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or OutOfMemoryException) && texts.Count > 1)
        {
            // One of them is to blame: each half alone.
            await ComputeAsync(texts[..(texts.Count / 2)], done, failures, cancellationToken);
            await ComputeAsync(texts[(texts.Count / 2)..], done, failures, cancellationToken);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or OutOfMemoryException))
        {
            var task = texts[0].Task;
            var attempts = task.Attempts + 1;
            LogFailed(logger, task.Item.Id, exception.GetType().Name, attempts);
            failures.Add((task, exception.GetType().Name, attempts < options.Value.EmbeddingAttempts ? clock.GetUtcNow() + Backoff(attempts) : null));
        }
    }

    private static TimeSpan Backoff(int attempts)
        => TimeSpan.FromSeconds(Math.Min(LongestBackoff.TotalSeconds, FirstBackoff.TotalSeconds * Math.Pow(4, Math.Min(attempts - 1, 10))));

    private async Task<IReadOnlyList<ItemVectors>> EncodeAsync(List<Text> texts, CancellationToken cancellationToken)
    {
        if (embedder is not ITokenEmbedder tokens)
        {
            var pooled = await embedder.EmbedAsync([.. texts.Select(text => text.Content.Embedded)], cancellationToken);
            return [.. texts.Select((text, at) => ToVectors(text, pooled[at].Span, []))];
        }

        var encodings = await tokens.EncodeInBackgroundAsync([.. texts.Select(text => new TextInContext(text.Content.Embedded, text.Context))], cancellationToken);
        return [.. texts.Select((text, at) => ToVectors(text, encodings[at].Pooled.Span, Signs(tokens, encodings[at])))];
    }

    private static ItemVectors ToVectors(Text text, ReadOnlySpan<float> pooled, byte[] signs)
    {
        var (values, scale) = ItemVectors.Round(pooled);
        return new(text.Content.Speaker, text.Category, text.Traits, scale, values, signs);
    }

    private byte[] Signs(ITokenEmbedder tokens, TextEncoding encoding)
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

        var size = _rotation.Dimensions / 8;
        var signs = new byte[kept.Count * size];
        for (var at = 0; at < kept.Count; at++)
        {
            _rotation.Signs(encoding.TokenVectors.Span.Slice(kept[at] * _rotation.Dimensions, _rotation.Dimensions), signs.AsSpan(at * size, size));
        }

        return signs;
    }

    private async Task<IReadOnlyList<Text>> ReadMemoriesAsync(PartitionKey key, IReadOnlyList<EmbeddingTask> tasks, CancellationToken cancellationToken)
    {
        var found = (await memories.GetMemoriesAsync(key.TenantId, [.. tasks.Select(task => task.Item.Id)], cancellationToken)).ToDictionary(memory => memory.Id);
        var texts = new List<Text>(tasks.Count);
        foreach (var task in tasks)
        {
            if (found.TryGetValue(task.Item.Id, out var memory) && memory.Version == task.Item.Version && memory.Active)
            {
                texts.Add(new(task, IndexedText.Of(memory), null, memory.Category, store.HashText(key, memory.Text, null)));
            }
        }

        return texts;
    }

    private async Task<IReadOnlyList<Text>> ReadMessagesAsync(PartitionKey key, IReadOnlyList<EmbeddingTask> tasks, CancellationToken cancellationToken)
    {
        var preceding = await store.ListPrecedingAsync([.. tasks.Select(task => task.Item)], ContextMessages, ResidentVectorIndex.SessionGap, cancellationToken);
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
            var context = Context(preceding[task.Item.Id], found, message);
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

    [LoggerMessage(EventId = 4021, Level = LogLevel.Warning, Message = "The embedder cannot be reached; what waits is tried again")]
    private static partial void LogUnavailable(ILogger logger, Exception exception);

    private sealed record Text(EmbeddingTask Task, IndexedText Content, string? Context, string? Category, string Hash)
    {
        public TextTraits Traits { get; } = QuerySigns.TraitsOf(Content.Text);
    }
}
