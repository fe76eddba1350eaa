using StackExchange.Redis;

namespace MemoryMesh.ServiceDefaults.Redis;

/// <summary>Where <see cref="RedisConnection"/> has its clients from.</summary>
internal interface IRedisClients
{
    /// <summary>A client, which may be connected or not.</summary>
    Task<IConnectionMultiplexer> ConnectAsync();

    /// <summary>Gives a client back, also one that is made only later. It may take its time, which nobody waits for.</summary>
    void Release(Task<IConnectionMultiplexer> connecting);
}

/// <summary>A client for each connection, closed at the first doubt: StackExchange.Redis 1.2.6 cannot be waited for to connect again by itself.</summary>
/// <param name="address">Address as StackExchange.Redis has it: <c>host:port,option=value</c>.</param>
internal sealed class OwnRedisClients(string address) : IRedisClients
{
    public async Task<IConnectionMultiplexer> ConnectAsync()
    {
        var options = ConfigurationOptions.Parse(address);
        Prepare(options);
        options.AbortOnConnectFail = true;
        options.ConnectRetry = 1;
        return await ConnectionMultiplexer.ConnectAsync(options);
    }

    public void Release(Task<IConnectionMultiplexer> connecting)
        => connecting.ContinueWith(
            connected =>
            {
                if (connected.IsCompletedSuccessfully)
                {
                    connected.Result.Close(allowCommandsToComplete: false);
                }
                else
                {
                    _ = connected.Exception;
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.LongRunning,
            TaskScheduler.Default);

    /// <summary>What every client has.</summary>
    internal static void Prepare(ConfigurationOptions options)
    {
        options.ConnectTimeout = (int)RedisConnection.LookTimeout.TotalMilliseconds;
        options.ClientName = "memorymesh";
        RedisClients.RefuseWhileAway(options);
    }
}
