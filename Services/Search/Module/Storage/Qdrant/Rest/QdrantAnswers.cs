using System.Text.Json;
using System.Text.Json.Serialization;

namespace MemoryMesh.Search.Storage.Qdrant.Rest;

/// <summary>What Qdrant answers with: the parts that are read.</summary>
internal sealed record Answer<T>(T? Result);

internal sealed record ExistsResult(bool Exists);

internal sealed record UpdateResult(string? Status);

internal sealed record CountResult(int Count);

internal sealed record PointsResult(IReadOnlyList<PointResult>? Points);

/// <summary>A score is null when it is no number.</summary>
internal sealed record PointResult(Guid Id, double? Score, PayloadResult? Payload);

internal sealed record PayloadResult(Guid Tenant, Guid Subject, int Kind, int Version, byte[]? Sealed);

internal sealed record SnapshotResult(string Name);

internal sealed record CollectionResult(string? Status, string? OptimizerStatus, CollectionConfig? Config);

internal sealed record CollectionConfig(CollectionParameters? Params);

internal sealed record CollectionParameters(bool OnDiskPayload);

internal sealed record OptimizationsResult(OptimizationsSummary? Summary, IReadOnlyList<JsonElement>? Running);

internal sealed record OptimizationsSummary(int QueuedOptimizations);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Answer<ExistsResult>))]
[JsonSerializable(typeof(Answer<UpdateResult>))]
[JsonSerializable(typeof(Answer<CountResult>))]
[JsonSerializable(typeof(Answer<PointsResult>))]
[JsonSerializable(typeof(Answer<IReadOnlyList<SnapshotResult>>))]
[JsonSerializable(typeof(Answer<CollectionResult>))]
[JsonSerializable(typeof(Answer<OptimizationsResult>))]
[JsonSerializable(typeof(Answer<bool?>))]
internal sealed partial class QdrantAnswersContext : JsonSerializerContext;
