using System.Globalization;
using MemoryMesh.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace MemoryMesh.Gateway.Limits;

/// <summary>Counts requests of all Gateways together, in a bucket of tokens for each key in Redis.</summary>
/// <remarks>
/// A bucket holds as many tokens as the limit has requests, each request takes one, and they come back evenly over the window. One script does all of it, by
/// the clock of Redis: Gateways at once cannot take the same token, and their clocks do not matter. A bucket that would be full again expires.
/// While Redis is away, this process counts for itself.
/// </remarks>
/// <param name="kind">What is limited, for the names of the buckets.</param>
/// <param name="limit">The limit.</param>
/// <param name="redis">Where the buckets are.</param>
/// <param name="nameOf">Name of a key, which tells nobody whose it is.</param>
/// <param name="fallback">Counts while Redis is away.</param>
internal sealed class RedisRateLimiter<TKey>(string kind, RateLimit limit, RedisConnection redis, Func<TKey, Guid> nameOf, IRateLimiter<TKey> fallback) : IRateLimiter<TKey>
    where TKey : notnull
{
    private const string Script =
        """
        local permits = tonumber(ARGV[1])
        local window = tonumber(ARGV[2])
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
        local tokens = tonumber(bucket[1]) or permits
        local at = tonumber(bucket[2]) or now
        tokens = math.min(permits, tokens + math.max(0, now - at) * permits / window)
        if tokens < 1 - 1e-9 then
          return {0, string.format('%.17g', tokens)}
        end
        tokens = math.max(0, tokens - 1)
        redis.call('HMSET', KEYS[1], 'tokens', string.format('%.17g', tokens), 'at', string.format('%.0f', now))
        redis.call('PEXPIRE', KEYS[1], math.ceil((permits - tokens) * window / permits / 1000) + 1000)
        return {1, string.format('%.17g', tokens)}
        """;

    private readonly RedisValue[] _limit = [limit.Permits, (long)limit.Window.TotalMicroseconds];

    /// <inheritdoc/>
    public async ValueTask<RateLimitDecision> TakeAsync(TKey key)
    {
        RedisKey bucket = redis.NameOf($"limit:{kind}:{nameOf(key):N}");
        var answer = await redis.TryAskAsync(async database => (RedisValue[]?)await database.ScriptEvaluateAsync(Script, [bucket], _limit) ?? []);
        return answer is [var allowed, var tokens] && double.TryParse((string?)tokens, NumberStyles.Float, CultureInfo.InvariantCulture, out var left)
            ? Decide((int)allowed == 1, left)
            : await fallback.TakeAsync(key);
    }

    private RateLimitDecision Decide(bool allowed, double tokens)
        => new(allowed, limit.Permits, allowed ? (int)(tokens + 1e-9) : 0, Seconds(limit.Permits - tokens), allowed ? 0 : Seconds(1 - tokens));

    /// <summary>Seconds until so many tokens have come back, at least 1.</summary>
    private int Seconds(double tokens) => (int)Math.Max(1, Math.Ceiling((tokens * limit.Window.TotalSeconds / limit.Permits) - 1e-6));
}
