using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>Opens connections to the broker. Who uses one opens a new one when it breaks: only the user knows what else to do again.</summary>
internal sealed class RabbitMqConnector(IConfiguration configuration, IHostEnvironment host)
{
    /// <summary>Where the broker is.</summary>
    /// <exception cref="StartupException">It is not configured.</exception>
    public RabbitMqAddress Address { get; } = RabbitMqAddress.Parse(configuration.GetConnectionString(RabbitMqBusExtensions.Name));

    /// <summary>Opens a connection.</summary>
    /// <param name="purpose">Part of its name in the broker's lists.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    public Task<IConnection> OpenAsync(string purpose, CancellationToken cancellationToken)
        => new ConnectionFactory
        {
            HostName = Address.Host,
            Port = Address.Port,
            VirtualHost = Address.VirtualHost,
            UserName = Address.User,
            Password = Address.Password,
            Ssl = new SslOption { Enabled = Address.Tls, ServerName = Address.Host },
            AutomaticRecoveryEnabled = false,
            RequestedHeartbeat = TimeSpan.FromSeconds(10),
            RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
        }.CreateConnectionAsync($"{host.ApplicationName} {purpose}", cancellationToken);
}
