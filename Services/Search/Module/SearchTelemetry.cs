using System.Diagnostics.Metrics;
using MemoryMesh.Search.Embedding.Replicas;
using MemoryMesh.Search.Storage;
using MemoryMesh.ServiceDefaults.Hosting;

namespace MemoryMesh.Search;

/// <summary>Instruments of the Search service.</summary>
internal static class SearchTelemetry
{
    /// <summary>Searches, by kind (message, memory).</summary>
    public static readonly Counter<long> Requests =
        Telemetry.Meter.CreateCounter<long>("memorymesh.search.requests", "{request}", "Searches");

    /// <summary>How long searches took, contents included, by kind.</summary>
    public static readonly Histogram<double> Duration =
        Telemetry.Meter.CreateHistogram<double>("memorymesh.search.duration", "s", "Duration of searches");

    /// <summary>Questions of searchers that were ranked here, by where their vectors were computed (searcher, here).</summary>
    public static readonly Counter<long> Ranked =
        Telemetry.Meter.CreateCounter<long>("memorymesh.search.ranked", "{question}", "Questions of searchers that were ranked here");

    /// <summary>Items that came into the index or left it, by kind and change (indexed, removed).</summary>
    public static readonly Counter<long> IndexedItems =
        Telemetry.Meter.CreateCounter<long>("memorymesh.index.items", "{item}", "Items that came into the index or left it");

    /// <summary>Texts whose vectors were computed or used again.</summary>
    public static readonly Counter<long> Embedded =
        Telemetry.Meter.CreateCounter<long>("memorymesh.embedding.texts", "{text}", "Texts whose vectors came into the index");

    /// <summary>Texts whose vectors were those of an equal text.</summary>
    public static readonly Counter<long> ReusedVectors =
        Telemetry.Meter.CreateCounter<long>("memorymesh.embedding.reused", "{text}", "Texts whose vectors were taken over from an equal text");

    /// <summary>Texts that the model did not take, by reason; each attempt counts.</summary>
    public static readonly Counter<long> FailedTexts =
        Telemetry.Meter.CreateCounter<long>("memorymesh.embedding.failed_texts", "{text}", "Texts that the embedding model did not take");

    /// <summary>Calls to an embedding server that failed for good, by reason.</summary>
    public static readonly Counter<long> EmbedderFailures =
        Telemetry.Meter.CreateCounter<long>("memorymesh.embedding.server_failures", "{call}", "Calls to an embedding server that failed");

    /// <summary>Texts whose vectors were computed, by place: here, or by an embedder for this process.</summary>
    public static readonly Counter<long> Computed =
        Telemetry.Meter.CreateCounter<long>("memorymesh.embedding.computed", "{text}", "Texts whose vectors were computed");

    /// <summary>Calls to embedders that computed nothing, by reason; their texts were computed here.</summary>
    public static readonly Counter<long> EmbedderCallFailures =
        Telemetry.Meter.CreateCounter<long>("memorymesh.embedders.failures", "{call}", "Calls to embedders that computed nothing");

    /// <summary>Calls that this embedder refused because it had enough.</summary>
    public static readonly Counter<long> EmbedderRefused =
        Telemetry.Meter.CreateCounter<long>("memorymesh.embedders.refused", "{call}", "Calls that an embedder refused because it had enough");

    /// <summary>Calls to embedders under way.</summary>
    public static readonly ObservableGauge<int> EmbedderCalls = Telemetry.Meter.CreateObservableGauge(
        "memorymesh.embedders.calls", () => _pool?.Addresses.Sum(address => address.UnderWay) ?? 0, "{call}", "Calls to embedders under way");

    /// <summary>Calls that may be under way at a time, by what the embedders took lately.</summary>
    public static readonly ObservableGauge<int> EmbedderLimit = Telemetry.Meter.CreateObservableGauge(
        "memorymesh.embedders.limit", () => _pool?.Addresses.Sum(address => address.Limit) ?? 0, "{call}", "Calls to embedders that may be under way at a time");

