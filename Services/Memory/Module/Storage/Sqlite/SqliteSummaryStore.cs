using System.Text.Json;
using MemoryMesh.Memory.Summaries;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Memory.Storage.Sqlite;

/// <summary>Keeps summaries in the module's SQLite file, sealed with the subject's key.</summary>
internal sealed class SqliteSummaryStore([FromKeyedServices(MemoryModule.Name)] ModuleDatabase database, TimeProvider clock) : ISummaryStore
{
    public async Task<(SummaryStamp Stamp, RollingSummary Summary)> FindAsync(
        Guid tenantId, Guid conversationKey, Guid subjectKey, CancellationToken cancellationToken)
    {
        var (stamp, json) = await FindJsonAsync(tenantId, conversationKey, subjectKey, cancellationToken);
        return (stamp, json is null ? RollingSummary.Empty : JsonSerializer.Deserialize<RollingSummary>(json)!);
    }

    public async Task<(SummaryStamp Stamp, byte[]? Json)> FindJsonAsync(
        Guid tenantId, Guid conversationKey, Guid subjectKey, CancellationToken cancellationToken)
    {
        var (forgottenAt, version, data) = await database.Data.ReadAsync(
            session =>
            {
                var row = session.QueryFirst(
                    "SELECT version, data FROM conversation_summaries WHERE tenant_id = $1 AND conversation_key = $2 AND subject_key = $3",
                    row => (Version: row.Int64(0), Data: row.Bytes(1)),
                    tenantId,
                    conversationKey,
                    subjectKey);
                return (SqliteMemoryStore.FindForgottenAt(session, tenantId, subjectKey), row.Version, row.Data);
            },
            cancellationToken);
        var stamp = new SummaryStamp(version, forgottenAt);

        // An emptied row says only that what was summed up is gone.
        return data is { Length: > 0 } && await database.Keys.FindAsync(tenantId, subjectKey, cancellationToken) is { } key
            ? (stamp, key.Open(data, Place(conversationKey)))
            : (stamp, null);
    }

    public async Task<bool> SaveAsync(
        Guid tenantId, Guid conversationKey, Guid subjectKey, SummaryStamp stamp, RollingSummary summary, CancellationToken cancellationToken)
    {
        var key = await database.Keys.GetOrCreateAsync(tenantId, subjectKey, cancellationToken);
        var data = key.Seal(JsonSerializer.SerializeToUtf8Bytes(summary), Place(conversationKey));
        return await database.Data.WriteAsync(
            session =>
            {
                key.ThrowIfDestroyed();

                // The key may be a new one, of after an erasure, and the messages may have been read before it.
                if (SqliteMemoryStore.FindForgottenAt(session, tenantId, subjectKey) != stamp.ForgottenAt)
                {
                    return false;
                }

                return (stamp.Version == 0
                    ? session.Execute(
                        """
                        INSERT INTO conversation_summaries (tenant_id, conversation_key, subject_key, version, data, updated_at) VALUES ($1, $2, $3, 1, $4, $5)
                        ON CONFLICT (tenant_id, conversation_key, subject_key) DO NOTHING
                        """,
                        tenantId,
                        conversationKey,
                        subjectKey,
                        data,
                        summary.UpdatedAt)
                    : session.Execute(
                        """
                        UPDATE conversation_summaries SET version = version + 1, data = $4, updated_at = $5
                        WHERE tenant_id = $1 AND conversation_key = $2 AND subject_key = $3 AND version = $6
                        """,
                        tenantId,
                        conversationKey,
                        subjectKey,
                        data,
                        summary.UpdatedAt,
                        stamp.Version)) > 0;
            },
            cancellationToken);
    }

    public async Task DeleteAsync(Guid tenantId, IReadOnlyCollection<SummaryChange> conversations, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var changed = await database.Data.WriteAsync(
            session =>
            {
                foreach (var (conversationKey, subjectKey, at) in conversations)
                {
                    // A row that was not there yet may be in the making: with this one it comes too late. What was in the making when the subject was erased
                    // comes too late without it, and nothing of an erased subject is written again because an event of before comes after. Times are whole
                    // milliseconds, and an erasure is noted with the one before.
                    if (subjectKey is { } subject && !(SqliteMemoryStore.FindForgottenAt(session, tenantId, subject) >= at.AddMilliseconds(-1)))
                    {
                        session.Execute(
                            """
                            INSERT INTO conversation_summaries (tenant_id, conversation_key, subject_key, version, data, updated_at) VALUES ($1, $2, $3, 1, zeroblob(0), $4)
                            ON CONFLICT (tenant_id, conversation_key, subject_key) DO NOTHING
                            """,
                            tenantId,
                            conversationKey,
                            subject,
                            now);
                    }
                }

                return conversations.DistinctBy(conversation => conversation.ConversationKey).Sum(conversation => session.Execute(
                    "UPDATE conversation_summaries SET version = version + 1, data = zeroblob(0), updated_at = $3 WHERE tenant_id = $1 AND conversation_key = $2",
                    tenantId,
                    conversation.ConversationKey,
                    now));
            },
            cancellationToken);
        if (changed > 0)
        {
            database.Data.RequestScrub();
        }
    }

    private static RowIdentity Place(Guid conversationKey) => new("conversation_summaries", "data", conversationKey);
}
