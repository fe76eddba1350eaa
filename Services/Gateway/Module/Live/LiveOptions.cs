using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Gateway.Live;

/// <summary>Settings of live connections (WebSockets and event streams) to the Gateway, section <c>Live</c>. Numbers count for each Gateway process.</summary>
public sealed class LiveOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Live";

    /// <summary>Connections that are open at the same time to one tenant; a further one is answered with 429. Default 200.</summary>
    [Range(1, 100_000)]
    public int ConnectionsPerTenant { get; set; } = 200;

    /// <summary>Connections that are open at the same time with one account, or with one API key. Default 50.</summary>
    [Range(1, 100_000)]
    public int ConnectionsPerPrincipal { get; set; } = 50;

    /// <summary>Connections that are open at the same time altogether. Default 5,000.</summary>
    [Range(1, 1_000_000)]
    public int Connections { get; set; } = 5_000;

    /// <summary>Largest frame that a client may send, in bytes; a larger one closes the connection with 1009. Default 16 KiB.</summary>
    [Range(1_024, 1_048_576)]
    public int MaxFrameBytes { get; set; } = 16 * 1024;

    /// <summary>Frames that a client may send in a second, and twice as many at once; more close the connection with 1008. Default 10.</summary>
    [Range(1, 1_000)]
    public int FramesPerSecond { get; set; } = 10;

    /// <summary>
    /// Latest events of a tenant that are kept in memory: so far back a client can resume, and so far behind may it be before it is closed with 1013.
    /// Default 10,000.
    /// </summary>
    [Range(100, 1_000_000)]
    public int EventsPerTenant { get; set; } = 10_000;

    /// <summary>Events of all tenants that are kept in memory, some 40 bytes each; beyond it the oldest are forgotten. Default 100,000.</summary>
    [Range(1_000, 10_000_000)]
    public int Events { get; set; } = 100_000;

    /// <summary>How often an idle connection is pinged. A WebSocket that does not answer within 20 seconds is dropped. Default 20 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How often the credentials and rights of a connection are checked again. Default 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:30")]
    public TimeSpan RecheckInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a client that is too slow, or a server that stops, waits for the connection to take the close. Default 3 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:05")]
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(3);
}

[OptionsValidator]
internal sealed partial class LiveOptionsValidator : IValidateOptions<LiveOptions>;
