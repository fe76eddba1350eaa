using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Gateway;

/// <summary>Problems that only the Gateway answers with.</summary>
internal static class GatewayProblems
{
    /// <summary>The address is too long.</summary>
    public static readonly ProblemKind AddressTooLong = new(
        "address-too-long", 414, "Address too long", "Path and query are over 8 KiB together.");

    /// <summary>A service broke off.</summary>
    public static readonly ProblemKind BadGateway = new(
        "bad-gateway", 502, "A service broke off", "A service of the server ended the connection before it answered. Whether the request was carried out is not known.");

    /// <summary>A service is too slow.</summary>
    public static readonly ProblemKind GatewayTimeout = new(
        "gateway-timeout", 504, "A service did not answer", "A service of the server did not answer in time. Whether the request was carried out is not known.");

    /// <summary>The route is for WebSockets.</summary>
    public static readonly ProblemKind UpgradeRequired = new(
        "upgrade-required", 426, "A WebSocket is needed", "Open this address as a WebSocket. Clients that have none use GET /v1/events.");

    /// <summary>A page of a foreign origin opens a live connection.</summary>
    public static readonly ProblemKind OriginRefused = new(
        "origin-refused", 403, "The origin is not allowed", "Pages of this origin may not open live connections: its name is not in MEMORY_ALLOWED_ORIGINS.");

    /// <summary>An open server was asked by somebody who is not local.</summary>
    public static readonly ProblemKind NotLocal = new(
        "not-local", 403, "Not a local request",
        "This server was started with --open: it answers programs of its own machine only, directly and by a name of the loopback address; not through "
        + "a proxy, and not to pages of other sites. Start it without --open for others.");

    /// <summary>All kinds.</summary>
    public static readonly IReadOnlyList<ProblemKind> All = [AddressTooLong, BadGateway, GatewayTimeout, UpgradeRequired, OriginRefused, NotLocal];
}
