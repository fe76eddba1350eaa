using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.ServiceDefaults.Http;

/// <summary>The header that makes a POST safe to repeat.</summary>
public static class IdempotencyHeader
{
    /// <summary>Header of the request.</summary>
    public const string Name = "Idempotency-Key";

    /// <summary>Header of an answer that was given before.</summary>
    public const string Replayed = "Idempotency-Replayed";

    /// <summary>Most characters of a key.</summary>
    public const int MaxLength = 255;

    /// <summary>Reads the key: 1 to 255 visible ASCII characters, at most once. Both are null when there is none.</summary>
    public static (string? Key, ProblemHttpResult? Problem) Read(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var values = request.Headers[Name];
        if (values.Count == 0)
        {
            return (null, null);
        }

        return values.Count == 1 && values[0] is { Length: > 0 and <= MaxLength } key && key.All(c => c is > ' ' and <= '~')
            ? (key, null)
            : (null, Problems.InvalidField(Name, $"Must be 1 to {MaxLength} visible ASCII characters, sent once."));
    }
}
