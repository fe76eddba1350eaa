using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Chat.Storage.Sqlite;

/// <content>What concerns exports and imports.</content>
internal sealed partial class SqliteConversationStore
{
    public async Task<ConversationsByKey> ListConversationsByKeyAsync(
        ConversationReach reach, Guid? after, int limit, CancellationToken cancellationToken)
    {
        const string OfAll = "WHERE tenant_id = $1 AND conversation_key > $2 ORDER BY conversation_key LIMIT $3";
        const string OfSubject =
            "INDEXED BY conversations_subject WHERE tenant_id = $1 AND conversation_key > $2 AND subject_key = $4 ORDER BY conversation_key LIMIT $3";
        var from = after ?? Guid.Empty;
        var rows = await database.Data.ReadAsync(
            session => reach.SubjectKey is { } subject
                ? session.Query(SealedConversation.Select + OfSubject, SealedConversation.Read, reach.TenantId, from, limit + 1, subject)
                : session.Query(SealedConversation.Select + OfAll, SealedConversation.Read, reach.TenantId, from, limit + 1),
            cancellationToken);
        var more = rows.Count > limit;
        if (more)
        {
            rows.RemoveAt(limit);
        }

        return new ConversationsByKey(await OpenAsync(rows, cancellationToken), more ? rows[^1].ConversationKey : null);
    }

    public async Task<(IReadOnlyList<MessageRecord> Messages, long? Next)> ListMessagesElsewhereAsync(
        Guid tenantId, Guid subjectKey, long after, int limit, CancellationToken cancellationToken)
    {
        var rows = await database.Data.ReadAsync(
            session => session.Query(
                SealedMessage.Select + "WHERE m.tenant_id = $1 AND m.subject_key = $2 AND m.seq > $3 AND c.subject_key <> $2 ORDER BY m.seq LIMIT $4",
                SealedMessage.Read,
                tenantId,
                subjectKey,
                after,
                limit),
            cancellationToken);
        return (await OpenAsync(tenantId, rows, cancellationToken), rows.Count == limit ? rows[^1].Sequence : null);
    }

    public Task<long> CountMessagesAsync(ConversationReach reach, CancellationToken cancellationToken)
        => database.Data.ReadAsync(
            session => session.Scalar(
                "SELECT sum(message_count) FROM conversations WHERE tenant_id = $1 AND ($2 IS NULL OR subject_key = $2)", reach.TenantId, reach.SubjectKey),
            cancellationToken);

    public Task<IReadOnlyList<Guid>> FindKnownAsync(ConversationReach reach, IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
        => database.Data.ReadAsync<IReadOnlyList<Guid>>(
            session =>
            [
                .. messageIds.Where(id => session.Scalar(
                    """
                    SELECT 1 FROM messages m JOIN conversations c ON c.tenant_id = m.tenant_id AND c.conversation_key = m.conversation_key
                    WHERE m.id = $1 AND m.tenant_id = $2 AND ($3 IS NULL OR c.subject_key = $3)
                    """,
                    id,
                    reach.TenantId,
                    reach.SubjectKey) == 1),
            ],
            cancellationToken);

    public async Task<ImportStatuses> ImportAsync(
        ConversationReach reach,
        IReadOnlyList<ConversationRecord> conversations,
        IReadOnlyList<ImportedMessage> messages,
        bool dryRun,
        CancellationToken cancellationToken)
    {
        if (dryRun)
        {
            return await database.Data.ReadAsync(
                session => new ImportStatuses([.. conversations.Select(conversation => Judge(session, reach, conversation))], Judge(session, reach, messages)),
                cancellationToken);
        }

        var keys = new List<DataKey>(conversations.Count);
        foreach (var conversation in conversations)
        {
            keys.Add(await database.Keys.GetOrCreateAsync(conversation.TenantId, conversation.SubjectKey, cancellationToken));
        }

        var groups = await ConversationGroup.CreateAsync(database.Keys, [.. messages.Select(message => (message.Message, reach))], imported: true, cancellationToken);
        return await database.Data.WriteAsync(
            session =>
            {
                var added = new AddConversationStatus[conversations.Count];
                for (var i = 0; i < added.Length; i++)
                {
                    added[i] = InsertConversation(session, conversations[i], keys[i]) ? AddConversationStatus.Added : Judge(session, reach, conversations[i]);
                }

                var statuses = Judge(session, reach, messages);
                var now = clock.GetUtcNow();
                foreach (var group in groups)
                {
                    for (var i = 0; i < group.Messages.Count; i++)
                    {
                        var row = group.Messages[i];
                        if (messages[row.Index].SourceReplyTo is { } original && IsThere(session, reach.TenantId, row.Message.ConversationKey, original))
                        {
                            group.Messages[i] = row with { Message = row.Message with { ReplyTo = original } };
                        }
                    }

                    AddGroup(session, group, statuses, now);
                }

                return new ImportStatuses(added, statuses);
            },
            cancellationToken);
    }

    private static AddConversationStatus Judge(SqliteSession session, ConversationReach reach, ConversationRecord conversation)
        => OwnerOf(session, reach.TenantId, conversation.ConversationKey) is not { } owner ? AddConversationStatus.Added
            : reach.SubjectKey is null || reach.SubjectKey == owner ? AddConversationStatus.Exists
            : AddConversationStatus.OutOfReach;

    /// <summary>What is to become of messages, before any of them is stored.</summary>
    private static AddStatus[] Judge(SqliteSession session, ConversationReach reach, IReadOnlyList<ImportedMessage> messages)
    {
        var seen = new HashSet<Guid>();
        var statuses = new AddStatus[messages.Count];
        for (var i = 0; i < statuses.Length; i++)
        {
            var (message, sourceId, _) = messages[i];

            // First whether it is within reach: what is in another subject's conversation is not told.
            statuses[i] = reach.SubjectKey is { } subject
                && OwnerOf(session, reach.TenantId, message.ConversationKey) is { } owner && owner != subject ? AddStatus.OutOfReach
                : !seen.Add(message.Id)
                    || session.Scalar("SELECT 1 FROM messages WHERE id = $1 AND tenant_id = $2", message.Id, reach.TenantId) == 1
                    || (sourceId is { } original && IsThere(session, reach.TenantId, message.ConversationKey, original)) ? AddStatus.Exists
                : AddStatus.Added;
        }

        return statuses;
    }

    private static Guid? OwnerOf(SqliteSession session, Guid tenantId, Guid conversationKey)
        => session.QueryFirst(
            "SELECT subject_key FROM conversations WHERE tenant_id = $1 AND conversation_key = $2", row => (Guid?)row.Id(0), tenantId, conversationKey);

    private static bool IsThere(SqliteSession session, Guid tenantId, Guid conversationKey, Guid messageId)
        => session.Scalar(
            "SELECT 1 FROM messages WHERE id = $1 AND tenant_id = $2 AND conversation_key = $3", messageId, tenantId, conversationKey) == 1;
}
