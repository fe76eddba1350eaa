using System.Diagnostics.Metrics;
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

    /// <summary>Items that came into the index or left it, by kind and change (indexed, removed).</summary>
    public static readonly Counter<long> IndexedItems =
        Telemetry.Meter.CreateCounter<long>("memorymesh.index.items", "{item}", "Items that came into the index or left it");

    /// <summary>Texts whose vectors were computed or used again.</summary>
    public static readonly Counter<long> Embedded =
        Telemetry.Meter.CreateCounter<long>("memorymesh.embedding.texts", "{text}", "Texts whose vectors came into the index");

    private static long _jobs;

    /// <summary>Items being read and indexed at the moment.</summary>
    public static readonly ObservableGauge<long> Jobs = Telemetry.Meter.CreateObservableGauge(
        "memorymesh.embedding.jobs", () => Interlocked.Read(ref _jobs), "{item}", "Items being read and indexed at the moment");

    /// <summary>Counts items that are being indexed in (positive) or out (negative).</summary>
    public static void ChangeJobs(int count) => Interlocked.Add(ref _jobs, count);
}
