using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace MemoryMesh.Memory.Endpoints;

/// <summary>The version of a memory as an entity tag.</summary>
internal static class VersionTag
{
    public static void Write(HttpResponse response, int version) => response.Headers.ETag = Of(version);

    /// <summary>Whether <c>If-Match</c> allows to change this version; without the header every version may be changed.</summary>
    public static bool Allows(HttpRequest request, int version)
    {
        if (request.Headers.IfMatch.Count == 0)
        {
            return true;
        }

        return EntityTagHeaderValue.TryParseList(request.Headers.IfMatch, out var tags)
            && tags.Any(tag => tag.Tag == "*" || (!tag.IsWeak && tag.Tag.Equals(Of(version), StringComparison.Ordinal)));
    }

    private static string Of(int version) => $"\"{version}\"";
}
