using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using MassTransit;
using MassTransit.RabbitMqTransport;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>Keeps this process joined to the broker: starts a bus, watches it, and replaces it by a new one as soon as it is in doubt.</summary>
/// <remarks>
/// MassTransit 8.4.0 by itself waits 3 to 30 s before it connects again, never does after a refused login or when a consumer's channel was closed under
/// it, and does not tell when a bus that only publishes has lost its broker. A bus that did not stop in time cannot be started again. So a bus is used
/// until the first doubt, and never twice.
/// </remarks>
internal sealed partial class BusKeeper : BackgroundService
{
    /// <summary>Tries that may fail before the log says so again.</summary>
    private const int LogEvery = 10;

    /// <summary>Looks in a row that may find the bus unwell.</summary>
    private const int LooksUnwell = 3;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ReachTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    private readonly SubscriptionQueues _queues;
    private readonly IHostEnvironment _host;
    private readonly ILogger<BusKeeper> _logger;
    private readonly ILoggerFactory _loggers;
    private readonly RabbitMqFeed? _feed;
    private readonly RabbitMqTopology _topology;
    private TaskCompletionSource<JoinedBus> _joined = NewSource();

    public BusKeeper(
        SubscriptionQueues queues,
        IConfiguration configuration,
        IOptions<MessagingOptions> options,
        IHostEnvironment host,
        ILogger<BusKeeper> logger,
        ILoggerFactory loggers,
        RabbitMqFeed? feed = null)
    {
        _topology = new RabbitMqTopology(options.Value.QueueType);
        Address = RabbitMqAddress.Parse(configuration.GetConnectionString(RabbitMqBusExtensions.Name));
        _queues = queues;
        _host = host;
        _logger = logger;
        _loggers = loggers;
        _feed = feed;
    }

    /// <summary>Where the broker is.</summary>
    /// <exception cref="StartupException">It is not configured.</exception>
    public RabbitMqAddress Address { get; }

    /// <summary>Whether the bus is joined and every subscription of this process takes events.</summary>
    public bool IsJoined => Volatile.Read(ref _joined).Task is { IsCompletedSuccessfully: true, Result.Lost.IsCancellationRequested: false };

    /// <summary>The bus, as soon as there is one.</summary>
    public Task<JoinedBus> GetAsync(CancellationToken cancellationToken) => Volatile.Read(ref _joined).Task.WaitAsync(cancellationToken);

