using System.Buffers;
using System.Text.Json;

namespace MemoryMesh.Search.Storage.Qdrant.Rest;

/// <summary>Writes the bodies of requests. Qdrant ignores fields it does not know, so nothing here may be misspelt; the tests' server refuses what a real one has no field for.</summary>
internal static class QdrantRequests
{
    /// <summary>Capacity of the write-ahead log, in megabytes: the smaller, the sooner deleted points leave it.</summary>
    public const int LogMegabytes = 1;

    /// <summary>A body written by an action.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1_024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static byte[] CreateCollection(int dimensions) => Write(json =>
    {
        json.WriteStartObject("vectors");
        json.WriteStartObject(QdrantCollection.Vector);
        json.WriteNumber("size", dimensions);
        json.WriteString("distance", "Cosine");
        json.WriteStartObject("quantization_config");
        json.WriteStartObject("scalar");
        json.WriteString("type", "int8");
        json.WriteNumber("quantile", 0.99);
        json.WriteBoolean("always_ram", true);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject("wal_config");
        json.WriteNumber("wal_capacity_mb", LogMegabytes);
        json.WriteEndObject();
    });

    public static byte[] CreateIndex(string field, string type, bool isTenant) => Write(json =>
    {
        json.WriteString("field_name", field);
        if (isTenant)
        {
            json.WriteStartObject("field_schema");
            json.WriteString("type", type);
            json.WriteBoolean("is_tenant", true);
            json.WriteEndObject();
        }
        else
        {
            json.WriteString("field_schema", type);
        }
    });

    public static void WritePoint(Utf8JsonWriter json, QdrantPoint point)
    {
        json.WriteStartObject();
        json.WriteString("id", point.Id);
        json.WriteStartObject("payload");
        json.WriteString(QdrantFields.Tenant, QdrantScope.Text(point.Scope.TenantId));
        json.WriteString(QdrantFields.Subject, QdrantScope.Text(point.Scope.OwnerKey));
        json.WriteNumber(QdrantFields.Kind, point.Kind);
        json.WriteNumber(QdrantFields.Role, point.Role);
        json.WriteNumber(QdrantFields.CreatedAt, point.CreatedAt);
        json.WriteNumber(QdrantFields.Version, point.Version);
        if (point.Conversation is { } conversation)
        {
            json.WriteString(QdrantFields.Conversation, QdrantScope.Text(conversation));
        }

        if (point.Category is { } category)
        {
            json.WriteString(QdrantFields.Category, category);
        }

        if (point.Importance is { } importance)
        {
            json.WriteNumber(QdrantFields.Importance, importance);
        }

        json.WriteBase64String(QdrantFields.Sealed, point.Sealed);
        json.WriteEndObject();
        json.WriteStartObject("vector");
        json.WriteStartArray(QdrantCollection.Vector);
        WriteValues(json, point.Vector);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>A point that only takes up room.</summary>
    public static byte[] Filler(Guid id, string content) => Write(json =>
    {
        json.WriteStartArray("points");
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteStartObject("payload");
        json.WriteString(QdrantFields.Tenant, QdrantScope.Text(QdrantScope.Filler.TenantId));
        json.WriteString(QdrantFields.Subject, QdrantScope.Text(QdrantScope.Filler.OwnerKey));
        json.WriteString(QdrantFields.Filler, content);
        json.WriteEndObject();
        json.WriteStartObject("vector");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    });

    public static byte[] Delete(QdrantScope scope, IReadOnlyList<Guid> ids) => Write(json =>
    {
        json.WriteStartObject("filter");
        json.WriteStartArray("must");
        Match(json, QdrantFields.Tenant, QdrantScope.Text(scope.TenantId));
        Match(json, QdrantFields.Subject, QdrantScope.Text(scope.OwnerKey));
        HasId(json, ids);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    public static byte[] Query(float[] vector, QdrantFilter filter, int limit) => Write(json =>
    {
        json.WriteStartArray("query");
        WriteValues(json, vector);
        json.WriteEndArray();
        json.WriteString("using", QdrantCollection.Vector);
        Filter(json, filter, null);

        // Scores of rounded vectors would change when an optimizer has run; bytes are not scored anew unless it is asked for.
        json.WriteStartObject("params");
        json.WriteStartObject("quantization");
        json.WriteBoolean("rescore", true);
        json.WriteNumber("oversampling", 2.0);
        json.WriteEndObject();
        json.WriteEndObject();
        Wanted(json, limit);
    });

    public static byte[] Sample(QdrantFilter filter, int limit) => Write(json =>
    {
        json.WriteStartObject("query");
        json.WriteString("sample", "random");
        json.WriteEndObject();
        Filter(json, filter, null);
        Wanted(json, limit);
    });

    public static byte[] Scroll(QdrantFilter filter, IReadOnlyList<Guid> ids) => Write(json =>
    {
        Filter(json, filter, ids);
        Wanted(json, ids.Count);
    });

    public static byte[] Count(QdrantFilter filter) => Write(json =>
    {
        Filter(json, filter, null);
        json.WriteBoolean("exact", true);
    });

    public static byte[] PayloadOnDisk(bool onDisk) => Write(json =>
    {
        json.WriteStartObject("params");
        json.WriteBoolean("on_disk_payload", onDisk);
        json.WriteEndObject();
    });

    private static void Filter(Utf8JsonWriter json, QdrantFilter filter, IReadOnlyList<Guid>? ids)
    {
        json.WriteStartObject("filter");
        json.WriteStartArray("must");
        Match(json, QdrantFields.Tenant, QdrantScope.Text(filter.TenantId));
        MatchAny(json, QdrantFields.Kind, filter.Kinds, json.WriteNumberValue);
        if (filter.Owners is { } owners)
        {
            MatchAny(json, QdrantFields.Subject, owners, owner => json.WriteStringValue(QdrantScope.Text(owner)));
        }

        if (filter.Conversation is { } conversation)
        {
            Match(json, QdrantFields.Conversation, QdrantScope.Text(conversation));
        }

        if (filter.Roles.Count > 0)
        {
            MatchAny(json, QdrantFields.Role, filter.Roles, json.WriteNumberValue);
        }

        if (filter.Categories.Count > 0)
        {
            MatchAny(json, QdrantFields.Category, filter.Categories, json.WriteStringValue);
        }

        if (filter.From is not null || filter.To is not null)
        {
            Range(json, QdrantFields.CreatedAt, filter.From, filter.To);
        }

        if (filter.MinImportance is { } importance)
        {
            json.WriteStartObject();
            json.WriteStartArray("should");
            Range(json, QdrantFields.Importance, importance, null);
            json.WriteStartObject();
            json.WriteStartArray("must");
            json.WriteStartObject();
            json.WriteStartObject("is_empty");
            json.WriteString("key", QdrantFields.Importance);
            json.WriteEndObject();
            json.WriteEndObject();
            MatchAny(json, QdrantFields.Role, filter.RolesImportantEnough, json.WriteNumberValue);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        if (ids is not null)
        {
            HasId(json, ids);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Wanted(Utf8JsonWriter json, int limit)
    {
        json.WriteNumber("limit", limit);
        json.WriteStartArray("with_payload");
        foreach (var field in (ReadOnlySpan<string>)[QdrantFields.Tenant, QdrantFields.Subject, QdrantFields.Kind, QdrantFields.Version, QdrantFields.Sealed])
        {
            json.WriteStringValue(field);
        }

        json.WriteEndArray();
        json.WriteBoolean("with_vector", false);
    }

    private static void Match(Utf8JsonWriter json, string key, string value)
    {
        json.WriteStartObject();
        json.WriteString("key", key);
        json.WriteStartObject("match");
        json.WriteString("value", value);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void MatchAny<T>(Utf8JsonWriter json, string key, IReadOnlyList<T> values, Action<T> write)
    {
        json.WriteStartObject();
        json.WriteString("key", key);
        json.WriteStartObject("match");
        json.WriteStartArray("any");
        foreach (var value in values)
        {
            write(value);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Range(Utf8JsonWriter json, string key, double? least, double? most)
    {
        json.WriteStartObject();
        json.WriteString("key", key);
        json.WriteStartObject("range");
        if (least is { } from)
        {
            json.WriteNumber("gte", from);
        }

        if (most is { } to)
        {
            json.WriteNumber("lte", to);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void HasId(Utf8JsonWriter json, IReadOnlyList<Guid> ids)
    {
        json.WriteStartObject();
        json.WriteStartArray("has_id");
        foreach (var id in ids)
        {
            json.WriteStringValue(id);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteValues(Utf8JsonWriter json, float[] vector)
    {
        foreach (var value in vector)
        {
            json.WriteNumberValue(value);
        }
    }
}
