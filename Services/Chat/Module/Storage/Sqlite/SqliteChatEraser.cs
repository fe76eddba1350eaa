using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Erasure;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Chat.Storage.Sqlite;

/// <summary>Erases a subject from Chat: its conversations with every message in them, and its messages in the conversations of others.</summary>
internal class SqliteChatEraser([FromKeyedServices(ChatModule.Name)] ModuleDatabase database) : SqliteSubjectEraser(database, ChatTables.All)
{
    private const int AnnouncedAtATime = 200;

    protected override int EraseSome(SqliteSession session, SubjectErasureRequested order, int limit, ErasedRows rows, DateTimeOffset now)
    {
        var conversation = session.QueryFirst(
            "SELECT conversation_key FROM conversations WHERE tenant_id = $1 AND subject_key = $2 LIMIT 1",
            row => (Guid?)row.Id(0),
            order.TenantId,
            order.SubjectKey);
        return conversation is { } conversationKey
            ? EraseConversation(session, order.TenantId, conversationKey, limit, rows, now)
            : rows.Count("messages", SqliteConversationStore.DeleteOfSubject(session, order.TenantId, order.SubjectKey, limit, now));
    }

    protected override void EraseLast(SqliteSession session, SubjectErasureRequested order, ErasedRows rows, DateTimeOffset now)
    {
        session.Shared<MessageUsageWork>().Forget(order.TenantId, order.SubjectKey);
        rows.Keep(
            "usage_subjects",
            session.Scalar("SELECT count(*) FROM usage_subjects WHERE tenant_id = $1 AND subject_key = $2", order.TenantId, order.SubjectKey));
    }

    protected override long? AnnounceSome(SqliteSession session, SubjectErased erased, long after, DateTimeOffset now)
        => SqliteConversationStore.AnnounceOfSubject(session, erased.TenantId, erased.SubjectKey, after, AnnouncedAtATime, now);

    private static int EraseConversation(SqliteSession session, Guid tenantId, Guid conversationKey, int limit, ErasedRows rows, DateTimeOffset now)
    {
        var deleted = rows.Count(
            "messages",
            session.Execute(
                "DELETE FROM messages WHERE seq IN (SELECT seq FROM messages WHERE tenant_id = $1 AND conversation_key = $2 LIMIT $3)",
                tenantId,
                conversationKey,
                limit));
        if (deleted == limit)
        {
            return deleted;
        }

        session.Publish(new ConversationDeleted { TenantId = tenantId, ConversationKey = conversationKey, DeletedAt = now, KeepsMemories = true }, now);
        return deleted + rows.Count(
            "conversations",
            session.Execute("DELETE FROM conversations WHERE tenant_id = $1 AND conversation_key = $2", tenantId, conversationKey));
    }
}
