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
                "SELECT next_attempt_at FROM memories WHERE next_attempt_at IS NOT NULL ORDER BY next_attempt_at LIMIT 1", row => row.TimeOrNull(0)),
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

    public async Task<OwnerSnapshot> ReadOwnerAsync(OwnerSnapshotQuery query, CancellationToken cancellationToken)
    {
        const string Active = $"SELECT {MemoryRow.Columns} FROM memories WHERE tenant_id = $1 AND owner_key = $2 AND valid_to IS NULL AND text_key IS NOT NULL AND NOT extract";
        var key = await database.Keys.FindAsync(query.TenantId, query.OwnerKey, cancellationToken);
        return await database.Data.ReadAsync(
            session =>
            {
                // Read first: what is read after it may be newer, and then the number has changed.
                var (revision, forgottenAt) = session.QueryFirst(
                    "SELECT COALESCE(SUM(revision), 0), MAX(forgotten_at) FROM memory_owners WHERE tenant_id = $1 AND owner_key IN ($2, $3)",
                    row => (row.Int64(0), row.TimeOrNull(1)),
                    query.TenantId,
                    query.OwnerKey,
                    EveryOwner);
                if (key is null)
                {
                    return new OwnerSnapshot { Revision = revision, ForgottenAt = forgottenAt, Active = [] };
                }

                var active = session.Query(Active + " ORDER BY updated_at DESC LIMIT $3", MemoryRow.Read, query.TenantId, query.OwnerKey, query.MaxCompared);
                var equal = active.Count < query.MaxCompared
                    ? []
                    : query.TextKeys.SelectMany(textKey => session.Query(
                        Active + " AND text_key = $3", MemoryRow.Read, query.TenantId, query.OwnerKey, Bytes(textKey))).ToList();
                var linked = query.MessageIds.SelectMany(messageId => session.Query(
                    "SELECT memory_id FROM memory_sources WHERE tenant_id = $1 AND message_id = $2",
                    row => (MessageId: messageId, Row: FindRow(session, query.TenantId, row.Id(0))),
                    query.TenantId,
                    messageId)).Where(link => link.Row?.OwnerKey == query.OwnerKey).ToList();
                return new OwnerSnapshot
                {
                    Revision = revision,
                    ForgottenAt = forgottenAt,
                    Active = [.. active.Concat(equal).DistinctBy(row => row.Sealed.Id).Select(row => Known(row.Open(key)))],
                    Linked = linked.ToLookup(
                        link => link.MessageId,
                        link => new LinkedMemory
                        {
                            Memory = Known(link.Row!.Open(key)),
                            Active = link.Row.Sealed.Active,
                            SupersededBy = link.Row.Sealed.SupersededBy,
                            Derived = link.Row.Sealed.Derived,
                            SourceCount = (int)session.Scalar("SELECT count(*) FROM memory_sources WHERE memory_id = $1", link.Row.Sealed.Id),
                        }),
                    Predecessors = linked.Select(link => link.Row!.Sealed.Id).Distinct().SelectMany(id => session.Query(
                        $"SELECT {MemoryRow.Columns} FROM memories WHERE superseded_by = $1 AND tenant_id = $2", row => (Id: id, Row: MemoryRow.Read(row)), id, query.TenantId))
                        .Where(pair => pair.Row.OwnerKey == query.OwnerKey)
                        .ToLookup(pair => pair.Id, pair => Known(pair.Row.Open(key))),
                };
            },
            cancellationToken);
    }

    public async Task<bool> ApplyAsync(OwnerPlan plan, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var key = await database.Keys.GetOrCreateAsync(plan.TenantId, plan.Owner.Key, cancellationToken);
        var writes = plan.Steps.Select(step => Prepare(plan, step, now, key)).ToList();
        try
        {
            var applied = await database.Data.WriteAsync(
                session =>
                {
                    key.ThrowIfDestroyed();
                    if (Revision(session, plan.TenantId, plan.Owner.Key) != plan.Revision)
                    {
                        return false;
                    }

                    // An opted-out subject's plan may only take away: the caller made it before the subject decided.
                    if ((plan.Messages.Count > 0 || plan.Steps.Any(step => step is MemoryStep.Insert)) && plan.Owner.Scope == MemoryScope.User && IsOptedOut(session, plan.TenantId, plan.Owner.Key))
                    {
                        return false;
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

                    BumpRevision(session, plan.TenantId, plan.Owner.Key);
                    return true;
                },
                cancellationToken);
            if (applied && plan.Steps.Any(step => step is MemoryStep.Remove or MemoryStep.Unlink))
            {
                database.Data.RequestScrub();
            }

            return applied;
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
                key.OpenText(row.Text, MemoryRow.Place("text", row.MemoryId)), key.OpenText(row.Quote, SourcePlace("quote", row.SourceId)))),
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
                    if (session.Execute("DELETE FROM memory_sources WHERE tenant_id = $1 AND message_id = $2", tenantId, messageId) > 0)
                    {
                        BumpRevision(session, tenantId, subjectKey);
                    }
                }
            },
            cancellationToken);
        database.Data.RequestScrub();
    }

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
                session.Execute("DELETE FROM memory_tombstones WHERE deleted_at < $1", before);
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

    private static KnownMemory Known(MemoryRecord memory) => new()
    {
        Id = memory.Id,
        Version = memory.Version,
        Text = memory.Text,
        TextKey = memory.TextKey ?? "",
        Slot = memory.Slot,
        SingleValued = memory.SingleValued,
        Narrowing = MemoryKeys.Narrowing(memory.AgentId, memory.RunId),
        ValidFrom = memory.ValidFrom,
        Confidence = memory.Confidence,
    };

    private static long Revision(SqliteSession session, Guid tenantId, Guid ownerKey)
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

    private static void Announce(SqliteSession session, Guid tenantId, Guid ownerKey, Guid memoryId, int version, DateTimeOffset now)
        => session.Publish(
            new MemoryChanged { TenantId = tenantId, MemoryId = memoryId, OwnerKey = ownerKey, Version = version, Change = version == 1 ? "added" : "updated" }, now);

    private static void Unlink(SqliteSession session, Guid tenantId, Guid messageId)
    {
        foreach (var ownerKey in session.Query(
            "SELECT DISTINCT m.owner_key FROM memory_sources s JOIN memories m ON m.id = s.memory_id WHERE s.tenant_id = $1 AND s.message_id = $2",
            row => row.Id(0),
            tenantId,
            messageId))
        {
            BumpRevision(session, tenantId, ownerKey);
        }

        session.Execute("DELETE FROM memory_sources WHERE tenant_id = $1 AND message_id = $2", tenantId, messageId);
    }

    /// <summary>Seals what a step needs, and answers with what it does in the transaction.</summary>
    private Action<SqliteSession> Prepare(OwnerPlan plan, MemoryStep step, DateTimeOffset now, DataKey key)
    {
        var tenantId = plan.TenantId;
        switch (step)
        {
            case MemoryStep.Insert insert:
                return PrepareInsert(plan, insert, now, key);
            case MemoryStep.Settle { Fact: var fact }:
                var slot = key.SealTextOrNull(fact.Slot, MemoryRow.Place("slot", fact.Id));
                return session =>
                {
                    Expect(session.Execute(
                        """
                        UPDATE memories SET category = $5, importance = $6, slot = $7, single_valued = $8, text_key = $9, error = NULL, attempts = 0,
                            status = CASE WHEN indexed_version >= version THEN $11 ELSE $4 END,
                            next_attempt_at = CASE WHEN indexed_version >= version THEN NULL ELSE $10 END
                        WHERE tenant_id = $1 AND id = $2 AND version = $3 AND valid_to IS NULL AND status NOT IN ($4, $11)
                        """,
                        tenantId,
                        fact.Id,
                        fact.StoredVersion,
                        MemoryStatus.Processing,
                        fact.Category,
                        fact.Importance,
                        slot,
                        fact.SingleValued,
                        Bytes(fact.TextKey),
                        plan.IndexDeadline,
                        MemoryStatus.Completed));
                    Announce(session, tenantId, plan.Owner.Key, fact.Id, fact.StoredVersion, now);
                };
            case MemoryStep.Close close:
                var actor = new Actor(plan.Messages.Count == 0 ? ActorKind.Processing : ActorKind.Extraction);
                var closing = new SealedHistory(close.MemoryId, close.Version + 1, HistoryEvent.Supersede, actor, close.Text, close.NewText, now, key);
                return session =>
                {
                    Expect(Close(session, tenantId, plan.Owner.Key, close.MemoryId, close.Version, close.ValidTo, close.SupersededBy, now) ? 1 : 0);
                    closing.Insert(session);
                };
            case MemoryStep.Link link:
                var source = PrepareSource(tenantId, link.MemoryId, link.Source, key);
                return session =>
                {
                    Expect(session.Execute("UPDATE memories SET confidence = $3 WHERE tenant_id = $1 AND id = $2", tenantId, link.MemoryId, link.Confidence));
                    source(session);
                };
            case MemoryStep.Remove remove:
                return session => Delete(session, tenantId, remove.MemoryId, now);
            case MemoryStep.Revive revive:
                var reviving = new SealedHistory(
                    revive.MemoryId, revive.Version + 1, HistoryEvent.Update, new Actor(ActorKind.Extraction), revive.Text, revive.Text, now, key);
                return session =>
                {
                    Expect(session.Execute(
                        """
                        UPDATE memories SET valid_to = NULL, superseded_by = NULL, status = $4, error = NULL, attempts = 0, next_attempt_at = $5, version = version + 1, updated_at = $6
                        WHERE tenant_id = $1 AND id = $2 AND version = $3
                        """,
                        tenantId,
                        revive.MemoryId,
                        revive.Version,
                        MemoryStatus.Processing,
                        plan.IndexDeadline,
                        now));
                    reviving.Insert(session);
                    Announce(session, tenantId, plan.Owner.Key, revive.MemoryId, revive.Version + 1, now);
                };
            case MemoryStep.Repoint repoint:
                return session => session.Execute(
                    "UPDATE memories SET superseded_by = $3 WHERE tenant_id = $1 AND id = $2", tenantId, repoint.MemoryId, repoint.SupersededBy);
            case MemoryStep.Unlink unlink:
                return session => session.Execute("DELETE FROM memory_sources WHERE tenant_id = $1 AND message_id = $2", tenantId, unlink.MemoryId);
            default:
                throw new ArgumentOutOfRangeException(nameof(step), step, "A step that the store does not know.");
        }
    }

    private Action<SqliteSession> PrepareInsert(OwnerPlan plan, MemoryStep.Insert insert, DateTimeOffset now, DataKey key)
    {
        var fact = insert.Fact;
        var closed = insert.ValidTo is not null;
        var memory = new MemoryRecord
        {
            Id = fact.Id,
            TenantId = plan.TenantId,
            Scope = plan.Owner.Scope,
            OwnerKey = plan.Owner.Key,
            UserId = plan.Owner.UserId,
            AgentId = fact.AgentId,
            RunId = fact.RunId,
            Derived = true,
            Text = fact.Text,
            Category = fact.Category,
            Importance = fact.Importance,
            Confidence = fact.Confidence,
            Slot = fact.Slot,
            SingleValued = fact.SingleValued,
            TextKey = fact.TextKey,
            Status = closed ? MemoryStatus.Completed : MemoryStatus.Processing,
            NextAttemptAt = closed ? null : plan.IndexDeadline,
            ValidFrom = fact.At,
            ValidTo = insert.ValidTo,
            SupersededBy = insert.SupersededBy,
            Version = 1,
            CreatedAt = now,
            UpdatedAt = now,
        };
        var values = new SealedMemory(memory, key);
        var history = new SealedHistory(fact.Id, 1, HistoryEvent.Add, new Actor(ActorKind.Extraction), null, fact.Text, now, key);
        var source = fact.Source is null ? null : PrepareSource(plan.TenantId, fact.Id, fact.Source, key);
        return session =>
        {
            Insert(session, memory, values);
            history.Insert(session);
            source?.Invoke(session);
            if (!closed)
            {
                Announce(session, plan.TenantId, plan.Owner.Key, fact.Id, 1, now);
            }
        };
    }

    private static Action<SqliteSession> PrepareSource(Guid tenantId, Guid memoryId, MemorySource source, DataKey key)
    {
        var id = Guid.CreateVersion7();
        var conversationId = key.SealText(source.ConversationId, SourcePlace("conversation_id", id));
        var quote = key.SealText(source.Quote, SourcePlace("quote", id));
        return session => session.Execute(
            """
            INSERT INTO memory_sources (id, memory_id, tenant_id, message_id, conversation_key, conversation_id, quote_start, quote_length, quote, from_memory)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            ON CONFLICT (memory_id, message_id) DO NOTHING
            """,
            id,
            memoryId,
            tenantId,
            source.MessageId,
            source.ConversationKey,
            conversationId,
            source.QuoteStart,
            source.QuoteLength,
            quote,
            source.FromMemory);
    }

    private static void Expect(int changed)
    {
        if (changed == 0)
        {
            throw new StalePlanException();
        }
    }

    private sealed class StalePlanException : Exception;
}
