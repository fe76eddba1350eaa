using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Qdrant.Client.Grpc;

// The client calls the places of payloads and plain vectors obsolete; servers of 1.18 know no other names for them.
#pragma warning disable CS0612

namespace MemoryMesh.Tests.Shared;

/// <summary>The gRPC API of the server in this process: each call is turned into the request of the REST API that asks the same, and its answer back.</summary>
/// <remarks>What has no counterpart here is refused: a call, a condition or a vector that the product has no use for.</remarks>
internal static class QdrantStandInGrpc
{
    private const int FrameHead = 5;

    /// <summary>Answers a call.</summary>
    /// <param name="http">The call.</param>
    /// <param name="fault">The status of HTTP that it gets instead of an answer; 0 for its own.</param>
    /// <param name="ask">Asks the server as over REST: method, path, body. Its answer is <c>result</c>.</param>
    public static async Task AnswerAsync(HttpContext http, int fault, Func<string, string, JsonObject?, JsonNode?> ask)
    {
        using var buffer = new MemoryStream();
        await http.Request.Body.CopyToAsync(buffer);
        http.Response.ContentType = "application/grpc";
        try
        {
            if (fault != 0)
            {
                throw new QdrantRefusal(fault, "as the test wants it");
            }

            var answer = Answer(http.Request.Path.Value!, new CodedInputStream(buffer.ToArray(), FrameHead, (int)buffer.Length - FrameHead), ask).ToByteArray();
            var frame = new byte[FrameHead + answer.Length];
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), answer.Length);
            answer.CopyTo(frame, FrameHead);
            await http.Response.Body.WriteAsync(frame);
            http.Response.AppendTrailer("grpc-status", "0");
        }
        catch (QdrantRefusal refusal)
        {
            http.Response.Headers["grpc-status"] = ((int)StatusOf(refusal.Status)).ToString(CultureInfo.InvariantCulture);
            http.Response.Headers["grpc-message"] = Uri.EscapeDataString(refusal.Message);
        }
    }

    private static StatusCode StatusOf(int http) => http switch
    {
        401 => StatusCode.Unauthenticated,
        404 => StatusCode.NotFound,
        409 => StatusCode.AlreadyExists,
        429 => StatusCode.ResourceExhausted,
        503 => StatusCode.Unavailable,
        >= 500 => StatusCode.Internal,
        _ => StatusCode.InvalidArgument,
    };

    private static IMessage Answer(string call, CodedInputStream body, Func<string, string, JsonObject?, JsonNode?> ask)
    {
        switch (call)
        {
            case "/qdrant.Collections/List":
                var names = ((JsonArray)ask("GET", "collections", null)!["collections"]!).Select(one => new CollectionDescription { Name = (string)one!["name"]! });
                return new ListCollectionsResponse { Collections = { names } };
            case "/qdrant.Collections/CollectionExists":
                var wanted = Read<CollectionExistsRequest>(body).CollectionName;
                return new CollectionExistsResponse { Result = new CollectionExists { Exists = (bool)ask("GET", $"collections/{wanted}/exists", null)!["exists"]! } };
            case "/qdrant.Collections/Get":
                var info = ask("GET", $"collections/{Read<GetCollectionInfoRequest>(body).CollectionName}", null)!;
                return new GetCollectionInfoResponse
                {
                    Result = new CollectionInfo
                    {
                        Status = (string?)info["status"] == "green" ? CollectionStatus.Green : CollectionStatus.Yellow,
                        Config = new CollectionConfig { Params = new CollectionParams { OnDiskPayload = (bool)info["config"]!["params"]!["on_disk_payload"]! } },
                    },
                };
            case "/qdrant.Collections/Create":
                var made = Read<CreateCollection>(body);
                return Changed(ask("PUT", $"collections/{made.CollectionName}", ToJson(made)));
            case "/qdrant.Collections/Update":
                var changed = Read<UpdateCollection>(body);
                return Changed(ask(
                    "PATCH", $"collections/{changed.CollectionName}", new JsonObject { ["params"] = new JsonObject { ["on_disk_payload"] = changed.Params.OnDiskPayload } }));
            case "/qdrant.Collections/Delete":
                return Changed(ask("DELETE", $"collections/{Read<DeleteCollection>(body).CollectionName}", null));
            case "/qdrant.Points/CreateFieldIndex":
                var index = Read<CreateFieldIndexCollection>(body);
                return Done(ask("PUT", $"collections/{index.CollectionName}/index?wait={index.Wait}", ToJson(index)));
            case "/qdrant.Points/Upsert":
                var upsert = Read<UpsertPoints>(body);
                return Done(ask(
                    "PUT", $"collections/{upsert.CollectionName}/points?wait={upsert.Wait}", new JsonObject { ["points"] = new JsonArray([.. upsert.Points.Select(ToJson)]) }));
            case "/qdrant.Points/Delete":
                var delete = Read<DeletePoints>(body);
                return Done(ask("POST", $"collections/{delete.CollectionName}/points/delete?wait={delete.Wait}", new JsonObject { ["filter"] = ToJson(delete.Points.Filter) }));
            case "/qdrant.Points/Query":
                var query = Read<QueryPoints>(body);
                var found = (JsonArray)ask("POST", $"collections/{query.CollectionName}/points/query", ToJson(query))!["points"]!;
                return new QueryResponse { Result = { found.Select(point => new ScoredPoint { Id = IdOf(point!), Payload = { PayloadOf(point!) }, Score = (float?)point!["score"] ?? float.NaN }) } };
            case "/qdrant.Points/Scroll":
                var scroll = Read<ScrollPoints>(body);
                var page = ask("POST", $"collections/{scroll.CollectionName}/points/scroll", ToJson(scroll))!;
                return new ScrollResponse { Result = { ((JsonArray)page["points"]!).Select(point => new RetrievedPoint { Id = IdOf(point!), Payload = { PayloadOf(point!) } }) } };
            case "/qdrant.Points/Count":
                var count = Read<CountPoints>(body);
                var counted = ask("POST", $"collections/{count.CollectionName}/points/count", new JsonObject { ["filter"] = ToJson(count.Filter), ["exact"] = count.Exact })!;
                return new CountResponse { Result = new CountResult { Count = (ulong)counted["count"]! } };
            case "/qdrant.Snapshots/List":
                var snapshots = (JsonArray)ask("GET", $"collections/{Read<ListSnapshotsRequest>(body).CollectionName}/snapshots", null)!;
                return new ListSnapshotsResponse { SnapshotDescriptions = { snapshots.Select(one => new SnapshotDescription { Name = (string)one!["name"]! }) } };
            default:
                throw new QdrantRefusal(400, $"the stand-in has no call {call}");
        }
    }

    private static T Read<T>(CodedInputStream body)
        where T : IMessage, new()
    {
        var message = new T();
        message.MergeFrom(body);
        return message;
    }

    private static CollectionOperationResponse Changed(JsonNode? result) => new() { Result = (bool)result! };

    private static PointsOperationResponse Done(JsonNode? result) => new()
    {
        Result = new UpdateResult
        {
            OperationId = (ulong)result!["operation_id"]!,
            Status = (string?)result["status"] == "completed" ? UpdateStatus.Completed : UpdateStatus.Acknowledged,
        },
    };

    private static JsonObject ToJson(CreateCollection made)
    {
        var vectors = new JsonObject();
        foreach (var (name, vector) in made.VectorsConfig.ParamsMap.Map)
        {
            var scalar = vector.QuantizationConfig.Scalar;
            vectors[name] = new JsonObject
            {
                ["size"] = vector.Size,
                ["distance"] = vector.Distance.ToString(),
                ["quantization_config"] = new JsonObject
                {
                    ["scalar"] = new JsonObject { ["type"] = scalar.Type == QuantizationType.Int8 ? "int8" : "", ["quantile"] = scalar.Quantile, ["always_ram"] = scalar.AlwaysRam },
                },
            };
        }

        return new()
        {
            ["vectors"] = vectors,
            ["on_disk_payload"] = made.OnDiskPayload,
            ["wal_config"] = new JsonObject { ["wal_capacity_mb"] = made.WalConfig.WalCapacityMb },
        };
    }

    private static JsonObject ToJson(CreateFieldIndexCollection index)
    {
        var type = index.FieldType switch { FieldType.Integer => "integer", FieldType.Float => "float", FieldType.Keyword => "keyword", _ => "" };
        return new()
        {
            ["field_name"] = index.FieldName,
            ["field_schema"] = index.FieldIndexParams?.KeywordIndexParams is { } parameters ? new JsonObject { ["type"] = type, ["is_tenant"] = parameters.IsTenant } : type,
        };
    }

    private static JsonObject ToJson(PointStruct point)
    {
        var payload = new JsonObject();
        foreach (var (field, value) in point.Payload)
        {
            payload[field] = value.KindCase switch
            {
                Value.KindOneofCase.StringValue => value.StringValue,
                Value.KindOneofCase.IntegerValue => value.IntegerValue,
                Value.KindOneofCase.DoubleValue => value.DoubleValue,
                _ => throw new QdrantRefusal(400, $"the stand-in takes no {value.KindCase}"),
            };
        }

        var vectors = new JsonObject();
        foreach (var (name, vector) in point.Vectors.Vectors_.Vectors)
        {
            vectors[name] = ToJson(vector.Dense?.Data ?? vector.Data);
        }

        return new() { ["id"] = point.Id.Uuid, ["payload"] = payload, ["vector"] = vectors };
    }

    private static JsonArray ToJson(RepeatedField<float> values) => new([.. values.Select(value => (JsonNode)value)]);

    private static JsonObject ToJson(QueryPoints query)
    {
        var asked = new JsonObject { ["filter"] = ToJson(query.Filter), ["limit"] = query.Limit, ["with_payload"] = ToJson(query.WithPayload), ["with_vector"] = false };
        if (query.Query.HasSample)
        {
            asked["query"] = new JsonObject { ["sample"] = "random" };
            return asked;
        }

        var quantization = query.Params.Quantization;
        asked["query"] = ToJson(query.Query.Nearest.Dense.Data);
        asked["using"] = query.Using;
        asked["params"] = new JsonObject { ["quantization"] = new JsonObject { ["rescore"] = quantization.Rescore, ["oversampling"] = quantization.Oversampling } };
        return asked;
    }

    private static JsonObject ToJson(ScrollPoints scroll)
        => new() { ["filter"] = ToJson(scroll.Filter), ["limit"] = scroll.Limit, ["with_payload"] = ToJson(scroll.WithPayload), ["with_vector"] = false };

    private static JsonNode ToJson(WithPayloadSelector selector)
        => selector.SelectorOptionsCase == WithPayloadSelector.SelectorOptionsOneofCase.Include
            ? new JsonArray([.. selector.Include.Fields.Select(field => (JsonNode)field)])
            : selector.Enable;

    private static JsonObject ToJson(Filter filter)
    {
        var clauses = new JsonObject();
        foreach (var (name, conditions) in new[] { ("must", filter.Must), ("should", filter.Should), ("must_not", filter.MustNot) })
        {
            if (conditions.Count > 0)
            {
                clauses[name] = new JsonArray([.. conditions.Select(ToJson)]);
            }
        }

        return clauses;
    }

    private static JsonObject ToJson(Condition condition) => condition.ConditionOneOfCase switch
    {
        Condition.ConditionOneOfOneofCase.Field => ToJson(condition.Field),
        Condition.ConditionOneOfOneofCase.Filter => ToJson(condition.Filter),
        Condition.ConditionOneOfOneofCase.IsEmpty => new() { ["is_empty"] = new JsonObject { ["key"] = condition.IsEmpty.Key } },
        Condition.ConditionOneOfOneofCase.HasId => new() { ["has_id"] = new JsonArray([.. condition.HasId.HasId.Select(id => (JsonNode)id.Uuid)]) },
        var other => throw new QdrantRefusal(400, $"the stand-in knows no condition {other}"),
    };

    private static JsonObject ToJson(FieldCondition field)
    {
        var condition = new JsonObject { ["key"] = field.Key };
        if (field.Range is { } range)
        {
            var bounds = new JsonObject();
            foreach (var (name, isGiven, bound) in new[] { ("gte", range.HasGte, range.Gte), ("gt", range.HasGt, range.Gt), ("lte", range.HasLte, range.Lte), ("lt", range.HasLt, range.Lt) })
            {
                if (isGiven)
                {
                    bounds[name] = bound;
                }
            }

            condition["range"] = bounds;
            return condition;
        }

        condition["match"] = field.Match.MatchValueCase switch
        {
            Match.MatchValueOneofCase.Keyword => new JsonObject { ["value"] = field.Match.Keyword },
            Match.MatchValueOneofCase.Integer => new JsonObject { ["value"] = field.Match.Integer },
            Match.MatchValueOneofCase.Keywords => new JsonObject { ["any"] = new JsonArray([.. field.Match.Keywords.Strings.Select(value => (JsonNode)value)]) },
            Match.MatchValueOneofCase.Integers => new JsonObject { ["any"] = new JsonArray([.. field.Match.Integers.Integers.Select(value => (JsonNode)value)]) },
            var other => throw new QdrantRefusal(400, $"the stand-in knows no match {other}"),
        };
        return condition;
    }

    private static PointId IdOf(JsonNode point) => new() { Uuid = (string)point["id"]! };

    private static Dictionary<string, Value> PayloadOf(JsonNode point)
        => point["payload"] is not JsonObject payload
            ? []
            : payload.ToDictionary(
                field => field.Key,
                field => field.Value!.GetValueKind() == System.Text.Json.JsonValueKind.String
                    ? new Value { StringValue = (string)field.Value! }
                    : field.Value.AsValue().TryGetValue<long>(out var whole) ? new Value { IntegerValue = whole } : new Value { DoubleValue = (double)field.Value! });
}
