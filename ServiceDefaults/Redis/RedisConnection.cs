using System.Diagnostics;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace MemoryMesh.ServiceDefaults.Redis;

/// <summary>Keeps this process joined to Redis: connects, looks each second, and replaces a connection by a new one at the first doubt.</summary>
/// <remarks>
/// What Redis is asked for can be done without it. So nobody waits for it longer than <see cref="Patience"/>, no failure of it leaves this class, and while
/// it is away nobody asks.
/// </remarks>
public sealed partial class RedisConnection : BackgroundService
{
    /// <summary>Longest that a question waits for its answer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>Tries that may fail before the log says so again.</summary>
    private const int LogEvery = 10;

    /// <summary>Refused commands until the log says so again: each request may meet one.</summary>
    private const int LogRefusalEvery = 1_000;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    internal static readonly TimeSpan LookTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    private readonly IRedisClients _clients;
    private readonly string _prefix;
    private readonly ILogger<RedisConnection> _logger;
    private readonly List<(string Channel, Action Heard)> _channels = [];
    private volatile Joined? _joined;
    private long _refusals;

    /// <summary>Prepares the connection; the host starts it.</summary>
    /// <param name="address">Address as StackExchange.Redis has it: <c>host:port,option=value</c>.</param>
    /// <param name="keys">Names of two installations in one Redis differ by their index keys.</param>
    /// <param name="logger">Told when Redis is lost and found.</param>
    public RedisConnection(string address, KeyRing keys, ILogger<RedisConnection> logger)
        : this(new OwnRedisClients(address), keys, logger)
    {
    }

    /// <summary>Prepares the connection over clients of another kind.</summary>
    internal RedisConnection(IRedisClients clients, KeyRing keys, ILogger<RedisConnection> logger)
    {
        ArgumentNullException.ThrowIfNull(keys);
        _clients = clients;
        _prefix = $"memorymesh:{Convert.ToHexStringLower(keys.IndexKeyId)}:";
        _logger = logger;
    }

    /// <summary>Whether Redis is there.</summary>
    public bool IsJoined => _joined is not null;

    /// <summary>The name of a key or channel of this installation in Redis.</summary>
    public string NameOf(string name) => _prefix + name;

    /// <summary>Has an action called for each message on a channel, and each time that Redis was joined: messages may have been missed before. Before the host starts.</summary>
    public void Listen(string channel, Action heard) => _channels.Add((NameOf(channel), heard));

    /// <summary>Asks Redis.</summary>
    /// <returns>Null when it is away, does not answer in time or answers with an error: go on without it.</returns>
    public async Task<TAnswer?> TryAskAsync<TAnswer>(Func<IDatabase, Task<TAnswer>> ask)
        where TAnswer : class
    {
        ArgumentNullException.ThrowIfNull(ask);
        if (_joined is not { } joined)
        {
            Telemetry.RedisUnanswered.Add(1, new KeyValuePair<string, object?>("reason", "away"));
            return null;
        }

        // Clients of Redis differ in what they trace, the one of the portable build traces nothing; this is in every trace. Names of keys are not: they come from who is counted.
        using var span = Telemetry.Activities.StartActivity("ask redis", ActivityKind.Client);
        span?.SetTag("db.system.name", "redis");
        var reason = "error";
        try
        {
            var asking = ask(joined.Redis.GetDatabase());
            Forget(asking);
            return await asking.WaitAsync(Patience);
        }
        catch (RedisServerException exception)
        {
            // The connection is well: the server has no memory left, only reads, or does not know a command.
            if (Interlocked.Increment(ref _refusals) % LogRefusalEvery == 1)
            {
                LogRefused(_logger, exception.Message);
            }
        }
        catch (TimeoutException)
        {
            reason = "late";
            Doubt(joined, $"it did not answer within {Patience.TotalMilliseconds:0} ms");
        }
        catch (Exception exception)
        {
            Doubt(joined, exception.GetType().Name);
        }

        span?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", reason);
        Telemetry.RedisUnanswered.Add(1, new KeyValuePair<string, object?>("reason", reason));
        return null;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LiveAsync(() => failures = 0, stoppingToken);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                if (failures++ % LogEvery == 0)
                {
                    LogNotJoined(_logger, exception.GetType().Name);
                }
            }

            var wait = Backoff.After(Math.Max(failures, 1));
            await Task.Delay(wait < LongestWait ? wait : LongestWait, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Uses one connection until it is in doubt.</summary>
    private async Task LiveAsync(Action whenJoined, CancellationToken stoppingToken)
    {
        var connecting = Task.Run(_clients.ConnectAsync, CancellationToken.None);
        IConnectionMultiplexer redis;
        try
        {
            redis = await connecting.WaitAsync(ConnectTimeout, stoppingToken);
        }
        catch (Exception)
        {
            _clients.Release(connecting);
            throw;
        }

        var joined = new Joined(redis);
        try
        {
            foreach (var (channel, heard) in _channels)
            {
                await redis.GetSubscriber().SubscribeAsync(new RedisChannel(channel, RedisChannel.PatternMode.Literal), (_, _) => heard()).WaitAsync(LookTimeout, stoppingToken);
                heard();
            }

            await redis.GetDatabase().PingAsync().WaitAsync(LookTimeout, stoppingToken);
            _joined = joined;
            whenJoined();
            LogJoined(_logger);
            LogLost(_logger, await WatchAsync(joined, stoppingToken));
        }
        finally
        {
            _joined = null;
            _clients.Release(connecting);
        }
    }

    /// <returns>What makes the connection doubtful.</returns>
    private static async Task<string> WatchAsync(Joined joined, CancellationToken stoppingToken)
    {
        while (true)
        {
            var doubted = await Task.WhenAny(joined.Doubted, Task.Delay(LookInterval, stoppingToken)) == joined.Doubted;
            stoppingToken.ThrowIfCancellationRequested();
            if (doubted)
            {
                return await joined.Doubted;
            }

            try
            {
                await joined.Redis.GetDatabase().PingAsync().WaitAsync(LookTimeout, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                return exception.GetType().Name;
            }
        }
    }

    private void Doubt(Joined joined, string reason)
    {
        // From here on nobody asks; the keeper closes the connection and makes another.
        Interlocked.CompareExchange(ref _joined, null, joined);
        joined.Doubt(reason);
    }

    private static void Forget(Task task)
        => task.ContinueWith(ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    [LoggerMessage(EventId = 1171, Level = LogLevel.Information, Message = "Joined to Redis")]
    private static partial void LogJoined(ILogger logger);

    [LoggerMessage(EventId = 1172, Level = LogLevel.Warning, Message = "Redis is lost, and done without: {Reason}")]
    private static partial void LogLost(ILogger logger, string reason);

    [LoggerMessage(EventId = 1173, Level = LogLevel.Warning, Message = "Waiting for Redis, which is done without: {Kind}")]
    private static partial void LogNotJoined(ILogger logger, string kind);

    [LoggerMessage(EventId = 1174, Level = LogLevel.Warning, Message = "Redis refused a command, and is done without: {Reason}")]
    private static partial void LogRefused(ILogger logger, string reason);

    /// <summary>A connection, until it is in doubt.</summary>
    private sealed class Joined(IConnectionMultiplexer redis)
    {
        private readonly TaskCompletionSource<string> _doubted = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IConnectionMultiplexer Redis => redis;

        /// <summary>Done with the first doubt.</summary>
        public Task<string> Doubted => _doubted.Task;

        public void Doubt(string reason) => _doubted.TrySetResult(reason);
    }
}
