using MemoryMesh.ServiceDefaults.Configuration;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.ServiceDefaults.Redis;

/// <summary>Redis, which processes share what they count and remember in. It is used where <c>ConnectionStrings:redis</c> names it, and can be away at any time.</summary>
public static class RedisExtensions
{
    /// <summary>Name of the connection string and of the health check.</summary>
    public const string Name = "redis";

    /// <summary>Joins this process to Redis when its address is in the settings, and <c>Storage:Engine</c> does not say that it is another program's.</summary>
    internal static void AddRedis(this IHostApplicationBuilder builder)
    {
        var address = builder.Configuration.GetConnectionString(Name);
        if (string.IsNullOrEmpty(address) || builder.Configuration[StoreEngines.EngineKey] is { Length: > 0 })
        {
            return;
        }

        // Messages of the client would hold addresses; what there is to tell, RedisConnection tells.
        builder.AddRedisClients(StoreAddresses.NormalizeRedis(address) ?? address);
        builder.Services.AddSingleton(provider => new RedisConnection(
            provider.GetRequiredService<IRedisClients>(), provider.GetRequiredService<KeyRing>(), provider.GetRequiredService<ILogger<RedisConnection>>()));
        builder.Services.AddHostedService(provider =>
        {
            // Who listens to a channel must be there before the connection is.
            provider.GetService<ISharedAnswers>();
            return provider.GetRequiredService<RedisConnection>();
        });
        builder.Services.AddHealthChecks().AddCheck<RedisHealthCheck>(Name);
    }

    /// <summary>
    /// Has this process share answers of Auth with the others over Redis, if it is joined to one. For processes that ask Auth over the network, and for Auth's own,
    /// which tells them what to forget.
    /// </summary>
    public static IHostApplicationBuilder AddSharedAnswers(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder.Services.Any(service => service.ServiceType == typeof(RedisConnection)))
        {
            builder.Services.AddSingleton<ISharedAnswers, RedisAnswers>();
        }

        return builder;
    }
}

/// <summary>Redis that is away makes a server degraded, not unhealthy: everything is answered without it.</summary>
internal sealed class RedisHealthCheck(RedisConnection redis) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        => Task.FromResult(redis.IsJoined ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded("Redis is away."));
}
