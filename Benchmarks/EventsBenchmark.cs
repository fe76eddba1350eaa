using System.Diagnostics;
using MassTransit;
using MemoryMesh.AppHost;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Messaging;

namespace MemoryMesh.Benchmarks;

/// <summary>Events from their commit to their consumer over a real RabbitMQ, against MassTransit publishing and consuming the same without an outbox.</summary>
/// <remarks>
/// Both sides run in this process, with a connection of their own for each end, over one broker, with queues of one kind, the same prefetch and confirmed, persistent messages.
/// What differs is what the product adds: the commit, the relay, delivery in batches and the metrics.
/// </remarks>
internal static class EventsBenchmark
{
    /// <summary>Most events that are under way at once where throughput is measured.</summary>
    public const int Window = 100;

    private const int Lags = 100;

    public static async Task<int> RunAsync(Options options)
    {
        if (RabbitMqServer.FindScript() is null)
        {
            await Console.Error.WriteLineAsync("RabbitMQ is not installed: apt-get install rabbitmq-server.");
            return 2;
        }

        Report.Machine();
        var folder = Directory.CreateTempSubdirectory("memorymesh-bench-").FullName;
        try
        {
            await using var broker = RabbitMqServer.Create(Path.Combine(folder, "broker"));
            await broker.StartAsync(default);
            foreach (var queueType in (string[])[QueueTypes.Classic, QueueTypes.Quorum])
            {
                Console.WriteLine($"Queues: {queueType}");
                Console.WriteLine();
                await MeasureAsync(broker.ConnectionString, Path.Combine(folder, queueType), queueType, options);
                await EventPair.DeleteQueuesAsync(broker.ConnectionString);
            }

            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(string broker, string folder, string queueType, Options options)
    {
        await using var product = await EventPair.StartAsync(broker, folder, queueType);
        await using var bare = await BarePair.StartAsync(new Uri(broker), queueType);
        var (fromCommit, fromWrite, bareLags) = (new List<double>(), new List<double>(), new List<double>());
        var (single, grouped, bareRates) = (new List<double>(), new List<double>(), new List<double>());

        // The first round loads code on both sides and is not counted.
        for (var round = 0; round <= options.Rounds; round++)
        {
            var counts = round > 0;
            for (var i = 0; i < Lags; i++)
            {
                var (written, committed) = await product.LagAsync();
                var published = await bare.LagAsync();
                if (counts)
                {
                    fromWrite.Add(written);
                    fromCommit.Add(committed);
                    bareLags.Add(published);
                }
            }

            double[] rates =
            [
                await RateAsync(options.Messages, 1, product.WriteAsync, product.TakenAsync),
                await RateAsync(options.Messages, 1, _ => bare.PublishAsync(), bare.TakenAsync),
                await RateAsync(options.Messages, Window, product.WriteAsync, product.TakenAsync),
            ];
            if (counts)
            {
                single.Add(rates[0]);
                bareRates.Add(rates[1]);
                grouped.Add(rates[2]);
            }
        }

        Report.Table(
            ["lag of one event", "p50 ms", "p95 ms", "p99 ms"],
            [
                Row("MemoryMesh, from the commit to the consumer", fromCommit),
                Row("MemoryMesh, from asking for the write to the consumer", fromWrite),
                Row("MassTransit alone, from publishing to the consumer", bareLags),
            ]);
        var (lag, limit) = (Report.Median(fromCommit), 20 + (2 * Report.Median(bareLags)));
        var alone = Report.Median(bareRates);
        Report.Table(
            ["throughput, until the last event is taken", "events/s", "of MassTransit alone"],
            [
                [$"MemoryMesh, {Window} writes at once, an event each", Report.Number(Report.Median(single)), Report.Number(Report.Median(single) / alone, 2)],
                [$"MemoryMesh, writes of {Window} events", Report.Number(Report.Median(grouped)), Report.Number(Report.Median(grouped) / alone, 2)],
                [$"MassTransit alone, {Window} publications at once", Report.Number(alone), "1"],
            ]);
        Console.WriteLine($"Lag p50 {Report.Number(lag, 2)} ms, goal {Report.Number(limit, 2)} (20 ms and twice the bare one). Throughput {Report.Number(Report.Median(single) / alone, 2)}, goal .60.");
        Console.WriteLine();
    }

    private static string[] Row(string name, List<double> lags)
        => [name, Report.Number(Report.Median(lags), 2), Report.Number(Report.Quantile(lags, .95), 2), Report.Number(Report.Quantile(lags, .99), 2)];

    /// <summary>Events a second, from the first one that is sent to the last one that is taken.</summary>
    /// <param name="count">How many.</param>
    /// <param name="each">Events of one sending.</param>
    /// <param name="send">Sends so many events; done when that is durable. At most <see cref="Window"/> events are being sent at once.</param>
    /// <param name="taken">Done when so many more were taken.</param>
    private static async Task<double> RateAsync(int count, int each, Func<int, Task> send, Func<int, Task> taken)
    {
        var all = taken(count);
        var began = Stopwatch.GetTimestamp();
        var left = count / each;
        await Task.WhenAll(Enumerable.Range(0, Window / each).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                await send(each);
            }
        })));
        await all;
        return count / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    /// <summary>MassTransit by itself: a bus that publishes, and one that consumes.</summary>
    private sealed class BarePair : IAsyncDisposable
    {
        private readonly IBusControl _publisher;
        private readonly IBusControl _consumer;
        private readonly Arrivals _arrivals;

        private BarePair(IBusControl publisher, IBusControl consumer, Arrivals arrivals)
        {
            _publisher = publisher;
            _consumer = consumer;
            _arrivals = arrivals;
        }

        public static async Task<BarePair> StartAsync(Uri broker, string queueType)
        {
            var arrivals = new Arrivals();
            var consumer = Create(broker, bus => bus.ReceiveEndpoint("bare", endpoint =>
            {
                endpoint.PrefetchCount = 256;
                endpoint.ConcurrentMessageLimit = 256;
                if (queueType == QueueTypes.Quorum)
                {
                    endpoint.SetQuorumQueue();
                }

                endpoint.Instance(new Consumer(arrivals));
            }));
            await consumer.StartAsync();
            var publisher = Create(broker, _ => { });
            await publisher.StartAsync();
            return new BarePair(publisher, consumer, arrivals);
        }

        public Task PublishAsync() => PublishAsync(Guid.CreateVersion7());

        public Task TakenAsync(int count) => _arrivals.WaitAsync(count);

        /// <summary>Milliseconds from publishing to the consumer.</summary>
        public async Task<double> LagAsync()
        {
            var id = Guid.CreateVersion7();
            var taken = _arrivals.WaitAsync(id);
            var began = Stopwatch.GetTimestamp();
            await PublishAsync(id);
            return Stopwatch.GetElapsedTime(began, await taken).TotalMilliseconds;
        }

        public async ValueTask DisposeAsync()
        {
            await _publisher.StopAsync();
            await _consumer.StopAsync();
        }

        private Task PublishAsync(Guid id) => _publisher.Publish(new BareEvent { TenantId = Guid.NewGuid(), MemoryId = id, Version = 1 });

        private static IBusControl Create(Uri broker, Action<IRabbitMqBusFactoryConfigurator> configure) => Bus.Factory.CreateUsingRabbitMq(bus =>
        {
            bus.Host(broker.Host, (ushort)broker.Port, "/", host =>
            {
                var credentials = broker.UserInfo.Split(':');
                host.Username(credentials[0]);
                host.Password(credentials[1]);
            });
            configure(bus);
        });

        private sealed class Consumer(Arrivals arrivals) : IConsumer<BareEvent>
        {
            public Task Consume(ConsumeContext<BareEvent> context)
            {
                arrivals.Add(context.Message.MemoryId);
                return Task.CompletedTask;
            }
        }
    }
}

/// <summary>An event of the same shape as <see cref="MemoryIndexed"/>, which no part of the product declares.</summary>
public sealed record BareEvent
{
    /// <summary>Any.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>Tells it from others.</summary>
    public required Guid MemoryId { get; init; }

    /// <summary>Any.</summary>
    public required int Version { get; init; }
}
