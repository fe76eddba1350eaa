using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace MemoryMesh.Tests.Shared;

/// <summary>The fields of Qdrant's messages that the server in this process has a meaning for.</summary>
internal static class QdrantGrpcFields
{
    private static readonly Dictionary<string, string[]> Known = new(StringComparer.Ordinal)
    {
        ["ListCollectionsRequest"] = [],
        ["CollectionExistsRequest"] = ["collection_name"],
        ["GetCollectionInfoRequest"] = ["collection_name"],
        ["ListSnapshotsRequest"] = ["collection_name"],
        ["DeleteCollection"] = ["collection_name"],
        ["CreateCollection"] = ["collection_name", "vectors_config", "wal_config", "on_disk_payload"],
        ["VectorsConfig"] = ["params_map"],
        ["VectorParamsMap"] = ["map"],
        ["VectorParams"] = ["size", "distance", "quantization_config", "multivector_config"],
        ["MultiVectorConfig"] = ["comparator"],
        ["QuantizationConfig"] = ["scalar"],
        ["ScalarQuantization"] = ["type", "quantile", "always_ram"],
        ["WalConfigDiff"] = ["wal_capacity_mb"],
        ["UpdateCollection"] = ["collection_name", "params"],
        ["CollectionParamsDiff"] = ["on_disk_payload"],
        ["CreateFieldIndexCollection"] = ["collection_name", "wait", "field_name", "field_type", "field_index_params"],
        ["PayloadIndexParams"] = ["keyword_index_params"],
        ["KeywordIndexParams"] = ["is_tenant"],
        ["UpsertPoints"] = ["collection_name", "wait", "points"],
        ["PointStruct"] = ["id", "vectors", "payload"],
        ["PointId"] = ["num", "uuid"],
        ["Vectors"] = ["vectors"],
        ["NamedVectors"] = ["vectors"],
        ["Vector"] = ["dense", "multi_dense"],
        ["DenseVector"] = ["data"],
        ["MultiDenseVector"] = ["vectors"],
        ["Value"] = ["null_value", "double_value", "integer_value", "string_value", "bool_value", "struct_value", "list_value"],
        ["Struct"] = ["fields"],
        ["ListValue"] = ["values"],
        ["DeletePoints"] = ["collection_name", "wait", "points"],
        ["PointsSelector"] = ["points", "filter"],
        ["PointsIdsList"] = ["ids"],
        ["QueryPoints"] = ["collection_name", "query", "using", "filter", "params", "score_threshold", "limit", "offset", "with_vectors", "with_payload"],
        ["Query"] = ["nearest", "sample"],
        ["VectorInput"] = ["dense", "multi_dense"],
        ["SearchParams"] = ["hnsw_ef", "exact", "quantization", "indexed_only"],
        ["QuantizationSearchParams"] = ["ignore", "rescore", "oversampling"],
        ["ScrollPoints"] = ["collection_name", "filter", "offset", "limit", "with_payload", "with_vectors"],
        ["CountPoints"] = ["collection_name", "filter", "exact"],
        ["WithPayloadSelector"] = ["enable", "include"],
        ["PayloadIncludeSelector"] = ["fields"],
        ["WithVectorsSelector"] = ["enable", "include"],
        ["VectorsSelector"] = ["names"],
        ["Filter"] = ["should", "must", "must_not", "min_should"],
        ["MinShould"] = ["conditions", "min_count"],
        ["Condition"] = ["field", "is_empty", "has_id", "filter"],
        ["IsEmptyCondition"] = ["key"],
        ["HasIdCondition"] = ["has_id"],
        ["FieldCondition"] = ["key", "match", "range"],
        ["Match"] = ["keyword", "integer", "boolean", "keywords", "integers", "except_keywords", "except_integers"],
        ["RepeatedStrings"] = ["strings"],
        ["RepeatedIntegers"] = ["integers"],
        ["Range"] = ["lt", "gt", "gte", "lte"],
    };

    /// <summary>Refuses a message with a field that is lost here.</summary>
    public static void Check(IMessage message)
    {
        var name = message.Descriptor.Name;
        var known = Known.GetValueOrDefault(name) ?? [];
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            var value = field.Accessor.GetValue(message);
            if (!IsSet(field, message, value))
            {
                continue;
            }

            if (!known.Contains(field.Name))
            {
                throw QdrantGrpcRequests.Refused($"the stand-in knows no field `{field.Name}` of {name}");
            }

            foreach (var inner in value switch { IMessage one => [one], IDictionary map => map.Values.OfType<IMessage>(), IList list => list.OfType<IMessage>(), _ => [] })
            {
                Check(inner);
            }
        }
    }

    private static bool IsSet(FieldDescriptor field, IMessage message, object? value)
        => field.HasPresence ? field.Accessor.HasValue(message) : value is ICollection many ? many.Count > 0 : value is not (null or "" or 0 or 0U or 0L or 0UL or false);
}