    /// <summary>Questions to Qdrant that failed for good, by reason.</summary>
    public static readonly Counter<long> QdrantFailures =
        Telemetry.Meter.CreateCounter<long>("memorymesh.qdrant.failures", "{call}", "Calls to Qdrant that failed");

    /// <summary>Items whose vectors are to be computed, by state (waiting, parked), for the model that answers questions.</summary>
    public static readonly ObservableGauge<long> Queue = Telemetry.Meter.CreateObservableGauge(
        "memorymesh.embedding.queue",
        () => _report is { } report
            ? (IEnumerable<Measurement<long>>)[new(report.Serving.Waiting, new KeyValuePair<string, object?>("state", "waiting")), new(report.Serving.Parked, new KeyValuePair<string, object?>("state", "parked"))]
            : [],
        "{item}",
        "Items whose vectors are to be computed");

    /// <summary>Items in the index.</summary>
    public static readonly ObservableGauge<long> Size = Telemetry.Meter.CreateObservableGauge(
        "memorymesh.index.size", () => _report?.Serving.Items ?? 0, "{item}", "Items in the index");

    /// <summary>How much of the items another model, which is to take the place of the present one, has vectors of: 0 to 1, and 1 when there is none.</summary>
    public static readonly ObservableGauge<double> Reembedded = Telemetry.Meter.CreateObservableGauge(
        "memorymesh.embedding.reembedded",
        () => _report?.Next is { Items: > 0 } next ? Math.Clamp(1 - ((double)next.Waiting / next.Items), 0, 1) : 1,
        "1",
        "Share of the items that the next embedding model is done with; 1 when there is none");

    /// <summary>Embedding models in use that cannot be reached.</summary>
    public static readonly ObservableGauge<int> Unreachable = Telemetry.Meter.CreateObservableGauge(
        "memorymesh.embedding.unreachable", () => _report?.Unreachable ?? 0, "{model}", "Embedding models in use that cannot be reached");

    /// <summary>Memory that vectors take.</summary>
    public static readonly ObservableGauge<long> VectorBytes = Telemetry.Meter.CreateObservableGauge(
        "memorymesh.vectors.memory", () => _report?.VectorBytes ?? 0, "By", "Memory that vectors take");

    /// <summary>Partitions of vectors in memory.</summary>
    public static readonly ObservableGauge<int> Partitions = Telemetry.Meter.CreateObservableGauge(
        "memorymesh.vectors.partitions", () => _report?.Partitions ?? 0, "{partition}", "Owners whose vectors are in memory");

    private static volatile EmbedderPool? _pool;
    private static volatile EmbeddingReport? _report;
    private static long _jobs;

    /// <summary>Items being read and indexed at the moment.</summary>
    public static readonly ObservableGauge<long> Jobs = Telemetry.Meter.CreateObservableGauge(
        "memorymesh.embedding.jobs", () => Interlocked.Read(ref _jobs), "{item}", "Items being read and indexed at the moment");

    /// <summary>Takes what the gauges tell from now on.</summary>
    public static void Report(EmbeddingReport report) => _report = report;

    /// <summary>Takes whose calls the gauges tell from now on.</summary>
    public static void Watch(EmbedderPool pool) => _pool = pool;

    /// <summary>Counts items that are being indexed in (positive) or out (negative).</summary>
    public static void ChangeJobs(int count) => Interlocked.Add(ref _jobs, count);
}

/// <summary>How far embedding is, for the gauges.</summary>
/// <param name="Serving">Jobs of the model that answers questions.</param>
/// <param name="Next">Jobs of the model that takes its place, or null.</param>
/// <param name="VectorBytes">Memory that vectors take.</param>
/// <param name="Partitions">Owners whose vectors are in memory.</param>
/// <param name="Unreachable">Models in use that cannot be reached.</param>
internal sealed record EmbeddingReport(QueueCounts Serving, QueueCounts? Next, long VectorBytes, int Partitions, int Unreachable);
