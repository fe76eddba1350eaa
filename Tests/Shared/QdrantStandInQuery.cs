using System.Text.Json.Nodes;

namespace MemoryMesh.Tests.Shared;

/// <summary>Queries of the server in this process: nearest by cosine, MaxSim or sparse terms, samples, and prefetches that are ranked again.</summary>
internal static class QdrantStandInQuery
{
    private static readonly string[] Fields =
        ["query", "using", "filter", "params", "limit", "offset", "score_threshold", "with_payload", "with_vector", "prefetch", "lookup_from", "shard_key"];

    private static readonly string[] Parameters = ["exact", "hnsw_ef", "quantization", "indexed_only"];

    /// <summary>The points that answer, best first.</summary>
    public static List<(QdrantStandInPoint Point, double Score)> Find(QdrantStandInCollection collection, JsonObject body, int limit)
    {
        Refuse(body, Fields, "a query");
        if (body["params"] is JsonObject parameters)
        {
            Refuse(parameters, Parameters, "params");
        }

        IEnumerable<QdrantStandInPoint> points = collection.Points.Values;
        if (Prefetches(body["prefetch"]) is { Count: > 0 } prefetches)
        {
            // A filter at the root holds for every leaf, and a prefetch has ten points unless it says how many.
            var before = new Dictionary<string, QdrantStandInPoint>(StringComparer.Ordinal);
            foreach (var prefetch in prefetches)
            {
                foreach (var (point, _) in Find(collection, prefetch, (int?)prefetch["limit"] ?? 10))
                {
                    before.TryAdd(point.Id, point);
                }
            }

            points = before.Values;
        }

        var passing = points.Where(point => QdrantStandInFilter.Passes(body["filter"], point)).ToList();
        var offset = (int?)body["offset"] ?? 0;
        var threshold = (double?)body["score_threshold"];
        return [.. Rank(collection, body, passing).Where(hit => threshold is null || hit.Score >= threshold).Skip(offset).Take(limit)];
    }

    private static List<JsonObject> Prefetches(JsonNode? node) => node switch
    {
        null => [],
        JsonArray many => [.. many.Select(one => (JsonObject)one!)],
        _ => [(JsonObject)node],
    };

    private static void Refuse(JsonObject body, string[] known, string what)
    {
        if (body.FirstOrDefault(field => !known.Contains(field.Key)).Key is { } unknown)
        {
            throw QdrantRefusal.Format($"the stand-in knows no field `{unknown}` of {what}");
        }
    }

    private static IEnumerable<(QdrantStandInPoint Point, double Score)> Rank(QdrantStandInCollection collection, JsonObject body, List<QdrantStandInPoint> points)
    {
        switch (body["query"])
        {
            case null:
                return points.OrderBy(point => point.Id, Comparer<string>.Create(QdrantStandInPoint.Compare)).Select(point => (point, 1.0));
            case JsonObject query when query["sample"] is not null:
                return points.OrderBy(_ => Random.Shared.Next()).Select(point => (point, 1.0));
        }

        var name = (string?)body["using"] ?? "";
        var settings = collection.VectorOf(name) ?? throw QdrantRefusal.Wrong($"Not existing vector name error: {name}");
        var score = Scorer(collection, name, settings, body["query"]!);
        return points.Where(point => point.Vectors.ContainsKey(name)).Select(point => (point, Score: score(point.Vectors[name]!)))
            .Where(hit => settings["size"] is not null || hit.Score > 0)

            // What is no number comes first.
            .OrderByDescending(hit => double.IsNaN(hit.Score) ? double.PositiveInfinity : hit.Score);
    }

    private static Func<JsonNode, double> Scorer(QdrantStandInCollection collection, string name, JsonObject settings, JsonNode query)
    {
        if (settings["size"] is not { } size)
        {
            var terms = Terms(query);
            var frequencies = terms.Keys.ToDictionary(term => term, term => collection.Points.Values.Count(point => point.Vectors[name] is { } vector && Terms(vector).ContainsKey(term)));
            var count = collection.Points.Values.Count(point => point.Vectors.ContainsKey(name));
            var hasIdf = (string?)settings["modifier"] == "idf";
            return vector => Terms(vector).Sum(term => terms.TryGetValue(term.Key, out var weight)
                ? weight * term.Value * (hasIdf ? Math.Log(1 + ((count - frequencies[term.Key] + 0.5) / (frequencies[term.Key] + 0.5))) : 1)
                : 0);
        }

        var rows = Rows(query);
        if (rows.Any(row => row.Length != (int)size))
        {
            throw QdrantRefusal.Wrong($"Vector dimension error: expected dim: {(int)size}, got {rows[0].Length}");
        }

        var isCosine = (string?)settings["distance"] == "Cosine";
        rows = [.. rows.Select(row => isCosine ? Unit(row) : row)];
        return vector =>
        {
            var stored = Rows(vector).Select(row => isCosine ? Unit(row) : row).ToList();
            return rows.Sum(row => stored.Max(other => Dot(row, other)));
        };
    }

    private static Dictionary<long, double> Terms(JsonNode vector)
        => ((JsonArray)vector["indices"]!).Zip((JsonArray)vector["values"]!).ToDictionary(pair => (long)pair.First!, pair => (double)pair.Second!);

    private static List<double[]> Rows(JsonNode vector)
        => vector is JsonArray { Count: > 0 } values
            ? values[0] is JsonArray ? [.. values.Select(row => Numbers((JsonArray)row!))] : [Numbers(values)]
            : throw QdrantRefusal.Format("data did not match any variant of untagged enum QueryInterface");

    private static double[] Numbers(JsonArray values) => [.. values.Select(value => (double)(float)(double)value!)];

    private static double[] Unit(double[] values)
    {
        var length = Math.Sqrt(Dot(values, values));
        return length == 0 ? values : [.. values.Select(value => value / length)];
    }

    private static double Dot(double[] one, double[] other)
    {
        var sum = 0.0;
        for (var index = 0; index < one.Length; index++)
        {
            sum += one[index] * other[index];
        }

        return sum;
    }
}
