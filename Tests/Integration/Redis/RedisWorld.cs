using MemoryMesh.ServiceDefaults.Redis;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace MemoryMesh.Tests.Integration.Redis;

/// <summary>A Redis server, and processes that are joined to it.</summary>
internal sealed class RedisWorld : IAsyncDisposable
{
    private readonly List<RedisConnection> _connections = [];

    private RedisWorld(RedisServer server) => Server = server;

    public RedisServer Server { get; }

    public KeyRing Keys { get; } = new([.. Enumerable.Repeat((byte)1, 32)], [.. Enumerable.Repeat((byte)2, 32)]);

    public static async Task<RedisWorld> StartAsync() => new(await RedisServer.StartAsync());

    /// <summary>A connection as a process has it.</summary>
    public RedisConnection Connect()
    {
        var connection = new RedisConnection(Server.ConnectionString, Keys, NullLogger<RedisConnection>.Instance);
        _connections.Add(connection);
        return connection;
    }

    /// <summary>Starts the connections and waits until they are joined.</summary>
    public async Task JoinAsync()
    {
        foreach (var connection in _connections.Where(connection => connection.ExecuteTask is null))
        {
            await connection.StartAsync(default);
        }

        await EachAsync(joined: true);
    }

    /// <summary>Waits until all connections know that Redis is there, or away.</summary>
    public Task EachAsync(bool joined)
        => Eventually.TrueAsync(
            () => Task.FromResult(_connections.TrueForAll(connection => connection.IsJoined == joined)), Eventually.Patience, () => $"Not all connections are {(joined ? "joined" : "lost")}.");

    /// <summary>Looks into Redis as somebody else does.</summary>
    public async Task<T> LookAsync<T>(Func<IDatabase, IServer, Task<T>> look)
    {
        // Going through all keys is synchronous in this client, and gives up after a second otherwise.
        using var redis = await ConnectionMultiplexer.ConnectAsync($"{Server.ConnectionString},syncTimeout={(int)Eventually.Patience.TotalMilliseconds}");
        return await look(redis.GetDatabase(), redis.GetServer(redis.GetEndPoints()[0]));
    }

    /// <summary>Ends the processes.</summary>
    public async Task DisconnectAsync()
    {
        foreach (var connection in _connections)
        {
            await connection.StopAsync(default);
            connection.Dispose();
        }

        _connections.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await DisconnectAsync();
        await Server.DisposeAsync();
    }
}
