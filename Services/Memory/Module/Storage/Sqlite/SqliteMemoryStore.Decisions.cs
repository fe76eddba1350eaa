using MemoryMesh.Contracts.Events;
using MemoryMesh.Memory.Processing;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Memory.Storage.Sqlite;

/// <summary>The part that background work and extraction use.</summary>
internal sealed partial class SqliteMemoryStore
{
    public async Task<DueMemories> ListDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        var rows = await database.Data.ReadAsync(
            session => session.Query(
                $"SELECT {MemoryRow.Columns} FROM memories WHERE next_attempt_at <= $1 ORDER BY next_attempt_at LIMIT $2", MemoryRow.Read, now, limit),
            cancellationToken);
        var memories = await OpenAsync(rows, cancellationToken);
        var opened = memories.Select(memory => memory.Id).ToHashSet();
        return new DueMemories(
            memories,
            [.. rows.Where(row => !opened.Contains(row.Sealed.Id)).Select(row => new Reschedule
            {
                TenantId = row.TenantId,
                MemoryId = row.Sealed.Id,
                Version = row.Sealed.Version,
                Status = MemoryStatus.Failed,
                Attempts = row.Sealed.Attempts,
                Error = MemoryErrors.Unreadable,
            })]);
    }

    public Task<DateTimeOffset?> FindNextDueAsync(CancellationToken cancellationToken)
        => database.Data.ReadAsync(
            session => session.QueryFirst(
                """
                SELECT min(at) FROM (
                    SELECT min(next_attempt_at) AS at FROM memories WHERE next_attempt_at IS NOT NULL
                    UNION ALL
                    SELECT min(expires_at) FROM memories WHERE expires_at IS NOT NULL AND valid_to IS NULL)
                """,
                row => row.TimeOrNull(0)),
            cancellationToken);

    public Task RescheduleAsync(IReadOnlyList<Reschedule> attempts, DateTimeOffset now, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session =>
            {
                foreach (var attempt in attempts)
                {
                    var changed = session.Execute(
                        """
                        UPDATE memories SET status = $4, attempts = $5, error = $6, next_attempt_at = $7
                        WHERE tenant_id = $1 AND id = $2 AND version = $3 AND status <> $8
                        """,
                        attempt.TenantId,
                        attempt.MemoryId,
                        attempt.Version,
                        attempt.Status,
                        attempt.Attempts,
                        attempt.Error,
                        attempt.NextAttemptAt,
                        MemoryStatus.Completed);
                    if (changed > 0 && attempt.Announce)
                    {
                        Announce(session, attempt.TenantId, attempt.OwnerKey, attempt.MemoryId, attempt.Version, now);
                    }
                }
            },
            cancellationToken);

    public Task CompleteAsync(IReadOnlyCollection<(Guid TenantId, Guid MemoryId, int Version)> indexed, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session =>
            {
                foreach (var (tenantId, memoryId, version) in indexed)
                {
                    session.Execute(
                        "UPDATE memories SET indexed_version = $3 WHERE tenant_id = $1 AND id = $2 AND indexed_version < $3", tenantId, memoryId, version);
                    session.Execute(
                        """
                        UPDATE memories SET status = $4, error = NULL, attempts = 0, next_attempt_at = NULL
                        WHERE tenant_id = $1 AND id = $2 AND version = $3 AND status IN ($5, $6) AND text_key IS NOT NULL
                        """,
                        tenantId,
                        memoryId,
                        version,
                        MemoryStatus.Completed,
                        MemoryStatus.Processing,
                        MemoryStatus.Failed);
                }
            },
            cancellationToken);

    public async Task<bool> ApplyAsync(OwnerPlan plan, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var key = await database.Keys.GetOrCreateAsync(plan.TenantId, plan.Owner.Key, cancellationToken);
        var writes = plan.Steps.Select(step => Prepare(plan, step, now, key)).ToList();
        try
        {
            var revision = await database.Data.WriteAsync<long?>(
                session =>
                {
                    key.ThrowIfDestroyed();
                    if (Revision(session, plan.TenantId, plan.Owner.Key) != plan.Revision)
                    {
                        return null;
                    }

                    // An opted-out subject's plan may only take away: the caller made it before the subject decided.
                    if ((plan.Messages.Count > 0 || plan.Steps.Any(step => step is MemoryStep.Insert)) && plan.Owner.Scope == MemoryScope.User && IsOptedOut(session, plan.TenantId, plan.Owner.Key))
                    {
                        return null;
                    }

                    foreach (var message in plan.Messages)
                    {
                        if (!TryClaim(session, plan.TenantId, message, now))
                        {
                            throw new StalePlanException();
                        }
                    }

                    foreach (var write in writes)
                    {
                        write(session);
                    }

                    SqliteExtractionLedger.Insert(session, plan.Ledger, plan.Consents);
                    BumpRevision(session, plan.TenantId, plan.Owner.Key);
                    return Revision(session, plan.TenantId, plan.Owner.Key);
                },
                cancellationToken);
            if (revision is null)
            {
                return false;
            }

            outlines.Note(plan.TenantId, plan.Owner.Key, plan.Revision, revision.Value, plan.Steps.Select(step => step.MemoryId));
            if (plan.Steps.Any(step => step is MemoryStep.Remove or MemoryStep.Unlink or MemoryStep.Absorb))
            {
                database.Data.RequestScrub();
            }

            return true;
        }
        catch (StalePlanException)
        {
            return false;
        }
    }

    public async Task<IReadOnlyList<(string Text, string Quote)>> ListQuotesAsync(Guid tenantId, Guid ownerKey, int limit, CancellationToken cancellationToken)
    {
        var key = await database.Keys.FindAsync(tenantId, ownerKey, cancellationToken);
        if (key is null)
        {
            return [];
        }

        var rows = await database.Data.ReadAsync(
            session => session.Query(
                """
                SELECT m.id, m.text, s.id, s.quote FROM memories m JOIN memory_sources s ON s.memory_id = m.id
                WHERE m.tenant_id = $1 AND m.owner_key = $2 AND m.valid_to IS NULL ORDER BY s.id DESC LIMIT $3
                """,
                row => (MemoryId: row.Id(0), Text: row.Bytes(1), SourceId: row.Id(2), Quote: row.Bytes(3)),
                tenantId,
                ownerKey,
                limit),
            cancellationToken);
        return
        [
            .. rows.DistinctBy(row => row.MemoryId).Select(row => (
                key.OpenText(row.Text, MemoryPlaces.Memory("text", row.MemoryId)), key.OpenText(row.Quote, MemoryPlaces.Source("quote", row.SourceId)))),
        ];
    }

    public Task<IReadOnlyDictionary<Guid, int>> FindExtractedAsync(Guid tenantId, IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
        => database.Data.ReadAsync<IReadOnlyDictionary<Guid, int>>(
            session => messageIds
                .Select(id => (Id: id, Version: ExtractedVersion(session, tenantId, id)))
                .Where(pair => pair.Version > 0)
                .ToDictionary(pair => pair.Id, pair => pair.Version),
            cancellationToken);

    public async Task ForgetMessagesAsync(
        Guid tenantId, IReadOnlyCollection<(Guid SubjectKey, Guid MessageId)> messages, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await database.Data.WriteAsync(
            session =>
            {
                foreach (var (subjectKey, messageId) in messages)
                {
                    session.Execute(
                        """
                        INSERT INTO extracted_messages (tenant_id, message_id, version, deleted, at) VALUES ($1, $2, $3, 1, $4)
                        ON CONFLICT (tenant_id, message_id) DO UPDATE SET version = excluded.version, deleted = 1, at = excluded.at
                        """,
                        tenantId,
                        messageId,
                        int.MaxValue,
                        now);

                    // A decision about the message that is under way was made before.
                    BumpRevision(session, tenantId, subjectKey);
                }
            },
            cancellationToken);
    }

    public Task<ILookup<MemoryOwner, Guid>> ListOwnersAsync(Guid tenantId, IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
        => database.Data.ReadAsync(
            session => messageIds.SelectMany(messageId => session.Query(
                "SELECT DISTINCT m.scope, m.owner_key FROM memory_sources s JOIN memories m ON m.id = s.memory_id WHERE s.tenant_id = $1 AND s.message_id = $2",
                row => (Owner: new MemoryOwner((MemoryScope)row.Int32(0), row.Id(1), null), MessageId: messageId),
                tenantId,
                messageId)).ToLookup(pair => pair.Owner, pair => pair.MessageId),
            cancellationToken);

    public async Task UnlinkMessagesAsync(Guid tenantId, IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
    {
        await database.Data.WriteAsync(
            session =>
            {
                foreach (var messageId in messageIds)
                {
                    Unlink(session, tenantId, messageId);
                }
            },
            cancellationToken);
        database.Data.RequestScrub();
    }

    public Task<IReadOnlyList<Guid>> CloseConversationAsync(
        Guid tenantId, Guid conversationKey, DateTimeOffset deletedAt, CancellationToken cancellationToken)
        => database.Data.WriteAsync<IReadOnlyList<Guid>>(
            session =>
            {
                session.Execute(
                    """
                    INSERT INTO deleted_conversations (tenant_id, conversation_key, deleted_at) VALUES ($1, $2, $3)
                    ON CONFLICT (tenant_id, conversation_key) DO UPDATE SET deleted_at = max(deleted_at, excluded.deleted_at)
                    """,
                    tenantId,
                    conversationKey,
                    deletedAt);
                return session.Query(
                    "SELECT DISTINCT message_id FROM memory_sources WHERE tenant_id = $1 AND conversation_key = $2", row => row.Id(0), tenantId, conversationKey);
            },
            cancellationToken);

    public Task PurgeNotesAsync(DateTimeOffset before, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session =>
            {
                session.Execute("DELETE FROM extracted_messages WHERE deleted = 1 AND at < $1", before);
                session.Execute("DELETE FROM deleted_conversations WHERE deleted_at < $1", before);
                session.Execute("DELETE FROM memory_tombstones WHERE deleted_at < $1 AND text_key IS NULL", before);
            },
            cancellationToken);

    /// <summary>Announces memories of an owner as they are.</summary>
    /// <returns>The last one's number, or null when there are no more after it.</returns>
    internal static long? AnnounceOwned(SqliteSession session, Guid tenantId, Guid ownerKey, long after, int limit, DateTimeOffset now)
    {
        var memories = session.Query(
            "SELECT rowid, id, version FROM memories WHERE tenant_id = $1 AND owner_key = $2 AND rowid > $3 ORDER BY rowid LIMIT $4",
            row => (Number: row.Int64(0), Id: row.Id(1), Version: row.Int32(2)),
            tenantId,
            ownerKey,
            after,
            limit);
        memories.ForEach(memory => Announce(session, tenantId, ownerKey, memory.Id, memory.Version, now));
        return memories.Count < limit ? null : memories[^1].Number;
    }

    internal static long Revision(SqliteSession session, Guid tenantId, Guid ownerKey)
        => session.Scalar(
            "SELECT COALESCE(SUM(revision), 0) FROM memory_owners WHERE tenant_id = $1 AND owner_key IN ($2, $3)", tenantId, ownerKey, EveryOwner);

    private static int ExtractedVersion(SqliteSession session, Guid tenantId, Guid messageId)
        => (int)session.Scalar("SELECT version FROM extracted_messages WHERE tenant_id = $1 AND message_id = $2", tenantId, messageId);

    /// <summary>Notes that a version of a message was read. False when it, or a newer one, was read before, or the message is gone.</summary>
    /// <remarks>Times are whole milliseconds: a message of the same one as the deletion of its conversation began the conversation that followed.</remarks>
    private static bool TryClaim(SqliteSession session, Guid tenantId, LessonMessage message, DateTimeOffset now)
    {
        if (ExtractedVersion(session, tenantId, message.MessageId) >= message.Version
            || session.Scalar(
                "SELECT 1 FROM deleted_conversations WHERE tenant_id = $1 AND conversation_key = $2 AND deleted_at > $3",
                tenantId,
                message.ConversationKey,
                message.StoredAt) == 1)
        {
            return false;
        }

        session.Execute(
            """
            INSERT INTO extracted_messages (tenant_id, message_id, version, deleted, at) VALUES ($1, $2, $3, 0, $4)
            ON CONFLICT (tenant_id, message_id) DO UPDATE SET version = excluded.version, at = excluded.at
            """,
            tenantId,
            message.MessageId,
            message.Version,
            now);
        return true;
    }
}
