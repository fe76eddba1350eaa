using System.Globalization;
using System.Text.Json.Nodes;
using Google.Protobuf.Collections;
using Qdrant.Client.Grpc;
using Range = Qdrant.Client.Grpc.Range;

// The client calls the places of payloads and of quantised vectors obsolete; servers of 1.18 know no other names for them.
#pragma warning disable CS0612

namespace MemoryMesh.Tests.Shared;

/// <summary>Messages that are sent to Qdrant over gRPC, as the bodies of its REST API that ask the same. What is left out stays out: each API has the same defaults for it.</summary>
internal static class QdrantGrpcRequests
{
    /// <summary>A message that Qdrant cannot convert, or finds not valid.</summary>
    public static QdrantRefusal Refused(string detail) => new(400, detail);

    public static JsonObject ToJson(CreateCollection made)
    {
        var collection = new JsonObject();
        if (made.VectorsConfig is { } vectors)
        {
            collection["vectors"] = Members(vectors.ParamsMap?.Map ?? throw Refused("Expected `vectors` - configuration for vector storage"), ToJson);
        }

        Set(collection, "on_disk_payload", made.HasOnDiskPayload, made.OnDiskPayload);
        if (made.WalConfig is { } log)
        {
            collection["wal_config"] = new JsonObject();
            Set((JsonObject)collection["wal_config"]!, "wal_capacity_mb", log.HasWalCapacityMb, log.WalCapacityMb);
        }

        return collection;
    }

    public static JsonObject ToJson(UpdateCollection changed)
    {
        var parameters = new JsonObject();
        if (changed.Params is { } given)
        {
            Set(parameters, "on_disk_payload", given.HasOnDiskPayload, given.OnDiskPayload);
        }

        return new() { ["params"] = parameters };
    }

    public static JsonObject ToJson(CreateFieldIndexCollection index)
    {
        if (!index.HasFieldType)
        {
            throw Refused("cannot convert field_type");
        }

        var type = index.FieldType switch
        {
            FieldType.Keyword => "keyword",
            FieldType.Integer => "integer",
            FieldType.Float => "float",
            FieldType.Bool => "bool",
            FieldType.Datetime => "datetime",
            FieldType.Uuid => "uuid",
            _ => throw Refused($"the stand-in has no index of {index.FieldType}"),
        };
        if (index.FieldIndexParams?.KeywordIndexParams is not { } parameters)
        {
            return new() { ["field_name"] = index.FieldName, ["field_schema"] = type };
        }

        if (index.FieldType != FieldType.Keyword)
        {
            throw Refused("field_type and field_index_params do not match");
        }

        var schema = new JsonObject { ["type"] = type };
        Set(schema, "is_tenant", parameters.HasIsTenant, parameters.IsTenant);
        return new() { ["field_name"] = index.FieldName, ["field_schema"] = schema };
    }

    public static JsonObject ToJson(UpsertPoints upsert) => new() { ["points"] = List(upsert.Points, ToJson) };

    public static JsonObject ToJson(DeletePoints delete) => (delete.Points ?? throw Refused("PointSelector is missing")) switch
    {
        { Points: { } points } => new() { ["points"] = List(points.Ids, ToJson) },
        { Filter: { } filter } => new() { ["filter"] = ToJson(filter) },
        _ => throw Refused("Malformed PointsSelector type"),
    };

    public static JsonObject ToJson(QueryPoints query)
    {
        var asked = new JsonObject();
        if (query.Query is { } wanted)
        {
            asked["query"] = wanted.VariantCase switch
            {
                Query.VariantOneofCase.Nearest => ToJson(wanted.Nearest),
                Query.VariantOneofCase.Sample => new JsonObject { ["sample"] = "random" },
                _ => throw Refused("Query variant is missing"),
            };
        }

        if (query.Params is { } parameters)
        {
            asked["params"] = ToJson(parameters);
        }

        Set(asked, "using", query.HasUsing, query.Using);
        Set(asked, "score_threshold", query.HasScoreThreshold, query.ScoreThreshold);
        Set(asked, "limit", query.HasLimit, query.Limit);
        Set(asked, "offset", query.HasOffset, query.Offset);
        Show(asked, query.Filter, query.WithPayload, query.WithVectors);
        return asked;
    }

    public static JsonObject ToJson(ScrollPoints scroll)
    {
        var asked = new JsonObject();
        if (scroll.Offset is { } offset)
        {
            asked["offset"] = ToJson(offset);
        }

        Set(asked, "limit", scroll.HasLimit, scroll.Limit);
        Show(asked, scroll.Filter, scroll.WithPayload, scroll.WithVectors);
        return asked;
    }

