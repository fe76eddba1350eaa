using MemoryMesh.Contracts.Events;
using MemoryMesh.Memory.Processing;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Memory.Storage.Sqlite;

/// <summary>The part that carries out the steps of a decision.</summary>
internal sealed partial class SqliteMemoryStore
{
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

        RemoveSources(session, tenantId, messageId);
    }

    /// <summary>Takes a message from what it is a source of: it is evidence no more.</summary>
    private static void RemoveSources(SqliteSession session, Guid tenantId, Guid messageId)
    {
        session.Execute(
            """
            UPDATE memories SET evidence = max(1, evidence - 1)
            WHERE tenant_id = $1 AND id IN (SELECT memory_id FROM memory_sources WHERE tenant_id = $1 AND message_id = $2)
            """,
            tenantId,
            messageId);
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
                var slot = key.SealTextOrNull(fact.Slot, MemoryPlaces.Memory("slot", fact.Id));
                return session =>
                {
                    Expect(session.Execute(
                        """
                        UPDATE memories SET category = $5, importance = $6, slot = $7, single_valued = $8, text_key = $9, instructions = NULL, error = NULL, attempts = 0,
                            status = CASE WHEN indexed_version >= version THEN $11 ELSE $4 END, slot_key = $12,
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
                        MemoryStatus.Completed,
                        names.SlotKey(tenantId, plan.Owner.Key, fact.Narrowing, fact.Slot)));
                    LiftBar(session, tenantId, plan.Owner.Key, fact.TextKey);
                    Announce(session, tenantId, plan.Owner.Key, fact.Id, fact.StoredVersion, now);
                };
            case MemoryStep.Close close:
                var actor = new Actor(plan.Messages.Count == 0 ? ActorKind.Processing : ActorKind.Extraction);
                var (change, state) = close.Merged ? (HistoryEvent.Merge, MemoryState.Merged) : (HistoryEvent.Supersede, MemoryState.Superseded);
                var closing = new SealedHistory(
                    close.MemoryId, new HistoryEntry(close.Version + 1, change, actor, close.Text, close.NewText, now, null, close.ValidTo), key);
                return session =>
                {
                    Expect(Close(session, new Ending(tenantId, plan.Owner.Key, close.MemoryId, close.Version, close.ValidTo, close.SupersededBy, state), now) ? 1 : 0);
                    closing.Insert(session);
                };
            case MemoryStep.Link link:
                var source = PrepareSource(tenantId, link.MemoryId, link.Source, key, isEvidence: true);
                return session =>
                {
                    Expect(session.Execute(
                        """
                        UPDATE memories SET confidence = coalesce($3, confidence), confirmed_at = CASE WHEN $4 > coalesce(confirmed_at, valid_from) THEN $4 ELSE confirmed_at END
                        WHERE tenant_id = $1 AND id = $2
                        """,
                        tenantId,
                        link.MemoryId,
                        link.Confidence,
                        link.At));
                    source(session);
                };
            case MemoryStep.Absorb absorb:
                return PrepareAbsorb(plan, absorb, now, key);
            case MemoryStep.Extend extend:
                return session => session.Execute(
                    """
                    UPDATE memories SET valid_from = $3, confirmed_at = coalesce(confirmed_at, valid_from) WHERE tenant_id = $1 AND id = $2 AND valid_from > $3
                    """,
                    tenantId,
                    extend.MemoryId,
                    extend.ValidFrom);
            case MemoryStep.Cut cut:
                return session => session.Execute(
                    "UPDATE memories SET valid_to = $3, superseded_by = $4, state = $5 WHERE tenant_id = $1 AND id = $2 AND valid_to > $3",
                    tenantId,
                    cut.MemoryId,
                    cut.ValidTo,
                    cut.SupersededBy,
                    MemoryState.Superseded);
            case MemoryStep.Remove remove:
                return session => Delete(session, tenantId, remove.MemoryId, now, remember: remove.Remember);
            case MemoryStep.Revive revive:
                var reviving = new SealedHistory(
                    revive.MemoryId, new HistoryEntry(revive.Version + 1, HistoryEvent.Restore, new Actor(ActorKind.Extraction), revive.Text, revive.Text, now), key);
                return session =>
                {
                    Expect(session.Execute(
                        """
                        UPDATE memories SET valid_to = NULL, superseded_by = NULL, superseded_at = NULL, state = $7, status = $4, error = NULL, attempts = 0, next_attempt_at = $5, version = version + 1, updated_at = $6
                        WHERE tenant_id = $1 AND id = $2 AND version = $3
                        """,
                        tenantId,
                        revive.MemoryId,
                        revive.Version,
                        MemoryStatus.Processing,
                        plan.IndexDeadline,
                        now,
                        MemoryState.Current));
                    reviving.Insert(session);
                    Announce(session, tenantId, plan.Owner.Key, revive.MemoryId, revive.Version + 1, now);
                };
            case MemoryStep.Repoint repoint:
                return session => session.Execute(
                    """
                    UPDATE memories SET superseded_by = $3, valid_to = max(valid_from, coalesce((SELECT n.valid_from FROM memories n WHERE n.tenant_id = $1 AND n.id = $3), valid_to))
                    WHERE tenant_id = $1 AND id = $2
                    """,
                    tenantId,
                    repoint.MemoryId,
                    repoint.SupersededBy);
            case MemoryStep.Unlink unlink:
                return session => RemoveSources(session, tenantId, unlink.MemoryId);
            default:
                throw new ArgumentOutOfRangeException(nameof(step), step, "A step that the store does not know.");
        }
    }

    private Action<SqliteSession> PrepareInsert(OwnerPlan plan, MemoryStep.Insert insert, DateTimeOffset now, DataKey key)
    {
        var fact = insert.Fact;
        var memory = PlannedMemory.Of(plan, insert, now);
        var values = new SealedMemory(memory, key);
        var history = new SealedHistory(fact.Id, PlannedMemory.FirstEntry(memory, new Actor(ActorKind.Extraction)), key);
        var source = fact.Source is null ? null : PrepareSource(plan.TenantId, fact.Id, fact.Source, key);
        return session =>
        {
            Insert(session, memory, values);
            history.Insert(session);
            source?.Invoke(session);
            if (memory.Active)
            {
                LiftBar(session, plan.TenantId, plan.Owner.Key, fact.TextKey);
                Announce(session, plan.TenantId, plan.Owner.Key, fact.Id, 1, now);
            }
        };
    }

    private static Action<SqliteSession> PrepareSource(Guid tenantId, Guid memoryId, MemorySource source, DataKey key, bool isEvidence = false)
    {
        var values = new SealedSource(source, key);
        return session =>
        {
            var added = session.Execute(
                """
                INSERT INTO memory_sources (id, memory_id, tenant_id, message_id, conversation_key, conversation_id, quote_start, quote_length, quote, from_memory)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                ON CONFLICT (memory_id, message_id) DO NOTHING
                """,
                values.Id,
                memoryId,
                tenantId,
                source.MessageId,
                source.ConversationKey,
                values.ConversationId,
                source.QuoteStart,
                source.QuoteLength,
                values.Quote,
                source.FromMemory);
            if (isEvidence && added > 0)
            {
                session.Execute("UPDATE memories SET evidence = evidence + 1 WHERE tenant_id = $1 AND id = $2", tenantId, memoryId);
            }
        };
    }

    /// <summary>Said anew, a text that was deleted holds again: what bars it is lifted.</summary>
    private static void LiftBar(SqliteSession session, Guid tenantId, Guid ownerKey, string textKey)
        => session.Execute(
            "UPDATE memory_tombstones SET text_key = NULL WHERE tenant_id = $1 AND owner_key = $2 AND text_key = $3", tenantId, ownerKey, Bytes(textKey));

    private static Action<SqliteSession> PrepareAbsorb(OwnerPlan plan, MemoryStep.Absorb absorb, DateTimeOffset now, DataKey key)
    {
        if (absorb is { Category: null, Importance: null, MetadataJson: null })
        {
            return session => session.Execute(
                "UPDATE memories SET evidence = evidence + 1, confidence = $3 WHERE tenant_id = $1 AND id = $2", plan.TenantId, absorb.MemoryId, absorb.Confidence);
        }

        var metadata = key.SealTextOrNull(absorb.MetadataJson, MemoryPlaces.Memory("metadata", absorb.MemoryId));
        var history = new SealedHistory(
            absorb.MemoryId,
            new HistoryEntry(absorb.Version + 1, HistoryEvent.Update, new Actor(ActorKind.Processing), absorb.Text, absorb.Text, now),
            key);
        return session =>
        {
            Expect(session.Execute(
                """
                UPDATE memories SET evidence = evidence + 1, confidence = $4, category = coalesce($5, category), category_given = category_given OR $5 IS NOT NULL,
                    importance = coalesce($6, importance), importance_given = importance_given OR $6 IS NOT NULL, metadata = coalesce($7, metadata),
                    status = $8, next_attempt_at = $9, version = version + 1, updated_at = $10
                WHERE tenant_id = $1 AND id = $2 AND version = $3
                """,
                plan.TenantId,
                absorb.MemoryId,
                absorb.Version,
                absorb.Confidence,
                absorb.Category,
                absorb.Importance,
                metadata,
                MemoryStatus.Processing,
                plan.IndexDeadline,
                now));
            history.Insert(session);
            Announce(session, plan.TenantId, plan.Owner.Key, absorb.MemoryId, absorb.Version + 1, now);
        };
    }

    private static void Expect(int changed)
    {
        if (changed == 0)
        {
            throw new StalePlanException();
        }
    }
}
