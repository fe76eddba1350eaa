using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MemoryMesh.ServiceDefaults.Configuration;

namespace MemoryMesh.Tests.Shared;

/// <summary>
/// A small server in this process that answers as Qdrant 1.18 does over REST, and in builds that ask over it gRPC: shapes, statuses, defaults, and its traps, such as that a deletion with an empty filter deletes everything.
/// It has what MemoryMesh uses and what one might use by mistake: collections, payload indexes, points, the filters, nearest neighbours, samples, snapshots.
/// </summary>
/// <remarks>Unlike the real one it refuses fields it does not know in collections and queries: a misspelt one is a fault of the caller that nothing else shows.</remarks>
public sealed class QdrantStandIn : IAsyncDisposable
{
    private const int LargestBody = 33_554_432;

    private readonly WebApplication _server;
    private readonly string? _key;
    private readonly QdrantCollections _collections = new();
    private volatile int _faultStatus;

    private QdrantStandIn(WebApplication server, string? key) => (_server, _key) = (server, key);

    /// <summary>Where its REST API listens.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Where it is, with its key.</summary>
    public QdrantAddress Place { get; private set; } = null!;

    /// <summary>The connection strings of a client.</summary>
    public Dictionary<string, string> ConnectionStrings
        => new() { ["ConnectionStrings__qdrant"] = $"Endpoint={Place.Grpc};Key={_key}", ["ConnectionStrings__qdrant_http"] = $"Endpoint={Place.Http};Key={_key}" };

    /// <summary>What it holds.</summary>
    public QdrantCollections Collections => _collections;

    /// <summary>A status that every request gets from now on; 0 for its own. 1 breaks the connection.</summary>
    public int FaultStatus
    {
        get => _faultStatus;
        set => _faultStatus = value;
    }

    /// <summary>Starts a server.</summary>
    /// <param name="key">The key it asks for; null for none.</param>
    public static async Task<QdrantStandIn> StartAsync(string? key = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = ["--hostBuilder:reloadConfigOnChange=false"] });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(5);
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, grpc => grpc.Protocols = HttpProtocols.Http2);
        });
        var server = builder.Build();
        var standIn = new QdrantStandIn(server, key);
        server.Run(standIn.AnswerAsync);
        await server.StartAsync();
        var addresses = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address)).ToList();
        standIn.Address = addresses[0];
        standIn.Place = new QdrantAddress(addresses[0], addresses[1], key);
        return standIn;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        var request = http.Request;
        var path = request.Path.Value!;
        if (_faultStatus == 1)
        {
            // Over HTTP/2 the request alone would end, which is an error of the server and no broken connection.
            http.Features.GetRequiredFeature<IConnectionLifetimeFeature>().Abort();
            return;
        }

        if (request.Protocol == HttpProtocol.Http2)
        {
            await QdrantStandInGrpc.AnswerAsync(http, _faultStatus != 0 ? _faultStatus : HasKey(request) ? 0 : 401, Ask);
            return;
        }

        if (_faultStatus != 0)
        {
            await WriteAsync(http, _faultStatus, QdrantAnswer.Error("Service internal error: as the test wants it"));
            return;
        }

        if (path is "/healthz" or "/livez" or "/readyz")
        {
            http.Response.ContentType = "text/plain; charset=utf-8";
            await http.Response.WriteAsync(path == "/readyz" ? "all shards are ready" : "healthz check passed");
            return;
        }

        if (path != "/" && !HasKey(request))
        {
            http.Response.StatusCode = 401;
            await http.Response.WriteAsync("Must provide an API key or an Authorization bearer token");
            return;
        }

        if (request.ContentLength > LargestBody)
        {
            await WriteAsync(http, 400, QdrantAnswer.Error($"JSON payload ({request.ContentLength} bytes) is larger than allowed (limit: {LargestBody} bytes)."));
            return;
        }

        try
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            var answer = path == "/" ? Welcome() : Answer(request.Method, path, request.Query["wait"] == "true", () => Json(body));
            if (answer is null)
            {
                http.Response.StatusCode = 404;
                return;
            }

            await WriteAsync(http, 200, answer);
        }
        catch (QdrantRefusal refusal)
        {
            await WriteAsync(http, refusal.Status, QdrantAnswer.Error(refusal.Message));
        }
    }

    private bool HasKey(HttpRequest request) => _key is null || request.Headers["api-key"] == _key || request.Headers.Authorization == $"Bearer {_key}";

    private static JsonObject Welcome() => new() { ["title"] = "qdrant - vector search engine", ["version"] = "1.18.2", ["commit"] = "stand-in" };

    /// <summary>What a request of the REST API is answered with, for its other API: the texts that would be sent are read, as one of two programs would.</summary>
    private JsonNode? Ask(string method, string pathAndQuery, JsonObject? body)
    {
        var parts = pathAndQuery.Split('?');
        var wait = parts.Length > 1 && parts[1].Equals("wait=true", StringComparison.OrdinalIgnoreCase);
        var sent = body?.ToJsonString();
        var answer = Answer(method, parts[0], wait, () => (JsonObject)JsonNode.Parse(sent!)!);
        return answer is null ? null : JsonNode.Parse(answer.ToJsonString())!["result"];
    }

    private JsonObject? Answer(string method, string path, bool wait, Func<JsonObject> body)
    {
        var parts = path.Trim('/').Split('/').Select(Uri.UnescapeDataString).ToArray();
        if (parts[0] != "collections")
        {
            return null;
        }

        lock (_collections)
        {
            var result = (method, parts.Length, parts.Skip(2).LastOrDefault()) switch
            {
                ("GET", 1, _) => _collections.List(),
                ("GET", 2, _) => _collections.Get(parts[1]).Describe(),
                ("PUT", 2, _) => _collections.Create(parts[1], body()),
                ("PATCH", 2, _) => _collections.Get(parts[1]).Change(body()),
                ("DELETE", 2, _) => _collections.Drop(parts[1]),
                ("GET", 3, "exists") => new JsonObject { ["exists"] = _collections.Has(parts[1]) },
                ("GET", 3, "optimizations") => _collections.Get(parts[1]).DescribeWork(),
                ("PUT", 3, "index") => _collections.Get(parts[1]).AddIndex(body(), wait),
                ("PUT", 3, "points") => _collections.Get(parts[1]).Upsert(body(), wait),
                ("POST", 3, "points") => _collections.Get(parts[1]).Retrieve(body()),
                ("POST", 4, "delete") => _collections.Get(parts[1]).Delete(body(), wait),
                ("POST", 4, "query") => _collections.Get(parts[1]).Query(body()),
                ("POST", 4, "scroll") => _collections.Get(parts[1]).Scroll(body()),
                ("POST", 4, "count") => _collections.Get(parts[1]).Count(body()),
                ("POST", 4, "payload") => _collections.Get(parts[1]).SetPayload(body(), wait, replace: false),
                ("PUT", 4, "payload") => _collections.Get(parts[1]).SetPayload(body(), wait, replace: true),
                ("GET", 4, _) when parts[2] == "points" => _collections.Get(parts[1]).GetPoint(parts[3]),
                ("POST", 5, "batch") => _collections.Get(parts[1]).QueryBatch(body()),
                ("POST", 3, "snapshots") => _collections.Get(parts[1]).TakeSnapshot(),
                ("GET", 3, "snapshots") => _collections.Get(parts[1]).ListSnapshots(),
                ("DELETE", 4, _) when parts[2] == "snapshots" => _collections.Get(parts[1]).DropSnapshot(parts[3]),
                _ => null,
            };
            return result is null ? null : new JsonObject { ["result"] = result, ["status"] = "ok", ["time"] = 0.0001 };
        }
    }

    private static JsonObject Json(MemoryStream body)
    {
        try
        {
            return (JsonObject)JsonNode.Parse(body.ToArray())!;
        }
        catch (Exception exception) when (exception is JsonException or InvalidCastException or NullReferenceException)
        {
            throw new QdrantRefusal(400, $"Format error in JSON body: {(body.Length == 0 ? "EOF while parsing a value at line 1 column 0" : exception.Message)}");
        }
    }

    private static Task WriteAsync(HttpContext http, int status, JsonNode answer)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(answer.ToJsonString());
    }
}

