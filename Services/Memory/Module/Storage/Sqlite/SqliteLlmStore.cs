using System.Text.Json;
using MemoryMesh.Contracts.Analytics;
using MemoryMesh.Memory.Llm;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Usage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Memory.Storage.Sqlite;

/// <summary>Keeps counters of the language model and the tenants' settings for it in the module's SQLite file.</summary>
internal sealed class SqliteLlmStore([FromKeyedServices(MemoryModule.Name)] ModuleDatabase database) : ILlmUsageStore, IExtractionSettingsStore, ILlmUsage
{
    private const double Millionths = 1_000_000;
    private static readonly string[] Columns = ["calls", "failed", "input_tokens", "output_tokens", "cost_millionths"];
    private static readonly string ReadSql = UsageIntervals.ReadSql("llm_usage", Columns);

    public Task<long> CountTokensOfDayAsync(Guid tenantId, DateTimeOffset now, CancellationToken cancellationToken)
        => database.Data.ReadAsync(
            session => session.Scalar(
                "SELECT input_tokens + output_tokens FROM llm_usage WHERE tenant_id = $1 AND level = $2 AND bucket = $3",
                tenantId,
                UsageLevel.Day,
                UsageBuckets.BucketOf(UsageLevel.Day, UsageBuckets.QuarterOf(now))),
            cancellationToken);

    public Task AddAsync(Guid tenantId, LlmAnswer answer, DateTimeOffset now, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session =>
            {
                foreach (var level in UsageBuckets.Levels)
                {
                    session.Execute(
                        """
                        INSERT INTO llm_usage (tenant_id, level, bucket, calls, failed, input_tokens, output_tokens, cost_millionths) VALUES ($1, $2, $3, 1, $4, $5, $6, $7)
                        ON CONFLICT (tenant_id, level, bucket) DO UPDATE SET calls = calls + 1, failed = failed + excluded.failed,
                            input_tokens = input_tokens + excluded.input_tokens, output_tokens = output_tokens + excluded.output_tokens,
                            cost_millionths = cost_millionths + excluded.cost_millionths
                        """,
                        tenantId,
                        level,
                        UsageBuckets.BucketOf(level, UsageBuckets.QuarterOf(now)),
                        answer.Failure is null ? 0 : 1,
                        answer.InputTokens,
                        answer.OutputTokens,
                        (long)Math.Round(answer.Cost * Millionths));
                }
            },
            cancellationToken);

    public Task<IReadOnlyList<LlmCounts>> GetLlmUsageAsync(UsageQuery query, CancellationToken cancellationToken)
    {
        var intervals = new UsageIntervals(query.Boundaries, UsageBuckets.Levels);
        return database.Data.ReadAsync<IReadOnlyList<LlmCounts>>(
            session => [.. intervals.Sum(session, query.TenantId, ReadSql, Columns.Length).Take(intervals.Count)
                .Select(sum => new LlmCounts(sum[0], sum[1], sum[2], sum[3], sum[4] / Millionths))],
            cancellationToken);
    }

    public async Task<ExtractionGuidance?> FindAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        var data = await database.Data.ReadAsync(
            session => session.QueryFirst("SELECT data FROM extraction_settings WHERE tenant_id = $1", row => row.Bytes(0), tenantId), cancellationToken);
        return data is not null && await database.Keys.FindAsync(tenantId, tenantId, cancellationToken) is { } key
            ? JsonSerializer.Deserialize<ExtractionGuidance>(key.Open(data, Place(tenantId)))
            : null;
    }

    public async Task<bool> SaveAsync(Guid tenantId, int version, ExtractionGuidance guidance, CancellationToken cancellationToken)
    {
        var key = await database.Keys.GetOrCreateAsync(tenantId, tenantId, cancellationToken);
        var data = key.Seal(JsonSerializer.SerializeToUtf8Bytes(guidance), Place(tenantId));
        return await database.Data.WriteAsync(
            session =>
            {
                key.ThrowIfDestroyed();
                return (version == 0
                    ? session.Execute(
                        "INSERT INTO extraction_settings (tenant_id, version, data, updated_at) VALUES ($1, $2, $3, $4) ON CONFLICT (tenant_id) DO NOTHING",
                        tenantId,
                        guidance.Version,
                        data,
                        guidance.UpdatedAt)
                    : session.Execute(
                        "UPDATE extraction_settings SET version = $2, data = $3, updated_at = $4 WHERE tenant_id = $1 AND version = $5",
                        tenantId,
                        guidance.Version,
                        data,
                        guidance.UpdatedAt,
                        version)) > 0;
            },
            cancellationToken);
    }

    public async Task DeleteAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        await database.Data.WriteAsync(session => session.Execute("DELETE FROM extraction_settings WHERE tenant_id = $1", tenantId), cancellationToken);
        database.Data.RequestScrub();
    }

    private static RowIdentity Place(Guid tenantId) => new("extraction_settings", "data", tenantId);
}
