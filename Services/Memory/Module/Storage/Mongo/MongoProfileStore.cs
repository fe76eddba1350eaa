using System.Text.Json;
using MemoryMesh.Memory.Features;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.Memory.Storage.Mongo;

/// <summary>Keeps profiles in MongoDB. Whatever changes a memory marks them (<see cref="MongoMemoryWrite"/>).</summary>
internal sealed class MongoProfileStore([FromKeyedServices(MemoryModule.Name)] MongoStore store, [FromKeyedServices(MemoryModule.Name)] ModuleStore own) : IProfileStore
{
    public async Task<StoredProfile?> FindAsync(Guid tenantId, Guid subjectKey, CancellationToken cancellationToken)
    {
        // The setting is read after the profile: who opted out before this is asked for is not shown one.
        var id = new BsonDocument("_id", MongoValues.Pair(tenantId, subjectKey));
        var (profile, settings) = await store.ReadAsync(async reader => (
            (BsonDocument?)await reader.Collection(MemoryCollections.Profiles).Find(id).FirstOrDefaultAsync(cancellationToken),
            (BsonDocument?)await reader.Collection(MemoryCollections.Settings).Find(id).FirstOrDefaultAsync(cancellationToken)));
        if (profile is null)
        {
            return null;
        }

        var data = profile.BytesOrNull("data");
        var key = data is null ? null : await own.Keys.FindAsync(tenantId, subjectKey, cancellationToken);
        return new StoredProfile(
            key?.Open(data!, Place(subjectKey)),
            !profile.HasNo("stale_since"),
            settings is not null && settings.Bool("opted_out"));
    }

    public async Task<ProfileSource> ReadSourceAsync(Guid tenantId, Guid subjectKey, CancellationToken cancellationToken)
    {
        // Read first: a commit carries the number out last, so that what is read after it is no older than it, and where it is newer the number has changed.
        var changes = await store.ReadAsync(async reader => (await reader.Collection(MemoryCollections.Profiles)
            .Find(new BsonDocument("_id", MongoValues.Pair(tenantId, subjectKey))).FirstOrDefaultAsync(cancellationToken))?.Int64("changes") ?? 0);
        var found = new List<BsonDocument>();
        foreach (var (category, lasting) in ProfileRules.Categories)
        {
            var filter = new BsonDocument
            {
                ["tenant_id"] = tenantId.Bson(), ["owner_key"] = subjectKey.Bson(), ["category"] = category, ["valid_to"] = BsonNull.Value, ["scope"] = (int)MemoryScope.User,
            };
            found.AddRange(await store.ReadAsync(reader => reader.Collection(MemoryCollections.Memories)
                .Find(filter).Sort(lasting ? MongoCollectionPlan.Keys("-importance", "-updated_at") : MongoCollectionPlan.Keys("-updated_at"))
                .Limit(ProfileRules.MostOfCategory).ToListAsync(cancellationToken)));
        }

        var key = found.Count == 0 ? null : await own.Keys.FindAsync(tenantId, subjectKey, cancellationToken);
        return new ProfileSource(changes, key is null ? [] : found.ConvertAll(document => MongoMemory.Open(document, key)));
    }

    public async Task<bool> SaveAsync(Guid tenantId, Guid subjectKey, long changes, SubjectProfile profile, CancellationToken cancellationToken)
    {
        if (await own.Keys.FindAsync(tenantId, subjectKey, cancellationToken) is not { } key)
        {
            return false;
        }

        var data = key.Seal(JsonSerializer.SerializeToUtf8Bytes(profile), Place(subjectKey));
        return await store.WriteAsync(
            async change =>
            {
                key.ThrowIfDestroyed();
                if (await change.FindAsync(MemoryCollections.Profiles, MongoValues.Pair(tenantId, subjectKey)) is not { } document || document.Int64("changes") != changes)
                {
                    return false;
                }

                document["data"] = data;
                document["built_at"] = profile.BuiltAt.Bson();
                document["stale_since"] = BsonNull.Value;
                change.Put(MemoryCollections.Profiles, document);
                return true;
            },
            cancellationToken);
    }

    public async Task<IReadOnlyList<(Guid TenantId, Guid SubjectKey)>> ListStaleAsync(int limit, CancellationToken cancellationToken)
        => (await store.ReadAsync(reader => reader.Collection(MemoryCollections.Profiles)
            .Find(new BsonDocument("stale_since", new BsonDocument("$gt", long.MinValue))).Sort(MongoCollectionPlan.Keys("stale_since")).Limit(limit)
            .Project<BsonDocument>(MongoCollectionPlan.Keys("tenant_id", "subject_key")).ToListAsync(cancellationToken)))
            .ConvertAll(row => (row.Id("tenant_id"), row.Id("subject_key")));

    public void OnChanges(Action listener) => own.Data.OnOutboxAppended(listener);

    private static RowIdentity Place(Guid subjectKey) => new("subject_profiles", "data", subjectKey);
}
