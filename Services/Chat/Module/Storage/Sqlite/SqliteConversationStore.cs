using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Chat.Storage.Sqlite;

/// <summary>Keeps conversations in the embedded store. This file holds what changes messages.</summary>
internal sealed partial class SqliteConversationStore(
    [FromKeyedServices(ChatModule.Name)] ModuleDatabase database, KeyedNames names, TimeProvider clock) : IConversationStore
{
    public async Task<WriteOutcome<AddStatus[]>> AddMessagesAsync(
        IReadOnlyList<(MessageRecord Message, ConversationReach Reach)> messages,
        IdempotentWrite<AddStatus[]>? idempotent,
        CancellationToken cancellationToken)
    {
        // Everything slow happens here; the writer's thread is left with the statements.
        var groups = await ConversationGroup.CreateAsync(database.Keys, messages, imported: false, cancellationToken);
        var claim = idempotent is null ? null : await database.PrepareAsync(names, idempotent.Request, cancellationToken);
        return await database.Data.WriteAsync(
            session =>
            {
                // The time of the events is taken on the writer's thread, so that it never runs against the order of the changes.
                var now = clock.GetUtcNow();
                if (claim is not null && IdempotencyTable.Find(session, claim, now) is { } before)
                {
                    return new WriteOutcome<AddStatus[]>(null, before);
                }

                var statuses = new AddStatus[messages.Count];
                foreach (var group in groups)
                {
                    AddGroup(session, group, statuses, now);
                }

                if (claim is not null && idempotent!.Answer(statuses) is { } answer)
                {
                    IdempotencyTable.Add(session, claim, answer, now, messages.Select(item => item.Message.SubjectKey).Distinct());
                }

                return new WriteOutcome<AddStatus[]>(statuses, null);
            },
            cancellationToken);
    }

    public async Task<bool[]> UpdateMessagesAsync(IReadOnlyList<MessageRecord> messages, CancellationToken cancellationToken)
    {
        var rows = new List<SealedNewMessage>(messages.Count);
        for (var i = 0; i < messages.Count; i++)
        {
            var key = await database.Keys.GetOrCreateAsync(messages[i].TenantId, messages[i].SubjectKey, cancellationToken);
            rows.Add(SealedNewMessage.Create(i, messages[i], key));
        }

        var updated = await database.Data.WriteAsync(
            session =>
            {
                var now = clock.GetUtcNow();
                return rows.ConvertAll(row =>
                {
                    row.Key.ThrowIfDestroyed();
                    var message = row.Message;
                    var changed = session.Execute(
                        """
                        UPDATE messages SET version = $1, text_version = $1, updated_at = $2, importance = $3, tokens = $4, user_id = $5, metadata = $6, content = $7
                        WHERE id = $8 AND tenant_id = $9 AND subject_key = $10 AND version = $11
                        """,
                        message.Version,
                        message.UpdatedAt,
                        message.Importance,
                        row.Tokens,
                        row.UserId,
                        row.Metadata,
                        row.Content,
                        message.Id,
                        message.TenantId,
                        message.SubjectKey,
                        message.Version - 1) == 1;
                    if (changed)
                    {
                        PublishUpdated(
                            session, message.TenantId, message.SubjectKey, message.ConversationKey, message.Id, message.Version, message.ExtractMemory, now);
                    }

                    return changed;
                });
            },
            cancellationToken);

        // The replaced text must leave the write-ahead log too.
        database.Data.RequestScrub();
        return [.. updated];
    }

    public async Task<bool[]> DeleteMessagesAsync(IReadOnlyList<MessageRecord> messages, bool sameVersion, CancellationToken cancellationToken)
    {
        var deleted = await database.Data.WriteAsync(
            session => DeleteRows(
                session,
                [
                    .. messages.Select(message => new MessageRow(
                        message.Id, message.TenantId, message.ConversationKey, message.SubjectKey, sameVersion ? message.Version : null)),
                ],
                clock.GetUtcNow()),
            cancellationToken);
        database.Data.RequestScrub();
        return deleted;
    }

    public async Task<int> ApplyRetentionAsync(RetentionOrder order, CancellationToken cancellationToken)
    {
        // Chosen by a reader, so that a long scan does not hold up writes; the writer checks again what may have changed.
        var rows = await database.Data.ReadAsync(
            session => session.Query(
                $"""
                SELECT id, tenant_id, conversation_key, subject_key, version FROM messages
                WHERE tenant_id = $1 AND created_at < $2 AND ($3 = 0 OR archived = 0)
                    AND ($4 IS NULL OR coalesce(importance, {DefaultImportance.Sql}) < $4)
                ORDER BY created_at LIMIT $5
                """,
                row => new MessageRow(row.Id(0), row.Id(1), row.Id(2), row.Id(3), row.Int32(4)),
                order.TenantId,
                order.CreatedBefore,
                order.Archive,
                order.ImportanceBelow,
                order.BatchSize),
            cancellationToken);
        if (rows.Count == 0)
        {
            return 0;
        }

        if (order.Archive)
        {
            return await database.Data.WriteAsync(session => ArchiveRows(session, rows, clock.GetUtcNow()), cancellationToken);
        }

        var deleted = await database.Data.WriteAsync(session => DeleteRows(session, rows, clock.GetUtcNow(), byRule: true), cancellationToken);
        database.Data.RequestScrub();
        return deleted.Count(done => done);
    }

    /// <summary>Deletes messages of a subject, in whatever conversation, at most <paramref name="limit"/>.</summary>
    /// <returns>How many.</returns>
    internal static int DeleteOfSubject(SqliteSession session, Guid tenantId, Guid subjectKey, int limit, DateTimeOffset now)
        => DeleteRows(
            session,
            session.Query(
                "SELECT id, conversation_key FROM messages WHERE tenant_id = $1 AND subject_key = $2 LIMIT $3",
                row => new MessageRow(row.Id(0), tenantId, row.Id(1), subjectKey, null),
                tenantId,
                subjectKey,
                limit),
            now,
            byRule: true).Count(deleted => deleted);

    /// <summary>Announces messages of a subject as they are.</summary>
    /// <returns>The last one's number, or null when there are no more after it.</returns>
    internal static long? AnnounceOfSubject(SqliteSession session, Guid tenantId, Guid subjectKey, long after, int limit, DateTimeOffset now)
    {
        var messages = session.Query(
            """
            SELECT seq, id, conversation_key, version, extract_memory FROM messages
            WHERE tenant_id = $1 AND subject_key = $2 AND seq > $3 ORDER BY seq LIMIT $4
            """,
            row => (Sequence: row.Int64(0), Id: row.Id(1), ConversationKey: row.Id(2), Version: row.Int32(3), ExtractMemory: row.Bool(4)),
            tenantId,
            subjectKey,
            after,
            limit);
        messages.ForEach(message => PublishUpdated(
            session, tenantId, subjectKey, message.ConversationKey, message.Id, message.Version, message.ExtractMemory, now));
        return messages.Count < limit ? null : messages[^1].Sequence;
    }

    /// <summary>Adds the messages of a group whose status is still that they are added.</summary>
    private static void AddGroup(SqliteSession session, ConversationGroup group, AddStatus[] statuses, DateTimeOffset now)
    {
        var first = group.First;
        var count = 0;
        var tokens = 0L;
        var lastAt = DateTimeOffset.MinValue;
        foreach (var row in group.Messages)
        {
            var message = row.Message;
            if (statuses[row.Index] != AddStatus.Added)
            {
                continue;
            }

            // What an imported message answers may be imported with it, and is looked for when that is stored.
            if (message.ReplyTo is { } replyTo && !group.Imported)
            {
                row.Place = FindPlace(session, message, replyTo);
                if (row.Place.Root is null)
                {
                    statuses[row.Index] = AddStatus.UnknownReplyTo;
                    continue;
                }
            }

            count++;
            tokens += row.Tokens;
            lastAt = message.CreatedAt > lastAt ? message.CreatedAt : lastAt;
        }

        if (!TouchConversation(session, group, count, tokens, lastAt, now))
        {
            // Whether the message it answers is there would tell of the other subject's conversation.
            group.Messages.ForEach(row => statuses[row.Index] = AddStatus.OutOfReach);
            return;
        }

        foreach (var row in group.Messages.Where(row => statuses[row.Index] == AddStatus.Added))
        {
            if (group.Imported && row.Message.ReplyTo is { } replyTo)
            {
                row.Place = FindPlace(session, row.Message, replyTo) is { Root: not null } place ? place : new ThreadPlace(replyTo, 1);
            }

            InsertMessage(session, row);
            session.Shared<MessageUsageWork>().Add(row.Message, row.Tokens, row.Content.Length + (row.Metadata?.Length ?? 0) + row.UserId.Length, now);
            session.Publish(
                new MessageStored
                {
                    TenantId = row.Message.TenantId,
                    SubjectKey = row.Message.SubjectKey,
                    ConversationKey = row.Message.ConversationKey,
                    MessageId = row.Message.Id,
                    Version = row.Message.Version,
                    ExtractMemory = row.Message.ExtractMemory,
                },
                now);
        }
    }

    /// <summary>The place of a message in the thread of what it answers; without a root when that is not in its conversation.</summary>
    private static ThreadPlace FindPlace(SqliteSession session, MessageRecord message, Guid replyTo)
        => session.QueryFirst(
            "SELECT coalesce(thread_root, id), depth + 1 FROM messages WHERE id = $1 AND tenant_id = $2 AND conversation_key = $3",
            found => new ThreadPlace(found.Id(0), found.Int32(1)),
            replyTo,
            message.TenantId,
            message.ConversationKey);

    /// <summary>Counts messages in, and makes the conversation when there is none and a message to hold. False when it is out of reach.</summary>
    private static bool TouchConversation(
        SqliteSession session, ConversationGroup group, int count, long tokens, DateTimeOffset lastAt, DateTimeOffset now)
    {
        var first = group.First;
        if (count == 0)
        {
            return group.Reach.SubjectKey is not { } subject
                || session.Scalar(
                    "SELECT 1 FROM conversations WHERE tenant_id = $1 AND conversation_key = $2 AND subject_key <> $3",
                    first.TenantId,
                    first.ConversationKey,
                    subject) == 0;
        }

        return session.Execute(
            """
            UPDATE conversations SET
                message_count = message_count + $1,
                token_count = token_count + $6,
                last_message_at = max(coalesce(last_message_at, $2), $2),
                activity_at = max(coalesce(last_message_at, $2), $2)
            WHERE tenant_id = $3 AND conversation_key = $4 AND ($5 IS NULL OR subject_key = $5)
            """,
            count,
            lastAt,
            first.TenantId,
            first.ConversationKey,
            group.Reach.SubjectKey,
            tokens) == 1
            || InsertConversation(
                session,
                new ConversationRecord
                {
                    TenantId = first.TenantId,
                    ConversationKey = first.ConversationKey,
                    ConversationId = first.ConversationId,
                    SubjectKey = first.SubjectKey,
                    UserId = first.UserId,
                    MessageCount = count,
                    TokenCount = tokens,
                    CreatedAt = now,
                    LastMessageAt = lastAt,
                    Version = 1,
                },
                group.Key);
    }

    private static void InsertMessage(SqliteSession session, SealedNewMessage row)
    {
        row.Key.ThrowIfDestroyed();
        var message = row.Message;
        session.Execute(
            """
            INSERT INTO messages (id, tenant_id, conversation_key, subject_key, role, importance, reply_to, extract_memory, archived, tokens,
                version, text_version, created_at, updated_at, user_id, metadata, content, thread_root, depth, extraction)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12, $13, $14, $15, $16, $17, $18, $19)
            """,
            message.Id,
            message.TenantId,
            message.ConversationKey,
            message.SubjectKey,
            MessageRoles.CodeOf(message.Role),
            message.Importance,
            message.ReplyTo,
            message.ExtractMemory,
            message.Archived,
            row.Tokens,
            message.Version,
            message.CreatedAt,
            message.UpdatedAt,
            row.UserId,
            row.Metadata,
            row.Content,
            row.Place.Root,
            row.Place.Depth,
            row.Extraction);
    }

    private static int ArchiveRows(SqliteSession session, List<MessageRow> rows, DateTimeOffset now)
    {
        var archived = 0;
        foreach (var row in rows)
        {
            // The texts stay sealed under text_version, so archiving opens nothing.
            var changed = session.QueryFirst(
                """
                UPDATE messages SET archived = 1, version = version + 1, updated_at = $1
                WHERE id = $2 AND tenant_id = $3 AND subject_key = $4 AND archived = 0 AND ($5 IS NULL OR version = $5)
                RETURNING version, extract_memory
                """,
                result => (Version: result.Int32(0), ExtractMemory: result.Bool(1)),
                now,
                row.Id,
                row.TenantId,
                row.SubjectKey,
                row.Version);
            if (changed.Version > 0)
            {
                PublishUpdated(session, row.TenantId, row.SubjectKey, row.ConversationKey, row.Id, changed.Version, changed.ExtractMemory, now);
                archived++;
            }
        }

        return archived;
    }

    private static bool[] DeleteRows(SqliteSession session, IReadOnlyList<MessageRow> rows, DateTimeOffset now, bool byRule = false)
    {
        var deleted = new bool[rows.Count];
        var touched = new Dictionary<(Guid TenantId, Guid ConversationKey), int>();
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            deleted[i] = session.Execute(
                "DELETE FROM messages WHERE id = $1 AND tenant_id = $2 AND subject_key = $3 AND ($4 IS NULL OR version = $4)",
                row.Id,
                row.TenantId,
                row.SubjectKey,
                row.Version) == 1;
            if (!deleted[i])
            {
                continue;
            }

            session.Publish(
                new MessageDeleted
                {
                    TenantId = row.TenantId, SubjectKey = row.SubjectKey, ConversationKey = row.ConversationKey, MessageId = row.Id, ByRule = byRule,
                },
                now);
            var conversation = (row.TenantId, row.ConversationKey);
            touched[conversation] = touched.GetValueOrDefault(conversation) + 1;
        }

        foreach (var ((tenantId, conversationKey), count) in touched)
        {
            var lastAt = session.QueryFirst(
                "SELECT max(created_at) FROM messages WHERE tenant_id = $1 AND conversation_key = $2", result => result.TimeOrNull(0), tenantId, conversationKey);
            session.Execute(
                """
                UPDATE conversations SET message_count = message_count - $1, last_message_at = $2, activity_at = coalesce($2, created_at)
                WHERE tenant_id = $3 AND conversation_key = $4
                """,
                count,
                lastAt,
                tenantId,
                conversationKey);
        }

        return deleted;
    }

    private static void PublishUpdated(
        SqliteSession session, Guid tenantId, Guid subjectKey, Guid conversationKey, Guid messageId, int version, bool extractMemory, DateTimeOffset now)
        => session.Publish(
            new MessageUpdated
            {
                TenantId = tenantId,
                SubjectKey = subjectKey,
                ConversationKey = conversationKey,
                MessageId = messageId,
                Version = version,
                ExtractMemory = extractMemory,
            },
            now);

    /// <summary>What deleting or archiving a message needs to know of it; only the version is deleted or archived, unless it is null.</summary>
    private readonly record struct MessageRow(Guid Id, Guid TenantId, Guid ConversationKey, Guid SubjectKey, int? Version);
}
