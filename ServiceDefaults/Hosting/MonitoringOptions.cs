using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MemoryMesh.ServiceDefaults.Hosting;

/// <summary>Settings of what the server tells about itself, section <c>Monitoring</c>.</summary>
public sealed class MonitoringOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Monitoring";

    /// <summary>
    /// What the operator's monitoring sends as <c>Authorization: Bearer</c> to read <c>/metrics</c> from elsewhere and the details of <c>/v1/admin/health</c>; at least 32
    /// characters. Without it nobody can, and <c>/metrics</c> is for programs of the same machine.
    /// </summary>
    [MinLength(32)]
    public string? Token
    {
        get;

        // A name without a value, as files of environment names have it, is no token that anybody could send.
        set => field = string.IsNullOrEmpty(value) ? null : value;
    }

    /// <summary>
    /// How lines of the log look: <c>text</c>, or <c>json</c>: one object for each, with the ids of trace and span and without the texts of exceptions. Default <c>text</c>.
    /// </summary>
    [RegularExpression("text|json", ErrorMessage = "The field LogFormat must be text or json.")]
    public string LogFormat { get; set; } = LogFormats.Text;
}

/// <summary>How lines of the log look.</summary>
internal static class LogFormats
{
    public const string Text = "text";
    public const string Json = "json";
}

[OptionsValidator]
internal sealed partial class MonitoringOptionsValidator : IValidateOptions<MonitoringOptions>;

/// <summary>Tells the operator of the server from its users: accounts are owners of their tenants, none of them of the server.</summary>
public static class Operator
{
    private const string Scheme = "Bearer ";

    /// <summary>Whether the request carries the operator's token.</summary>
    public static bool Sent(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.RequestServices.GetRequiredService<IOptions<MonitoringOptions>>().Value.Token is { } token
            && context.Request.Headers.Authorization is [{ } given]
            && given.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(
                SHA256.HashData(Encoding.UTF8.GetBytes(given[Scheme.Length..])), SHA256.HashData(Encoding.UTF8.GetBytes(token)));
    }

    /// <summary>Lets the operator in and nobody else. Accounts are told that they may not, all others that credentials are needed.</summary>
    /// <remarks>The routes run right after routing: the operator has no account, and is no caller of a tenant.</remarks>
    public static RouteGroupBuilder ForOperator(this RouteGroupBuilder group)
    {
        ArgumentNullException.ThrowIfNull(group);
        group.AllowAnonymous().ShortCircuit().WithMetadata(OperatorOnly.Mark);
        group.AddEndpointFilter(async (context, next) =>
            Sent(context.HttpContext) ? await next(context)
            : await MetricsEndpoint.HasAccountAsync(context.HttpContext) ? Problems.Forbidden.ToResult()
            : Problems.Unauthenticated.ToResult());
        return group;
    }
}

/// <summary>Marks routes that take the operator's token.</summary>
internal sealed record OperatorOnly
{
    public static readonly OperatorOnly Mark = new();
}
