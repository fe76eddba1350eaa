using System.Text.Json;
using MemoryMesh.Retention.Transfers.Imports;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Retention.Storage.Sql;

internal sealed class SqlImportStore([FromKeyedServices(RetentionModule.Name)] ModuleStore database) : IImportStore
{
    private const string Columns =
        """
        id, tenant_id, owner_key, account_id, format, dry_run, extract, status, attempts, upload_length, received, position, records, stored, skipped, failed,
        error, created_at, finished_at, expires_at, request
        """;

    public async Task<bool> TryAddAsync(ImportRecord import, int limit, CancellationToken cancellationToken)
    {
        var key = await database.Keys.GetOrCreateAsync(import.TenantId, import.OwnerKey, cancellationToken);
        var request = key.Seal(JsonSerializer.SerializeToUtf8Bytes(import.Request), PlaceOf(import.Id));
        return await database.Data.WriteAsync(
            session =>
            {
                key.ThrowIfDestroyed();
                return session.Execute(
                    $"""
                    INSERT INTO imports ({Columns})
                    SELECT $1, $2, $3, $4, $5, $6, $7, $8, 0, $9, 0, 0, 0, 0, $10, 0, NULL, $11, NULL, $12, $13
                    WHERE (SELECT count(*) FROM imports WHERE tenant_id = $2 AND (status IN (1, 2, 3) OR (status = 5 AND expires_at > $11))) < $14
                    """,
                    import.Id,
                    import.TenantId,
                    import.OwnerKey,
                    import.AccountId,
                    import.Format,
                    import.DryRun,
                    import.Extract,
                    import.Status,
                    import.UploadLength,
                    JsonSerializer.Serialize(import.Counts.Skipped),
                    import.CreatedAt,
                    import.ExpiresAt,
                    request,
                    limit) == 1;
            },
            cancellationToken);
    }

    public async Task<ImportRecord?> FindAsync(Guid id, CancellationToken cancellationToken)
        => await OpenAsync(
            await database.Data.ReadAsync(session => session.QueryFirst($"SELECT {Columns} FROM imports WHERE id = $1", Read, id), cancellationToken), cancellationToken);

    public async Task<IReadOnlyList<ImportRecord>> ListAsync(Guid tenantId, Guid? accountId, Guid? before, int limit, CancellationToken cancellationToken)
    {
        var rows = await database.Data.ReadAsync(
            session => session.Query(
                $"""
                SELECT {Columns} FROM imports
                WHERE tenant_id = $1 AND account_id = coalesce($2, account_id) AND id < $3 ORDER BY id DESC LIMIT $4
                """,
                Read,
                tenantId,
                accountId,
                before ?? Guid.AllBitsSet,
                limit),
            cancellationToken);
        return await OpenAsync(rows, cancellationToken);
    }

    public Task<IReadOnlyList<ImportFault>> ListFaultsAsync(Guid id, long after, int limit, CancellationToken cancellationToken)
        => database.Data.ReadAsync<IReadOnlyList<ImportFault>>(
            session => session.Query(
                "SELECT number, line, record, reason FROM import_errors WHERE import_id = $1 AND number > $2 ORDER BY number LIMIT $3",
                row => new ImportFault(row.Int64(0), row.IsNull(1) ? null : row.Int64(1), row.Int64(2), row.Text(3)),
                id,
                after,
                limit),
            cancellationToken);

    public Task ReceivedAsync(Guid id, long received, bool complete, DateTimeOffset expiresAt, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session => session.Execute(
                """
                UPDATE imports SET received = $2, status = CASE WHEN $3 = 1 THEN 2 ELSE 1 END, upload_length = CASE WHEN $3 = 1 THEN $2 ELSE upload_length END, expires_at = $4
                WHERE id = $1 AND status = 1
                """,
                id,
                received,
                complete,
                expiresAt),
            cancellationToken);

    public async Task<ImportRecord?> ClaimAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var row = await database.Data.WriteAsync(
                session => session.QueryFirst(
                    $"""
                    UPDATE imports SET status = 3, attempts = attempts + 1 WHERE id =
                        (SELECT i.id FROM imports i WHERE i.status = 2
                            AND NOT EXISTS (SELECT 1 FROM imports r WHERE r.status = 3 AND r.tenant_id = i.tenant_id) ORDER BY i.id LIMIT 1)
                    RETURNING {Columns}
                    """,
                    Read),
                cancellationToken);
            if (row.Import is null)
            {
                return null;
            }

            if (await OpenAsync(row, cancellationToken) is { } import)
            {
                return import;
            }

