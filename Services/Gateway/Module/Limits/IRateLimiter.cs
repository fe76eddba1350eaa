namespace MemoryMesh.Gateway.Limits;

/// <summary>Counts requests by key and lets as many through as a limit has. It never fails.</summary>
internal interface IRateLimiter<in TKey>
    where TKey : notnull
{
    /// <summary>Counts a request, unless it is over the limit.</summary>
    ValueTask<RateLimitDecision> TakeAsync(TKey key);
}
