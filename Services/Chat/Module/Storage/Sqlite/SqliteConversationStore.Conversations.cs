using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Chat.Storage.Sqlite;

/// <content>What concerns conversations.</content>
internal sealed partial class SqliteConversationStore
{
    public async Task<WriteOutcome<AddConversationStatus>> AddConversationAsync(
        ConversationRecord conversation,
        ConversationReach reach,
        IdempotentWrite<AddConversationStatus>? idempotent,
        CancellationToken cancellationToken)
    {
        var key = await database.Keys.GetOrCreateAsync(conversation.TenantId, conversation.SubjectKey, cancellationToken);
        var claim = idempotent is null ? null : await database.PrepareAsync(names, idempotent.Request, cancellationToken);
        return await database.Data.WriteAsync(
            session =>
            {
                var now = clock.GetUtcNow();
                if (claim is not null && IdempotencyTable.Find(session, claim, now) is { } before)
                {
                    return new WriteOutcome<AddConversationStatus>(default, before);
                }

                var status = InsertConversation(session, conversation, key) ? AddConversationStatus.Added
                    : session.Scalar(
                        "SELECT 1 FROM conversations WHERE tenant_id = $1 AND conversation_key = $2 AND ($3 IS NULL OR subject_key = $3)",
                        reach.TenantId,
                        conversation.ConversationKey,
                        reach.SubjectKey) == 1 ? AddConversationStatus.Exists
                    : AddConversationStatus.OutOfReach;
                if (claim is not null && idempotent!.Answer(status) is { } answer)
                {
                    IdempotencyTable.Add(session, claim, answer, now, conversation.SubjectKey);
                }

                return new WriteOutcome<AddConversationStatus>(status, null);
            },
            cancellationToken);
    }

    public async Task<ConversationRecord?> FindConversationAsync(ConversationReach reach, Guid conversationKey, CancellationToken cancellationToken)
    {
        var row = await database.Data.ReadAsync(
            session => session.QueryFirst(
                SealedConversation.Select + "WHERE tenant_id = $1 AND conversation_key = $2 AND ($3 IS NULL OR subject_key = $3)",
                SealedConversation.Read,
                reach.TenantId,
                conversationKey,
                reach.SubjectKey),
            cancellationToken);
        return row is null ? null : (await OpenAsync([row], cancellationToken)).SingleOrDefault();
    }

    public async Task<ConversationPage> ListConversationsAsync(
        ConversationReach reach, ConversationPosition? after, int limit, CancellationToken cancellationToken)
    {
        const string OfAll = "WHERE tenant_id = $1 AND (activity_at, conversation_key) < ($2, $3) ORDER BY activity_at DESC, conversation_key DESC LIMIT $4";

        // Named, for SQLite would rather walk the activity of the whole tenant: the few conversations of a subject are found by it and sorted.
        const string OfSubject = """
            INDEXED BY conversations_subject
            WHERE tenant_id = $1 AND subject_key = $5 AND (activity_at, conversation_key) < ($2, $3)
            ORDER BY activity_at DESC, conversation_key DESC LIMIT $4
            """;

        // No key is as high as this one, which is 16 bytes of 255.
        var from = after ?? new ConversationPosition(long.MaxValue, Guid.AllBitsSet);
        var rows = await database.Data.ReadAsync(
            session => reach.SubjectKey is { } subject
                ? session.Query(
                    SealedConversation.Select + OfSubject,
                    SealedConversation.Read,
                    reach.TenantId,
                    from.ActivityAt,
                    from.ConversationKey,
                    limit + 1,
                    subject)
                : session.Query(
                    SealedConversation.Select + OfAll,
                    SealedConversation.Read,
                    reach.TenantId,
                    from.ActivityAt,
                    from.ConversationKey,
                    limit + 1),
            cancellationToken);
        var more = rows.Count > limit;
        if (more)
        {
            rows.RemoveAt(limit);
        }

        return new ConversationPage(await OpenAsync(rows, cancellationToken), more ? rows[^1].Position : null);
    }

