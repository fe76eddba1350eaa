using System.Globalization;

namespace MemoryMesh.Gateway.Limits;

/// <summary>So many requests in so much time.</summary>
internal sealed record RateLimit(int Permits, TimeSpan Window)
{
    public const int MaxPermits = 1_000_000_000;

    /// <summary>Reads <c>200/minute</c>; <c>none</c> is read as null.</summary>
    public static bool TryParse(string? text, out RateLimit? limit)
    {
        limit = null;
        if (text is null)
        {
            return false;
        }

        if (text.Trim().Equals("none", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0
            || !int.TryParse(text.AsSpan(0, slash).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var permits)
            || permits is < 1 or > MaxPermits)
        {
            return false;
        }

        TimeSpan? window = text[(slash + 1)..].Trim().ToLowerInvariant() switch
        {
            "second" => TimeSpan.FromSeconds(1),
            "minute" => TimeSpan.FromMinutes(1),
            "hour" => TimeSpan.FromHours(1),
            "day" => TimeSpan.FromDays(1),
            _ => null,
        };
        if (window is null)
        {
            return false;
        }

        limit = new RateLimit(permits, window.Value);
        return true;
    }
}

/// <summary>Whether a request may pass, and what its answer tells about the limit.</summary>
/// <param name="Allowed">Whether it may.</param>
/// <param name="Limit">Requests that may be made in a window.</param>
/// <param name="Remaining">Requests that may be made now.</param>
/// <param name="ResetSeconds">Seconds until as many requests as the limit has may be made again, or the window ends; at least 1.</param>
/// <param name="RetryAfterSeconds">Seconds until the next request may pass, at least 1; 0 when this one may.</param>
internal readonly record struct RateLimitDecision(bool Allowed, int Limit, int Remaining, int ResetSeconds, int RetryAfterSeconds);
