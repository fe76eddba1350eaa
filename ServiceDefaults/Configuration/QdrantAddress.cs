using System.Data.Common;
using Microsoft.Extensions.Configuration;

namespace MemoryMesh.ServiceDefaults.Configuration;

/// <summary>Where Qdrant is, for each of its two interfaces.</summary>
/// <param name="Http">Address of its REST API.</param>
/// <param name="Grpc">Address of its gRPC API.</param>
/// <param name="Key">API key; null when it needs none.</param>
public sealed record QdrantAddress(Uri Http, Uri Grpc, string? Key)
{
    /// <summary>Name of the connection string and of the health check.</summary>
    public const string Name = "qdrant";

    /// <summary>Name of the connection string of the REST API, where there is one of its own.</summary>
    public const string HttpName = "qdrant_http";

    private const int HttpPort = 6333;
    private const int GrpcPort = 6334;

    /// <summary>The address that the settings name.</summary>
    /// <returns>Null when they name none, or <c>Storage:Engine</c> says that it is another program's.</returns>
    /// <exception cref="FormatException">What they have is no address of Qdrant.</exception>
    public static QdrantAddress? Find(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var address = configuration.GetConnectionString(Name);
        return string.IsNullOrWhiteSpace(address) || configuration[StoreEngines.EngineKey] is { Length: > 0 }
            ? null
            : Parse(address, configuration.GetConnectionString(HttpName)) ?? throw new FormatException("The connection string is no address of Qdrant.");
    }

    /// <summary>
    /// Reads <c>Endpoint=http://host:6334;Key=...</c>, which is gRPC's, or a URL. Port 6334 always means gRPC; any other is that of the REST API. The one that is not named is
    /// taken to be at its usual port of the same host.
    /// </summary>
    /// <param name="text">The connection string <c>qdrant</c>.</param>
    /// <param name="httpText">The connection string <c>qdrant_http</c>, or null: it goes before what the first says of the REST API.</param>
    /// <returns>Null when one of them is no address.</returns>
    public static QdrantAddress? Parse(string text, string? httpText = null)
    {
        if (Read(text) is not { } first || (!string.IsNullOrWhiteSpace(httpText) && Read(httpText) is null))
        {
            return null;
        }

        var isGrpc = first.Endpoint.Port == GrpcPort;
        var http = isGrpc ? WithPort(first.Endpoint, HttpPort) : first.Endpoint;
        var key = first.Key;
        if (!string.IsNullOrWhiteSpace(httpText) && Read(httpText) is { } second)
        {
            (http, key) = (second.Endpoint, key ?? second.Key);
        }

        return new(http, isGrpc ? first.Endpoint : WithPort(first.Endpoint, GrpcPort), key);
    }

    private static (Uri Endpoint, string? Key)? Read(string text)
    {
        string? key = null;
        var endpoint = text.Trim();
        if (endpoint.Contains('=', StringComparison.Ordinal) && !endpoint.StartsWith("http", StringComparison.OrdinalIgnoreCase))
        {
            var parts = new DbConnectionStringBuilder();
            try
            {
                parts.ConnectionString = endpoint;
            }
            catch (ArgumentException)
            {
                return null;
            }

            if (!parts.TryGetValue("Endpoint", out var named))
            {
                return null;
            }

            endpoint = (string)named;
            key = parts.TryGetValue("Key", out var given) && (string)given is { Length: > 0 } secret ? secret : null;
        }

        // A password, a query or a fragment in it would be sent nowhere, or to everybody.
        return Uri.TryCreate(endpoint.TrimEnd('/') + "/", UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            && uri is { UserInfo.Length: 0, Query.Length: 0, Fragment.Length: 0, Host.Length: > 0 }
            ? (uri, key)
            : null;
    }

    private static Uri WithPort(Uri endpoint, int port) => new UriBuilder(endpoint) { Port = port }.Uri;
}
