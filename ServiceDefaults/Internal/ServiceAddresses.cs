using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.ServiceDefaults.Internal;

/// <summary>Addresses of the services in the configuration.</summary>
public static class ServiceAddresses
{
    /// <summary>Services that own routes or data, in the order they start.</summary>
    public static readonly IReadOnlyList<string> All = ["auth", "chat", "memory", "search", "retention"];

    /// <summary>The address of a service.</summary>
    /// <exception cref="StartupException">It is not configured, or not a URL.</exception>
    public static Uri Find(IServiceProvider provider, string service)
    {
        var value = provider.GetRequiredService<IConfiguration>()[$"services:{service}:http:0"];
        return Uri.TryCreate(value, UriKind.Absolute, out var address) && address.Scheme is ("http" or "https")
            ? address
            : throw new StartupException($"The address of the {service} service is missing or not a URL: set services__{service}__http__0.");
    }

    /// <summary>The addresses of a service that there can be several or none of: <c>services:{service}:http:0</c>, <c>:1</c> and so on. Empty when none is configured.</summary>
    /// <exception cref="StartupException">One is not a URL.</exception>
    public static IReadOnlyList<Uri> FindAll(IConfiguration configuration, string service)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return
        [
            .. configuration.GetSection($"services:{service}:http").GetChildren()
                .Where(entry => !string.IsNullOrWhiteSpace(entry.Value))
                .Select(entry => Uri.TryCreate(entry.Value, UriKind.Absolute, out var address) && address.Scheme is ("http" or "https")
                    ? address
                    : throw new StartupException($"An address of the {service} is not a URL: look at services__{service}__http__{entry.Key}.")),
        ];
    }
}
