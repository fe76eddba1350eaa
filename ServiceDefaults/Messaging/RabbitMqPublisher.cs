using System.Text;
using RabbitMQ.Client;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>Publishes for the relay: persistent, confirmed, and refused when no queue takes the event.</summary>
internal sealed class RabbitMqPublisher(RabbitMqConnector connector) : IEventPublisher, IAsyncDisposable
{
    private readonly SemaphoreSlim _opening = new(1, 1);
    private Link? _link;

    /// <inheritdoc/>
    public async Task PublishAsync(OutboxEvent item, CancellationToken cancellationToken)
    {
        var link = await GetLinkAsync(cancellationToken);
        try
        {
            var properties = new BasicProperties
            {
                MessageId = item.Id.ToString("D"),
                Type = item.TypeName,
                ContentType = "application/json",
                Persistent = true,
                Headers = new Dictionary<string, object?> { [RabbitMqTopology.OccurredAtHeader] = item.OccurredAt.ToUnixTimeMilliseconds() },
            };

            // The channel tracks confirmations: this ends with the broker's answer. Without `mandatory` the broker confirms, and drops, what no queue takes.
            await link.Channel.BasicPublishAsync(item.TypeName, routingKey: "", mandatory: true, properties, Encoding.UTF8.GetBytes(item.Body), cancellationToken);
        }
        catch
        {
            // Whatever went wrong, the next event goes over a new connection, which declares every queue again.
            link.Broken = true;
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_link is not null)
        {
            await _link.DisposeAsync();
        }

        _opening.Dispose();
    }

    private async Task<Link> GetLinkAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _link) is { IsUsable: true } open)
        {
            return open;
        }

        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (_link is { IsUsable: true } opened)
            {
                return opened;
            }

            if (_link is not null)
            {
                await _link.DisposeAsync();
                _link = null;
            }

            var connection = await connector.OpenAsync("relay", cancellationToken);
            try
            {
                var options = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
                var channel = await connection.CreateChannelAsync(options, cancellationToken);
                await RabbitMqTopology.DeclareAsync(channel, cancellationToken);
                var link = new Link(connection, channel);
                Volatile.Write(ref _link, link);
                return link;
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }
        }
        finally
        {
            _opening.Release();
        }
    }

    private sealed class Link(IConnection connection, IChannel channel) : IAsyncDisposable
    {
        public IChannel Channel => channel;

        public volatile bool Broken;

        public bool IsUsable => !Broken && channel.IsOpen;

        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }
}
