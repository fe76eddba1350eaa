using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Search.Analysis;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.Search.Ranking;
using MemoryMesh.Search.Storage;

namespace MemoryMesh.Search.Embedding;

/// <summary>A text whose vectors are due, as its owner has it now.</summary>
/// <param name="Task">What is to be done.</param>
/// <param name="Content">The text.</param>
/// <param name="Context">What was said before a message, or null.</param>
/// <param name="Category">Category of a memory.</param>
/// <param name="Hash">Keyed hash by which an equal text is found.</param>
internal sealed record DueText(EmbeddingTask Task, IndexedText Content, string? Context, string? Category, string Hash)
{
    /// <summary>What of it the ranking asks for beside its words.</summary>
    public TextTraits Traits { get; } = TextSigns.Of(Content.Text);
}

/// <summary>Reads the texts whose vectors are due from their owners.</summary>
internal sealed class EmbeddingTextReader(IVectorStore store, IChatClient chat, IMemoryClient memories)
{
    private const int MostIds = 500;
    private const int ContextMessages = 6;

    // About 64 tokens, which is what the embedder takes of it.
    private const int ContextCharacters = 600;

    /// <summary>The texts of one owner. What the owner has no more, or has in another version, is missing.</summary>
    public Task<IReadOnlyList<DueText>> ReadAsync(ModelInUse model, PartitionKey key, IReadOnlyList<EmbeddingTask> tasks, CancellationToken cancellationToken)
        => key.Kind == ItemKind.Message ? ReadMessagesAsync(model, key, tasks, cancellationToken) : ReadMemoriesAsync(key, tasks, cancellationToken);

    private async Task<IReadOnlyList<DueText>> ReadMemoriesAsync(PartitionKey key, IReadOnlyList<EmbeddingTask> tasks, CancellationToken cancellationToken)
    {
        var found = (await memories.GetMemoriesAsync(key.TenantId, [.. tasks.Select(task => task.Item.Id)], cancellationToken)).ToDictionary(memory => memory.Id);
        var texts = new List<DueText>(tasks.Count);
        foreach (var task in tasks)
        {
            if (found.TryGetValue(task.Item.Id, out var memory) && memory.Version == task.Item.Version && (key.Kind == ItemKind.Memory ? memory.Active : memory.Ended))
            {
                texts.Add(new(task, IndexedText.Of(memory), null, memory.Category, store.HashText(key, memory.Text, null)));
            }
        }

        return texts;
    }

    private async Task<IReadOnlyList<DueText>> ReadMessagesAsync(ModelInUse model, PartitionKey key, IReadOnlyList<EmbeddingTask> tasks, CancellationToken cancellationToken)
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

        var texts = new List<DueText>(tasks.Count);
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
}
