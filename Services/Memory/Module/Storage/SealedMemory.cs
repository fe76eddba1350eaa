using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.Memory.Storage;

/// <summary>What the sealed values of memories are bound to, whatever engine keeps them.</summary>
internal static class MemoryPlaces
{
    public static RowIdentity Memory(string column, Guid memoryId) => new("memories", column, memoryId);

    public static RowIdentity History(string column, Guid memoryId, int version) => new("memory_history", column, memoryId, version);

    public static RowIdentity Source(string column, Guid sourceId) => new("memory_sources", column, sourceId);
}

/// <summary>The sealed values of a memory, made before the transaction.</summary>
internal readonly struct SealedMemory(MemoryRecord memory, DataKey key)
{
    public byte[] Text { get; } = key.SealText(memory.Text, MemoryPlaces.Memory("text", memory.Id));

    public byte[]? Metadata { get; } = key.SealTextOrNull(memory.MetadataJson, MemoryPlaces.Memory("metadata", memory.Id));

    public byte[]? UserId { get; } = key.SealTextOrNull(memory.UserId, MemoryPlaces.Memory("user_id", memory.Id));

    public byte[]? AgentId { get; } = key.SealTextOrNull(memory.AgentId, MemoryPlaces.Memory("agent_id", memory.Id));

    public byte[]? RunId { get; } = key.SealTextOrNull(memory.RunId, MemoryPlaces.Memory("run_id", memory.Id));

    public byte[]? Instructions { get; } = key.SealTextOrNull(memory.Instructions, MemoryPlaces.Memory("instructions", memory.Id));

    public byte[]? Slot { get; } = key.SealTextOrNull(memory.Slot, MemoryPlaces.Memory("slot", memory.Id));
}

/// <summary>A version of a memory's history, sealed before the transaction.</summary>
internal sealed class SealedHistory(Guid memoryId, HistoryEntry entry, DataKey key)
{
    public Guid MemoryId { get; } = memoryId;

    /// <summary>The version, with the texts that are sealed here.</summary>
    public HistoryEntry Entry { get; } = entry;

    public byte[]? OldText { get; } = key.SealTextOrNull(entry.OldText, MemoryPlaces.History("old_text", memoryId, entry.Version));

    public byte[]? NewText { get; } = key.SealTextOrNull(entry.NewText, MemoryPlaces.History("new_text", memoryId, entry.Version));
}

/// <summary>What a memory was drawn from, sealed before the transaction.</summary>
internal sealed class SealedSource
{
    public SealedSource(MemorySource source, DataKey key)
    {
        Source = source;
        ConversationId = key.SealText(source.ConversationId, MemoryPlaces.Source("conversation_id", Id));
        Quote = key.SealText(source.Quote, MemoryPlaces.Source("quote", Id));
    }

    /// <summary>Rises with the order in which sources are added.</summary>
    public Guid Id { get; } = Guid.CreateVersion7();

    /// <summary>The source, with the texts that are sealed here.</summary>
    public MemorySource Source { get; }

    public byte[] ConversationId { get; }

    public byte[] Quote { get; }
}