/// <summary>A request that Qdrant refuses.</summary>
internal sealed class QdrantRefusal(int status, string message) : Exception(message)
{
    public int Status => status;

    public static QdrantRefusal Format(string detail) => new(400, $"Format error in JSON body: {detail}");

    public static QdrantRefusal Wrong(string detail) => new(400, $"Wrong input: {detail}");

    public static QdrantRefusal Invalid(string detail) => new(422, $"Validation error in JSON body: [{detail}]");
}

/// <summary>Answers.</summary>
internal static class QdrantAnswer
{
    public static JsonObject Error(string text) => new() { ["status"] = new JsonObject { ["error"] = text }, ["time"] = 0.0 };
}

/// <summary>The collections of the server.</summary>
public sealed class QdrantCollections
{
    private readonly ConcurrentDictionary<string, QdrantStandInCollection> _collections = new(StringComparer.Ordinal);

    /// <summary>All of them by name.</summary>
    public IReadOnlyDictionary<string, QdrantStandInCollection> All => _collections;

    internal bool Has(string name) => _collections.ContainsKey(name);

    internal QdrantStandInCollection Get(string name)
        => _collections.TryGetValue(name, out var found) ? found : throw new QdrantRefusal(404, $"Not found: Collection `{name}` doesn't exist!");

    internal JsonNode List()
        => new JsonObject { ["collections"] = new JsonArray([.. _collections.Keys.Order(StringComparer.Ordinal).Select(name => new JsonObject { ["name"] = name })]) };

    internal JsonNode Create(string name, JsonObject settings)
    {
        if (name.Contains('/', StringComparison.Ordinal) || name.Length > 255)
        {
            throw new QdrantRefusal(422, "Validation error in path parameters: [collection_name: collection name cannot contain \"/\" char]");
        }

        if (Has(name))
        {
            throw new QdrantRefusal(409, $"Wrong input: Collection `{name}` already exists!");
        }

        _collections[name] = new QdrantStandInCollection(name, settings);
        return true;
    }

    internal JsonNode Drop(string name) => _collections.TryRemove(name, out _);
}
