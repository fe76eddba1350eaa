using System.Text.Json;
using System.Text.Json.Nodes;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Internal;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Gateway.Forwarding;

/// <summary>The OpenAPI documents of this process and of all services as one. It is kept once every service has answered.</summary>
internal sealed class MergedApiDescription(
    [FromKeyedServices(MergedApiDescription.OwnKey)] IApiDescriptionSource own, IHttpClientFactory clients) : IApiDescriptionSource
{
    /// <summary>Key of the source that describes this process alone.</summary>
    public const string OwnKey = "own";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private volatile byte[]? _json;

    public async Task<byte[]> ReadAsync(CancellationToken cancellationToken)
    {
        if (_json is { } known)
        {
            return known;
        }

        var documents = await Task.WhenAll(ServiceAddresses.All.Select(service => ReadAsync(service, cancellationToken)));
        var merged = Merge(
            JsonNode.Parse(await own.ReadAsync(cancellationToken))!.AsObject(), [.. ServiceAddresses.All.Zip(documents)]);
        return _json = JsonSerializer.SerializeToUtf8Bytes(merged, Indented);
    }

    /// <summary>
    /// Adds paths, tags and schemas of the services to <paramref name="target"/>. Schemas of one name and one shape become one; where the shape
    /// differs, the later one is renamed to <c>{service}_{name}</c>, with the references to it.
    /// </summary>
    internal static JsonObject Merge(JsonObject target, IReadOnlyList<(string Service, JsonObject Document)> documents)
    {
        var paths = Child(target, "paths");
        var schemas = Child(Child(target, "components"), "schemas");
        var tags = target["tags"]?.AsArray() ?? [];
        foreach (var (service, document) in documents)
        {
            var theirs = document["components"]?["schemas"]?.AsObject() ?? [];
            Rename(document, [.. theirs.Where(item => schemas[item.Key] is { } mine && !JsonNode.DeepEquals(mine, item.Value)).Select(item => item.Key)], service);
            foreach (var (name, schema) in document["components"]?["schemas"]?.AsObject() ?? [])
            {
                schemas.TryAdd(name, schema?.DeepClone());
            }

            foreach (var (path, item) in document["paths"]?.AsObject() ?? [])
            {
                if (paths[path] is not JsonObject known)
                {
                    paths[path] = item?.DeepClone();
                    continue;
                }

                foreach (var (verb, operation) in item!.AsObject())
                {
                    known.TryAdd(verb, operation?.DeepClone());
                }
            }

            foreach (var tag in document["tags"]?.AsArray() ?? [])
            {
                if (!tags.Any(known => JsonNode.DeepEquals(known?["name"], tag?["name"])))
                {
                    tags.Add(tag?.DeepClone());
                }
            }
        }

        target["tags"] ??= tags;
        return target;
    }

    private static JsonObject Child(JsonObject parent, string name)
    {
        if (parent[name] is JsonObject child)
        {
            return child;
        }

        child = [];
        parent[name] = child;
        return child;
    }

    private static void Rename(JsonObject document, IReadOnlyCollection<string> names, string service)
    {
        if (names.Count == 0)
        {
            return;
        }

        const string Prefix = "#/components/schemas/";
        var schemas = document["components"]!["schemas"]!.AsObject();
        foreach (var name in names)
        {
            var schema = schemas[name];
            schemas.Remove(name);
            schemas[$"{service}_{name}"] = schema;
        }

        Visit(document);

        void Visit(JsonNode? node)
        {
            switch (node)
            {
                case JsonObject item:
                    if (item["$ref"] is JsonValue reference
                        && reference.GetValueKind() == JsonValueKind.String
                        && reference.GetValue<string>() is { } target
                        && target.StartsWith(Prefix, StringComparison.Ordinal)
                        && names.Contains(target[Prefix.Length..]))
                    {
                        item["$ref"] = $"{Prefix}{service}_{target[Prefix.Length..]}";
                    }

                    foreach (var (_, value) in item)
                    {
                        Visit(value);
                    }

                    break;
                case JsonArray list:
                    foreach (var value in list)
                    {
                        Visit(value);
                    }

                    break;
            }
        }
    }

    private async Task<JsonObject> ReadAsync(string service, CancellationToken cancellationToken)
    {
        try
        {
            using var client = clients.CreateClient(service);
            await using var stream = await client.GetStreamAsync(new Uri(ApiDescription.Path, UriKind.Relative), cancellationToken);
            return (await JsonNode.ParseAsync(stream, cancellationToken: cancellationToken))!.AsObject();
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or JsonException && !cancellationToken.IsCancellationRequested)
        {
            throw new DependencyUnavailableException($"{service} does not describe its routes.", exception);
        }
    }
}
