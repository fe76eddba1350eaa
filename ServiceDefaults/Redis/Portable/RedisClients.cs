using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace MemoryMesh.ServiceDefaults.Redis;

/// <summary>Registers what <see cref="RedisConnection"/> connects with.</summary>
internal static class RedisClients
{
    public static void AddRedisClients(this IHostApplicationBuilder builder, string address) => builder.Services.AddSingleton<IRedisClients>(new OwnRedisClients(address));

    /// <summary>What is asked while the server is away is refused, and not asked when it is back: a token would be taken for a request that was counted here. StackExchange.Redis 1.2.6 does so without being told.</summary>
    public static void RefuseWhileAway(ConfigurationOptions options) => _ = options;
}