    /// <summary>Asks whether something listens at the broker's address.</summary>
    /// <exception cref="SocketException">Nothing does.</exception>
    public async Task ReachAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ReachTimeout);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(Address.Host, Address.Port, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SocketException((int)SocketError.TimedOut);
        }
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
                    LogNotJoined(_logger, Address, exception.GetType().Name, exception.Message);
                }
            }

            var wait = Backoff.After(Math.Max(failures, 1));
            await Task.Delay(wait < LongestWait ? wait : LongestWait, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Uses one bus until it is in doubt.</summary>
    private async Task LiveAsync(Action whenJoined, CancellationToken stoppingToken)
    {
        await ReachAsync(stoppingToken);
        var joined = new JoinedBus();
        var bus = Create(joined);
        try
        {
            await StartAsync(bus, stoppingToken);
            joined.Join(bus);
            _joined.SetResult(joined);
            whenJoined();
            LogJoined(_logger, Address);
            joined.Doubt(await WatchAsync(bus, joined, stoppingToken));
            LogLost(_logger, joined.Reason!);
        }
        finally
        {
            if (_joined.Task.IsCompleted)
            {
                Volatile.Write(ref _joined, NewSource());
            }

            // The bus stops taking messages before what it holds goes back, or the broker would hand it out to it again.
            var stopping = StopAsync(bus);
            joined.Doubt("The bus was stopped.");
            await stopping;
        }
    }

    private static async Task StartAsync(IBusControl bus, CancellationToken stoppingToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        limit.CancelAfter(StartTimeout);
        var starting = Task.Run(() => bus.StartAsync(limit.Token), CancellationToken.None);
        try
        {
            await starting.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            Forget(starting);
            var health = bus.CheckHealth();
            throw new TimeoutException($"The bus did not start within {StartTimeout.TotalSeconds:0} s: {health.Exception?.Message ?? health.Description}");
        }
    }

    /// <returns>What makes the bus doubtful.</returns>
    private async Task<string> WatchAsync(IBusControl bus, JoinedBus joined, CancellationToken stoppingToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, joined.Lost);
        var unwell = 0;
        while (true)
        {
            await Task.Delay(LookInterval, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stoppingToken.ThrowIfCancellationRequested();
            if (joined.Reason is { } reason)
            {
                return reason;
            }

            try
            {
                await ReachAsync(stoppingToken);
            }
            catch (SocketException exception)
            {
                return exception.SocketErrorCode.ToString();
            }

            var health = bus.CheckHealth();
            unwell = health.Status == BusHealthStatus.Healthy ? 0 : unwell + 1;
            if (unwell >= LooksUnwell)
            {
                return health.Description;
            }
        }
    }

    private static async Task StopAsync(IBusControl bus)
    {
        using var limit = new CancellationTokenSource(StopTimeout);
        var stopping = Task.Run(() => bus.StopAsync(limit.Token), CancellationToken.None);
        await Task.WhenAny(stopping, Task.Delay(StopTimeout, CancellationToken.None));
        Forget(stopping);
    }

    private static void Forget(Task task)
        => task.ContinueWith(ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    private IBusControl Create(JoinedBus joined)
    {
        LogContext.ConfigureCurrentLogContext(_loggers);
        return Bus.Factory.CreateUsingRabbitMq(bus =>
        {
            bus.Host(Address.Host, Address.Port, Address.VirtualHost, _host.ApplicationName, host =>
            {
                host.Username(Address.User);
                host.Password(Address.Password);
                host.Heartbeat(TimeSpan.FromSeconds(10));
                host.RequestedConnectionTimeout(TimeSpan.FromSeconds(5));
                host.ContinuationTimeout(StartTimeout);
                host.OnRefreshConnectionFactory = factory =>
                {
                    factory.SocketFactory = BrokerSocket.Open;
                    return Task.CompletedTask;
                };
                if (Address.Tls)
                {
                    host.UseSsl(tls =>
                    {
                        // MassTransit takes a certificate of any issuer, and no version but 1.2, unless told otherwise.
                        tls.ServerName = Address.Host;
                        tls.Protocol = SslProtocols.None;
                        tls.EnforcePolicyErrors(
                            SslPolicyErrors.RemoteCertificateChainErrors
                            | SslPolicyErrors.RemoteCertificateNameMismatch
                            | SslPolicyErrors.RemoteCertificateNotAvailable);
                    });
                }
            });
            _topology.Declare(bus);
            _feed?.Listen(bus, endpoint => endpoint.ConfigureChannel(pipe => pipe.UseFilter(new ChannelWatch(joined))));
            foreach (var queue in _queues.All)
            {
                Add(queue.Subscription.Name, endpoint => _topology.Consume(endpoint, queue, joined.Lost));
                _topology.ConsumeGivenUp(Add, queue, joined.Lost);

                void Add(string name, Action<IRabbitMqReceiveEndpointConfigurator> configure)
                    => bus.ReceiveEndpoint(name, endpoint =>
                    {
                        endpoint.PrefetchCount = Deliverer.BatchSize;
                        endpoint.ConcurrentMessageLimit = Deliverer.BatchSize;

                        // A fault message would hold the event and go to nobody.
                        endpoint.PublishFaults = false;
                        endpoint.ConfigureError(pipe => pipe.UseFilter(new UnreadableFilter(queue)));
                        endpoint.ConfigureChannel(pipe => pipe.UseFilter(new ChannelWatch(joined)));
                        configure(endpoint);
                    });
            }
        });
    }

    private static TaskCompletionSource<JoinedBus> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(EventId = 1141, Level = LogLevel.Information, Message = "Joined to the broker at {Address}")]
    private static partial void LogJoined(ILogger logger, RabbitMqAddress address);

    [LoggerMessage(EventId = 1142, Level = LogLevel.Warning, Message = "The broker is lost: {Reason}")]
    private static partial void LogLost(ILogger logger, string reason);

    [LoggerMessage(EventId = 1143, Level = LogLevel.Warning, Message = "Waiting for the broker at {Address}: {Kind}: {Reason}")]
    private static partial void LogNotJoined(ILogger logger, RabbitMqAddress address, string kind, string reason);

    /// <summary>Doubts the bus when a channel that it consumes from closes.</summary>
    private sealed class ChannelWatch(JoinedBus joined) : IFilter<ChannelContext>
    {
        public void Probe(ProbeContext context) => context.CreateFilterScope("channelWatch");

        public Task Send(ChannelContext context, IPipe<ChannelContext> next)
        {
            context.Channel.ChannelShutdownAsync += (_, reason) =>
            {
                joined.Doubt(reason.ReplyText);
                return Task.CompletedTask;
            };
            return next.Send(context);
        }
    }
}

/// <summary>A bus that is joined to the broker, until it is in doubt.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Without a timer there is nothing to dispose of, and a late doubt may come at any time.")]
internal sealed class JoinedBus
{
    private readonly CancellationTokenSource _lost = new();
    private IBusControl? _bus;
    private string? _reason;

    /// <summary>The bus.</summary>
    public IBusControl Bus => _bus ?? throw new InvalidOperationException("The bus is not joined yet.");

    /// <summary>Canceled when the bus is in doubt and on its way to be replaced.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>The first doubt.</summary>
    public string? Reason => Volatile.Read(ref _reason);

    public void Join(IBusControl bus) => _bus = bus;

    /// <summary>Has the bus replaced by a new one.</summary>
    public void Doubt(string reason)
    {
        if (Interlocked.CompareExchange(ref _reason, reason, null) is null)
        {
            _ = _lost.CancelAsync();
        }
    }
}
