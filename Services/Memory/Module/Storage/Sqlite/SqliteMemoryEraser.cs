using System.Diagnostics.CodeAnalysis;
using MemoryMesh.Contracts.Events;
using MemoryMesh.Memory.Processing;
using MemoryMesh.ServiceDefaults.Erasure;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Memory.Storage.Sqlite;

/// <summary>Erases a subject from Memory. That it opted out stays, as a flag under its keyed hash: an erased person would be learned again otherwise.</summary>
[SuppressMessage("Performance", "CA1852", Justification = "Builds that have MongoDB derive from it.")]
internal class SqliteMemoryEraser([FromKeyedServices(MemoryModule.Name)] ModuleDatabase database, OwnerOutlines outlines)
    : SqliteSubjectEraser(database, MemoryTables.All)
{
    private const int AnnouncedAtATime = 200;

    protected override int EraseSome(SqliteSession session, SubjectErasureRequested order, int limit, ErasedRows rows, DateTimeOffset now)
    {
        outlines.Drop(order.TenantId, order.SubjectKey);
        var ids = session.Query(
            "SELECT id FROM memories WHERE tenant_id = $1 AND owner_key = $2 LIMIT $3", row => row.Id(0), order.TenantId, order.SubjectKey, limit);
        foreach (var id in ids)
        {
            // That its messages were read is forgotten too: a message that was stored after Chat erased the subject is announced again, and read again.
            rows.Count("extracted_messages", session.Execute(
                """
                DELETE FROM extracted_messages
                WHERE tenant_id = $1 AND deleted = 0 AND message_id IN (SELECT message_id FROM memory_sources WHERE memory_id = $2)
                """,
                order.TenantId,
                id));
            rows.Count("memory_sources", session.Execute("DELETE FROM memory_sources WHERE memory_id = $1", id));
            rows.Count("memory_feedback", session.Execute("DELETE FROM memory_feedback WHERE memory_id = $1", id));
            rows.Count("memory_history", session.Execute("DELETE FROM memory_history WHERE memory_id = $1", id));
            rows.Count("memories", session.Execute("DELETE FROM memories WHERE tenant_id = $1 AND id = $2", order.TenantId, id));
        }

        return ids.Count;
    }

    protected override int EraseSomeOfTenant(SqliteSession session, Guid tenantId, int limit, ErasedRows rows)
    {
        outlines.Clear();
        return 0;
    }

    protected override void EraseLast(SqliteSession session, SubjectErasureRequested order, ErasedRows rows, DateTimeOffset now)
    {
        // A decision under way was made from what is gone, and a message whose event comes late is not learned from. Times are whole milliseconds: a message of
        // the same one as Chat's erasure may have been stored after it.
        SqliteMemoryStore.NoteForgotten(session, order.TenantId, order.SubjectKey, order.ErasedUntil?.AddMilliseconds(-1) ?? now);
        rows.Keep("memory_owners", 1);
        rows.Count(
            "memory_settings",
            session.Execute("DELETE FROM memory_settings WHERE tenant_id = $1 AND subject_key = $2 AND opted_out = 0", order.TenantId, order.SubjectKey));
        rows.Keep(
            "memory_settings",
            session.Scalar("SELECT count(*) FROM memory_settings WHERE tenant_id = $1 AND subject_key = $2", order.TenantId, order.SubjectKey));
    }

    protected override long? AnnounceSome(SqliteSession session, SubjectErased erased, long after, DateTimeOffset now)
        => SqliteMemoryStore.AnnounceOwned(session, erased.TenantId, erased.SubjectKey, after, AnnouncedAtATime, now);
}
