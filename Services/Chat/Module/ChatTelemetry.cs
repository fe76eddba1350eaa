using System.Diagnostics.Metrics;
using MemoryMesh.ServiceDefaults.Hosting;

namespace MemoryMesh.Chat;

/// <summary>What the Chat service measures.</summary>
internal static class ChatTelemetry
{
    /// <summary>Messages that were stored, by role.</summary>
    public static readonly Counter<long> MessagesStored =
        Telemetry.Meter.CreateCounter<long>("memorymesh.messages.stored", "{message}", "Messages that were stored");

    /// <summary>Messages whose content, metadata or importance was replaced, or that were archived.</summary>
    public static readonly Counter<long> MessagesUpdated =
        Telemetry.Meter.CreateCounter<long>("memorymesh.messages.updated", "{message}", "Messages that were changed");

    /// <summary>Messages that were deleted, alone, with their conversation or by a retention rule.</summary>
    public static readonly Counter<long> MessagesDeleted =
        Telemetry.Meter.CreateCounter<long>("memorymesh.messages.deleted", "{message}", "Messages that were deleted");
}
