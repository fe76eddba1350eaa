using MemoryMesh.Chat.Storage.Mongo;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using MemoryMesh.ServiceDefaults.Storage.Moving;
using MemoryMesh.ServiceDefaults.Usage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;

namespace MemoryMesh.Chat.Storage;

/// <summary>Moves conversations between Chat's file and MongoDB.</summary>
internal static class ConversationMove
{
    private static readonly MovedColumn TenantId = new("tenant_id", ColumnKind.Id);
    private static readonly MovedColumn Level = Number("level");
    private static readonly MovedColumn Bucket = Number("bucket");

    /// <summary>Messages before what counts them, conversations before what counts those: deleting rows has triggers.</summary>
    internal static readonly IReadOnlyList<DocumentTable> Tables =
    [
        new(
            "messages",
            ChatCollections.Messages,
            1,
            Number("seq"),
            new MovedColumn("id", ColumnKind.Id) { IsField = false, Read = document => document.Id("_id") },
            TenantId,
            Id("conversation_key"),
            Id("subject_key"),
            Id("owner_key") with { Sql = "(SELECT c.subject_key FROM conversations c WHERE c.tenant_id = t.tenant_id AND c.conversation_key = t.conversation_key)" },
            Number("role"),
            new MovedColumn("importance", ColumnKind.Real),
            Id("reply_to"),
            Id("thread_root"),
            Number("depth"),
            Number("extract_memory") with { Write = value => (long)value != 0 },
            Number("archived"),
            Number("tokens"),
            Number("bytes") with { Sql = "length(t.content) + coalesce(length(t.metadata), 0) + length(t.user_id)" },
            Number("version"),
            Number("text_version"),
            Number("created_at"),
            Number("updated_at"),
            Bytes("user_id"),
            Bytes("metadata"),
            Bytes("content"),
            Bytes("extraction"))
        {
            IdOf = row => row.Id("id").Bson(),
            IsNumbered = true,
        },
        new(
            "conversations",
            ChatCollections.Conversations,
            2,
            TenantId,
            Id("conversation_key"),
            Id("subject_key"),
            Number("version"),
            Number("message_count"),
            Number("token_count"),
            Number("created_at"),
            Number("last_message_at"),
            Number("activity_at"),
            Bytes("name"),
            Bytes("user_id"),
            Bytes("title"),
            Bytes("metadata"))
        {
            IdOf = row => MongoConversation.IdOf(row.Id("tenant_id"), row.Id("conversation_key")),
        },
        new(
            "usage_subjects",
            ChatCollections.Subjects,
            2,
            TenantId,
            new MovedColumn("subject_key", ColumnKind.Id) { IsField = false, Read = document => new Guid(EndOfId(document), bigEndian: true) },
            Number("number"))
        {
            IdOf = row => MongoValues.Pair(row.Id("tenant_id"), row.Id("subject_key")),
        },
        new("subject_activity", ChatCollections.Activity, 4, TenantId, Level, Bucket, Number("chunk"), Bytes("subjects"))
        {
            IdOf = row => MessageCounters.IdOf(BucketOf(row), (int)(long)row["chunk"]!),
        },
        new("message_usage", ChatCollections.Usage, 3, [TenantId, Level, Bucket, .. MessageCounters.Fields.Select(Number)]) { IdOf = BucketOf },
        new(
            "conversation_counts",
            ChatCollections.Counts,
            1,
            TenantId,
            Number("conversations"),
            Number("subjects") with { Sql = "(SELECT coalesce(max(s.number), -1) + 1 FROM usage_subjects s WHERE s.tenant_id = t.tenant_id)" })
        {
            IdOf = row => row.Id("tenant_id").Bson(),
            OnConflict = "(tenant_id) DO UPDATE SET conversations = excluded.conversations",
        },
        new(
            "idempotency_keys",
            MongoIdempotency.Collection,
            2,
            TenantId,
            Bytes("key_hash") with { IsField = false, Read = EndOfId },
            Bytes("request_hash"),
            Bytes("response"),
            Number("expires_at") with
            {
                Write = value => new BsonDateTime((long)value),
                Read = document => document["expires_at"].AsBsonDateTime.MillisecondsSinceEpoch,
            },
            new MovedColumn("subjects", ColumnKind.Text)
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
        },
    ];

    /// <summary>Has everything of an installation that is not in MongoDB stand in its folder.</summary>
    public static Task SettleAsync(IServiceProvider services, CancellationToken cancellationToken)
        => services.GetService<IConfiguration>().IsInMongo(ChatModule.Name) ? DocumentMove.SettleAsync(Documents(services), cancellationToken) : Task.CompletedTask;

    /// <summary>Refuses a move that cannot be made now.</summary>
    public static Task CheckAsync(IServiceProvider services, CancellationToken cancellationToken)
        => DocumentMove.RequireNoErasureAsync(services.GetRequiredKeyedService<ModuleStore>(ChatModule.Name), cancellationToken);

    /// <summary>Moves the conversations of an installation whose folder has been copied.</summary>
    public static Task<RowDigest> RunAsync(IServiceProvider from, IServiceProvider to, CancellationToken cancellationToken)
    {
        var target = to.GetRequiredKeyedService<ModuleStore>(ChatModule.Name);
        return from.GetService<IConfiguration>().IsInMongo(ChatModule.Name)
            ? DocumentMove.ToRowsAsync(Documents(from), target, Tables, cancellationToken)
            : DocumentMove.ToDocumentsAsync(from.GetRequiredKeyedService<ModuleStore>(ChatModule.Name), target, Documents(to), Tables, cancellationToken);
    }

    private static MongoStore Documents(IServiceProvider services) => services.GetRequiredKeyedService<MongoStore>(ChatModule.Name);

    private static MovedColumn Number(string name) => new(name, ColumnKind.Number);

    private static MovedColumn Id(string name) => new(name, ColumnKind.Id);

    private static MovedColumn Bytes(string name) => new(name, ColumnKind.Bytes);

    private static BsonValue BucketOf(MovedRow row) => MongoUsage.IdOf(row.Id("tenant_id"), (UsageLevel)(long)row["level"]!, (long)row["bucket"]!);

    /// <summary>What follows the tenant in an <c>_id</c> that is a pair.</summary>
    private static byte[] EndOfId(BsonDocument document) => document["_id"].AsBsonBinaryData.Bytes[16..];

    private static IEnumerable<Guid> Subjects(string text)
        => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(subject => new Guid(Convert.FromHexString(subject), bigEndian: true));
}
