using System.Text.Json.Nodes;
using MemoryMesh.Gateway.Forwarding;

namespace MemoryMesh.Tests.Unit.Gateway;

public class MergedApiDescriptionTests
{
    [Test]
    public void Paths_and_schemas_of_all_services_stand_in_one_document()
    {
        var merged = MergedApiDescription.Merge(
            Document("/v1/admin/health", "health", "string"), [("chat", Document("/v1/messages", "message", "object")), ("memory", Document("/v1/memories", "memory", "object"))]);
        Assert.Multiple(() =>
        {
            Assert.That(Names(merged["paths"]), Is.EqualTo((string[])["/v1/admin/health", "/v1/messages", "/v1/memories"]));
            Assert.That(Names(merged["components"]!["schemas"]), Is.EqualTo((string[])["health", "message", "memory"]));
        });
    }

    [Test]
    public void Equal_schemas_become_one_and_different_ones_get_the_name_of_their_service()
    {
        var merged = MergedApiDescription.Merge(
            new JsonObject(), [("chat", Document("/v1/messages", "page", "object")), ("memory", Document("/v1/memories", "page", "object")), ("search", Document("/v1/search", "page", "array"))]);
        Assert.Multiple(() =>
        {
            Assert.That(Names(merged["components"]!["schemas"]), Is.EqualTo((string[])["page", "search_page"]));
            Assert.That(Reference(merged, "/v1/messages"), Is.EqualTo("#/components/schemas/page"));
            Assert.That(Reference(merged, "/v1/memories"), Is.EqualTo("#/components/schemas/page"));
            Assert.That(Reference(merged, "/v1/search"), Is.EqualTo("#/components/schemas/search_page"));
        });
    }

    private static List<string> Names(JsonNode? node) => [.. node!.AsObject().Select(item => item.Key)];

    private static string Reference(JsonObject document, string path) => document["paths"]![path]!["get"]!["schema"]!["$ref"]!.GetValue<string>();

    private static JsonObject Document(string path, string schema, string type)
        => new()
        {
            ["paths"] = new JsonObject { [path] = new JsonObject { ["get"] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = $"#/components/schemas/{schema}" } } } },
            ["components"] = new JsonObject { ["schemas"] = new JsonObject { [schema] = new JsonObject { ["type"] = type } } },
        };
}
