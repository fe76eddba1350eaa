using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MemoryMesh.Tests.Shared;

/// <summary>A collection of the server in this process.</summary>
public sealed class QdrantStandInCollection
{
    private static readonly string[] CreateFields = ["vectors", "sparse_vectors", "wal_config", "optimizers_config", "hnsw_config", "quantization_config", "on_disk_payload", "metadata", "shard_number"];
    private static readonly string[] SchemaTypes = ["keyword", "integer", "float", "bool", "geo", "datetime", "uuid", "text"];

    private readonly string _name;
    private readonly JsonObject _vectors;
    private readonly JsonObject _sparse;
    private readonly JsonObject _schema = [];
    private readonly ConcurrentDictionary<string, QdrantStandInPoint> _points = new(StringComparer.Ordinal);
    private readonly List<string> _snapshots = [];
    private int _operations;

    internal QdrantStandInCollection(string name, JsonObject settings)
    {
        foreach (var (field, _) in settings)
        {
            if (!CreateFields.Contains(field))
            {
                throw QdrantRefusal.Format($"the stand-in knows no field `{field}` of a collection");
            }
        }

        _name = name;
        _vectors = settings["vectors"]?.DeepClone() as JsonObject ?? [];
        _sparse = settings["sparse_vectors"]?.DeepClone() as JsonObject ?? [];
        foreach (var (_, vector) in _vectors)
        {
            if (vector is not JsonObject named || (string?)named["distance"] is not ("Cosine" or "Dot" or "Euclid" or "Manhattan"))
            {
                throw QdrantRefusal.Format("data did not match any variant of untagged enum VectorsConfig at line 1 column 46");
            }
        }

        WalCapacityMegabytes = (int?)settings["wal_config"]?["wal_capacity_mb"] ?? 32;
    }

    /// <summary>The points by id.</summary>
    public IReadOnlyDictionary<string, QdrantStandInPoint> Points => _points;

    /// <summary>Payload indexes.</summary>
    public JsonObject Schema => _schema;

    /// <summary>Capacity of the log.</summary>
    public int WalCapacityMegabytes { get; }

    /// <summary>Whether payloads are on disk alone.</summary>
    public bool PayloadOnDisk { get; private set; } = true;

    /// <summary>Points whose bytes lie in a segment still, though they were deleted or replaced.</summary>
    public HashSet<string> InSegments { get; } = [];

    /// <summary>Bytes that were written. What was deleted before has left the log when it has grown by more than twice its capacity.</summary>
    public long BytesWritten { get; private set; }

    /// <summary>Whether a change takes longer than the server waits for it: it is done, and the answer does not say so.</summary>
    public bool IsLate { get; set; }

    internal JsonNode Describe() => new JsonObject
    {
        ["status"] = "green",
        ["optimizer_status"] = "ok",
        ["indexed_vectors_count"] = 0,
        ["points_count"] = _points.Count,
        ["segments_count"] = 2,
        ["config"] = new JsonObject
        {
            ["params"] = new JsonObject { ["vectors"] = _vectors.DeepClone(), ["shard_number"] = 1, ["on_disk_payload"] = PayloadOnDisk, ["sparse_vectors"] = _sparse.DeepClone() },
            ["wal_config"] = new JsonObject { ["wal_capacity_mb"] = WalCapacityMegabytes, ["wal_segments_ahead"] = 0, ["wal_retain_closed"] = 1 },
        },
        ["payload_schema"] = _schema.DeepClone(),
        ["update_queue"] = new JsonObject { ["length"] = 0 },
    };

    internal JsonNode DescribeWork() => new JsonObject
    {
        ["summary"] = new JsonObject { ["queued_optimizations"] = 0, ["queued_segments"] = 0, ["queued_points"] = 0, ["idle_segments"] = _points.IsEmpty ? 1 : 2 },
        ["running"] = new JsonArray(),
    };

    internal JsonNode Change(JsonObject change)
    {
        if ((bool?)change["params"]?["on_disk_payload"] is { } onDisk && onDisk != PayloadOnDisk)
        {
            // The config mismatch has every segment written anew.
            PayloadOnDisk = onDisk;
            InSegments.Clear();
        }

        return true;
    }

    internal JsonNode AddIndex(JsonObject index, bool wait)
    {
        var type = index["field_schema"] is JsonObject schema ? (string?)schema["type"] : (string?)index["field_schema"];
        if (!SchemaTypes.Contains(type))
        {
            throw QdrantRefusal.Format("data did not match any variant of untagged enum PayloadFieldSchema at line 1 column 45");
        }

        _schema[(string)index["field_name"]!] = new JsonObject { ["data_type"] = type, ["params"] = index["field_schema"]!.DeepClone(), ["points"] = _points.Count };
        return Done(wait);
    }

