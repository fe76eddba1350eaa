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
/// <param name="ResetSeconds">Seconds until the window ends, at least 1.</param>
/// <param name="RetryAfterSeconds">Seconds until the next request may pass, at least 1; 0 when this one may.</param>
internal readonly record struct RateLimitDecision(bool Allowed, int Limit, int Remaining, int ResetSeconds, int RetryAfterSeconds);

/// <summary>Counts requests by key in a sliding window: the last window counts in proportion to how much of it is still inside.</summary>
/// <remarks>
/// A window that stands still lets twice the limit through around its border; one that slides does not, and needs two numbers a key.
/// Keys that were not seen for two windows are forgotten. When there are too many keys, new ones share one count: a flood of addresses must
/// neither fill the memory nor pass unlimited.
/// </remarks>
internal sealed class RateLimiter<TKey>(RateLimit limit, TimeProvider clock, int maxKeys = 100_000)
    where TKey : notnull
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<TKey, Usage> _usages = new();
    private readonly Usage _others = new();
    private readonly long _window = (long)(limit.Window.TotalSeconds * clock.TimestampFrequency);
    private int _keys;
    private long _sweptAt = clock.GetTimestamp();

    /// <summary>Keys that are remembered.</summary>
    public int Count => Volatile.Read(ref _keys);

    /// <summary>Counts a request, unless it is over the limit.</summary>
    public RateLimitDecision Take(TKey key)
    {
        var now = clock.GetTimestamp();
        var usage = _usages.TryGetValue(key, out var known) ? known : Add(key, now);
        lock (usage)
        {
            usage.MoveTo(now, _window);
            var fraction = (double)(now - usage.Start) / _window;
            var used = (usage.Previous * (1 - fraction)) + usage.Current;
            var reset = Seconds(_window - (now - usage.Start));
            if (used + 1 > limit.Permits + 1e-6)
            {
                return new(false, limit.Permits, 0, reset, Seconds(WaitFor(usage, now)));
            }

            usage.Current++;
            return new(true, limit.Permits, Math.Max(0, (int)(limit.Permits - used - 1 + 1e-6)), reset, 0);
        }
    }

    /// <summary>Timestamps until one more request fits: solves used(t) + 1 = limit within this window, else within the next.</summary>
    private double WaitFor(Usage usage, long now)
    {
        var free = limit.Permits - 1 - usage.Current;
        if (free >= 0 && usage.Previous > 0)
        {
            return ((1 - ((double)free / usage.Previous)) * _window) - (now - usage.Start);
        }

        var toEnd = _window - (now - usage.Start);
        return toEnd + (usage.Current == 0 ? 0 : (1 - ((double)(limit.Permits - 1) / usage.Current)) * _window);
    }

    private int Seconds(double timestamps) => Math.Max(1, (int)Math.Ceiling((timestamps / clock.TimestampFrequency) - 1e-6));

    private Usage Add(TKey key, long now)
    {
        var swept = Volatile.Read(ref _sweptAt);
        if (now - swept > 2 * _window && Interlocked.CompareExchange(ref _sweptAt, now, swept) == swept)
        {
            Sweep(now);
        }

        if (Count >= maxKeys)
        {
            return _others;
        }

        var added = new Usage { Start = now };
        var usage = _usages.GetOrAdd(key, added);
        if (ReferenceEquals(usage, added))
        {
            Interlocked.Increment(ref _keys);
        }

        return usage;
    }

    private void Sweep(long now)
    {
        foreach (var (key, usage) in _usages)
        {
            bool idle;
            lock (usage)
            {
                idle = now - usage.Start >= 2 * _window;
            }

            if (idle && _usages.TryRemove(key, out _))
            {
                Interlocked.Decrement(ref _keys);
            }
        }
    }

    private sealed class Usage
    {
        public long Start { get; set; }

        public int Previous { get; set; }

        public int Current { get; set; }

        public void MoveTo(long now, long window)
        {
            var passed = (now - Start) / window;
            if (passed <= 0)
            {
                return;
            }

            Previous = passed == 1 ? Current : 0;
            Current = 0;
            Start = passed == 1 ? Start + window : now;
        }
    }
}
