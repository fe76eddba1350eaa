using System.Diagnostics.CodeAnalysis;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.ServiceDefaults.Erasure;

/// <summary>Erases a whole tenant from a store: the rows of every table that has the tenant in a column.</summary>
internal static class TenantRows
{
    /// <summary>Deletes some rows of a tenant, at most <paramref name="limit"/> of a table.</summary>
    /// <returns>How many; 0 when none are left.</returns>
    [SuppressMessage("Globalization", "CA1305", Justification = "Names of tables and columns, which are constants of the code.")]
    public static int EraseSome(StoreSession session, SubjectEraser eraser, Guid tenantId, int limit, ErasedRows rows)
    {
        var count = eraser.EraseSomeOfTenant(session, tenantId, limit, rows);
        if (count > 0)
        {
            return count;
        }

        // Deleting from one table may, by a trigger, write to another: it goes on until a look at all of them finds nothing.
        foreach (var (table, key) in Tables(session).Where(table => !eraser.OutliveTenant.Contains(table.Name)))
        {
            count += rows.Count(
                table, session.Execute($"DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE tenant_id = $1 LIMIT $2)", tenantId, limit));
        }

        return count;
    }

    /// <summary>Tables with a column <c>tenant_id</c>, each with its primary key.</summary>
    private static List<(string Name, string Key)> Tables(StoreSession session)
        => session.Query(session.TablesOfTenantsSql, row => (row.Text(0), row.Text(1)));
}
