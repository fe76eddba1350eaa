using System.Text.Json;
using MemoryMesh.Memory.Features;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Memory.Storage.Sqlite;

/// <summary>Keeps profiles in the module's SQLite file. Triggers on the memories mark them (migration 0061).</summary>
internal sealed class SqliteProfileStore([FromKeyedServices(MemoryModule.Name)] ModuleDatabase database) : IProfileStore
{
    private const string Active = "m.tenant_id = $1 AND m.owner_key = $2 AND m.category = $3 AND m.valid_to IS NULL AND m.scope = 1";

    public async Task<StoredProfile?> FindAsync(Guid tenantId, Guid subjectKey, CancellationToken cancellationToken)
    {
        var row = await database.Data.ReadAsync(
            session => session.QueryFirst(
                """
                SELECT p.data, p.stale_since IS NOT NULL, coalesce((SELECT s.opted_out FROM memory_settings s WHERE s.tenant_id = $1 AND s.subject_key = $2), 0)
                FROM subject_profiles p WHERE p.tenant_id = $1 AND p.subject_key = $2
                """,
                row => new Row(row.BytesOrNull(0), row.Bool(1), row.Bool(2)),
                tenantId,
                subjectKey),
            cancellationToken);
        if (row is null)
        {
            return null;
        }

        var key = row.Data is null ? null : await database.Keys.FindAsync(tenantId, subjectKey, cancellationToken);
        return new StoredProfile(key?.Open(row.Data!, Place(subjectKey)), row.Stale, row.OptedOut);
    }

    public async Task<ProfileSource> ReadSourceAsync(Guid tenantId, Guid subjectKey, CancellationToken cancellationToken)
    {
        var (changes, rows) = await database.Data.ReadAsync(
            session =>
            {
                // Read first: what is read after it may be newer, and then the number has changed.
                var changes = session.Scalar("SELECT changes FROM subject_profiles WHERE tenant_id = $1 AND subject_key = $2", tenantId, subjectKey);
                var rows = new List<MemoryRow>();
                foreach (var (category, lasting) in ProfileRules.Categories)
                {
                    var order = lasting ? "m.importance DESC, m.updated_at DESC" : "m.updated_at DESC";
                    rows.AddRange(session.Query(
                        $"SELECT {MemoryRow.Columns} FROM memories WHERE rowid IN (SELECT m.rowid FROM memories m WHERE {Active} ORDER BY {order} LIMIT $4)",
                        MemoryRow.Read,
                        tenantId,
                        subjectKey,
                        category,
                        ProfileRules.MostOfCategory));
                }

                return (changes, rows);
            },
            cancellationToken);
        var key = rows.Count == 0 ? null : await database.Keys.FindAsync(tenantId, subjectKey, cancellationToken);
        return new ProfileSource(changes, key is null ? [] : rows.ConvertAll(row => row.Open(key)));
    }

    public async Task<bool> SaveAsync(Guid tenantId, Guid subjectKey, long changes, SubjectProfile profile, CancellationToken cancellationToken)
    {
        if (await database.Keys.FindAsync(tenantId, subjectKey, cancellationToken) is not { } key)
        {
            return false;
        }

        var data = key.Seal(JsonSerializer.SerializeToUtf8Bytes(profile), Place(subjectKey));
        return await database.Data.WriteAsync(
            session =>
            {
                key.ThrowIfDestroyed();
                return session.Execute(
                    "UPDATE subject_profiles SET data = $4, built_at = $5, stale_since = NULL WHERE tenant_id = $1 AND subject_key = $2 AND changes = $3",
                    tenantId,
                    subjectKey,
                    changes,
                    data,
                    profile.BuiltAt) > 0;
            },
            cancellationToken);
    }

    public Task<IReadOnlyList<(Guid TenantId, Guid SubjectKey)>> ListStaleAsync(int limit, CancellationToken cancellationToken)
        => database.Data.ReadAsync<IReadOnlyList<(Guid, Guid)>>(
            session => session.Query(
                "SELECT tenant_id, subject_key FROM subject_profiles WHERE stale_since IS NOT NULL ORDER BY stale_since LIMIT $1", row => (row.Id(0), row.Id(1)), limit),
            cancellationToken);

    public void OnChanges(Action listener) => database.Data.OnOutboxAppended(listener);

    private static RowIdentity Place(Guid subjectKey) => new("subject_profiles", "data", subjectKey);

    private sealed record Row(byte[]? Data, bool Stale, bool OptedOut);
}
