using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.ServiceDefaults.Storage.Moving;

/// <summary>Copies the store of a service from one engine to another, rows and data keys.</summary>
/// <remarks>
/// The tables are those that both engines have: which, with what columns and in which order, their catalogues tell, so a new table needs nothing here. Each of the two stores, keys and rows, is
/// copied in one transaction that also reads back what it wrote: it is there whole and compared, or not at all. Keys come first, as rows without them could not be read.
/// </remarks>
public static class StoreMove
{
    /// <summary>Opens a store for this process alone.</summary>
    /// <exception cref="StartupException">Other root keys belong to it.</exception>
    /// <exception cref="StorageUnavailableException">It cannot be reached, or another process has it open.</exception>
    public static async Task OpenAsync(ModuleStore store, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        await store.OpenAsync(cancellationToken);
        await store.KeyRows.CheckAsync(cancellationToken);
        await store.Data.CheckAsync(cancellationToken);
    }

    /// <summary>Whether a store belongs to documents on a server, which are not in it.</summary>
    /// <param name="store">An open store.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public static Task<bool> HasDocumentsElsewhereAsync(ModuleStore store, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.Data.ReadAsync(
            session => session.Query(session.ColumnsSql, row => row.Text(0)).Contains("document_store") && session.Scalar("SELECT count(*) FROM document_store") > 0, cancellationToken);
    }

    /// <summary>Copies everything, unless it is there already.</summary>
    /// <param name="from">An open store, which nobody else writes to.</param>
    /// <param name="to">An open store of the same service on another engine, which nobody else writes to.</param>
    /// <param name="cancellationToken">Leaves the target as it was.</param>
    /// <returns>What was copied, keys included.</returns>
    /// <exception cref="StartupException">The target has rows, and not exactly those of the source.</exception>
    public static async Task<RowDigest> CopyAsync(ModuleStore from, ModuleStore to, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        var copied = await CopyAsync(from.KeyRows, to.KeyRows, cancellationToken);
        copied.Add(await CopyAsync(from.Data, to.Data, cancellationToken));
        return copied;
    }

    private static async Task<RowDigest> CopyAsync(StoreDatabase from, StoreDatabase to, CancellationToken cancellationToken)
    {
        var tables = await from.ReadAsync(first => to.ReadAsync(second => TableShape.Match(to.Label, first, second), cancellationToken).GetAwaiter().GetResult(), cancellationToken);
        var numbers = await from.ReadAsync(session => session.ReadLastNumbers(), cancellationToken);
        return await to.WriteAsync(
            session =>
            {
                if (tables.Any(table => !table.IsFilledAtOpening && !table.IsEmpty(session)))
                {
                    return Compare(session);
                }

                var copied = new RowDigest();
                foreach (var table in tables)
                {
                    var written = Walk(table, after => ReadSource(table, after), row => table.Write(session, row));
                    if (!written.IsSameAs(Walk(table, after => table.Read(session, after), _ => { })))
                    {
                        throw new InvalidDataException($"What {to.Label} has of {table.Name} is not what was written.");
                    }

                    copied.Add(written);
                }

                foreach (var (table, number) in numbers)
                {
                    session.WriteLastNumber(table, number);
                }

                return copied;
            },
            cancellationToken);

        RowDigest Compare(StoreSession session)
        {
            var (source, target) = (new RowDigest(), new RowDigest());
            foreach (var table in tables)
            {
                source.Add(Walk(table, after => ReadSource(table, after), _ => { }));
                target.Add(Walk(table, after => table.Read(session, after), _ => { }));
            }

            return source.IsSameAs(target)
                ? target
                : throw new StartupException($"{to.Label} is not empty, and what it holds is no copy of the source: give an empty one.");
        }

        RowDigest Walk(TableShape table, Func<object?[]?, List<object?[]>> read, Action<object?[]> take)
        {
            var digest = new RowDigest();
            object?[]? last = null;
            List<object?[]> page;
            do
            {
                cancellationToken.ThrowIfCancellationRequested();
                page = read(last);
                foreach (var row in page)
                {
                    take(row);
                    digest.Add(table.Name, row);
                    last = row;
                }
            }
            while (page.Count == TableShape.PageRows);
            return digest;
        }

        // The writer's thread of the target waits for a reader of the source: there is nobody else whom that could hold up.
        List<object?[]> ReadSource(TableShape table, object?[]? after)
            => from.ReadAsync(session => table.Read(session, after), cancellationToken).GetAwaiter().GetResult();
    }
}
