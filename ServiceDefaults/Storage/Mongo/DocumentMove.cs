using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage.Moving;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.ServiceDefaults.Storage.Mongo;

/// <summary>Moves what a service keeps between its own file and MongoDB. What seals it stays in the service's folder, and so nothing is opened.</summary>
/// <remarks>
/// Documents and rows are written as they are to be, so that a move that was killed is made again from its beginning and comes to the same end. Everything that was written is read back and
/// compared with the source.
/// </remarks>
public static class DocumentMove
{
    private const int PageRows = 200;
    private const int DeletedAtOnce = 1_000;
    private static readonly TimeSpan OpenTime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RewriteTime = TimeSpan.FromMinutes(10);

    /// <summary>Opens a database that is moved from, and has its last events stand in the service's outbox, which is a part of its folder.</summary>
    /// <exception cref="StartupException">It belongs to another data folder or other keys.</exception>
    /// <exception cref="StorageUnavailableException">It cannot be used now.</exception>
    public static async Task SettleAsync(MongoStore store, CancellationToken cancellationToken)
    {
        await OpenAsync(store, cancellationToken);
        await store.TakeOverEventsAsync(cancellationToken);
    }

    /// <summary>Refuses a move while an erasure is under way: what it has deleted so far is counted in another place on each engine.</summary>
    /// <exception cref="StartupException">There is one.</exception>
    public static async Task RequireNoErasureAsync(ModuleStore store, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        if (await store.Data.ReadAsync(session => session.Scalar("SELECT count(*) FROM erasures WHERE erased_at IS NULL"), cancellationToken) > 0)
        {
            throw new StartupException($"An erasure is under way in {store.Name}: start the server, and let it end first.");
        }
    }

    /// <summary>Moves rows into documents, and deletes them from the target's own file.</summary>
    /// <param name="from">The source's store, which nobody writes to.</param>
    /// <param name="target">The target's store, a copy of the source's.</param>
    /// <param name="to">The target's database.</param>
    /// <param name="tables">What is moved: tables before those whose rows go with theirs, or are made by their triggers.</param>
    /// <param name="cancellationToken">Ends it between two batches.</param>
    /// <returns>What was moved.</returns>
    /// <exception cref="InvalidDataException">What was written is not what was read.</exception>
    public static async Task<RowDigest> ToDocumentsAsync(
        ModuleStore from, ModuleStore target, MongoStore to, IReadOnlyList<DocumentTable> tables, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(tables);
        await OpenAsync(to, cancellationToken);
        var numbers = await from.Data.ReadAsync(session => session.ReadLastNumbers(), cancellationToken);
        var moved = new RowDigest();
        foreach (var table in tables)
        {
            var last = table.KeepsLastNumber ? numbers.GetValueOrDefault(table.Name) : 0;
            var digest = await WalkRowsAsync(
                from,
                table,
                rows => to.WriteAsync(
                    change =>
                    {
                        rows.ForEach(row => change.Put(table.Collection, table.ToDocument(row)));
                        if (table.NumberedBy is { } number)
                        {
                            change.RaiseSequence(Math.Max(last, rows.Max(row => row.Number(number))));
                        }

                        return Task.FromResult(true);
                    },
                    cancellationToken),
                cancellationToken);
            Compare(to.Label, table, digest, await WalkDocumentsAsync(to, table, _ => Task.CompletedTask, cancellationToken));
            moved.Add(digest);
        }

        foreach (var table in tables)
        {
            await EmptyAsync(target, table, cancellationToken);
            if (table.Beside is { } beside)
            {
                await target.Data.WriteAsync(session => session.Execute($"DELETE FROM {beside.Table}"), cancellationToken);
            }
        }

        await target.Data.RewriteAsync(long.MaxValue, RewriteTime, cancellationToken);
        return moved;
    }

    /// <summary>Moves documents into rows of the target's own file.</summary>
    /// <param name="from">The source's database, which nobody writes to.</param>
    /// <param name="target">The target's store, a copy of the source's.</param>
    /// <param name="tables">What is moved: tables before those that refer to them, or whose rows their triggers make.</param>
    /// <param name="cancellationToken">Ends it between two batches.</param>
    /// <returns>What was moved.</returns>
    /// <exception cref="InvalidDataException">What was written is not what was read.</exception>
    public static async Task<RowDigest> ToRowsAsync(MongoStore from, ModuleStore target, IReadOnlyList<DocumentTable> tables, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(tables);
        await OpenAsync(from, cancellationToken);
        var digests = new List<RowDigest>();
        foreach (var table in tables)
        {
            if (table.IsMadeByTriggers)
            {
                await EmptyAsync(target, table, cancellationToken);
            }

            digests.Add(await WalkDocumentsAsync(
                from, table, rows => target.Data.WriteAsync(session => rows.ForEach(row => table.Insert(session, row)), cancellationToken), cancellationToken));
        }

        // Once all are there: what documents have beside their row comes from other tables.
        var moved = new RowDigest();
        foreach (var (table, digest) in tables.Zip(digests))
        {
            Compare(target.Data.Label, table, digest, await WalkRowsAsync(target, table, _ => Task.CompletedTask, cancellationToken));
            moved.Add(digest);
        }

        await target.Data.WriteAsync(
            session =>
            {
                foreach (var table in tables.Where(table => table.KeepsLastNumber))
                {
                    session.WriteLastNumber(table.Name, from.LastSequence);
                }

                // From here on the file belongs to no database.
                session.Execute("DELETE FROM document_store");
            },
            cancellationToken);
        return moved;
    }

    private static async Task OpenAsync(MongoStore store, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        await store.RequireOpenAsync(OpenTime, cancellationToken);
        await store.CheckAsync(cancellationToken);
    }

    private static async Task EmptyAsync(ModuleStore store, DocumentTable table, CancellationToken cancellationToken)
    {
        while (await store.Data.WriteAsync(session => table.DeleteSome(session, DeletedAtOnce), cancellationToken) > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static async Task<RowDigest> WalkRowsAsync(ModuleStore store, DocumentTable table, Func<List<MovedRow>, Task> takeAsync, CancellationToken cancellationToken)
    {
        var digest = new RowDigest();
        MovedRow? last = null;
        while (await store.Data.ReadAsync(session => table.Read(session, last, PageRows), cancellationToken) is { Count: > 0 } rows)
        {
            rows.ForEach(row => digest.Add(table.Name, row.Values));
            await takeAsync(rows);
            last = rows[^1];
        }

        return digest;
    }

    private static Task<RowDigest> WalkDocumentsAsync(MongoStore store, DocumentTable table, Func<List<MovedRow>, Task> takeAsync, CancellationToken cancellationToken)
        => store.ReadAsync(async reader =>
        {
            var digest = new RowDigest();
            using var cursor = await reader.Collection(table.Collection).FindAsync(
                new BsonDocument(), new FindOptions<BsonDocument> { BatchSize = PageRows, Sort = new BsonDocument("_id", 1) }, cancellationToken);
            while (await cursor.MoveNextAsync(cancellationToken))
            {
                var rows = cursor.Current.Select(table.ToRow).ToList();
                rows.ForEach(row => digest.Add(table.Name, row.Values));
                await takeAsync(rows);
            }

            return digest;
        });

    private static void Compare(string target, DocumentTable table, RowDigest read, RowDigest written)
    {
        if (!written.IsSameAs(read))
        {
            throw new InvalidDataException($"What {target} has of {table.Name} is not what was written.");
        }
    }
}
