using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace MemoryMesh.ServiceDefaults.Security;

/// <summary>Settings of the open mode, section <c>Open</c>.</summary>
public sealed class OpenOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Open";

    /// <summary>
    /// Whether requests without credentials act as the owner of one local tenant; <c>--open</c> sets it. The server then listens on the loopback address
    /// only, and refuses what comes from elsewhere, through a proxy or from another site's page. Default no.
    /// </summary>
    public bool Enabled { get; set; }
}

/// <summary>Marks a request that came through the door of an open server: without credentials it acts as the owner of the local tenant.</summary>
/// <remarks>Set by the Gateway once the request was found to be local; and behind the Gateway for requests with its proof, when that service is open too.</remarks>
public sealed class LocalRequest
{
    /// <summary>The mark.</summary>
    public static readonly LocalRequest Mark = new();

    private LocalRequest()
    {
    }
}

/// <summary>What an open server makes sure of before it listens.</summary>
public static class OpenMode
{
    private const string Loopback = "127.0.0.1, [::1] or localhost";

    /// <summary>Whether the mode is on.</summary>
    public static bool IsOn(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return string.Equals(configuration[$"{OpenOptions.Section}:{nameof(OpenOptions.Enabled)}"], "true", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Checks the addresses to listen on, and says on the console that the server is open. Does nothing when it is not.</summary>
    /// <exception cref="StartupException">An address is not this machine's own; the message names the setting and the fix.</exception>
    public static void Announce(IConfiguration configuration)
    {
        if (!IsOn(configuration))
        {
            return;
        }

        var addresses = Addresses(configuration).ToList();
        foreach (var (setting, address) in addresses)
        {
            if (!IsLoopback(address))
            {
                throw new StartupException(
                    $"{setting} names an address that other machines can reach, and --open answers without credentials: give one with {Loopback}, or start without --open.");
            }
        }

        // A proxy on this machine would make everybody local.
        if (configuration.GetSection("Gateway:TrustedProxies").GetChildren().Any())
        {
            throw new StartupException("Gateway:TrustedProxies (Gateway__TrustedProxies__0) and --open do not go together: remove one of them.");
        }

        Console.WriteLine(
            $"OPEN: no credentials are needed. Whoever uses this machine acts as the owner of the local tenant at {string.Join(", ", addresses.Select(found => found.Address))}.");
    }

    /// <summary>Whether the <c>Host</c> of a request is a name that this machine has for itself: that of another is a page's that had its own name lead here.</summary>
    public static bool IsLocalName(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase) || IsLoopbackHost(host);
    }

    /// <summary>Whether an address is of this machine only.</summary>
    public static bool IsLoopback(IPAddress? address)
        => address is not null && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    private static IEnumerable<(string Setting, string Address)> Addresses(IConfiguration configuration)
    {
        var urls = configuration["urls"] ?? "";
        foreach (var address in urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            yield return ("The address to listen on (--urls, ASPNETCORE_URLS)", address);
        }

        // Ports alone mean every address; the server heeds them where no address is given.
        if (urls.Length == 0 && (!string.IsNullOrEmpty(configuration["http_ports"]) || !string.IsNullOrEmpty(configuration["https_ports"])))
        {
            yield return ("ASPNETCORE_HTTP_PORTS or ASPNETCORE_HTTPS_PORTS", "http://*");
        }

        foreach (var endpoint in configuration.GetSection("Kestrel:Endpoints").GetChildren())
        {
            if (endpoint["Url"] is { } address)
            {
                yield return ($"{endpoint.Path}:Url", address);
            }
        }
    }

    /// <summary>Reads an address as the server does: to it, every host that is neither an IP address nor <c>localhost</c> means every address.</summary>
    private static bool IsLoopback(string address)
    {
        try
        {
            var binding = BindingAddress.Parse(address);
            return !binding.IsUnixPipe && !binding.IsNamedPipe && IsLoopbackHost(binding.Host);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static bool IsLoopbackHost(string host)
        => host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IsLoopback(address));
}
