using System.Net;
using MemoryMesh.Gateway.Limits;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Gateway;

/// <summary>Settings of the Gateway service, section <c>Gateway</c>.</summary>
public sealed class GatewayOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Gateway";

    /// <summary>
    /// Requests that one client address may make: <c>N/second</c>, <c>N/minute</c>, <c>N/hour</c> or <c>N/day</c>, or <c>none</c>. An IPv6 client
    /// counts by its /64 network. Default <c>200/minute</c>.
    /// </summary>
    public string GlobalRateLimit { get; set; } = "200/minute";

    /// <summary>
    /// Requests that the callers of one tenant (an account's own, or an API key's) may make together, written like <see cref="GlobalRateLimit"/>.
    /// Default <c>120/minute</c>.
    /// </summary>
    public string TenantRateLimit { get; set; } = "120/minute";

    /// <summary>
    /// Origins whose pages may call the API (CORS), for example <c>https://app.example.com</c>. <c>*</c> allows every origin and is refused outside
    /// Development. Default none.
    /// </summary>
    public IReadOnlyList<string> AllowedOrigins { get; set; } = [];

    /// <summary>
    /// Proxies whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are believed, as addresses or networks (<c>10.0.0.0/8</c>). Default none:
    /// the address of the connection counts.
    /// </summary>
    public IReadOnlyList<string> TrustedProxies { get; set; } = [];
}

/// <summary>Checks the settings; each message names the key and the fix.</summary>
internal sealed class GatewayOptionsValidator(IHostEnvironment environment) : IValidateOptions<GatewayOptions>
{
    public ValidateOptionsResult Validate(string? name, GatewayOptions options)
    {
        var failures = new List<string>();
        CheckLimit(options.GlobalRateLimit, nameof(GatewayOptions.GlobalRateLimit), "MEMORY_GLOBAL_RATE_LIMIT");
        CheckLimit(options.TenantRateLimit, nameof(GatewayOptions.TenantRateLimit), "MEMORY_TENANT_RATE_LIMIT");
        foreach (var origin in options.AllowedOrigins)
        {
            if (origin == "*")
            {
                if (!environment.IsDevelopment())
                {
                    failures.Add(
                        $"{GatewayOptions.Section}:{nameof(GatewayOptions.AllowedOrigins)} (MEMORY_ALLOWED_ORIGINS) is `*`, which lets every web page "
                        + "call this server; outside Development name the origins, for example https://app.example.com.");
                }
            }
            else if (!Uri.TryCreate(origin, UriKind.Absolute, out var uri)
                || uri.Scheme is not ("http" or "https")
                || !string.Equals(uri.GetLeftPart(UriPartial.Authority), origin, StringComparison.OrdinalIgnoreCase))
            {
                failures.Add(
                    $"{GatewayOptions.Section}:{nameof(GatewayOptions.AllowedOrigins)} (MEMORY_ALLOWED_ORIGINS) has an entry that is not an origin: "
                    + "write scheme, host and port without a path, for example https://app.example.com.");
            }
        }

        if (options.TrustedProxies.Any(proxy => !IPAddress.TryParse(proxy, out _) && !IPNetwork.TryParse(proxy, out _)))
        {
            failures.Add(
                $"{GatewayOptions.Section}:{nameof(GatewayOptions.TrustedProxies)} (Gateway__TrustedProxies__0) has an entry that is neither an address nor a network: "
                + "write for example 10.0.0.5 or 10.0.0.0/8.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void CheckLimit(string text, string property, string variable)
        {
            if (!RateLimit.TryParse(text, out _))
            {
                failures.Add(
                    $"{GatewayOptions.Section}:{property} ({variable}) is not a rate limit: write for example 200/minute (second, minute, hour, day), or none.");
            }
        }
    }
}