    public static JsonObject ToJson(CountPoints count)
    {
        var asked = new JsonObject();
        Set(asked, "exact", count.HasExact, count.Exact);
        Show(asked, count.Filter, null, null);
        return asked;
    }

    private static JsonObject ToJson(VectorParams vector)
    {
        if (vector.Size is 0 or > 65_536)
        {
            throw Refused("Validation error in body: [size: must be from 1 to 65536]");
        }

        var settings = new JsonObject
        {
            ["size"] = vector.Size,
            ["distance"] = vector.Distance is Distance.Cosine or Distance.Dot or Distance.Euclid or Distance.Manhattan
                ? vector.Distance.ToString()
                : throw Refused($"Malformed distance parameter: {vector.Distance}"),
        };
        if (vector.MultivectorConfig is not null)
        {
            settings["multivector_config"] = new JsonObject { ["comparator"] = "max_sim" };
        }

        if (vector.QuantizationConfig is { } quantization)
        {
            settings["quantization_config"] = new JsonObject { ["scalar"] = ToJson(quantization.Scalar ?? throw Refused("Unable to convert quantization config")) };
        }

        return settings;
    }

    private static JsonObject ToJson(ScalarQuantization scalar)
    {
        var settings = new JsonObject { ["type"] = scalar.Type == QuantizationType.Int8 ? "int8" : throw Refused("Unknown quantization type") };
        if (scalar.HasQuantile && scalar.Quantile is not (>= 0.5f and <= 1))
        {
            throw Refused("Validation error in body: [quantile: must be from 0.5 to 1]");
        }

        Set(settings, "quantile", scalar.HasQuantile, scalar.Quantile);
        Set(settings, "always_ram", scalar.HasAlwaysRam, scalar.AlwaysRam);
        return settings;
    }

    private static JsonObject ToJson(PointStruct point)
    {
        var vectors = point.Vectors ?? throw Refused("Expected some vectors");
        return new()
        {
            ["id"] = ToJson(point.Id ?? throw Refused("Empty ID is not allowed")),
            ["payload"] = Members(point.Payload, ToJson),
            ["vector"] = Members((vectors.Vectors_ ?? throw Refused("No Vector Provided")).Vectors, ToJson),
        };
    }

    private static JsonNode ToJson(PointId id) => id.PointIdOptionsCase switch
    {
        PointId.PointIdOptionsOneofCase.Num => id.Num,
        PointId.PointIdOptionsOneofCase.Uuid => Guid.TryParse(id.Uuid, out var uuid) ? uuid.ToString("D") : throw Refused($"Unable to parse UUID: {id.Uuid}"),
        _ => throw Refused("No ID options provided"),
    };

    private static JsonNode ToJson(Vector vector) => vector switch
    {
        { Dense: { } dense } => Numbers(dense.Data),
        { MultiDense: { } many } => List(many.Vectors, row => Numbers(row.Data)),
        _ => new JsonArray(),
    };

    private static JsonNode ToJson(VectorInput vector) => vector switch
    {
        { Dense: { } dense } => Numbers(dense.Data),
        { MultiDense: { } many } => List(many.Vectors, row => Numbers(row.Data)),
        _ => throw Refused("No vector variant provided"),
    };

    private static JsonArray Numbers(RepeatedField<float> values)
        => List(values, value => float.IsFinite(value) ? (JsonNode)value : throw Refused("the stand-in takes no vector with a value that is no number, which the real one puts first in every answer"));

    private static JsonNode? ToJson(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.StringValue => value.StringValue,
        Value.KindOneofCase.IntegerValue => value.IntegerValue,
        Value.KindOneofCase.BoolValue => value.BoolValue,
        Value.KindOneofCase.DoubleValue when !double.IsFinite(value.DoubleValue) => throw Refused("cannot convert to json number"),
        Value.KindOneofCase.DoubleValue => Fraction(value.DoubleValue),
        Value.KindOneofCase.StructValue => Members(value.StructValue.Fields, ToJson),
        Value.KindOneofCase.ListValue => List(value.ListValue.Values, ToJson),
        _ => null,
    };

    /// <summary>A number that stays a fraction when it is whole: 1.0 is no integer to Qdrant.</summary>
    private static JsonNode Fraction(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return JsonNode.Parse(text.AsSpan().ContainsAny('.', 'E') ? text : $"{text}.0")!;
    }

