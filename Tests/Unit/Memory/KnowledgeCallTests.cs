using System.Text.Json;
using System.Text.Json.Nodes;
using MemoryMesh.Memory.Context;

namespace MemoryMesh.Tests.Unit.Memory;

/// <summary>What a reader asks of the process with the store: nothing is left out, and no more asked for than one call may.</summary>
public class KnowledgeCallTests
{
    private static readonly KnowledgeCall Call = new()
    {
        TenantId = Guid.NewGuid(),
        SubjectKey = Guid.NewGuid(),
        SharedKeys = [Guid.NewGuid(), Guid.NewGuid()],
        Blocks = true,
        Style = true,
        Profile = false,
        Memories = true,
        Found = [Guid.NewGuid()],
        Important = [new() { Categories = ["name", "job"], Most = 20 }],
        Summary = new() { ConversationKey = Guid.NewGuid(), LastMessage = Guid.NewGuid() },
    };

    [Test]
    public void A_call_is_read_as_it_was_written()
    {
        var read = JsonSerializer.Deserialize<KnowledgeCall>(JsonSerializer.Serialize(Call, JsonSerializerOptions.Web), JsonSerializerOptions.Web)!;
        Assert.That(JsonSerializer.Serialize(read), Is.EqualTo(JsonSerializer.Serialize(Call)));
        Assert.That(read.IsAllowed);
    }

    [TestCaseSource(nameof(Fields))]
    public void No_field_of_a_call_may_be_left_out(string path)
    {
        var call = JsonSerializer.SerializeToNode(Call, JsonSerializerOptions.Web)!.AsObject();
        var parts = path.Split('.');
        var parent = parts[..^1].Aggregate((JsonNode)call, (node, part) => node is JsonArray list ? list[int.Parse(part, null)]! : node[part]!);
        Assert.That(parent.AsObject().Remove(parts[^1]));
        Assert.Throws<JsonException>(() => call.Deserialize<KnowledgeCall>(JsonSerializerOptions.Web));
    }

    [Test]
    public void A_call_that_names_nobody_or_asks_for_too_much_is_not_allowed()
    {
        Guid[] many = [.. Enumerable.Range(0, KnowledgeCall.MostOwners + 1).Select(_ => Guid.NewGuid())];
        Assert.Multiple(() =>
        {
            Assert.That((Call with { Found = null, Summary = null, Important = [] }).IsAllowed);
            Assert.That((Call with { TenantId = default }).IsAllowed, Is.False);
            Assert.That((Call with { SubjectKey = default }).IsAllowed, Is.False);
            Assert.That((Call with { SharedKeys = many[1..] }).IsAllowed);
            Assert.That((Call with { SharedKeys = many }).IsAllowed, Is.False);
            Assert.That((Call with { SharedKeys = null! }).IsAllowed, Is.False);
            Assert.That((Call with { Found = many[..(KnowledgeCall.MostFound + 1)] }).IsAllowed, Is.False);
            Assert.That((Call with { Important = null! }).IsAllowed, Is.False);
            Assert.That((Call with { Important = [null!] }).IsAllowed, Is.False);
            Assert.That((Call with { Important = [.. Enumerable.Repeat(Call.Important[0], KnowledgeCall.MostLists + 1)] }).IsAllowed, Is.False);
            Assert.That((Call with { Important = [new() { Categories = null!, Most = 1 }] }).IsAllowed, Is.False);
            Assert.That((Call with { Important = [new() { Categories = [null!], Most = 1 }] }).IsAllowed, Is.False);
            Assert.That((Call with { Important = [new() { Categories = ["name"], Most = 0 }] }).IsAllowed, Is.False);
            Assert.That((Call with { Important = [new() { Categories = ["name"], Most = KnowledgeCall.MostOfList + 1 }] }).IsAllowed, Is.False);
            Assert.That((Call with { Important = [new() { Categories = [.. Enumerable.Repeat("a", KnowledgeCall.MostCategories + 1)], Most = 1 }] }).IsAllowed, Is.False);
        });
        Assert.That(JsonSerializer.SerializeToUtf8Bytes(Call with { SharedKeys = many[1..] }).Length, Is.LessThan(KnowledgeCall.MostBytes), "what is allowed fits");
    }

    private static IEnumerable<string> Fields()
    {
        foreach (var (name, value) in JsonSerializer.SerializeToNode(Call, JsonSerializerOptions.Web)!.AsObject())
        {
            yield return name;
            var (inner, prefix) = value is JsonArray { Count: > 0 } list ? (list[0] as JsonObject, $"{name}.0") : (value as JsonObject, name);
            foreach (var field in inner ?? [])
            {
                yield return $"{prefix}.{field.Key}";
            }
        }
    }
}
