using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MemoryMesh.Chat.Endpoints;

/// <summary>Ids that clients chose, in paths.</summary>
internal static class PathIds
{
    private const string EncodedSlash = "%2F";
    private const string Prefix = "/v1/conversations/";

    /// <summary>The conversation's id in the path, decoded.</summary>
    /// <remarks>
    /// The server decodes every escape but that of the slash, so <c>a%2Fb</c> and <c>a%252Fb</c> give one route value. Where it holds such an escape,
    /// the path as it was sent decides.
    /// </remarks>
    public static string ConversationId(HttpContext http, string routeValue)
    {
        if (!routeValue.Contains(EncodedSlash, StringComparison.OrdinalIgnoreCase))
        {
            return routeValue;
        }

        var target = http.Features.Get<IHttpRequestFeature>()?.RawTarget ?? string.Empty;
        var start = target.IndexOf(Prefix, StringComparison.OrdinalIgnoreCase);
        if (start < 0)
        {
            return Uri.UnescapeDataString(routeValue);
        }

        var rest = target[(start + Prefix.Length)..];
        var end = rest.AsSpan().IndexOfAny('/', '?', '#');
        return Uri.UnescapeDataString(end < 0 ? rest : rest[..end]);
    }
}
