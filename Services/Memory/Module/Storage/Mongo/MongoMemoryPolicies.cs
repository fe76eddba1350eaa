using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.Memory.Storage.Mongo;

/// <summary>Keeps policies in MongoDB.</summary>
internal sealed class MongoMemoryPolicies([FromKeyedServices(MemoryModule.Name)] MongoStore store) : IMemoryPolicies
{
    public Task<MemoryPolicy> FindAsync(Guid tenantId, CancellationToken cancellationToken)
        => store.ReadAsync(async reader => Open(await reader.Collection(MemoryCollections.Policies).Find(new BsonDocument("_id", tenantId.Bson())).FirstOrDefaultAsync(cancellationToken)));

    public Task<MemoryPolicy> SaveAsync(
        Guid tenantId, Guid accountId, bool reviewInferred, IReadOnlyList<string>? allowedCategories, DateTimeOffset now, CancellationToken cancellationToken)
        => store.WriteAsync(
            async change =>
            {
                var known = await change.FindAsync(MemoryCollections.Policies, tenantId.Bson());
                var policy = new BsonDocument
                {
                    ["_id"] = tenantId.Bson(),
                    ["tenant_id"] = tenantId.Bson(),
                    ["review_inferred"] = reviewInferred,
                    ["allowed_categories"] = MongoMemory.Of(allowedCategories),
                    ["version"] = (known?.Int32("version") ?? 0) + 1,
                    ["updated_at"] = now.Bson(),
                };
                change.Put(MemoryCollections.Policies, policy);
                change.Publish(new AuditRecorded { TenantId = tenantId, ActorId = accountId, Action = "memories.policy", TargetId = tenantId, At = now }, now);
                return Open(policy);
            },
            cancellationToken);

    private static MemoryPolicy Open(BsonDocument? policy) => policy is null
        ? MemoryPolicy.Default
        : new MemoryPolicy(policy.Bool("review_inferred"), MongoMemory.Categories(policy, "allowed_categories"), policy.Int32("version"), policy.Time("updated_at"));
}
