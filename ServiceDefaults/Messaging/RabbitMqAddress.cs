using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>Where the broker is, from <c>ConnectionStrings:rabbitmq</c>: <c>amqp://user:password@host:port/virtual-host</c>, <c>amqps</c> for TLS.</summary>
/// <param name="Host">Host name.</param>
/// <param name="Port">Port; default 5672, with TLS 5671.</param>
/// <param name="VirtualHost">Virtual host; default <c>/</c>.</param>
/// <param name="User">User; default <c>guest</c>.</param>
/// <param name="Password">Password; default <c>guest</c>.</param>
/// <param name="Tls">Whether the connection is encrypted.</param>
internal sealed record RabbitMqAddress(string Host, ushort Port, string VirtualHost, string User, string Password, bool Tls)
{
    /// <summary>Reads a connection string.</summary>
    /// <exception cref="StartupException">It is missing or malformed. The message does not hold the password.</exception>
    public static RabbitMqAddress Parse(string? connectionString)
    {
        if (string.IsNullOrWhiteSpace(connectionString))
        {
            throw new StartupException(
                "ConnectionStrings__rabbitmq is missing: set it to the broker's address, for example amqp://user:password@localhost:5672. "
                + "`dotnet run --project AppHost -- --processes` starts a broker and sets it.");
        }

        if (!Uri.TryCreate(connectionString, UriKind.Absolute, out var uri) || uri.Scheme is not ("amqp" or "amqps") || uri.Host.Length == 0)
        {
            throw new StartupException("ConnectionStrings__rabbitmq is not an address of the form amqp://user:password@host:port/virtual-host.");
        }

        var tls = uri.Scheme == "amqps";
        var credentials = uri.UserInfo.Split(':', 2);
        var path = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/'));
        return new RabbitMqAddress(
            uri.Host,
            uri.Port > 0 ? (ushort)uri.Port : tls ? (ushort)5671 : (ushort)5672,
            path.Length > 0 ? path : "/",
            credentials[0].Length > 0 ? Uri.UnescapeDataString(credentials[0]) : "guest",
            credentials.Length > 1 ? Uri.UnescapeDataString(credentials[1]) : "guest",
            tls);
    }

    /// <summary>The address without the password.</summary>
    public override string ToString() => $"{(Tls ? "amqps" : "amqp")}://{User}@{Host}:{Port}/{VirtualHost}";
}
