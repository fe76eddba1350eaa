using System.Text.Json;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Chat.Storage.Sqlite;

/// <summary>What reads messages.</summary>
internal sealed partial class SqliteConversationStore
{
    public Task<IReadOnlyDictionary<Guid, Guid>> FindTenantsAsync(IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
        => database.Data.ReadAsync<IReadOnlyDictionary<Guid, Guid>>(
            session =>
            {
                var tenants = new Dictionary<Guid, Guid>(messageIds.Count);
                foreach (var id in messageIds)
                {
                    if (session.QueryFirst("SELECT tenant_id FROM messages WHERE id = $1", row => (Guid?)row.Id(0), id) is { } tenant)
                    {
                        tenants[id] = tenant;
                    }
                }

                return tenants;
            },
            cancellationToken);

    public async Task<IReadOnlyList<MessageRecord>> FindMessagesAsync(
        ConversationReach reach, IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
    {
        var rows = await database.Data.ReadAsync(
            session =>
            {
                var found = new List<SealedMessage>(messageIds.Count);
                foreach (var id in messageIds)
                {
                    found.AddRange(session.Query(
                        SealedMessage.Select + "WHERE m.id = $1 AND m.tenant_id = $2 AND ($3 IS NULL OR c.subject_key = $3)",
                        SealedMessage.Read,
                        id,
                        reach.TenantId,
                        reach.SubjectKey));
                }

                return found;
            },
            cancellationToken);
        return await OpenAsync(reach.TenantId, rows, cancellationToken);
    }

    public async Task<MessagePage> ListMessagesAsync(
        ConversationReach reach, Guid conversationKey, MessagePageQuery query, CancellationToken cancellationToken)
    {
        const string Filter = """
            WHERE m.tenant_id = $1 AND m.conversation_key = $2 AND ($3 IS NULL OR c.subject_key = $3)
                AND ($4 = 0 OR m.role = $4) AND ($5 OR m.archived = 0)
            """;
        const string Following = Filter + " AND (m.created_at, m.seq) > ($6, $7) AND m.created_at <= $9 ORDER BY m.created_at, m.seq LIMIT $8";
        const string Preceding = Filter + " AND (m.created_at, m.seq) < ($6, $7) AND m.created_at >= $9 ORDER BY m.created_at DESC, m.seq DESC LIMIT $8";
        var role = query.Role is null ? 0 : MessageRoles.CodeOf(query.Role);
        var earliest = new MessagePosition(query.Earliest?.ToUnixTimeMilliseconds() ?? long.MinValue, long.MinValue);
        var latest = new MessagePosition(query.Latest?.ToUnixTimeMilliseconds() ?? long.MaxValue, long.MaxValue);
        var (rows, more, back) = await database.Data.ReadAsync(
            session =>
            {
                List<SealedMessage> Read(bool forward, MessagePosition from, int limit)
                {
                    var start = forward ? MessagePosition.Later(from, earliest) : MessagePosition.Earlier(from, latest);
                    object?[] values =
                    [
                        reach.TenantId, conversationKey, reach.SubjectKey, role, query.IncludeArchived, start.CreatedAt, start.Sequence, limit,
                        forward ? latest.CreatedAt : earliest.CreatedAt,
                    ];
                    return query.ThreadId is { } thread
                        ? session.Query(SealedMessage.SelectOfThread + (forward ? Following : Preceding), SealedMessage.Read, [.. values, thread])
                        : session.Query(SealedMessage.Select + (forward ? Following : Preceding), SealedMessage.Read, values);
                }

                var found = Read(query.Forward, query.From, query.Limit + 1);
                var more = found.Count > query.Limit;
                if (more)
                {
                    found.RemoveAt(query.Limit);
                }

                var back = found.Count > 0 && Read(!query.Forward, found[0].Position, 1).Count > 0;
                return (found, more, back);
            },
            cancellationToken);
        if (!query.Forward)
        {
            rows.Reverse();
        }

        var (older, newer) = query.Forward ? (back, more) : (more, back);
        return new MessagePage(
            await OpenAsync(reach.TenantId, rows, cancellationToken), older ? rows[0].Position : null, newer ? rows[^1].Position : null);
    }

    public Task<ThreadState> ReadThreadAsync(
        ConversationReach reach, Guid conversationKey, Guid threadId, IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
        => database.Data.ReadAsync(
            session =>
            {
                const string OfConversation = """
                    FROM conversations c CROSS JOIN messages m ON m.tenant_id = c.tenant_id AND m.conversation_key = c.conversation_key
                    WHERE c.tenant_id = $1 AND c.conversation_key = $2 AND ($3 IS NULL OR c.subject_key = $3)
                    """;
                bool IsThere(Guid id)
                    => session.Scalar("SELECT count(*) " + OfConversation + " AND m.id = $4", reach.TenantId, conversationKey, reach.SubjectKey, id) > 0;
                var replies = session.Scalar(
                    "SELECT count(*) " + OfConversation + " AND m.thread_root = $4", reach.TenantId, conversationKey, reach.SubjectKey, threadId);
                return new ThreadState(replies + (IsThere(threadId) ? 1 : 0), messageIds.Where(IsThere).ToHashSet());
            },
            cancellationToken);

    public async Task<IReadOnlyList<MessageRecord>> ListPrecedingUserMessagesAsync(
        Guid tenantId, Guid messageId, int limit, CancellationToken cancellationToken)
    {
        var rows = await database.Data.ReadAsync(
            session => session.Query(
                SealedMessage.Select + """
                    JOIN messages t ON t.id = $2 AND t.tenant_id = $1
                    WHERE m.tenant_id = $1 AND m.conversation_key = t.conversation_key AND m.subject_key = t.subject_key AND m.role = $3 AND m.archived = 0
                        AND (m.created_at, m.seq) < (t.created_at, t.seq)
                    ORDER BY m.created_at DESC, m.seq DESC LIMIT $4
                    """,
                SealedMessage.Read,
                tenantId,
                messageId,
                MessageRoles.CodeOf(MessageRoles.User),
                limit),
            cancellationToken);
        rows.Reverse();
        return await OpenAsync(tenantId, rows, cancellationToken);
    }

    /// <summary>Opens rows in their order. A row whose data key was destroyed is gone.</summary>
    private async Task<IReadOnlyList<MessageRecord>> OpenAsync(Guid tenantId, List<SealedMessage> rows, CancellationToken cancellationToken)
    {
        var keys = new Dictionary<Guid, DataKey?>();
        var conversations = new Dictionary<Guid, string>();
        var messages = new List<MessageRecord>(rows.Count);
        foreach (var row in rows)
        {
            if (await KeyOfAsync(row.SubjectKey) is not { } key || await KeyOfAsync(row.ConversationSubjectKey) is not { } conversationKey)
            {
                continue;
            }

            if (!conversations.TryGetValue(row.ConversationKey, out var conversationId))
            {
                conversations[row.ConversationKey] = conversationId =
                    conversationKey.OpenText(row.ConversationName, ConversationPlaces.Name(row.ConversationKey));
            }

            messages.Add(row.Open(key, conversationId));
        }

        return messages;

        async ValueTask<DataKey?> KeyOfAsync(Guid owner)
        {
            if (!keys.TryGetValue(owner, out var key))
            {
                keys[owner] = key = await database.Keys.FindAsync(tenantId, owner, cancellationToken);
            }

            return key;
        }
    }

    /// <summary>A row of messages with what its conversation adds.</summary>
    private sealed record SealedMessage
    {
        public const string Select = Columns + """
            FROM messages m JOIN conversations c ON c.tenant_id = m.tenant_id AND c.conversation_key = m.conversation_key

            """;

        /// <summary>The messages of the thread $10 in the conversation $2 of the tenant $1.</summary>
        public const string SelectOfThread = Columns + """
            FROM (
                SELECT seq FROM messages WHERE id = $10
                UNION ALL
                SELECT seq FROM messages WHERE tenant_id = $1 AND conversation_key = $2 AND thread_root = $10
            ) t
            CROSS JOIN messages m ON m.seq = t.seq
            JOIN conversations c ON c.tenant_id = m.tenant_id AND c.conversation_key = m.conversation_key

            """;

        private const string Columns = """
            SELECT m.seq, m.id, m.tenant_id, m.conversation_key, m.subject_key, m.role, m.importance, m.reply_to, m.extract_memory, m.archived,
                m.version, m.text_version, m.created_at, m.updated_at, m.user_id, m.metadata, m.content, c.subject_key, c.name, m.thread_root, m.depth, m.extraction

            """;

        public required long Sequence { get; init; }

        public required Guid Id { get; init; }

        public required Guid TenantId { get; init; }

        public required Guid ConversationKey { get; init; }

        public required Guid SubjectKey { get; init; }

        public required int Role { get; init; }

        public required double? Importance { get; init; }

        public required Guid? ReplyTo { get; init; }

        public required bool ExtractMemory { get; init; }

        public required bool Archived { get; init; }

        public required int Version { get; init; }

        public required int TextVersion { get; init; }

        public required DateTimeOffset CreatedAt { get; init; }

        public required DateTimeOffset UpdatedAt { get; init; }

        public required byte[] UserId { get; init; }

        public required byte[]? Metadata { get; init; }

        public required byte[] Content { get; init; }

        public required Guid ConversationSubjectKey { get; init; }

        public required byte[] ConversationName { get; init; }

        public required ThreadPlace Place { get; init; }

        public required byte[]? Extraction { get; init; }

        public MessagePosition Position => new(CreatedAt.ToUnixTimeMilliseconds(), Sequence);

        public static SealedMessage Read(SqliteRow row) => new()
        {
            Sequence = row.Int64(0),
            Id = row.Id(1),
            TenantId = row.Id(2),
            ConversationKey = row.Id(3),
            SubjectKey = row.Id(4),
            Role = row.Int32(5),
            Importance = row.Double(6),
            ReplyTo = row.IdOrNull(7),
            ExtractMemory = row.Bool(8),
            Archived = row.Bool(9),
            Version = row.Int32(10),
            TextVersion = row.Int32(11),
            CreatedAt = row.Time(12),
            UpdatedAt = row.Time(13),
            UserId = row.Bytes(14),
            Metadata = row.BytesOrNull(15),
            Content = row.Bytes(16),
            ConversationSubjectKey = row.Id(17),
            ConversationName = row.Bytes(18),
            Place = new ThreadPlace(row.IdOrNull(19), row.Int32(20)),
            Extraction = row.BytesOrNull(21),
        };

        public MessageRecord Open(DataKey key, string conversationId) => new()
        {
            Id = Id,
            TenantId = TenantId,
            ConversationKey = ConversationKey,
            ConversationId = conversationId,
            SubjectKey = SubjectKey,
            UserId = key.OpenText(UserId, MessagePlaces.UserId(Id, TextVersion)),
            Role = MessageRoles.FromCode(Role),
            Content = key.OpenText(Content, MessagePlaces.Content(Id, TextVersion)),
            MetadataJson = key.OpenTextOrNull(Metadata, MessagePlaces.Metadata(Id, TextVersion)),
            Importance = Importance,
            ReplyTo = ReplyTo,
            ThreadRoot = Place.Root,
            Depth = Place.Depth,
            ExtractMemory = ExtractMemory,
            Extraction = key.OpenTextOrNull(Extraction, MessagePlaces.Extraction(Id)) is { } extraction ? JsonSerializer.Deserialize<MessageExtraction>(extraction) : null,
            Archived = Archived,
            Version = Version,
            CreatedAt = CreatedAt,
            UpdatedAt = UpdatedAt,
            Sequence = Sequence,
        };
    }
}
