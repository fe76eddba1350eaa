using System.Text.Json;
using MemoryMesh.Memory.Preferences;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.Memory.Storage.Mongo;

/// <summary>Keeps preferences in MongoDB, sealed with the subject's key.</summary>
internal sealed class MongoPreferenceStore(
    [FromKeyedServices(MemoryModule.Name)] MongoStore store, [FromKeyedServices(MemoryModule.Name)] ModuleStore own, KeyedNames names) : IPreferenceStore
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
        => await ChangeAsync(tenantId, subjectKey, change, true, await own.PrepareAsync(names, request, cancellationToken), now, cancellationToken);

    public Task DeleteAllAsync(Guid tenantId, CancellationToken cancellationToken)
        => store.WriteAsync(
            change =>
            {
                change.Sweep(MemoryCollections.Preferences, new BsonDocument("tenant_id", tenantId.Bson()));
                return Task.FromResult(true);
            },
            cancellationToken);

    private static RowIdentity Place(Guid subjectKey) => new("subject_preferences", "data", subjectKey);

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

            var key = await own.Keys.GetOrCreateAsync(tenantId, subjectKey, cancellationToken);
            var data = key.Seal(JsonSerializer.SerializeToUtf8Bytes(after), Place(subjectKey));
            var (written, repeated) = await store.WriteAsync<(bool? Written, StoredAnswer? Repeated)>(
                async commit =>
                {
                    key.ThrowIfDestroyed();
                    if (claim is not null && await MongoIdempotency.FindAsync(commit, claim, now) is { } found)
                    {
                        return (null, found);
                    }

                    if (learned && await new MongoMemoryWrite(commit, now).IsOptedOutAsync(tenantId, subjectKey))
                    {
                        return (null, null);
                    }

                    var id = MongoValues.Pair(tenantId, subjectKey);
                    if (((await commit.FindAsync(MemoryCollections.Preferences, id))?.Int64("version") ?? 0) != revision)
                    {
                        return (false, null);
                    }

                    commit.Put(MemoryCollections.Preferences, new BsonDocument
                    {
                        ["_id"] = id,
                        ["tenant_id"] = tenantId.Bson(),
                        ["subject_key"] = subjectKey.Bson(),
                        ["version"] = revision + 1,
                        ["data"] = data,
                        ["updated_at"] = after.UpdatedAt.Bson(),
                    });
                    if (claim is not null)
                    {
                        MongoIdempotency.Add(commit, claim, [], now, subjectKey);
                    }

                    return (true, null);
                },
                cancellationToken);
            if (written != false)
            {
                return (written is null ? before : after, repeated is null ? false : repeated.SameRequest ? true : null);
            }
        }

        throw new StorageUnavailableException("The subject's preferences changed at every try.");
    }

    /// <summary>The row with its revision, 0 when there is none that can be opened.</summary>
    private async Task<(long Revision, SubjectPreferences Preferences)> ReadAsync(Guid tenantId, Guid subjectKey, CancellationToken cancellationToken)
    {
        var (revision, json) = await ReadJsonAsync(tenantId, subjectKey, cancellationToken);
        return (revision, json is null ? new SubjectPreferences() : JsonSerializer.Deserialize<SubjectPreferences>(json)!);
    }

    private async Task<(long Revision, byte[]? Json)> ReadJsonAsync(Guid tenantId, Guid subjectKey, CancellationToken cancellationToken)
    {
        var found = await store.ReadAsync(async reader => (BsonDocument?)await reader.Collection(MemoryCollections.Preferences)
            .Find(new BsonDocument("_id", MongoValues.Pair(tenantId, subjectKey))).FirstOrDefaultAsync(cancellationToken));
        return found is null ? (0, null)
            : (found.Int64("version"), await own.Keys.FindAsync(tenantId, subjectKey, cancellationToken) is { } key ? key.Open(found.Bytes("data"), Place(subjectKey)) : null);
    }
}