    public async Task<bool> UpdateConversationAsync(ConversationRecord conversation, CancellationToken cancellationToken)
    {
        var key = await database.Keys.GetOrCreateAsync(conversation.TenantId, conversation.SubjectKey, cancellationToken);
        var title = key.SealTextOrNull(conversation.Title, ConversationPlaces.Title(conversation.ConversationKey, conversation.Version));
        var metadata = key.SealTextOrNull(conversation.MetadataJson, ConversationPlaces.Metadata(conversation.ConversationKey, conversation.Version));
        var updated = await database.Data.WriteAsync(
            session =>
            {
                key.ThrowIfDestroyed();
                return session.Execute(
                    """
                    UPDATE conversations SET version = $1, title = $2, metadata = $3
                    WHERE tenant_id = $4 AND conversation_key = $5 AND subject_key = $6 AND version = $7
                    """,
                    conversation.Version,
                    title,
                    metadata,
                    conversation.TenantId,
                    conversation.ConversationKey,
                    conversation.SubjectKey,
                    conversation.Version - 1) == 1;
            },
            cancellationToken);
        database.Data.RequestScrub();
        return updated;
    }

    public async Task<bool> DeleteConversationAsync(
        ConversationReach reach, Guid conversationKey, int? version, bool keepMemories, CancellationToken cancellationToken)
    {
        var deleted = await database.Data.WriteAsync(
            session =>
            {
                var messages = session.QueryFirst(
                    """
                    DELETE FROM conversations
                    WHERE tenant_id = $1 AND conversation_key = $2 AND ($3 IS NULL OR subject_key = $3) AND ($4 IS NULL OR version = $4)
                    RETURNING message_count, subject_key
                    """,
                    row => ((long Count, Guid SubjectKey)?)(row.Int64(0), row.Id(1)),
                    reach.TenantId,
                    conversationKey,
                    reach.SubjectKey,
                    version);
                if (messages is null)
                {
                    return null;
                }

                session.Execute("DELETE FROM messages WHERE tenant_id = $1 AND conversation_key = $2", reach.TenantId, conversationKey);
                var now = clock.GetUtcNow();
                session.Publish(
                    new ConversationDeleted
                    {
                        TenantId = reach.TenantId, SubjectKey = messages.Value.SubjectKey, ConversationKey = conversationKey, DeletedAt = now,
                        KeepsMemories = keepMemories,
                    },
                    now);
                return messages?.Count;
            },
            cancellationToken);
        if (deleted is null)
        {
            return false;
        }

        ChatTelemetry.MessagesDeleted.Add(deleted.Value);
        database.Data.RequestScrub();
        return true;
    }

    public Task<IReadOnlyList<RoleStatistics>> CountByRoleAsync(ConversationReach reach, Guid conversationKey, CancellationToken cancellationToken)
        => database.Data.ReadAsync<IReadOnlyList<RoleStatistics>>(
            session => session.Query(
                """
                SELECT m.role, count(*), sum(m.archived), sum(m.tokens), min(m.created_at), max(m.created_at)
                FROM messages m JOIN conversations c ON c.tenant_id = m.tenant_id AND c.conversation_key = m.conversation_key
                WHERE m.tenant_id = $1 AND m.conversation_key = $2 AND ($3 IS NULL OR c.subject_key = $3)
                GROUP BY m.role
                """,
                row => new RoleStatistics
                {
                    Role = MessageRoles.FromCode(row.Int32(0)),
                    Messages = row.Int64(1),
                    Archived = row.Int64(2),
                    Tokens = row.Int64(3),
                    FirstAt = row.Time(4),
                    LastAt = row.Time(5),
                },
                reach.TenantId,
                conversationKey,
                reach.SubjectKey),
            cancellationToken);