            // Its key was destroyed: nobody can ever read the file.
            await DeleteAsync(row.Import.Id, cancellationToken);
        }
    }

    public async Task<IReadOnlyList<ImportRecord>> RecoverAsync(CancellationToken cancellationToken)
    {
        await database.Data.WriteAsync(session => session.Execute("UPDATE imports SET status = 2 WHERE status = 3"), cancellationToken);
        return await OpenAsync(
            await database.Data.ReadAsync(session => session.Query($"SELECT {Columns} FROM imports WHERE status = 1", Read), cancellationToken), cancellationToken);
    }

    public Task<bool> UpdateAsync(ImportRecord import, IReadOnlyList<ImportFault> faults, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session =>
            {
                var changed = session.Execute(
                    """
                    UPDATE imports SET status = $2, position = $3, records = $4, stored = $5, skipped = $6, failed = $7, error = $8, finished_at = $9, expires_at = $10
                    WHERE id = $1 AND status = 3
                    """,
                    import.Id,
                    import.Status,
                    import.Position,
                    import.Counts.Records,
                    import.Counts.Stored,
                    JsonSerializer.Serialize(import.Counts.Skipped),
                    import.Counts.Failed,
                    import.Error,
                    import.FinishedAt,
                    import.ExpiresAt) == 1;
                if (changed)
                {
                    foreach (var fault in faults)
                    {
                        session.Execute(
                            "INSERT INTO import_errors (import_id, number, line, record, reason) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                            import.Id,
                            fault.Number,
                            fault.Line,
                            fault.Record,
                            fault.Reason);
                    }
                }

                return changed;
            },
            cancellationToken);

    public Task<bool> ResumeAsync(Guid id, DateTimeOffset expiresAt, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session => session.Execute(
                "UPDATE imports SET status = 2, attempts = 0, error = NULL, finished_at = NULL, expires_at = $2 WHERE id = $1 AND status = 5", id, expiresAt) == 1,
            cancellationToken);

    public Task DeleteAsync(Guid id, CancellationToken cancellationToken)
        => database.Data.WriteAsync(session => session.Execute("DELETE FROM imports WHERE id = $1", id), cancellationToken);

    public Task ExpireAsync(DateTimeOffset now, DateTimeOffset forgetBefore, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session =>
            {
                session.Execute("DELETE FROM imports WHERE expires_at <= $1 AND status = 1", now);
                session.Execute("DELETE FROM imports WHERE expires_at <= $1 AND status IN (4, 5)", forgetBefore);
            },
            cancellationToken);

    public Task WithdrawAsync(Guid tenantId, DateTimeOffset now, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session => session.Execute(
                "UPDATE imports SET status = 5, error = $2, finished_at = $3, expires_at = $3 WHERE tenant_id = $1 AND status <> 4",
                tenantId,
                ImportError.Gone,
                now),
            cancellationToken);

    public Task<IReadOnlyList<Guid>> FindKeptAsync(IReadOnlyList<Guid> ids, DateTimeOffset now, CancellationToken cancellationToken)
        => database.Data.ReadAsync<IReadOnlyList<Guid>>(
            session =>
            [
                .. ids.Where(id => session.Scalar(
                    "SELECT 1 FROM imports WHERE id = $1 AND (status IN (1, 2, 3) OR (status = 5 AND expires_at > $2))", id, now) == 1),
            ],
            cancellationToken);

    private static RowIdentity PlaceOf(Guid id) => new("imports", "request", id);

    private static (ImportRecord? Import, byte[] Request) Read(StoreRow row)
        => (
            new ImportRecord
            {
                Id = row.Id(0),
                TenantId = row.Id(1),
                OwnerKey = row.Id(2),
                AccountId = row.Id(3),
                Format = (ImportFormat)row.Int32(4),
                DryRun = row.Bool(5),
                Extract = row.Bool(6),
                Status = (ImportStatus)row.Int32(7),
                Attempts = row.Int32(8),
                UploadLength = row.IsNull(9) ? null : row.Int64(9),
                Received = row.Int64(10),
                Position = row.Int64(11),
                Counts = new ImportCounts
                {
                    Records = row.Int64(12),
                    Stored = row.Int64(13),
                    Skipped = JsonSerializer.Deserialize<Dictionary<string, long>>(row.Text(14))!,
                    Failed = row.Int64(15),
                },
                Error = row.IsNull(16) ? null : (ImportError)row.Int32(16),
                CreatedAt = row.Time(17),
                FinishedAt = row.TimeOrNull(18),
                ExpiresAt = row.Time(19),
                Request = new ImportRequestDetails(),
            },
            row.Bytes(20));

    private async Task<IReadOnlyList<ImportRecord>> OpenAsync(List<(ImportRecord? Import, byte[] Request)> rows, CancellationToken cancellationToken)
    {
        var imports = new List<ImportRecord>(rows.Count);
        foreach (var row in rows)
        {
            if (await OpenAsync(row, cancellationToken) is { } import)
            {
                imports.Add(import);
            }
        }

        return imports;
    }

    /// <summary>Opens a row; one whose key was destroyed is gone.</summary>
    private async ValueTask<ImportRecord?> OpenAsync((ImportRecord? Import, byte[] Request) row, CancellationToken cancellationToken)
        => row.Import is { } import && await database.Keys.FindAsync(import.TenantId, import.OwnerKey, cancellationToken) is { } key
            ? import with { Request = JsonSerializer.Deserialize<ImportRequestDetails>(key.Open(row.Request, PlaceOf(import.Id)))! }
            : null;
}
