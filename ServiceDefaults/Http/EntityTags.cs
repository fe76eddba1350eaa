using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace MemoryMesh.ServiceDefaults.Http;

/// <summary>Which version a change may replace.</summary>
public sealed class VersionCondition
{
    /// <summary>Any version.</summary>
    public static readonly VersionCondition Any = new(null);

    private readonly int[]? _versions;

    private VersionCondition(int[]? versions) => _versions = versions;

    /// <summary>Whether every version is allowed.</summary>
    public bool AllowsAny => _versions is null;

    /// <summary>One of these versions.</summary>
    public static VersionCondition OneOf(params int[] versions) => new(versions);

    /// <summary>Whether the condition holds for a version.</summary>
    public bool Allows(int version) => _versions is null || _versions.Contains(version);
}

/// <summary>The entity tag of a version, <c>"v3"</c>, and conditions on it.</summary>
public static class EntityTags
{
    /// <summary>The tag of a version.</summary>
    public static string Of(int version) => string.Create(CultureInfo.InvariantCulture, $"\"v{version}\"");

    /// <summary>Reads If-Match. Absent or <c>*</c> allows any version; a weak or foreign tag names none (RFC 9110, 13.1.1).</summary>
    public static VersionCondition ReadIfMatch(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var values = request.Headers.IfMatch;
        if (values.Count == 0)
        {
            return VersionCondition.Any;
        }

        if (!EntityTagHeaderValue.TryParseStrictList([.. values.OfType<string>()], out var tags))
        {
            return VersionCondition.OneOf();
        }

        return tags.Contains(EntityTagHeaderValue.Any) ? VersionCondition.Any : VersionCondition.OneOf([.. tags.Select(VersionOf).Where(version => version > 0)]);
    }

    private static int VersionOf(EntityTagHeaderValue tag)
        => !tag.IsWeak
            && tag.Tag.AsSpan() is ['"', 'v', .. var digits, '"']
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
                ? version
                : 0;
}
