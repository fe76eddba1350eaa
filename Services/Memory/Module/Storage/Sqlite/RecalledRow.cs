using MemoryMesh.Memory.Context;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Memory.Storage.Sqlite;

/// <summary>What a context shows of a memory, with its sealed values. Contexts read dozens of memories each: what they do not show is neither read nor opened.</summary>
internal sealed class RecalledRow
{
    /// <summary>A memory that holds: tenant, id and time.</summary>
    public const string Sql =
        """
        SELECT id, owner_key, scope, text, category, importance, slot FROM memories
        WHERE tenant_id = $1 AND id = $2 AND valid_to IS NULL AND (expires_at IS NULL OR expires_at > $3)
        """;

    private RecalledMemory _memory = null!;
    private byte[] _text = [];
    private byte[]? _slot;

    public Guid OwnerKey { get; private init; }

    public static RecalledRow Read(SqliteRow row) => new()
    {
        OwnerKey = row.Id(1),
        _memory = new() { Id = row.Id(0), Scope = (MemoryScope)row.Int32(2), Text = "", Category = row.Text(4), Importance = row.Double(5)!.Value, Slot = null },
        _text = row.Bytes(3),
        _slot = row.BytesOrNull(6),
    };

    public RecalledMemory Open(DataKey key) => _memory with
    {
        Text = key.OpenText(_text, MemoryPlaces.Memory("text", _memory.Id)),
        Slot = key.OpenTextOrNull(_slot, MemoryPlaces.Memory("slot", _memory.Id)),
    };
}
