using System.Text.Json.Nodes;

namespace MemoryMesh.Tests.Shared;

/// <summary>Filters as Qdrant reads them.</summary>
internal static class QdrantStandInFilter
{
    private static readonly string[] Clauses = ["should", "min_should", "must", "must_not"];

    /// <summary>Whether a point passes. A filter without conditions lets everything through.</summary>
    public static bool Passes(JsonNode? filter, QdrantStandInPoint point)
    {
        if (filter is not JsonObject clauses)
        {
            return true;
        }

        foreach (var (name, _) in clauses)
        {
            if (!Clauses.Contains(name))
            {
                throw QdrantRefusal.Format($"unknown field `{name}`, expected one of `should`, `min_should`, `must`, `must_not` at line 1 column 1");
            }
        }

        return List(clauses["must"]).All(condition => Holds(condition, point))
            && !List(clauses["must_not"]).Any(condition => Holds(condition, point))
            && (List(clauses["should"]) is not [_, ..] should || should.Exists(condition => Holds(condition, point)))
            && (clauses["min_should"] is not JsonObject least || List(least["conditions"]).Count(condition => Holds(condition, point)) >= (int)least["min_count"]!);
    }

    private static List<JsonNode> List(JsonNode? node) => node switch
    {
        null => [],
        JsonArray many => [.. many.Select(one => one!)],
        _ => [node],
    };

    private static bool Holds(JsonNode node, QdrantStandInPoint point)
    {
        var condition = (JsonObject)node;
        if (Clauses.Any(condition.ContainsKey))
        {
            return Passes(condition, point);
        }

        if (condition["has_id"] is JsonArray ids)
        {
            return ids.Any(id => QdrantStandInPoint.ReadId(id!) == point.Id);
        }

        if (condition["is_empty"] is JsonObject empty)
        {
            return !Values(point, (string)empty["key"]!).Any();
        }

        if (condition["key"] is not JsonValue key)
        {
            throw QdrantRefusal.Format("data did not match any variant of untagged enum Condition at line 1 column 1");
        }

        var values = Values(point, (string)key!);
        return (condition["match"], condition["range"]) switch
        {
            (JsonObject match, _) when match["value"] is { } wanted => values.Any(value => JsonNode.DeepEquals(value, wanted)),
            (JsonObject match, _) when match["any"] is JsonArray any => values.Any(value => any.Any(wanted => JsonNode.DeepEquals(value, wanted))),
            (JsonObject match, _) when match["except"] is JsonArray not => values.Any(value => !not.Any(wanted => JsonNode.DeepEquals(value, wanted))),
            (_, JsonObject range) => values.Any(value => value is JsonValue number && number.GetValueKind() == System.Text.Json.JsonValueKind.Number && IsIn((double)number, range)),
            _ => throw QdrantRefusal.Invalid("internal.filter.must[0].__all__: Validation error: At least one field condition must be specified [{}]"),
        };
    }

    private static bool IsIn(double value, JsonObject range)
        => !(range["gte"] is { } least && value < (double)least) && !(range["gt"] is { } above && value <= (double)above)
            && !(range["lte"] is { } most && value > (double)most) && !(range["lt"] is { } below && value >= (double)below);

    private static IEnumerable<JsonNode> Values(QdrantStandInPoint point, string key) => point.Payload[key] switch
    {
        null => [],
        JsonArray many => many.OfType<JsonNode>(),
        { } one => [one],
    };
}
