using System.Text.Json;
using MemoryMesh.Memory.Preferences;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Memory.Storage.Sqlite;

/// <summary>Keeps preferences in the module's SQLite file, sealed with the subject's key.</summary>
internal sealed class SqlitePreferenceStore([FromKeyedServices(MemoryModule.Name)] ModuleDatabase database, KeyedNames names) : IPreferenceStore
{
    private const int Attempts = 20;

    public async Task<SubjectPreferences> FindAsync(Guid tenantId, Guid subjectKey, CancellationToken cancellationToken)
        => (await ReadAsync(tenantId, subjectKey, cancellationToken)).Preferences;

    public async Task<byte[]?> FindJsonAsync(Guid tenantId, Guid subjectKey, CancellationToken cancellationToken)
        => (await ReadJsonAsync(tenantId, subjectKey, cancellationToken)).Json;

    public async Task<SubjectPreferences> ChangeAsync(
        Guid tenantId, Guid subjectKey, Func<SubjectPreferences, SubjectPreferences> change, bool learned, CancellationToken cancellationToken)
        => (await ChangeAsync(tenantId, subjectKey, change, learned, null, default, cancellationToken)).Preferences;

    public async Task<(SubjectPreferences Preferences, bool? Repeated)> LearnOnceAsync(
        Guid tenantId, Guid subjectKey, Func<SubjectPreferences, SubjectPreferences> change, IdempotentRequest request, DateTimeOffset now, CancellationToken cancellationToken)
        => await ChangeAsync(tenantId, subjectKey, change, true, await database.PrepareAsync(names, request, cancellationToken), now, cancellationToken);

    private async Task<(SubjectPreferences Preferences, bool? Repeated)> ChangeAsync(
        Guid tenantId,
        Guid subjectKey,
        Func<SubjectPreferences, SubjectPreferences> change,
        bool learned,
        IdempotencyClaim? claim,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var (revision, before) = await ReadAsync(tenantId, subjectKey, cancellationToken);
            var after = change(before);
            if (ReferenceEquals(before, after))
            {
                return (before, false);
            }

            var key = await database.Keys.GetOrCreateAsync(tenantId, subjectKey, cancellationToken);
            var data = key.Seal(JsonSerializer.SerializeToUtf8Bytes(after), Place(subjectKey));
            StoredAnswer? repeated = null;
            var written = await database.Data.WriteAsync<bool?>(
                session =>
                {
                    key.ThrowIfDestroyed();
                    if (claim is not null && (repeated = IdempotencyTable.Find(session, claim, now)) is not null)
                    {
                        return null;
                    }

                    if (learned && session.Scalar("SELECT opted_out FROM memory_settings WHERE tenant_id = $1 AND subject_key = $2", tenantId, subjectKey) == 1)
                    {
                        return null;
                    }

                    var changed = session.Execute(
                        """
                        INSERT INTO subject_preferences (tenant_id, subject_key, version, data, updated_at) SELECT $1, $2, 1, $4, $5
                        WHERE $3 = 0 OR EXISTS (SELECT 1 FROM subject_preferences WHERE tenant_id = $1 AND subject_key = $2)
                        ON CONFLICT (tenant_id, subject_key) DO UPDATE SET version = version + 1, data = excluded.data, updated_at = excluded.updated_at WHERE version = $3
                        """,
                        tenantId,
                        subjectKey,
                        revision,
                        data,
                        after.UpdatedAt) > 0;
                    if (changed && claim is not null)
                    {
                        IdempotencyTable.Add(session, claim, [], now, subjectKey);
                    }

                    return changed;
                },
                cancellationToken);
            if (written != false)
            {
                return (written is null ? before : after, repeated is null ? false : repeated.SameRequest ? true : null);
            }
        }

        throw new StorageUnavailableException("The subject's preferences changed at every try.");
    }

    public async Task DeleteAllAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        await database.Data.WriteAsync(session => session.Execute("DELETE FROM subject_preferences WHERE tenant_id = $1", tenantId), cancellationToken);
        database.Data.RequestScrub();
    }

    private static RowIdentity Place(Guid subjectKey) => new("subject_preferences", "data", subjectKey);

    /// <summary>The row with its revision, 0 when there is none that can be opened.</summary>
    private async Task<(long Revision, SubjectPreferences Preferences)> ReadAsync(Guid tenantId, Guid subjectKey, CancellationToken cancellationToken)
    {
        var (revision, json) = await ReadJsonAsync(tenantId, subjectKey, cancellationToken);
        return (revision, json is null ? new SubjectPreferences() : JsonSerializer.Deserialize<SubjectPreferences>(json)!);
    }

    private async Task<(long Revision, byte[]? Json)> ReadJsonAsync(Guid tenantId, Guid subjectKey, CancellationToken cancellationToken)
    {
        var (revision, data) = await database.Data.ReadAsync(
            session => session.QueryFirst(
                "SELECT version, data FROM subject_preferences WHERE tenant_id = $1 AND subject_key = $2", row => (row.Int64(0), row.Bytes(1)), tenantId, subjectKey),
            cancellationToken);
        return (revision, data is not null && await database.Keys.FindAsync(tenantId, subjectKey, cancellationToken) is { } key ? key.Open(data, Place(subjectKey)) : null);
    }
}
