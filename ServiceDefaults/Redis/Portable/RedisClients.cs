using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MemoryMesh.ServiceDefaults.Redis;

/// <summary>Registers what <see cref="RedisConnection"/> connects with.</summary>
internal static class RedisClients
{
    public static void AddRedisClients(this IHostApplicationBuilder builder, string address) => builder.Services.AddSingleton<IRedisClients>(new OwnRedisClients(address));
}
