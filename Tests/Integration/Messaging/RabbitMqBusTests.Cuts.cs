using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.Tests.Shared;
using RabbitMQ.Client;

namespace MemoryMesh.Tests.Integration.Messaging;

/// <content>Connections that are cut.</content>
public partial class RabbitMqBusTests
{
    /// <summary>In the first bytes of the first event, amidst the events, and in the confirmations.</summary>
    [Test]
    public Task A_connection_that_is_cut_anywhere_in_a_publication_or_its_confirmation_loses_nothing()
        => LosesNothingAsync([(1, long.MaxValue), (2_000, long.MaxValue), (long.MaxValue, 5), (long.MaxValue, 17)]);

    /// <summary>An event takes some 1,300 bytes on its way to the broker, its confirmation 21.</summary>
    [Test]
    [Explicit("Takes half an hour.")]
    public Task A_connection_that_is_cut_at_every_byte_of_a_publication_and_of_its_confirmation_loses_nothing()
        => LosesNothingAsync([.. Enumerable.Range(1, 1_400).Select(at => ((long)at, long.MaxValue)), .. Enumerable.Range(1, 42).Select(at => (long.MaxValue, (long)at))]);

    [TestCase(1)]
    [TestCase(5)]
    public async Task A_connection_that_ends_in_the_middle_of_a_frame_is_lost_at_once(int received)
    {
        await using var proxy = new FaultProxy(_broker.Port);
        var address = new Uri(_broker.ConnectionString.Replace($":{_broker.Port}", $":{proxy.Port}", StringComparison.Ordinal));

        // Without heartbeats nothing but the stream says that it is lost.
        var factory = new ConnectionFactory { Uri = address, SocketFactory = BrokerSocket.Open, AutomaticRecoveryEnabled = false, RequestedHeartbeat = TimeSpan.Zero };
        await using var connection = await factory.CreateConnectionAsync();
        proxy.CutAfter(received: received);
        var channel = connection.CreateChannelAsync();
        await Eventually.TrueAsync(() => Task.FromResult(!connection.IsOpen), Deadline, () => "The connection seems to be open.");
        await ((Task)channel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.That(channel.IsCompletedSuccessfully, Is.False);
    }

    /// <summary>Publishes events over connections that are cut after so many bytes to the broker, or from it.</summary>
    private async Task LosesNothingAsync((long Sent, long Received)[] places)
    {
        await using var proxy = new FaultProxy(_broker.Port);
        var address = _broker.ConnectionString.Replace($":{_broker.Port}", $":{proxy.Port}", StringComparison.Ordinal);
        var search = await StartAsync("search", address: address);
        await StartAsync("memory", consumes: true);
        var sent = new List<MemoryIndexed>();
        var orders = 0;
        foreach (var (cut, place) in places.Index())
        {
            proxy.CutAfter(place.Sent, place.Received);
            var events = Enumerable.Range(0, 10).Select(TestEvents.New).ToList();
            await Database(search, "search").Data.WriteAsync(
                session =>
                {
                    foreach (var item in events)
                    {
                        session.Publish(item, DateTimeOffset.UtcNow);
                    }

                    orders++;
                    session.Publish(new SubjectErasureRequested { ErasureId = Guid.NewGuid(), TenantId = Guid.NewGuid(), SubjectKey = Guid.NewGuid(), Service = "chat" }, DateTimeOffset.UtcNow);
                },
                default);
            sent.AddRange(events);
            await proxy.CutAsync(cut + 1);
        }

        await TakenAsync(sent);
        await EmptyAsync(search, "search");
        Assert.That(
            _consumer.Taken.GroupBy(item => item.Event.MemoryId).Where(copies => copies.Select(copy => copy.Id).Distinct().Count() > 1), Is.Empty, "An event that comes twice has one id.");

        // An event for several queues is in all of them.
        foreach (var queue in Subscriptions.All.Where(subscription => subscription.EventTypes.Contains(typeof(SubjectErasureRequested))).Select(subscription => subscription.Name))
        {
            var ids = await WithChannelAsync(async channel =>
            {
                var found = new HashSet<string?>();
                while (await channel.BasicGetAsync(queue, autoAck: true) is { } message)
                {
                    found.Add(message.BasicProperties.MessageId);
                }

                return found;
            });
            Assert.That(ids, Has.Count.EqualTo(orders), queue);
        }
    }
}
