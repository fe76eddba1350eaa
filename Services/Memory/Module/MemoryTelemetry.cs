using System.Diagnostics.Metrics;
using MemoryMesh.ServiceDefaults.Hosting;

namespace MemoryMesh.Memory;

/// <summary>Instruments of the Memory service.</summary>
internal static class MemoryTelemetry
{
    public static readonly Counter<long> Added =
        Telemetry.Meter.CreateCounter<long>("memorymesh.memories.added", "{memory}", "Memories that were added, by origin");

    public static readonly Counter<long> Superseded =
        Telemetry.Meter.CreateCounter<long>("memorymesh.memories.superseded", "{memory}", "Memories that a newer one superseded");

    public static readonly Counter<long> Merged =
        Telemetry.Meter.CreateCounter<long>("memorymesh.memories.merged", "{memory}", "Memories that said what another said, and were merged into it");

    public static readonly Counter<long> Failed =
        Telemetry.Meter.CreateCounter<long>("memorymesh.memories.failed", "{memory}", "Memories whose background work failed after all quick tries");

    public static readonly Counter<long> ExtractedMessages =
        Telemetry.Meter.CreateCounter<long>("memorymesh.extraction.messages", "{message}", "User messages that were read for facts");
}
