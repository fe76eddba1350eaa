using System.Diagnostics.Metrics;
using MemoryMesh.ServiceDefaults.Hosting;

namespace MemoryMesh.Retention;

/// <summary>Instruments of the Retention service.</summary>
internal static class RetentionTelemetry
{
    /// <summary>Messages and memories that runs acted on, by kind (messages, memories) and action (archive, delete).</summary>
    public static readonly Counter<long> Items =
        Telemetry.Meter.CreateCounter<long>("memorymesh.retention.items", "{item}", "Messages and memories that were archived or deleted by retention");

    /// <summary>Runs that ended, by outcome (completed, failed) and trigger (schedule, manual).</summary>
    public static readonly Counter<long> Runs =
        Telemetry.Meter.CreateCounter<long>("memorymesh.retention.runs", "{run}", "Retention runs that ended");

    /// <summary>Exports that ended, by outcome (completed, failed) and format.</summary>
    public static readonly Counter<long> Exports =
        Telemetry.Meter.CreateCounter<long>("memorymesh.retention.exports", "{export}", "Exports that ended");

    /// <summary>Imports that ended, by outcome (completed, failed) and format.</summary>
    public static readonly Counter<long> Imports =
        Telemetry.Meter.CreateCounter<long>("memorymesh.retention.imports", "{import}", "Imports that ended");

    /// <summary>Erasures of subjects that were completed.</summary>
    public static readonly Counter<long> Erasures =
        Telemetry.Meter.CreateCounter<long>("memorymesh.retention.erasures", "{erasure}", "Erasures of subjects that were completed");
}
