using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace MemoryMesh.ServiceDefaults.Hosting;

/// <summary>An endpoint that will go away: what its answers and the API's description say about that.</summary>
/// <param name="Since">Since when it is deprecated.</param>
/// <param name="Sunset">When it stops answering, or null when that is not decided.</param>
/// <param name="Link">Where the successor is described, or null.</param>
public sealed record Deprecation(DateTimeOffset Since, DateTimeOffset? Sunset, Uri? Link)
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
    }
}

/// <summary>Versions of the API: an old version goes on to answer for a while, and says so.</summary>
public static class ApiVersions
{
    /// <summary>Marks endpoints as deprecated. Every answer of theirs says so, errors too, and so does the API's description.</summary>
    /// <param name="builder">The endpoints.</param>
    /// <param name="since">Since when.</param>
    /// <param name="sunset">When they stop answering; not before <paramref name="since"/>.</param>
    /// <param name="link">A page that describes the successor.</param>
    /// <exception cref="ArgumentException"><paramref name="sunset"/> is before <paramref name="since"/>.</exception>
    public static TBuilder WithDeprecation<TBuilder>(this TBuilder builder, DateTimeOffset since, DateTimeOffset? sunset = null, Uri? link = null)
        where TBuilder : IEndpointConventionBuilder
    {
        // RFC 9745, section 4: the sunset must not be earlier than the deprecation.
        if (sunset < since)
        {
            throw new ArgumentException("An endpoint cannot end before it is deprecated.", nameof(sunset));
        }

        return builder.WithMetadata(new Deprecation(since, sunset, link));
    }
}
