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

    /// <summary>An open server was asked by somebody who is not local.</summary>
    public static readonly ProblemKind NotLocal = new(
        "not-local", 403, "Not a local request",
        "This server was started with --open: it answers programs of its own machine only, directly and by a name of the loopback address; not through "
        + "a proxy, and not to pages of other sites. Start it without --open for others.");

    /// <summary>All kinds.</summary>
    public static readonly IReadOnlyList<ProblemKind> All = [AddressTooLong, BadGateway, GatewayTimeout, NotLocal];
}
