using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace MemoryMesh.ServiceDefaults.Http;

/// <summary>Names the field of a body that could not be read: one of another type, one that is not documented, or one whose text is no text.</summary>
internal static class UnreadableField
{
    /// <summary>Longest name that is given back, in UTF-16 units.</summary>
    private const int MaxLength = 200;

    private static readonly string[] Message = ["Is not documented, or not of the documented type."];

    /// <summary>The path of the field, for example <c>filter.and[0].value</c>; null when it is the body as a whole that cannot be read.</summary>
    /// <param name="exception">What the reading of a request threw.</param>
    public static string? NameOf(BadHttpRequestException exception)
    {
        if (exception.InnerException is not JsonException { Path: { } path })
        {
            return null;
        }

        var field = path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path.TrimStart('$');
        return field.Length is > 0 and <= MaxLength && !field.Any(c => char.IsControl(c) || char.IsSurrogate(c)) ? field : null;
    }

    /// <summary>The problem with the field named.</summary>
    /// <param name="kind">What the request failed with.</param>
    /// <param name="field">The field.</param>
    public static ProblemDetails ToDetails(ProblemKind kind, string field) => new HttpValidationProblemDetails(new Dictionary<string, string[]> { [field] = Message })
    {
        Type = kind.Type,
        Status = kind.Status,
        Title = kind.Title,
        Detail = kind.Detail,
    };
}
