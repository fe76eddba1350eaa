using MemoryMesh.ServiceDefaults.Usage;
using MongoDB.Bson;

namespace MemoryMesh.ServiceDefaults.Storage.Mongo;

/// <summary>Tables that several services have, with the collections that hold the same.</summary>
public static class MovedTables
{
    private static readonly MovedColumn TenantId = MovedColumn.Id("tenant_id");

    /// <summary>Answers to requests that carried an Idempotency-Key: <see cref="IdempotencyTable"/> and <see cref="MongoIdempotency"/>.</summary>
    public static DocumentTable Answers { get; } = new(
        "idempotency_keys",
        MongoIdempotency.Collection,
        2,
        TenantId,
        MovedColumn.Bytes("key_hash") with { IsField = false, Read = EndOfId },
        MovedColumn.Bytes("request_hash"),
        MovedColumn.Bytes("response"),
        MovedColumn.Number("expires_at") with
        {
            Write = value => new BsonDateTime((long)value),
            Read = document => document["expires_at"].AsBsonDateTime.MillisecondsSinceEpoch,
        },
        MovedColumn.Text("subjects") with
        {
            Sql = """
                (SELECT coalesce(group_concat(hex(s.subject_key), ' '), '') FROM
                    (SELECT subject_key FROM idempotency_subjects i WHERE i.tenant_id = t.tenant_id AND i.key_hash = t.key_hash ORDER BY subject_key) s)
                """,
            Write = value => new BsonArray(Subjects((string)value).Select(subject => subject.Bson())),
            Read = document => string.Join(
                ' ', document["subjects"].AsBsonArray.Select(subject => Convert.ToHexString(subject.AsBsonBinaryData.ToGuid(GuidRepresentation.Standard).ToByteArray(bigEndian: true)))
                    .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)),
        })
    {
        IdOf = row => MongoValues.Pair(row.Id("tenant_id"), (byte[])row["key_hash"]!),
        Beside = (
            "idempotency_subjects",
            (session, row) =>
            {
                foreach (var subject in Subjects((string)row["subjects"]!))
                {
                    session.Execute(
                        "INSERT INTO idempotency_subjects (tenant_id, subject_key, key_hash) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", row.Id("tenant_id"), subject, row["key_hash"]);
                }
            }),
    };

    /// <summary>Counters of tenants: see <see cref="MongoUsage"/>.</summary>
    /// <param name="table">Name of the table.</param>
    /// <param name="collection">Name of the collection.</param>
    /// <param name="areMadeByTriggers">Whether triggers of tables before it count.</param>
    /// <param name="fields">What is counted.</param>
    public static DocumentTable Counters(string table, string collection, bool areMadeByTriggers, IEnumerable<string> fields)
        => new(table, collection, 3, [TenantId, MovedColumn.Number("level"), MovedColumn.Number("bucket"), .. fields.Select(MovedColumn.Number)])
        {
            IdOf = BucketOf,
            IsMadeByTriggers = areMadeByTriggers,
        };

    /// <summary>The <c>_id</c> of the counts of one bucket.</summary>
    public static BsonValue BucketOf(MovedRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return MongoUsage.IdOf(row.Id("tenant_id"), (UsageLevel)row.Number("level"), row.Number("bucket"));
    }

    /// <summary>What follows the tenant in an <c>_id</c> that is a pair.</summary>
    public static byte[] EndOfId(BsonDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return document["_id"].AsBsonBinaryData.Bytes[16..];
    }

    private static IEnumerable<Guid> Subjects(string text)
        => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(subject => new Guid(Convert.FromHexString(subject), bigEndian: true));
}