    /// <summary>Inserts a conversation unless there is one of its key.</summary>
    private static bool InsertConversation(SqliteSession session, ConversationRecord conversation, DataKey key)
    {
        key.ThrowIfDestroyed();
        return session.Execute(
            """
            INSERT INTO conversations
                (tenant_id, conversation_key, subject_key, version, message_count, created_at, last_message_at, activity_at, name, user_id, title, metadata,
                token_count)
            VALUES ($1, $2, $3, $4, $5, $6, $7, coalesce($7, $6), $8, $9, $10, $11, $12)
            ON CONFLICT DO NOTHING
            """,
            conversation.TenantId,
            conversation.ConversationKey,
            conversation.SubjectKey,
            conversation.Version,
            conversation.MessageCount,
            conversation.CreatedAt,
            conversation.LastMessageAt,
            key.SealText(conversation.ConversationId, ConversationPlaces.Name(conversation.ConversationKey)),
            key.SealText(conversation.UserId, ConversationPlaces.UserId(conversation.ConversationKey)),
            key.SealTextOrNull(conversation.Title, ConversationPlaces.Title(conversation.ConversationKey, conversation.Version)),
            key.SealTextOrNull(conversation.MetadataJson, ConversationPlaces.Metadata(conversation.ConversationKey, conversation.Version)),
            conversation.TokenCount) == 1;
    }

    private async Task<IReadOnlyList<ConversationRecord>> OpenAsync(IReadOnlyList<SealedConversation> rows, CancellationToken cancellationToken)
    {
        var conversations = new List<ConversationRecord>(rows.Count);
        foreach (var row in rows)
        {
            if (await database.Keys.FindAsync(row.TenantId, row.SubjectKey, cancellationToken) is { } key)
            {
                conversations.Add(row.Open(key));
            }
        }

        return conversations;
    }

    /// <summary>A row of conversations.</summary>
    private sealed record SealedConversation
    {
        public const string Select = """
            SELECT tenant_id, conversation_key, subject_key, version, message_count, created_at, last_message_at, name, user_id, title, metadata
            FROM conversations

            """;

        public required Guid TenantId { get; init; }

        public required Guid ConversationKey { get; init; }

        public required Guid SubjectKey { get; init; }

        public required int Version { get; init; }

        public required long MessageCount { get; init; }

        public required DateTimeOffset CreatedAt { get; init; }

        public required DateTimeOffset? LastMessageAt { get; init; }

        public required byte[] Name { get; init; }

        public required byte[] UserId { get; init; }

        public required byte[]? Title { get; init; }

        public required byte[]? Metadata { get; init; }

        public ConversationPosition Position => new((LastMessageAt ?? CreatedAt).ToUnixTimeMilliseconds(), ConversationKey);

        public static SealedConversation Read(SqliteRow row) => new()
        {
            TenantId = row.Id(0),
            ConversationKey = row.Id(1),
            SubjectKey = row.Id(2),
            Version = row.Int32(3),
            MessageCount = row.Int64(4),
            CreatedAt = row.Time(5),
            LastMessageAt = row.TimeOrNull(6),
            Name = row.Bytes(7),
            UserId = row.Bytes(8),
            Title = row.BytesOrNull(9),
            Metadata = row.BytesOrNull(10),
        };

        public ConversationRecord Open(DataKey key) => new()
        {
            TenantId = TenantId,
            ConversationKey = ConversationKey,
            ConversationId = key.OpenText(Name, ConversationPlaces.Name(ConversationKey)),
            SubjectKey = SubjectKey,
            UserId = key.OpenText(UserId, ConversationPlaces.UserId(ConversationKey)),
            Title = key.OpenTextOrNull(Title, ConversationPlaces.Title(ConversationKey, Version)),
            MetadataJson = key.OpenTextOrNull(Metadata, ConversationPlaces.Metadata(ConversationKey, Version)),
            MessageCount = MessageCount,
            CreatedAt = CreatedAt,
            LastMessageAt = LastMessageAt,
            Version = Version,
        };
    }
}
