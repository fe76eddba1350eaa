using System.Threading.Channels;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Search.Storage.Sqlite;

/// <summary>Keeps a copy of an owner's full blocks in a file of its own, where they are read in one go.</summary>
/// <remarks>
/// The blocks stay in the store and are what counts; a copy is bytes on disk first, and then noted with its block. A block that leaves or is sealed anew loses its note in the same transaction,
/// and its copy is overwritten by the cleaner, before an erasure is confirmed. One thing at a time is done to the files.
/// </remarks>
internal partial class SqliteVectorStore
{
    /// <summary>An owner gets a file from so many full blocks on, some 2,000 items: fewer are read in a few milliseconds from the store, and copies take disk.</summary>
    private const int ManyToBegin = 32;

    /// <summary>From so many full blocks without a copy, about a megabyte, they are added to the file.</summary>
    private const int ManyToAdd = 12;

    /// <summary>Blocks that one step copies.</summary>
    private const int CopiedBlocks = 16;

    /// <summary>Parts of files that one step overwrites.</summary>
    private const int StepRemovals = 256;

    private const string WithoutCopy = "b.small = 0 AND b.file = 0";

    /// <summary>How many blocks of an owner without a copy are many.</summary>
    private static readonly string ManyWithoutCopy =
        $"iif(EXISTS (SELECT 1 FROM vector_files f WHERE f.tenant_id = b.tenant_id AND f.owner_key = b.owner_key AND f.kind = b.kind AND f.model = b.model), {ManyToAdd}, {ManyToBegin})";

    private readonly BlockFiles _files = new(database.CopiesFolder);

    /// <summary>Holds one entry while somebody works on the files: a lock that can be waited for without a thread, and need not be disposed of.</summary>
    private readonly Channel<bool> _filesTurn = Channel.CreateBounded<bool>(1);

    /// <summary>Whether the files hold nothing but what the store knows: a process that was killed may have left more.</summary>
    private bool _filesAreSwept;

    /// <summary>Copies blocks where owners have many full ones without a copy: those of a store of an earlier version have none.</summary>
    /// <returns>Whether there may be more.</returns>
    private async Task<bool> CopySomeAsync(CancellationToken cancellationToken)
    {
        var found = await _data.ReadAsync(
            session => session.Query(
                $"""
                SELECT b.tenant_id, b.kind, b.owner_key, b.model, m.slot FROM vector_blocks b JOIN vector_models m ON m.id = b.model AND m.role > 0
                WHERE {WithoutCopy} GROUP BY b.tenant_id, b.owner_key, b.kind, b.model HAVING COUNT(*) >= {ManyWithoutCopy} LIMIT $1
                """,
                row => (Key: new PartitionKey(row.Id(0), (ItemKind)row.Int32(1), row.Id(2)), Model: new ModelSlot(row.Int32(3), row.Int32(4))),
                StepBlocks),
            cancellationToken);
        var copied = false;
        foreach (var (key, model) in found)
        {
            copied |= await CopyStepAsync(key, model, cancellationToken);
        }

        return copied;
    }

    /// <summary>Copies full blocks of an owner, if there are many without a copy.</summary>
    /// <returns>Whether there may be more.</returns>
    private async Task<bool> CopyStepAsync(PartitionKey key, ModelSlot model, CancellationToken cancellationToken)
    {
        if (!await _data.ReadAsync(session => AreManyWithoutCopy(session, key, model), cancellationToken))
        {
            return false;
        }

        await _filesTurn.Writer.WriteAsync(true, cancellationToken);
        try
        {
            await SweepFilesAsync(cancellationToken);
            var (due, file, end) = await _data.ReadAsync(session => ListWithoutCopy(session, key, model), cancellationToken);
            if (due.Count == 0)
            {
                return false;
            }

            // Until the store knows what was written: if it never does, the next step cuts it off.
            _filesAreSwept = false;
            file = file == 0 ? NextBlockId() : file;
            _files.Append(file, end, due.ConvertAll(block => block.Content));
            var isNoted = await _data.WriteAsync(session => Note(session, key, model, file, end, due), cancellationToken);
            _filesAreSwept = true;
            return isNoted;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The blocks are in the store all the same, and are read from there.
            return false;
        }
        finally
        {
            _filesTurn.Reader.TryRead(out _);
        }
    }

    private static bool AreManyWithoutCopy(SqliteSession session, PartitionKey key, ModelSlot model)
        => session.Scalar(
            $"""
            SELECT COUNT(*) >= {ManyWithoutCopy} FROM (
                SELECT b.tenant_id, b.owner_key, b.kind, b.model FROM vector_blocks b WHERE {OfPartition} AND {WithoutCopy} AND b.live = b.stored LIMIT {ManyToBegin}) b
            """,
            key.TenantId,
            key.OwnerKey,
            key.Kind,
            model.Id) == 1;

    private static (List<UncopiedBlock> Blocks, long File, long End) ListWithoutCopy(SqliteSession session, PartitionKey key, ModelSlot model)
    {
        var blocks = session.Query(
            $"""
            SELECT b.id, b.stored, c.content FROM vector_blocks b CROSS JOIN vector_contents c ON c.id = b.id
            WHERE {OfPartition} AND {WithoutCopy} AND b.live = b.stored ORDER BY b.id LIMIT $5
            """,
            row => new UncopiedBlock(row.Int64(0), row.Int64(1), row.Bytes(2)),
            key.TenantId,
            key.OwnerKey,
            key.Kind,
            model.Id,
            CopiedBlocks);
        var (file, end) = session.QueryFirst(
            $"SELECT b.id, b.length FROM vector_files b WHERE {OfPartition}", row => (row.Int64(0), row.Int64(1)), key.TenantId, key.OwnerKey, key.Kind, model.Id);
        return (blocks, file, end);
    }

