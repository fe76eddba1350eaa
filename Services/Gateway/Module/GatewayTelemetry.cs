using System.Diagnostics.Metrics;
using MemoryMesh.ServiceDefaults.Hosting;

namespace MemoryMesh.Gateway;

/// <summary>Instruments of the Gateway.</summary>
internal static class GatewayTelemetry
{
    /// <summary>Requests refused by a rate limit, by <c>limit</c>: global or tenant.</summary>
    public static readonly Counter<long> RateLimitHits =
        Telemetry.Meter.CreateCounter<long>("memorymesh.rate_limit.hits", "{request}", "Requests refused by a rate limit");
}