    internal JsonNode Upsert(JsonObject body, bool wait)
    {
        if (body["points"] is not JsonArray { Count: > 0 } points)
        {
            throw new QdrantRefusal(400, "Bad request: Empty update request");
        }

        var read = points.Select(node => Read((JsonObject)node!)).ToList();
        foreach (var point in read)
        {
            _points[point.Id] = point;
            InSegments.Add(point.Id);
        }

        BytesWritten += body.ToJsonString().Length;
        return Done(wait);
    }

    internal JsonNode Retrieve(JsonObject body)
        => new JsonArray([.. ((JsonArray)body["ids"]!).Select(id => QdrantStandInPoint.ReadId(id!)).Distinct().Where(_points.ContainsKey).Select(id => Show(_points[id], body, payload: false))]);

    internal JsonNode GetPoint(string id)
        => _points.TryGetValue(QdrantStandInPoint.ReadId(JsonValue.Create(id)), out var point)
            ? new JsonObject { ["id"] = QdrantStandInPoint.WriteId(point.Id), ["payload"] = point.Payload.DeepClone(), ["vector"] = point.Vectors.DeepClone() }
            : throw new QdrantRefusal(404, $"Not found: Point with id {id} does not exists!");

    internal JsonNode Delete(JsonObject body, bool wait)
    {
        // What an empty filter lets through is everything.
        foreach (var id in Selected(body))
        {
            _points.TryRemove(id, out _);
        }

        return Done(wait);
    }

    internal JsonNode SetPayload(JsonObject body, bool wait, bool replace)
    {
        foreach (var id in Selected(body))
        {
            if (!_points.TryGetValue(id, out var point))
            {
                throw new QdrantRefusal(404, $"Not found: No point with id {id} found");
            }

            var payload = replace ? [] : point.Payload;
            foreach (var (key, value) in (JsonObject)body["payload"]!)
            {
                payload.Remove(key);
                if (value is not null)
                {
                    payload[key] = value.DeepClone();
                }
            }

            point.Payload = payload;
        }

        return Done(wait);
    }

    internal JsonNode Count(JsonObject body)
        => new JsonObject { ["count"] = _points.Values.Count(point => QdrantStandInFilter.Passes(body["filter"], point)) };

    internal JsonNode Scroll(JsonObject body)
    {
        var limit = Limit(body);
        var from = body["offset"] is { } offset ? QdrantStandInPoint.ReadId(offset) : null;
        var passing = _points.Values.Where(point => QdrantStandInFilter.Passes(body["filter"], point)).ToList();
        passing.Sort((one, other) => QdrantStandInPoint.Compare(one.Id, other.Id));
        var page = passing.SkipWhile(point => from is not null && QdrantStandInPoint.Compare(point.Id, from) < 0).Take(limit + 1).ToList();
        return new JsonObject
        {
            ["points"] = new JsonArray([.. page.Take(limit).Select(point => Show(point, body, payload: true))]),
            ["next_page_offset"] = page.Count > limit ? QdrantStandInPoint.WriteId(page[limit].Id) : null,
        };
    }

    internal JsonNode Query(JsonObject body)
    {
        var found = QdrantStandInQuery.Find(this, body, Limit(body));
        return new JsonObject
        {
            ["points"] = new JsonArray(
            [
                .. found.Select(hit =>
                {
                    var shown = Show(hit.Point, body, payload: false);
                    shown["version"] = _operations;
                    shown["score"] = double.IsFinite(hit.Score) ? (float)hit.Score : null;
                    return shown;
                }),
            ]),
        };
    }

    internal JsonNode QueryBatch(JsonObject body) => new JsonArray([.. ((JsonArray)body["searches"]!).Select(search => Query((JsonObject)search!))]);

    internal JsonNode TakeSnapshot()
    {
        _snapshots.Add($"{_name}-1-2026-01-02-03-04-{_snapshots.Count:00}.snapshot");
        return Snapshot(_snapshots[^1]);
    }

    internal JsonNode ListSnapshots() => new JsonArray([.. _snapshots.Select(Snapshot)]);

    internal JsonNode DropSnapshot(string name)
        => _snapshots.Remove(name) ? true : throw new QdrantRefusal(404, $"Not found: Snapshot {name} not found");

    /// <summary>Settings of a vector by name; null when there is none.</summary>
    internal JsonObject? VectorOf(string name) => (_vectors[name] ?? _sparse[name]) as JsonObject;

