using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf.Collections;
using Qdrant.Client.Grpc;

// The client calls the place of payloads obsolete; servers of 1.18 know no other name for it.
#pragma warning disable CS0612

namespace MemoryMesh.Tests.Shared;

/// <summary>Results of Qdrant's REST API as the messages of its gRPC API that say the same.</summary>
internal static class QdrantGrpcAnswers
{
    private const double Seconds = 0.0001;

    public static ListCollectionsResponse Collections(JsonNode result)
        => new() { Collections = { List(result["collections"]).Select(one => new CollectionDescription { Name = (string)one["name"]! }) }, Time = Seconds };

    public static CollectionExistsResponse Exists(JsonNode result) => new() { Result = new CollectionExists { Exists = (bool)result["exists"]! }, Time = Seconds };

    public static CollectionOperationResponse Changed(JsonNode result) => new() { Result = (bool)result, Time = Seconds };

    /// <summary>What the product reads of a collection, and its counts.</summary>
    public static GetCollectionInfoResponse Info(JsonNode result)
    {
        var parameters = result["config"]!["params"]!;
        return new()
        {
            Result = new CollectionInfo
            {
                Status = (string?)result["status"] switch { "green" => CollectionStatus.Green, "yellow" => CollectionStatus.Yellow, "grey" => CollectionStatus.Grey, _ => CollectionStatus.Red },
                OptimizerStatus = new OptimizerStatus { Ok = (string?)result["optimizer_status"] == "ok" },
                PointsCount = (ulong)result["points_count"]!,
                SegmentsCount = (ulong)result["segments_count"]!,
                Config = new CollectionConfig
                {
                    Params = new CollectionParams { ShardNumber = (uint)parameters["shard_number"]!, OnDiskPayload = (bool)parameters["on_disk_payload"]! },
                    WalConfig = new WalConfigDiff { WalCapacityMb = (ulong)result["config"]!["wal_config"]!["wal_capacity_mb"]! },
                },
            },
            Time = Seconds,
        };
    }

    public static PointsOperationResponse Done(JsonNode result) => new()
    {
        Result = new UpdateResult
        {
            OperationId = (ulong)result["operation_id"]!,
            Status = (string?)result["status"] switch
            {
                "completed" => UpdateStatus.Completed,
                "acknowledged" => UpdateStatus.Acknowledged,
                "wait_timeout" => UpdateStatus.WaitTimeout,
                _ => UpdateStatus.UnknownUpdateStatus,
            },
        },
        Time = Seconds,
    };

    /// <summary>A score that is no number, null in JSON, is one that is no number here too.</summary>
    public static QueryResponse Scored(JsonNode result) => new()
    {
        Result =
        {
            List(result["points"]).Select(point => new ScoredPoint
            {
                Id = IdOf(point["id"]!),
                Payload = { PayloadOf(point) },
                Vectors = VectorsOf(point),
                Version = (ulong)point["version"]!,
                Score = (float?)point["score"] ?? float.NaN,
            }),
        },
        Time = Seconds,
    };

    public static ScrollResponse Page(JsonNode result)
    {
        var page = new ScrollResponse
        {
            Result = { List(result["points"]).Select(point => new RetrievedPoint { Id = IdOf(point["id"]!), Payload = { PayloadOf(point) }, Vectors = VectorsOf(point) }) },
            Time = Seconds,
        };
        if (result["next_page_offset"] is { } next)
        {
            page.NextPageOffset = IdOf(next);
        }

        return page;
    }

    public static CountResponse Counted(JsonNode result) => new() { Result = new CountResult { Count = (ulong)result["count"]! }, Time = Seconds };

    public static ListSnapshotsResponse Snapshots(JsonNode result) => new()
    {
        SnapshotDescriptions = { List(result).Select(one => new SnapshotDescription { Name = (string)one["name"]!, Size = (long)one["size"]!, Checksum = (string)one["checksum"]! }) },
        Time = Seconds,
    };

    private static IEnumerable<JsonNode> List(JsonNode? list) => ((JsonArray)list!).Select(one => one!);

    private static PointId IdOf(JsonNode id) => id.GetValueKind() == JsonValueKind.Number ? new() { Num = (ulong)id } : new() { Uuid = (string)id! };

    private static Dictionary<string, Value> PayloadOf(JsonNode point)
        => point["payload"] is JsonObject payload ? payload.ToDictionary(field => field.Key, field => ValueOf(field.Value)) : [];

    /// <summary>A number is an integer when it is written as one, and fits.</summary>
    private static Value ValueOf(JsonNode? value) => value switch
    {
        null => new() { NullValue = NullValue.NullValue },
        JsonObject members => new() { StructValue = new Struct { Fields = { members.ToDictionary(field => field.Key, field => ValueOf(field.Value)) } } },
        JsonArray list => new() { ListValue = new ListValue { Values = { list.Select(ValueOf) } } },
        _ => value.GetValueKind() switch
        {
            JsonValueKind.String => new() { StringValue = (string)value! },
            JsonValueKind.Number => value.AsValue().TryGetValue<long>(out var whole) ? new() { IntegerValue = whole } : new() { DoubleValue = (double)value },
            _ => new() { BoolValue = (bool)value },
        },
    };

    /// <summary>The vectors that were asked for, each in the form that it was stored in.</summary>
    private static VectorsOutput? VectorsOf(JsonNode point)
    {
        if (point["vector"] is not JsonObject vectors)
        {
            return null;
        }

        var named = new NamedVectorsOutput();
        foreach (var (name, vector) in vectors)
        {
            named.Vectors[name] = vector![0] is JsonArray
                ? new VectorOutput { MultiDense = new MultiDenseVector { Vectors = { List(vector).Select(DenseOf) } } }
                : new VectorOutput { Dense = DenseOf(vector) };
        }

        return new() { Vectors = named };
    }

    private static DenseVector DenseOf(JsonNode vector) => new() { Data = { List(vector).Select(value => (float)value) } };
}