    private static JsonObject ToJson(SearchParams parameters)
    {
        var settings = new JsonObject();
        Set(settings, "hnsw_ef", parameters.HasHnswEf, parameters.HnswEf);
        Set(settings, "exact", parameters.HasExact, parameters.Exact);
        Set(settings, "indexed_only", parameters.HasIndexedOnly, parameters.IndexedOnly);
        if (parameters.Quantization is { } quantization)
        {
            var inner = new JsonObject();
            Set(inner, "ignore", quantization.HasIgnore, quantization.Ignore);
            Set(inner, "rescore", quantization.HasRescore, quantization.Rescore);
            Set(inner, "oversampling", quantization.HasOversampling, quantization.Oversampling);
            settings["quantization"] = inner;
        }

        return settings;
    }

    private static void Show(JsonObject asked, Filter? filter, WithPayloadSelector? payload, WithVectorsSelector? vectors)
    {
        if (filter is not null)
        {
            asked["filter"] = ToJson(filter);
        }

        if (payload is not null)
        {
            asked["with_payload"] = payload switch
            {
                { Include: { } include } => List(include.Fields, field => (JsonNode)field),
                { HasEnable: true } => payload.Enable,
                _ => throw Refused("No PayloadSelector"),
            };
        }

        if (vectors is not null)
        {
            asked["with_vector"] = vectors.Include is { } names ? List(names.Names, name => (JsonNode)name) : vectors.Enable;
        }
    }

    private static JsonObject ToJson(Filter filter)
    {
        var clauses = new JsonObject();
        foreach (var (name, conditions) in (ReadOnlySpan<(string, RepeatedField<Condition>)>)[("should", filter.Should), ("must", filter.Must), ("must_not", filter.MustNot)])
        {
            if (conditions.Count > 0)
            {
                clauses[name] = Conditions(conditions);
            }
        }

        if (filter.MinShould is { } least)
        {
            clauses["min_should"] = new JsonObject { ["conditions"] = Conditions(least.Conditions), ["min_count"] = least.MinCount };
        }

        return clauses;
    }

    /// <summary>Qdrant passes over a condition that has none of its forms: a filter of it alone lets everything through.</summary>
    private static JsonArray Conditions(RepeatedField<Condition> conditions)
        => List(conditions.Where(condition => condition.ConditionOneOfCase != Condition.ConditionOneOfOneofCase.None), ToJson);

    private static JsonObject ToJson(Condition condition) => condition switch
    {
        { Field: { } field } => ToJson(field),
        { Filter: { } filter } => ToJson(filter),
        { IsEmpty: { } empty } => new() { ["is_empty"] = new JsonObject { ["key"] = empty.Key } },
        _ => new() { ["has_id"] = List(condition.HasId.HasId, ToJson) },
    };

    private static JsonObject ToJson(FieldCondition field) => field switch
    {
        { Match: { } match } => new() { ["key"] = field.Key, ["match"] = ToJson(match) },
        { Range: { } range } => new() { ["key"] = field.Key, ["range"] = ToJson(range) },
        _ => throw Refused("Validation error in body: [filter: At least one field condition must be specified]"),
    };

    private static JsonObject ToJson(Match match) => match.MatchValueCase switch
    {
        Match.MatchValueOneofCase.Keyword => new() { ["value"] = match.Keyword },
        Match.MatchValueOneofCase.Integer => new() { ["value"] = match.Integer },
        Match.MatchValueOneofCase.Boolean => new() { ["value"] = match.Boolean },
        Match.MatchValueOneofCase.Keywords => new() { ["any"] = List(match.Keywords.Strings, value => (JsonNode)value) },
        Match.MatchValueOneofCase.Integers => new() { ["any"] = List(match.Integers.Integers, value => (JsonNode)value) },
        Match.MatchValueOneofCase.ExceptKeywords => new() { ["except"] = List(match.ExceptKeywords.Strings, value => (JsonNode)value) },
        Match.MatchValueOneofCase.ExceptIntegers => new() { ["except"] = List(match.ExceptIntegers.Integers, value => (JsonNode)value) },
        _ => throw Refused("Malformed Match condition"),
    };

    private static JsonObject ToJson(Range range)
    {
        var bounds = new JsonObject();
        Set(bounds, "gte", range.HasGte, range.Gte);
        Set(bounds, "gt", range.HasGt, range.Gt);
        Set(bounds, "lte", range.HasLte, range.Lte);
        Set(bounds, "lt", range.HasLt, range.Lt);
        return bounds;
    }

    private static void Set(JsonObject target, string name, bool isGiven, JsonNode value)
    {
        if (isGiven)
        {
            target[name] = value;
        }
    }

    private static JsonArray List<T>(IEnumerable<T> values, Func<T, JsonNode?> write) => new([.. values.Select(write)]);

    private static JsonObject Members<T>(MapField<string, T> values, Func<T, JsonNode?> write)
        => new(values.Select(member => KeyValuePair.Create(member.Key, write(member.Value))));
}