    private static JsonObject Snapshot(string name)
        => new() { ["name"] = name, ["creation_time"] = "2026-01-02T03:04:05", ["size"] = 1, ["checksum"] = new string('0', 64) };

    private static int Limit(JsonObject body)
    {
        if (body["limit"] is not { } node)
        {
            return 10;
        }

        var limit = (double)node;
        return limit < 0 ? throw QdrantRefusal.Format($"invalid value: integer `{limit}`, expected usize at line 1 column 1")
            : limit == 0 ? throw QdrantRefusal.Invalid("internal.limit: value 0 invalid, must be 1 or larger")
            : (int)Math.Min(limit, int.MaxValue - 1);
    }

    private static JsonObject Show(QdrantStandInPoint point, JsonObject body, bool payload)
    {
        var shown = new JsonObject { ["id"] = QdrantStandInPoint.WriteId(point.Id) };
        switch (body["with_payload"])
        {
            case JsonArray fields:
                shown["payload"] = new JsonObject(fields.Select(field => (string)field!).Where(point.Payload.ContainsKey).Select(field => KeyValuePair.Create(field, point.Payload[field]?.DeepClone())));
                break;
            case JsonValue wanted when (bool)wanted:
            case null when payload:
                shown["payload"] = point.Payload.DeepClone();
                break;
        }

        if (body["with_vector"] is JsonValue all && (bool)all)
        {
            shown["vector"] = point.Vectors.DeepClone();
        }
        else if (body["with_vector"] is JsonArray names)
        {
            shown["vector"] = new JsonObject(names.Select(name => (string)name!).Where(point.Vectors.ContainsKey).Select(name => KeyValuePair.Create(name, point.Vectors[name]?.DeepClone())));
        }

        return shown;
    }

    private List<string> Selected(JsonObject body)
        => body["points"] is JsonArray ids ? [.. ids.Select(id => QdrantStandInPoint.ReadId(id!))]
            : body["filter"] is JsonObject filter ? [.. _points.Values.Where(point => QdrantStandInFilter.Passes(filter, point)).Select(point => point.Id)]
            : throw QdrantRefusal.Format("data did not match any variant of untagged enum PointsSelector");

    private QdrantStandInPoint Read(JsonObject point)
    {
        var id = QdrantStandInPoint.ReadId(point["id"] ?? throw QdrantRefusal.Format("missing field `id`"));
        if (point["vector"] is not { } given)
        {
            throw QdrantRefusal.Format("missing field `vector`");
        }

        if (given is not JsonObject vectors)
        {
            throw QdrantRefusal.Wrong("Not existing vector name error: ");
        }

        foreach (var (name, vector) in vectors)
        {
            var settings = VectorOf(name) ?? throw QdrantRefusal.Wrong($"Not existing vector name error: {name}");
            Check(name, settings, vector!);
        }

        return new() { Id = id, Payload = point["payload"]?.DeepClone() as JsonObject ?? [], Vectors = (JsonObject)vectors.DeepClone() };
    }

    private static void Check(string name, JsonObject settings, JsonNode vector)
    {
        if (settings["size"] is not { } size)
        {
            var indices = (JsonArray)vector["indices"]!;
            if (indices.Count != ((JsonArray)vector["values"]!).Count || indices.Select(index => (long)index!).Distinct().Count() != indices.Count)
            {
                throw QdrantRefusal.Invalid("points[0].vector.indices: must be unique");
            }

            return;
        }

        var isMany = settings["multivector_config"] is not null;
        if (vector is not JsonArray { Count: > 0 } values || values[0] is JsonArray != isMany)
        {
            throw isMany && vector is JsonArray { Count: 0 } ? QdrantRefusal.Invalid("vector: must not be empty") : QdrantRefusal.Wrong($"Conversion between multi and regular vectors failed: {name}");
        }

        foreach (var row in isMany ? values.Select(value => (JsonArray)value!) : [values])
        {
            if (row.Count != (int)size)
            {
                throw isMany
                    ? QdrantRefusal.Invalid("vector: all vectors must have the same dimension")
                    : QdrantRefusal.Wrong($"Vector dimension error: expected dim: {(int)size}, got {row.Count} for vector '{name}'");
            }

            if (row.Any(value => value?.GetValueKind() != JsonValueKind.Number))
            {
                throw QdrantRefusal.Format("invalid type: null, expected f32");
            }
        }
    }

    private JsonObject Done(bool wait) => new() { ["operation_id"] = ++_operations, ["status"] = !wait ? "acknowledged" : IsLate ? "wait_timeout" : "completed" };
}
