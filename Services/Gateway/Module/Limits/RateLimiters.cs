using System.Net;
using MemoryMesh.ServiceDefaults.Redis;
using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.Gateway.Limits;

/// <summary>Makes the limiters of this Gateway: shared with others over Redis where there is one, else of its own.</summary>
internal sealed class RateLimiters(TimeProvider clock, KeyedNames names, RedisConnection? redis = null)
{
    /// <summary>Name of the limit for client addresses.</summary>
    public const string Global = "global";

    /// <summary>Name of the limit for tenants.</summary>
    public const string Tenant = "tenant";

    /// <summary>Limits client addresses or networks.</summary>
    public IRateLimiter<IPAddress> OfClients(RateLimit limit) => Create<IPAddress>(Global, limit, address => names.Other("client address", address.ToString()));

    /// <summary>Limits tenants, by their ids.</summary>
    public IRateLimiter<string> OfTenants(RateLimit limit) => Create<string>(Tenant, limit, tenant => names.Other("limited tenant", tenant));

    private IRateLimiter<TKey> Create<TKey>(string kind, RateLimit limit, Func<TKey, Guid> nameOf)
        where TKey : notnull
    {
        var local = new LocalRateLimiter<TKey>(limit, clock);
        return redis is null ? local : new RedisRateLimiter<TKey>(kind, limit, redis, nameOf, local);
    }
}
