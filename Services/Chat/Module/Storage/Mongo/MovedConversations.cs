using MemoryMesh.Chat.Storage.Mongo;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using static MemoryMesh.ServiceDefaults.Storage.Mongo.MovedColumn;

namespace MemoryMesh.Chat.Storage;

/// <summary>What of Chat's file lies in MongoDB where conversations do: each table with its columns.</summary>
internal static class MovedConversations
{
    private static readonly MovedColumn TenantId = Id("tenant_id");

    /// <summary>Messages before what counts them, conversations before what counts those: adding and deleting rows has triggers.</summary>
    public static readonly IReadOnlyList<DocumentTable> Tables =
    [
        new(
            "messages",
            ChatCollections.Messages,
            1,
            Number("seq"),
            Key("id"),
            TenantId,
            Id("conversation_key"),
            Id("subject_key"),
            Id("owner_key") with { Sql = "(SELECT c.subject_key FROM conversations c WHERE c.tenant_id = t.tenant_id AND c.conversation_key = t.conversation_key)" },
            Number("role"),
            Real("importance"),
            Id("reply_to"),
            Id("thread_root"),
            Number("depth"),
            Flag("extract_memory"),
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
            NumberedBy = "seq",
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
            Id("subject_key") with { IsField = false, Read = document => new Guid(MovedTables.EndOfId(document), bigEndian: true) },
            Number("number"))
        {
            IdOf = row => MongoValues.Pair(row.Id("tenant_id"), row.Id("subject_key")),
        },
        new("subject_activity", ChatCollections.Activity, 4, TenantId, Number("level"), Number("bucket"), Number("chunk"), Bytes("subjects"))
        {
            IdOf = row => MessageCounters.IdOf(MovedTables.BucketOf(row), (int)row.Number("chunk")),
        },
        MovedTables.Counters("message_usage", ChatCollections.Usage, areMadeByTriggers: false, MessageCounters.Fields),
        new(
            "conversation_counts",
            ChatCollections.Counts,
            1,
            TenantId,
            Number("conversations"),
            Number("subjects") with { Sql = "(SELECT coalesce(max(s.number), -1) + 1 FROM usage_subjects s WHERE s.tenant_id = t.tenant_id)" })
        {
            IdOf = row => row.Id("tenant_id").Bson(),
            IsMadeByTriggers = true,
        },
        MovedTables.Answers,
    ];
}
