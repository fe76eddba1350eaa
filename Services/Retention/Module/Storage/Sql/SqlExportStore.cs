using System.Text.Json;
using MemoryMesh.Retention.Transfers.Exports;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Retention.Storage.Sql;

internal sealed class SqlExportStore([FromKeyedServices(RetentionModule.Name)] ModuleStore database) : IExportStore
{
    private const string Columns =
        """
        id, tenant_id, owner_key, account_id, what, format, conversation_key, status, attempts, done, total, size, error, created_at, finished_at,
        expires_at, request
        """;

    public async Task<bool> TryAddAsync(ExportRecord export, int limit, CancellationToken cancellationToken)
    {
        var key = await database.Keys.GetOrCreateAsync(export.TenantId, export.OwnerKey, cancellationToken);
        var request = key.Seal(JsonSerializer.SerializeToUtf8Bytes(export.Request), PlaceOf(export.Id));
        return await database.Data.WriteAsync(
            session =>
            {
                key.ThrowIfDestroyed();
                return session.Execute(
                    $"""
                    INSERT INTO exports ({Columns}) SELECT $1, $2, $3, $4, $5, $6, $7, $8, 0, 0, NULL, NULL, NULL, $9, NULL, $10, $11
                    WHERE (SELECT count(*) FROM exports WHERE tenant_id = $2 AND status IN (1, 2, 3)) < $12
                    """,
                    export.Id,
                    export.TenantId,
                    export.OwnerKey,
                    export.AccountId,
                    export.What,
                    export.Format,
                    export.ConversationKey,
                    export.Status,
                    export.CreatedAt,
                    export.ExpiresAt,
                    request,
                    limit) == 1;
            },
            cancellationToken);
    }

    public async Task<ExportRecord?> FindAsync(Guid id, CancellationToken cancellationToken)
        => await OpenAsync(
            await database.Data.ReadAsync(session => session.QueryFirst($"SELECT {Columns} FROM exports WHERE id = $1", Read, id), cancellationToken), cancellationToken);

    public async Task<IReadOnlyList<ExportRecord>> ListAsync(
        Guid tenantId, Guid? ownerKey, bool ofTenant, Guid? before, int limit, CancellationToken cancellationToken)
    {
        var rows = await database.Data.ReadAsync(
            session => session.Query(
                $"""
                SELECT {Columns} FROM exports
                WHERE tenant_id = $1 AND id < $2 AND CASE WHEN what = 3 THEN $3 = 1 ELSE owner_key = coalesce($4, owner_key) END
                ORDER BY id DESC LIMIT $5
                """,
                Read,
                tenantId,
                before ?? Guid.AllBitsSet,
                ofTenant,
                ownerKey,
                limit),
            cancellationToken);
        var exports = new List<ExportRecord>(rows.Count);
        foreach (var row in rows)
        {
            if (await OpenAsync(row, cancellationToken) is { } export)
            {
                exports.Add(export);
            }
        }

        return exports;
    }

    public async Task<ExportRecord?> ClaimAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var row = await database.Data.WriteAsync(
                session => session.QueryFirst(
                    $"""
                    UPDATE exports SET status = 2, attempts = attempts + 1, done = 0, total = NULL WHERE id =
                        (SELECT e.id FROM exports e WHERE e.status = 1
                            AND NOT EXISTS (SELECT 1 FROM exports r WHERE r.status = 2 AND r.tenant_id = e.tenant_id) ORDER BY e.id LIMIT 1)
                    RETURNING {Columns}
                    """,
                    Read),
                cancellationToken);
            if (row.Export is null || await OpenAsync(row, cancellationToken) is not { } export)
            {
                if (row.Export is null)
                {
                    return null;
                }

                // Its key was destroyed: nobody can ever have it.
                await DeleteAsync(row.Export.TenantId, row.Export.Id, cancellationToken);
                continue;
            }

            return export;
        }
    }

    public Task RecoverAsync(CancellationToken cancellationToken)
        => database.Data.WriteAsync(session => session.Execute("UPDATE exports SET status = 1 WHERE status = 2"), cancellationToken);

    public Task<bool> UpdateAsync(ExportRecord export, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session => session.Execute(
                """
                UPDATE exports SET status = $3, done = $4, total = $5, size = $6, error = $7, finished_at = $8, expires_at = $9
                WHERE id = $1 AND tenant_id = $2
                """,
                export.Id,
                export.TenantId,
                export.Status,
                export.Done,
                export.Total,
                export.Size,
                export.Error,
                export.FinishedAt,
                export.ExpiresAt) == 1,
            cancellationToken);

    public Task<bool> DeleteAsync(Guid tenantId, Guid id, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session => session.Execute("DELETE FROM exports WHERE id = $1 AND tenant_id = $2", id, tenantId) == 1, cancellationToken);

    public Task ExpireAsync(DateTimeOffset now, DateTimeOffset forgetBefore, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session =>
            {
                session.Execute("UPDATE exports SET status = 5 WHERE expires_at <= $1 AND status = 3", now);
                session.Execute("DELETE FROM exports WHERE expires_at <= $1 AND status IN (4, 5)", forgetBefore);
            },
            cancellationToken);

    public Task WithdrawAsync(Guid tenantId, IReadOnlyList<Guid> stopped, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session =>
            {
                session.Execute("UPDATE exports SET status = 5 WHERE tenant_id = $1 AND status = 3", tenantId);
                foreach (var id in stopped)
                {
                    session.Execute("UPDATE exports SET status = 1 WHERE id = $1 AND tenant_id = $2 AND status = 2", id, tenantId);
                }
            },
            cancellationToken);

    public Task<IReadOnlyList<Guid>> FindKeptAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
        => database.Data.ReadAsync<IReadOnlyList<Guid>>(
            session => [.. ids.Where(id => session.Scalar("SELECT 1 FROM exports WHERE id = $1 AND status IN (1, 2, 3)", id) == 1)], cancellationToken);

    private static RowIdentity PlaceOf(Guid id) => new("exports", "request", id);

    private static (ExportRecord? Export, byte[] Request) Read(StoreRow row)
        => (
            new ExportRecord
            {
                Id = row.Id(0),
                TenantId = row.Id(1),
                OwnerKey = row.Id(2),
                AccountId = row.Id(3),
                What = (ExportSubject)row.Int32(4),
                Format = (ExportFormat)row.Int32(5),
                ConversationKey = row.IdOrNull(6),
                Status = (ExportStatus)row.Int32(7),
                Attempts = row.Int32(8),
                Done = row.Int64(9),
                Total = row.IsNull(10) ? null : row.Int64(10),
                Size = row.IsNull(11) ? null : row.Int64(11),
                Error = row.IsNull(12) ? null : (ExportError)row.Int32(12),
                CreatedAt = row.Time(13),
                FinishedAt = row.TimeOrNull(14),
                ExpiresAt = row.Time(15),
                Request = new ExportRequestDetails(),
            },
            row.Bytes(16));

    /// <summary>Opens a row; one whose key was destroyed is gone.</summary>
    private async ValueTask<ExportRecord?> OpenAsync((ExportRecord? Export, byte[] Request) row, CancellationToken cancellationToken)
        => row.Export is { } export && await database.Keys.FindAsync(export.TenantId, export.OwnerKey, cancellationToken) is { } key
            ? export with { Request = JsonSerializer.Deserialize<ExportRequestDetails>(key.Open(row.Request, PlaceOf(export.Id)))! }
            : null;
}
