using MemoryMesh.ServiceDefaults.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace MemoryMesh.ServiceDefaults.Redis;

/// <summary>Registers what <see cref="RedisConnection"/> connects with: the client of Aspire.StackExchange.Redis, which is one for the process and connects again by itself.</summary>
internal static class RedisClients
{
    public static void AddRedisClients(this IHostApplicationBuilder builder, string address)
    {
        builder.AddRedisClient(
            RedisExtensions.Name,
            settings =>
            {
                settings.ConnectionString = address;

                // Ours says degraded where its own would say unhealthy: everything is answered without Redis.
                settings.DisableHealthChecks = true;
                settings.DisableTracing = !ExportedTelemetry.IsWanted(builder.Configuration);
            },
            options =>
            {
                OwnRedisClients.Prepare(options);
                options.AbortOnConnectFail = false;
            });
        builder.Services.AddSingleton<IRedisClients, SharedRedisClient>();
    }

    /// <summary>What is asked while the server is away is refused, and not asked when it is back: a token would be taken for a request that was counted here.</summary>
    public static void RefuseWhileAway(ConfigurationOptions options) => options.BacklogPolicy = BacklogPolicy.FailFast;

    private sealed class SharedRedisClient(IServiceProvider services) : IRedisClients
    {
        /// <summary>Making it waits for the first try to connect.</summary>
        public Task<IConnectionMultiplexer> ConnectAsync() => Task.FromResult(services.GetRequiredService<IConnectionMultiplexer>());

        /// <summary>It goes on; who listens does so anew with the next connection.</summary>
        public void Release(Task<IConnectionMultiplexer> connecting)
            => connecting.ContinueWith(
                connected => connected.Result.GetSubscriber().UnsubscribeAll(CommandFlags.FireAndForget),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion,
                TaskScheduler.Default);
    }
}