    /// <summary>Notes copies with their blocks. One that left or was sealed anew meanwhile has none, and its copy is overwritten.</summary>
    /// <returns>Whether any was noted.</returns>
    private static bool Note(SqliteSession session, PartitionKey key, ModelSlot model, long file, long end, List<UncopiedBlock> blocks)
    {
        var noted = 0;
        var at = end;
        foreach (var block in blocks)
        {
            var count = session.Execute(
                "UPDATE vector_blocks SET file = $2, at = $3, size = $4 WHERE id = $1 AND stored = $5 AND small = 0 AND file = 0", block.Id, file, at, block.Content.Length, block.Stored);
            if (count == 0)
            {
                session.Execute("INSERT OR IGNORE INTO vector_file_removals (file, at, size) VALUES ($1, $2, $3)", file, at, block.Content.Length);
            }

            noted += count;
            at += block.Content.Length;
        }

        // Without a block the owner may be gone, and the file with it: one that has no row is deleted.
        if (session.Execute("UPDATE vector_files SET length = $2 WHERE id = $1", file, at) == 0 && noted > 0)
        {
            session.Execute(
                "INSERT INTO vector_files (id, tenant_id, owner_key, kind, model, length, cleared) VALUES ($1, $2, $3, $4, $5, $6, 0)",
                file,
                key.TenantId,
                key.OwnerKey,
                key.Kind,
                model.Id,
                at);
        }

        return noted > 0;
    }

    /// <summary>Overwrites copies of what has left, and deletes files of which the greater part has.</summary>
    /// <returns>Whether there were any.</returns>
    /// <exception cref="StorageUnavailableException">The files cannot be written.</exception>
    private async Task<bool> ClearCopiesStepAsync(CancellationToken cancellationToken)
    {
        var emptied = new List<(PartitionKey Key, ModelSlot Model)>();
        await _filesTurn.Writer.WriteAsync(true, cancellationToken);
        try
        {
            await SweepFilesAsync(cancellationToken);
            var due = await _data.ReadAsync(
                session => session.Query(
                    "SELECT r.file, r.at, r.size, f.id IS NULL FROM vector_file_removals r LEFT JOIN vector_files f ON f.id = r.file ORDER BY r.file, r.at LIMIT $1",
                    row => (File: row.Int64(0), At: row.Int64(1), Size: row.Int32(2), IsGone: row.Bool(3)),
                    StepRemovals),
                cancellationToken);
            if (due.Count == 0)
            {
                return false;
            }

            foreach (var file in due.GroupBy(part => (part.File, part.IsGone)))
            {
                if (file.Key.IsGone)
                {
                    _files.Delete(file.Key.File);
                }
                else
                {
                    _files.Clear(file.Key.File, file.Select(part => (part.At, part.Size)));
                }
            }

            emptied = await _data.WriteAsync(
                session =>
                {
                    foreach (var (file, at, size, isGone) in due)
                    {
                        session.Execute("DELETE FROM vector_file_removals WHERE file = $1 AND (at = $2 OR $3)", file, at, isGone);
                        session.Execute("UPDATE vector_files SET cleared = cleared + $2 WHERE id = $1", file, size);
                    }

                    return due.Select(part => part.File).Distinct().Select(file => DropEmptied(session, file)).OfType<(PartitionKey, ModelSlot)>().ToList();
                },
                cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StorageUnavailableException("Copies of vectors that have left cannot be overwritten.", exception);
        }
        finally
        {
            _filesTurn.Reader.TryRead(out _);
        }

        foreach (var (key, model) in emptied)
        {
            while (await CopyStepAsync(key, model, cancellationToken))
            {
            }
        }

        return true;
    }

    /// <summary>Gives up a file of which the greater part was overwritten: what is left is copied into another.</summary>
    /// <returns>Whose it was; null when it stays.</returns>
    private static (PartitionKey Key, ModelSlot Model)? DropEmptied(SqliteSession session, long file)
    {
        var found = session.QueryFirst(
            """
            SELECT f.tenant_id, f.kind, f.owner_key, f.model, m.slot FROM vector_files f LEFT JOIN vector_models m ON m.id = f.model AND m.role > 0 WHERE f.id = $1 AND 2 * f.cleared > f.length
            """,
            row => (Key: new PartitionKey(row.Id(0), (ItemKind)row.Int32(1), row.Id(2)), Model: row.Int32(3), Slot: row.IsNull(4) ? (int?)null : row.Int32(4)),
            file);
        if (found.Model == 0)
        {
            return null;
        }

        session.Execute($"UPDATE vector_blocks AS b SET file = 0 WHERE {OfPartition} AND b.file = $5", found.Key.TenantId, found.Key.OwnerKey, found.Key.Kind, found.Model, file);
        session.Execute("DELETE FROM vector_files WHERE id = $1", file);
        return found.Slot is { } slot ? (found.Key, new ModelSlot(found.Model, slot)) : null;
    }

    /// <summary>Removes what a process that was killed has left in the files, once.</summary>
    private async Task SweepFilesAsync(CancellationToken cancellationToken)
    {
        if (!_filesAreSwept)
        {
            var known = await _data.ReadAsync(session => session.Query("SELECT id, length FROM vector_files", row => (Id: row.Int64(0), Length: row.Int64(1))), cancellationToken);
            _files.Sweep(known.ToDictionary(file => file.Id, file => file.Length));
            _filesAreSwept = true;
        }
    }

    private sealed record UncopiedBlock(long Id, long Stored, byte[] Content);
}
