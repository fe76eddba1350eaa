using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
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
        => IsNamed(configuration, out _) ? Look(configuration) ?? throw new FormatException($"The connection string {Name} is no address of Qdrant.") : null;

    /// <summary>The same; null also when what they have is no address, which stops the start with a message that names the setting.</summary>
    internal static QdrantAddress? Look(IConfiguration configuration)
        => IsNamed(configuration, out var text) ? Parse(text, configuration.GetConnectionString(HttpName)) : null;

    /// <summary>
    /// Reads <c>Endpoint=http://host:6334;Key=...</c>, which is gRPC's, or a URL. Port 6334 always means gRPC, and 6333 the REST API; any other is that of the REST API unless
    /// <paramref name="httpText"/> says where that is. The one that is not named is taken to be at its usual port of the same host.
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

        // Aspire hands both on, with ports that it has chosen itself when it runs containers.
        var isGrpc = first.Endpoint.Port == GrpcPort || (first.Endpoint.Port != HttpPort && !string.IsNullOrWhiteSpace(httpText));
        var http = isGrpc ? WithPort(first.Endpoint, HttpPort) : first.Endpoint;
        var key = first.Key;
        if (!string.IsNullOrWhiteSpace(httpText) && Read(httpText) is { } second)
        {
            (http, key) = (second.Endpoint, key ?? second.Key);
        }

        return new(http, isGrpc ? first.Endpoint : WithPort(first.Endpoint, GrpcPort), key);
    }

    private static bool IsNamed(IConfiguration configuration, [NotNullWhen(true)] out string? text)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        text = configuration.GetConnectionString(Name);
        return !string.IsNullOrWhiteSpace(text) && configuration[StoreEngines.EngineKey] is not { Length: > 0 };
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
