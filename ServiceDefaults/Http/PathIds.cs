using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MemoryMesh.ServiceDefaults.Http;

/// <summary>Ids that clients chose, in paths.</summary>
public static class PathIds
{
    private const string EncodedSlash = "%2F";

    /// <summary>The id that follows <paramref name="prefix"/> in the path, decoded.</summary>
    /// <param name="http">The request.</param>
    /// <param name="prefix">The path before the id, with the slash.</param>
    /// <param name="routeValue">The id as the route gives it.</param>
    /// <remarks>
    /// The server decodes every escape but that of the slash, so <c>a%2Fb</c> and <c>a%252Fb</c> give one route value. Where it holds such an escape,
    /// the path as it was sent decides.
    /// </remarks>
    public static string Read(HttpContext http, string prefix, string routeValue)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentNullException.ThrowIfNull(routeValue);
        if (!routeValue.Contains(EncodedSlash, StringComparison.OrdinalIgnoreCase))
        {
            return routeValue;
        }

        var target = http.Features.Get<IHttpRequestFeature>()?.RawTarget ?? string.Empty;
        var start = target.IndexOf(prefix, StringComparison.OrdinalIgnoreCase);
        if (start < 0)
        {
            return Uri.UnescapeDataString(routeValue);
        }

        var rest = target[(start + prefix.Length)..];
        var end = rest.AsSpan().IndexOfAny('/', '?', '#');
        return Uri.UnescapeDataString(end < 0 ? rest : rest[..end]);
    }
}
