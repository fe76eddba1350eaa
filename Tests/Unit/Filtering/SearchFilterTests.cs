using System.Text.Json;
using MemoryMesh.ServiceDefaults.Filtering;

namespace MemoryMesh.Tests.Unit.Filtering;

public class SearchFilterTests
{
    private const string Metadata = """
        {"project": {"name": "Apollo", "budget": 1.50}, "priority": 3, "tags": ["red", 7, null], "draft": false, "due": "2026-05-01T10:00:00+02:00",
         "nothing": null, "version": "3", "a.b": {"c:d": "dotted"}, "large": 1e40, "code": "b"}
        """;

    private static readonly FilterSubject Subject = new()
    {
        Role = "user",
        ConversationId = "c-1",
        UserId = "u-1",
        CreatedAt = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero),
        Importance = .4,
        MetadataJson = Metadata,
    };

    [TestCase("project.name:eq:Apollo", true)]
    [TestCase("project.name:eq:apollo", false)]
    [TestCase("project.name:contains:POLL", true)]
    [TestCase("project.name:ne:Apollo", false)]
    [TestCase("project.name:ne:Gemini", true)]
    [TestCase("project.name:in:Gemini,Apollo", true)]
    [TestCase("project.name:in:[\"Gemini\",\"Mercury, 2\"]", false)]
    [TestCase("project.name:gt:Aa", true)]
    [TestCase("project.budget:eq:1.5", true)]
    [TestCase("project.budget:eq:15e-1", true)]
    [TestCase("project.budget:gt:1.49", true)]
    [TestCase("project.budget:lt:1.5", false)]
    [TestCase("project.budget:lte:1.5", true)]
    [TestCase("project:exists", true)]
    [TestCase("project:exists:false", false)]
    [TestCase("project:eq:Apollo", false)]
    [TestCase("project:ne:Apollo", true)]
    [TestCase("missing:exists", false)]
    [TestCase("missing:exists:false", true)]
    [TestCase("missing:eq:null", false)]
    [TestCase("missing:ne:1", true)]
    [TestCase("missing.deeper:eq:1", false)]
    [TestCase("priority:eq:3", true)]
    [TestCase("priority:eq:3.0", true)]
    [TestCase("priority:eq:\"3\"", false)]
    [TestCase("priority:in:1,2,3", true)]
    [TestCase("priority:gte:3", true)]
    [TestCase("priority:gt:3", false)]
    [TestCase("priority:gt:two", false)]
    [TestCase("version:eq:3", false)]
    [TestCase("version:eq:\"3\"", true)]
    [TestCase("tags:contains:red", true)]
    [TestCase("tags:contains:RED", false)]
    [TestCase("tags:contains:7", true)]
    [TestCase("tags:contains:null", true)]
    [TestCase("tags:contains:\"7\"", false)]
    [TestCase("tags:eq:red", false)]
    [TestCase("draft:eq:false", true)]
    [TestCase("draft:eq:true", false)]
    [TestCase("draft:exists", true)]
    [TestCase("nothing:eq:null", true)]
    [TestCase("nothing:exists", true)]
    [TestCase("due:lt:2026-05-01T08:00:01Z", true)]
    [TestCase("due:gte:2026-05-01T08:00:00Z", true)]
    [TestCase("due:gt:2026-05-01", false)]
    [TestCase("due:lte:2026-05-01", true)]
    [TestCase("code:gt:2026-05-01", false)]
    [TestCase(@"a\.b.c\:d:eq:dotted", true)]
    [TestCase("a.b:exists", false)]
    [TestCase("large:gt:5", true)]
    [TestCase("large:eq:1e40", true)]
    [TestCase("large:lt:1e39", false)]
    [TestCase("priority:lt:1e40", true)]
    public void Metadata_is_compared_by_type(string condition, bool matches)
        => Assert.That(Read(condition).Matches(Subject), Is.EqualTo(matches));

    [TestCase("""{"field": "role", "op": "eq", "value": "user"}""", true)]
    [TestCase("""{"field": "role", "op": "in", "value": ["tool", "system"]}""", false)]
    [TestCase("""{"field": "conversation_id", "op": "ne", "value": "c-2"}""", true)]
    [TestCase("""{"field": "user_id", "op": "eq", "value": "u-1"}""", true)]
    [TestCase("""{"field": "created_at", "op": "gte", "value": "2026-03-04"}""", true)]
    [TestCase("""{"field": "created_at", "op": "gt", "value": "2026-03-04"}""", false)]
    [TestCase("""{"field": "created_at", "op": "lte", "value": "2026-03-04"}""", true)]
    [TestCase("""{"field": "created_at", "op": "lt", "value": "2026-03-04T07:06:08+02:00"}""", true)]
    [TestCase("""{"field": "importance", "op": "eq", "value": 0.4}""", true)]
    [TestCase("""{"field": "importance", "op": "gt", "value": 0.4}""", false)]
    [TestCase("""{"field": "importance", "op": "exists"}""", true)]
    [TestCase("""{"not": {"field": "importance", "op": "exists", "value": false}}""", true)]
    [TestCase("""{"and": [{"field": "role", "op": "eq", "value": "user"}, {"field": "metadata.priority", "op": "gt", "value": 2}]}""", true)]
    [TestCase("""{"and": [{"field": "role", "op": "eq", "value": "user"}, {"field": "metadata.priority", "op": "gt", "value": 3}]}""", false)]
    [TestCase("""{"or": [{"field": "role", "op": "eq", "value": "tool"}, {"not": {"field": "metadata.priority", "op": "gt", "value": 3}}]}""", true)]
    [TestCase("""{"field": "metadata.nothing", "op": "eq", "value": null}""", true)]
    public void Conditions_are_joined(string json, bool matches)
    {
        var problems = new List<string>();
        var filter = FilterReader.Read(Parse(json), "filter", (field, message) => problems.Add($"{field}: {message}"));
        Assert.That(problems, Is.Empty);
        Assert.That(filter!.Matches(Subject), Is.EqualTo(matches));
    }

    [TestCase("a:in:\"\\ud800\"")]
    [TestCase("a:in:[\"\\ud800\"]")]
    [TestCase("a:eq:\"\\ud800\"")]
    [TestCase("a:eq:\ud800")]
    public void A_broken_text_is_refused_or_a_text_that_nothing_equals(string condition)
        => Assert.That(FilterReader.ReadMetadata([condition], "metadata", (_, _) => { })?.Matches(Subject), Is.Not.True);

    [Test]
    public void A_message_without_metadata_meets_conditions_that_ask_for_none()
    {
        var plain = Subject with { MetadataJson = null, Importance = null };
        Assert.Multiple(() =>
        {
            Assert.That(Read("a:exists:false").Matches(plain), Is.True);
            Assert.That(Read("a:ne:1").Matches(plain), Is.True);
            Assert.That(Read("a:eq:1").Matches(plain), Is.False);
            Assert.That(Read("a:lt:1").Matches(plain), Is.False);
        });
    }

    [TestCase("{}", "filter")]
    [TestCase("""{"and": []}""", "filter.and")]
    [TestCase("""{"and": [null]}""", "filter.and[0]")]
    [TestCase("""{"and": [{"field": "role", "op": "eq", "value": "user"}], "or": [{"field": "role", "op": "eq", "value": "user"}]}""", "filter")]
    [TestCase("""{"not": {"field": "role", "op": "eq", "value": "user"}, "field": "role"}""", "filter")]
    [TestCase("""{"field": "role", "op": "eq"}""", "filter.value")]
    [TestCase("""{"field": "role", "op": "eq", "value": "robot"}""", "filter.value")]
    [TestCase("""{"field": "role", "op": "gt", "value": "user"}""", "filter.op")]
    [TestCase("""{"field": "role", "op": "like", "value": "user"}""", "filter.op")]
    [TestCase("""{"field": "content", "op": "eq", "value": "user"}""", "filter.field")]
    [TestCase("""{"op": "eq", "value": "user"}""", "filter.field")]
    [TestCase("""{"field": "metadata.", "op": "exists"}""", "filter.field")]
    [TestCase("""{"field": "metadata.a..b", "op": "exists"}""", "filter.field")]
    [TestCase("""{"field": "metadata.a", "op": "exists", "value": "yes"}""", "filter.value")]
    [TestCase("""{"field": "metadata.a", "op": "in", "value": []}""", "filter.value")]
    [TestCase("""{"field": "metadata.a", "op": "in", "value": "b"}""", "filter.value")]
    [TestCase("""{"field": "metadata.a", "op": "in", "value": [[1]]}""", "filter.value")]
    [TestCase("""{"field": "metadata.a", "op": "eq", "value": {"b": 1}}""", "filter.value")]
    [TestCase("""{"field": "metadata.a", "op": "gt", "value": true}""", "filter.value")]
    [TestCase("""{"field": "metadata.a", "op": "eq", "value": "\ud800"}""", "filter.value")]
    [TestCase("""{"field": "created_at", "op": "gt", "value": "yesterday"}""", "filter.value")]
    [TestCase("""{"field": "importance", "op": "gt", "value": 2}""", "filter.value")]
    public void What_is_not_allowed_is_named(string json, string field)
    {
        var problems = new List<string>();
        Assert.That(FilterReader.Read(Parse(json), "filter", (name, _) => problems.Add(name)), Is.Null);
        Assert.That(problems, Is.EqualTo((string[])[field]));
    }

    [Test]
    public void Size_is_bounded()
    {
        FilterRequest Condition(string value = "x") => new() { Field = "metadata.a", Op = "eq", Value = JsonSerializer.SerializeToElement(value) };
        FilterRequest Nested(int depth) => depth == 1 ? Condition() : new FilterRequest { Not = Nested(depth - 1) };
        FilterRequest Wide(int count) => new() { And = [.. Enumerable.Repeat(Condition(), count)] };
        FilterRequest Listed(int count) => new() { Field = "metadata.a", Op = "in", Value = JsonSerializer.SerializeToElement(Enumerable.Range(0, count)) };
        Assert.Multiple(() =>
        {
            Assert.That(Reads(Nested(FilterReader.MaxDepth)), Is.True);
            Assert.That(Reads(Nested(FilterReader.MaxDepth + 1)), Is.False);
            Assert.That(Reads(Wide(FilterReader.MaxConditions - 1)), Is.True);
            Assert.That(Reads(Wide(FilterReader.MaxConditions)), Is.False);
            Assert.That(Reads(Listed(FilterReader.MaxValues)), Is.True);
            Assert.That(Reads(Listed(FilterReader.MaxValues + 1)), Is.False);
            Assert.That(Reads(Condition(new string('x', FilterReader.MaxTextBytes))), Is.True);
            Assert.That(Reads(Condition(new string('x', FilterReader.MaxTextBytes + 1))), Is.False);
        });
    }

    private static bool Reads(FilterRequest request) => FilterReader.Read(request, "filter", (_, _) => { }) is not null;

    private static SearchFilter Read(string condition)
        => FilterReader.ReadMetadata([condition], "metadata", (field, message) => Assert.Fail($"{field}: {message}"))!;

    private static FilterRequest Parse(string json)
    {
        var options = new JsonSerializerOptions();
        ServiceDefaults.Http.ProblemDetailsSetup.Configure(options);
        return JsonSerializer.Deserialize<FilterRequest>(json, options)!;
    }
}
