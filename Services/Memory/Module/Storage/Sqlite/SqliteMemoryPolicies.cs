using System.Text.Json;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Memory.Storage.Sqlite;

/// <summary>Keeps policies in the module's SQLite file.</summary>
internal sealed class SqliteMemoryPolicies([FromKeyedServices(MemoryModule.Name)] ModuleDatabase database) : IMemoryPolicies
{
    public Task<MemoryPolicy> FindAsync(Guid tenantId, CancellationToken cancellationToken)
        => database.Data.ReadAsync(session => Find(session, tenantId), cancellationToken);

    public Task<MemoryPolicy> SaveAsync(
        Guid tenantId, Guid accountId, bool reviewInferred, IReadOnlyList<string>? allowedCategories, DateTimeOffset now, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session =>
            {
                session.Execute(
                    """
                    INSERT INTO memory_policies (tenant_id, review_inferred, allowed_categories, version, updated_at) VALUES ($1, $2, $3, 1, $4)
                    ON CONFLICT (tenant_id) DO UPDATE SET review_inferred = excluded.review_inferred, allowed_categories = excluded.allowed_categories,
                        version = version + 1, updated_at = excluded.updated_at
                    """,
                    tenantId,
                    reviewInferred,
                    ToJson(allowedCategories),
                    now);
                session.Publish(new AuditRecorded { TenantId = tenantId, ActorId = accountId, Action = "memories.policy", TargetId = tenantId, At = now }, now);
                return Find(session, tenantId);
            },
            cancellationToken);

    /// <summary>A list of categories as it is stored; null for all.</summary>
    internal static string? ToJson(IReadOnlyList<string>? categories) => categories is null ? null : JsonSerializer.Serialize(categories);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    internal static IReadOnlyList<string>? FromJson(string? json) => json is null ? null : JsonSerializer.Deserialize<List<string>>(json);

    private static MemoryPolicy Find(SqliteSession session, Guid tenantId)
        => session.QueryFirst(
            "SELECT review_inferred, allowed_categories, version, updated_at FROM memory_policies WHERE tenant_id = $1",
            row => new MemoryPolicy(row.Bool(0), FromJson(row.TextOrNull(1)), row.Int32(2), row.Time(3)),
            tenantId) ?? MemoryPolicy.Default;
}
