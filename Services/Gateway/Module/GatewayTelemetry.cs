using System.Diagnostics.Metrics;
using MemoryMesh.ServiceDefaults.Hosting;

namespace MemoryMesh.Gateway;

/// <summary>Instruments of the Gateway.</summary>
internal static class GatewayTelemetry
{
    /// <summary>Requests refused by a rate limit, by <c>limit</c>: global or tenant.</summary>
    public static readonly Counter<long> RateLimitHits =
        Telemetry.Meter.CreateCounter<long>("memorymesh.rate_limit.hits", "{request}", "Requests refused by a rate limit");

    /// <summary>Events sent to live connections, by <c>kind</c> of connection: events_socket, events_response.</summary>
    public static readonly Counter<long> LiveEventsSent =
        Telemetry.Meter.CreateCounter<long>("memorymesh.live.events", "{event}", "Events sent to live connections");

    /// <summary>Live connections that were closed because they did not keep up, by <c>kind</c>.</summary>
    public static readonly Counter<long> LiveSlowConsumers =
        Telemetry.Meter.CreateCounter<long>("memorymesh.live.slow_consumers", "{connection}", "Live connections closed because they did not keep up");

    private static readonly UpDownCounter<long> LiveConnections =
        Telemetry.Meter.CreateUpDownCounter<long>("memorymesh.live.connections", "{connection}", "Live connections that are open");

    /// <summary>Counts live connections in (positive) or out (negative), by <c>kind</c>: events_socket, events_response, search_socket.</summary>
    public static void ChangeLiveConnections(string kind, int count) => LiveConnections.Add(count, new KeyValuePair<string, object?>("kind", kind));
}
