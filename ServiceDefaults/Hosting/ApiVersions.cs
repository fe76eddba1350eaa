using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.ServiceDefaults.Hosting;

/// <summary>An endpoint that will go away: what its answers and the API's description say about that.</summary>
/// <param name="Since">Since when it is deprecated.</param>
/// <param name="Sunset">When it stops answering, or null when that is not decided.</param>
/// <param name="Link">A page that says more, or null.</param>
/// <param name="Successor">Path to use instead, or null.</param>
public sealed record Deprecation(DateTimeOffset Since, DateTimeOffset? Sunset, Uri? Link, string? Successor = null)
{
    /// <summary>Adds <c>Deprecation</c> (RFC 9745), <c>Sunset</c> (RFC 8594) and <c>Link</c> to an answer.</summary>
    public void AddTo(IHeaderDictionary headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        headers["Deprecation"] = string.Create(CultureInfo.InvariantCulture, $"@{Since.ToUnixTimeSeconds()}");
        if (Sunset is { } sunset)
        {
            headers["Sunset"] = sunset.ToUniversalTime().ToString("R", CultureInfo.InvariantCulture);
        }

        if (Link is not null)
        {
            headers.Append("Link", $"<{Link.OriginalString}>; rel=\"deprecation\"; type=\"text/html\"");
        }

        if (Successor is not null)
        {
            headers.Append("Link", $"<{Successor}>; rel=\"successor-version\"");
        }
    }
}

/// <summary>A version of the API: the first part of its paths.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Deprecation">Set once a later version takes its place.</param>
public sealed record ApiVersion(int Number, Deprecation? Deprecation = null)
{
    /// <summary>The version that there is.</summary>
    public static readonly ApiVersion V1 = new(1);

    /// <summary>First part of its paths, for example <c>/v1</c>.</summary>
    public string Prefix => string.Create(CultureInfo.InvariantCulture, $"/v{Number}");

    /// <summary>Name of an operation in this version: names are unique over all versions, and those of the first stay as they are.</summary>
    public string NameOf(string operation) => Number == 1 ? operation : $"{operation}{(char)('A' + Number - 1)}";
}

/// <summary>Versions of the API: an old version goes on to answer for a while, and says so.</summary>
public static class ApiVersions
{
    /// <summary>The versions that are served, oldest first.</summary>
    public static readonly IReadOnlyList<ApiVersion> Served = [ApiVersion.V1];

    /// <summary>Maps endpoints under every served version that has them. Those of a deprecated version say so.</summary>
    /// <param name="routes">Where.</param>
    /// <param name="path">Path after the version, for example <c>/auth</c>.</param>
    /// <param name="map">Maps the endpoints of one version.</param>
    /// <param name="from">First version that has them.</param>
    /// <param name="until">Last version that has them; null for every later one.</param>
    /// <param name="versions">The versions; null for <see cref="Served"/>.</param>
    public static void MapVersions(
        this IEndpointRouteBuilder routes,
        string path,
        Action<RouteGroupBuilder, ApiVersion> map,
        int from = 1,
        int? until = null,
        IReadOnlyList<ApiVersion>? versions = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        foreach (var version in (versions ?? Served).Where(version => version.Number >= from && version.Number <= (until ?? int.MaxValue)))
        {
            var group = routes.MapGroup(version.Prefix + path);
            if (version.Deprecation is { } deprecation)
            {
                group.WithMetadata(deprecation);
            }

            map(group, version);
        }
    }

    /// <summary>Marks endpoints as deprecated. Every answer of theirs says so, errors too, and so does the API's description.</summary>
    /// <param name="builder">The endpoints.</param>
    /// <param name="since">Since when.</param>
    /// <param name="sunset">When they stop answering; not before <paramref name="since"/>.</param>
    /// <param name="link">A page that says more.</param>
    /// <param name="successor">Path to use instead.</param>
    /// <exception cref="ArgumentException"><paramref name="sunset"/> is before <paramref name="since"/>.</exception>
    public static TBuilder WithDeprecation<TBuilder>(this TBuilder builder, DateTimeOffset since, DateTimeOffset? sunset = null, Uri? link = null, string? successor = null)
        where TBuilder : IEndpointConventionBuilder
    {
        // RFC 9745, section 4: the sunset must not be earlier than the deprecation.
        if (sunset < since)
        {
            throw new ArgumentException("An endpoint cannot end before it is deprecated.", nameof(sunset));
        }

        return builder.WithMetadata(new Deprecation(since, sunset, link, successor));
    }
}
