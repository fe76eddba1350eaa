using System.Text.Json;
using MemoryMesh.Contracts.Analytics;
using MemoryMesh.Memory.Llm;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using MemoryMesh.ServiceDefaults.Usage;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.Memory.Storage.Mongo;

/// <summary>Keeps counters of the language model and the tenants' settings for it in MongoDB.</summary>
internal sealed class MongoLlmStore([FromKeyedServices(MemoryModule.Name)] MongoStore store, [FromKeyedServices(MemoryModule.Name)] ModuleStore own)
    : ILlmUsageStore, IExtractionSettingsStore, ILlmUsage
{
    /// <summary>Fields of the counters.</summary>
    public static readonly string[] Counted = ["calls", "failed", "input_tokens", "output_tokens", "cost_millionths"];

    private const double Millionths = 1_000_000;

    public Task<long> CountTokensOfDayAsync(Guid tenantId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var id = MongoUsage.IdOf(tenantId, UsageLevel.Day, UsageBuckets.BucketOf(UsageLevel.Day, UsageBuckets.QuarterOf(now)));
        return store.ReadAsync(async reader => await reader.Collection(MemoryCollections.LlmUsage).Find(new BsonDocument("_id", id)).FirstOrDefaultAsync(cancellationToken) is { } day
            ? day.Int64("input_tokens") + day.Int64("output_tokens")
            : 0);
    }

    public Task AddAsync(Guid tenantId, LlmAnswer answer, DateTimeOffset now, CancellationToken cancellationToken)
        => store.WriteAsync(
            async change =>
            {
                await MongoUsage.AddAsync(
                    change,
                    MemoryCollections.LlmUsage,
                    tenantId,
                    UsageBuckets.QuarterOf(now),
                    Counted,
                    1,
                    answer.Failure is null ? 0 : 1,
                    answer.InputTokens,
                    answer.OutputTokens,
                    (long)Math.Round(answer.Cost * Millionths));
                return true;
            },
            cancellationToken);

    public Task<IReadOnlyList<LlmCounts>> GetLlmUsageAsync(UsageQuery query, CancellationToken cancellationToken)
    {
        var intervals = new UsageIntervals(query.Boundaries, UsageBuckets.Levels);
        return store.ReadAsync<IReadOnlyList<LlmCounts>>(async reader =>
            [.. (await MongoUsage.SumAsync(reader, MemoryCollections.LlmUsage, intervals, query.TenantId, Counted, cancellationToken)).Take(intervals.Count)
                .Select(sum => new LlmCounts(sum[0], sum[1], sum[2], sum[3], sum[4] / Millionths))]);
    }

    public async Task<ExtractionGuidance?> FindAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        var settings = await store.ReadAsync(async reader => (BsonDocument?)await reader.Collection(MemoryCollections.ExtractionSettings)
            .Find(new BsonDocument("_id", tenantId.Bson())).FirstOrDefaultAsync(cancellationToken));
        return settings is not null && await own.Keys.FindAsync(tenantId, tenantId, cancellationToken) is { } key
            ? JsonSerializer.Deserialize<ExtractionGuidance>(key.Open(settings.Bytes("data"), Place(tenantId)))
            : null;
    }

    public async Task<bool> SaveAsync(Guid tenantId, int version, ExtractionGuidance guidance, CancellationToken cancellationToken)
    {
        var key = await own.Keys.GetOrCreateAsync(tenantId, tenantId, cancellationToken);
        var data = key.Seal(JsonSerializer.SerializeToUtf8Bytes(guidance), Place(tenantId));
        return await store.WriteAsync(
            async change =>
            {
                key.ThrowIfDestroyed();
                if (((await change.FindAsync(MemoryCollections.ExtractionSettings, tenantId.Bson()))?.Int32("version") ?? 0) != version)
                {
                    return false;
                }

                change.Put(MemoryCollections.ExtractionSettings, new BsonDocument
                {
                    ["_id"] = tenantId.Bson(), ["tenant_id"] = tenantId.Bson(), ["version"] = guidance.Version, ["data"] = data, ["updated_at"] = guidance.UpdatedAt.Bson(),
                });
                return true;
            },
            cancellationToken);
    }

    public Task DeleteAsync(Guid tenantId, CancellationToken cancellationToken)
        => store.WriteAsync(
            change =>
            {
                change.Delete(MemoryCollections.ExtractionSettings, tenantId.Bson());
                return Task.FromResult(true);
            },
            cancellationToken);

    private static RowIdentity Place(Guid tenantId) => new("extraction_settings", "data", tenantId);
}
