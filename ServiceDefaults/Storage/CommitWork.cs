namespace MemoryMesh.ServiceDefaults.Storage;

/// <summary>Work that all writes of one commit share, such as counters: each write adds to it, and it is written once, before the commit.</summary>
/// <remarks>It is used by the writer's thread alone. What a write added is kept when the write succeeded and dropped when it was undone.</remarks>
public abstract class CommitWork
{
    /// <summary>Keeps what was added since the last call of this or <see cref="Drop"/>.</summary>
    public abstract void Keep();

    /// <summary>Drops it.</summary>
    public abstract void Drop();

    /// <summary>Writes what was kept, and forgets it.</summary>
    public abstract void Write(SqliteSession session);
}
