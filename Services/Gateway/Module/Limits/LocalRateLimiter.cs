using System.Collections.Concurrent;

namespace MemoryMesh.Gateway.Limits;

/// <summary>Counts requests by key in this process, in a sliding window: the last window counts in proportion to how much of it is still inside.</summary>
/// <remarks>
/// A window that stands still lets twice the limit through around its border; one that slides does not, and needs two numbers a key.
/// Keys that were not seen for two windows are forgotten. When there are too many keys, new ones share one count: a flood of addresses must
/// neither fill the memory nor pass unlimited.
/// </remarks>
internal sealed class LocalRateLimiter<TKey>(RateLimit limit, TimeProvider clock, int maxKeys = 100_000) : IRateLimiter<TKey>
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Usage> _usages = new();
    private readonly Usage _others = new();
    private readonly long _window = (long)(limit.Window.TotalSeconds * clock.TimestampFrequency);
    private int _keys;
    private long _sweptAt = clock.GetTimestamp();

    /// <summary>Keys that are remembered.</summary>
    public int Count => Volatile.Read(ref _keys);

    /// <inheritdoc/>
    public ValueTask<RateLimitDecision> TakeAsync(TKey key) => new(Take(key));

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
