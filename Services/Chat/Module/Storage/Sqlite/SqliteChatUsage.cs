using MemoryMesh.Contracts.Analytics;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Usage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Chat.Storage.Sqlite;

/// <summary>Reads the counters of the embedded store.</summary>
internal sealed class SqliteChatUsage([FromKeyedServices(ChatModule.Name)] ModuleDatabase database, IConversationStore store) : IChatUsage
{
    /// <summary>Up to so many messages of a time are grouped in the order of time, which sorts them; more are read in the order of conversations.</summary>
    private const long MostSorted = 200_000;

    /// <summary>So many conversations are looked at from the largest down; when the best cannot be told by then, the messages of the time are counted.</summary>
    private const int MostCandidates = 2_000;

    private const int CandidatesAtATime = 100;

    private static readonly string ReadSql = UsageIntervals.ReadSql("message_usage", MessageUsageWork.Columns);

    private static readonly string ActivitySql = UsageIntervals.ReadSql("subject_activity", "chunk", "subjects");

    /// <summary>With no more messages than this in the time, they are counted one by one.</summary>
    internal long FewMessages { get; init; } = 20_000;

    public Task<ChatUsage> GetUsageAsync(UsageQuery query, CancellationToken cancellationToken)
    {
        var intervals = new UsageIntervals(query.Boundaries, UsageBuckets.FineLevels);
        return database.Data.ReadAsync(
            session =>
            {
                var sums = intervals.Sum(session, query.TenantId, ReadSql, MessageUsageWork.Columns.Count);
                var active = ReadActivity(session, query);
                var all = new SubjectSet();
                Array.ForEach(active, all.Add);
                var (messages, bytes) = session.QueryFirst(
                    """
                    SELECT user_messages + assistant_messages + system_messages + tool_messages - deleted, bytes FROM message_usage
                    WHERE tenant_id = $1 AND level = $2 AND bucket = 0
                    """,
                    row => (row.Int64(0), row.Int64(1)),
                    query.TenantId,
                    UsageLevel.Ever);
                return new ChatUsage(
                    [.. Enumerable.Range(0, intervals.Count).Select(i => ToUsage(sums[i], active[i].Count))],
                    all.Count,
                    sums[^1][MessageUsageWork.Bytes],
                    messages,
                    session.QueryFirst("SELECT conversations FROM conversation_counts WHERE tenant_id = $1", row => row.Int64(0), query.TenantId),
                    bytes);
            },
            cancellationToken);
    }

    public async Task<IReadOnlyList<ConversationUsage>> ListTopConversationsAsync(TopConversationsQuery query, CancellationToken cancellationToken)
    {
        var top = await database.Data.ReadAsync(
            session => CountMessages(session, query) is var count && count <= FewMessages
                ? CountAll(session, query, count)
                : CountLargest(session, query) ?? CountAll(session, query, count),
            cancellationToken);
        var found = new List<ConversationUsage>(top.Count);
        foreach (var item in top)
        {
            if (await store.FindConversationAsync(new ConversationReach(query.TenantId, null), item.ConversationKey, cancellationToken) is { } conversation)
            {
                found.Add(new ConversationUsage(
                    conversation.ConversationId, conversation.UserId, conversation.Title, item.Messages, item.Tokens, conversation.LastMessageAt));
            }
        }

        return found;
    }

    private static MessageUsage ToUsage(long[] sums, long activeSubjects)
        => new(new RoleCounts(sums[0], sums[1], sums[2], sums[3]), new RoleCounts(sums[4], sums[5], sums[6], sums[7]), sums[8], activeSubjects, sums[9]);

    private static SubjectSet[] ReadActivity(SqliteSession session, UsageQuery query)
    {
        var intervals = new UsageIntervals(query.Boundaries, UsageBuckets.Levels);
        var active = Enumerable.Range(0, intervals.Count).Select(_ => new SubjectSet()).ToArray();
        intervals.Read(session, query.TenantId, ActivitySql, (interval, row) =>
        {
            if (interval >= 0)
            {
                active[interval].Add(row.Int32(1), row.Span(2));
            }
        });
        return active;
    }

    /// <summary>About how many messages the time has: those of all its quarter hours.</summary>
    private static long CountMessages(SqliteSession session, TopConversationsQuery query)
    {
        var intervals = new UsageIntervals([UsageBuckets.QuarterOf(query.From), UsageBuckets.QuarterOf(query.Before) + 1], UsageBuckets.FineLevels);
        return intervals.Sum(session, query.TenantId, ReadSql, MessageUsageWork.Columns.Count)[0].Take(MessageRoles.All.Count).Sum();
    }

    /// <summary>Counts every message of the time, by an index that holds all that is needed.</summary>
    private static List<SizedConversation> CountAll(SqliteSession session, TopConversationsQuery query, long count)
        => session.Query(
            $"""
            SELECT conversation_key, count(*), sum(tokens) FROM messages INDEXED BY {(count <= MostSorted ? "messages_age" : "messages_order")}
            WHERE tenant_id = $1 AND created_at >= $2 AND created_at < $3
            GROUP BY conversation_key
            ORDER BY CASE WHEN $4 THEN sum(tokens) ELSE count(*) END DESC, conversation_key DESC LIMIT $5
            """,
            SizedConversation.Read,
            query.TenantId,
            query.From,
            query.Before,
            query.ByTokens,
            query.Limit);

    /// <summary>
    /// Goes from the largest conversation down and counts what each has in the time: it ends where a whole conversation is no larger than the last of
    /// the best. Null when that is not so soon enough.
    /// </summary>
    private static List<SizedConversation>? CountLargest(SqliteSession session, TopConversationsQuery query)
    {
        var column = query.ByTokens ? "token_count" : "message_count";
        var best = new List<SizedConversation>();
        var (size, key) = (long.MaxValue, Guid.AllBitsSet);
        for (var seen = 0; seen < MostCandidates; seen += CandidatesAtATime)
        {
            var candidates = session.Query(
                $"""
                SELECT conversation_key, {column} FROM conversations
                WHERE tenant_id = $1 AND ({column}, conversation_key) < ($2, $3) ORDER BY {column} DESC, conversation_key DESC LIMIT {CandidatesAtATime}
                """,
                row => (Key: row.Id(0), Size: row.Int64(1)),
                query.TenantId,
                size,
                key);
            foreach (var candidate in candidates)
            {
                if (best.Count == query.Limit && candidate.Size <= best[^1].SizeBy(query))
                {
                    return best;
                }

                var sized = session.QueryFirst(
                    """
                    SELECT $2, count(*), coalesce(sum(tokens), 0) FROM messages
                    WHERE tenant_id = $1 AND conversation_key = $2 AND created_at >= $3 AND created_at < $4
                    """,
                    SizedConversation.Read,
                    query.TenantId,
                    candidate.Key,
                    query.From,
                    query.Before);
                if (sized.Messages > 0)
                {
                    best.Add(sized);
                    best.Sort((a, b) => a.SizeBy(query) != b.SizeBy(query)
                        ? b.SizeBy(query).CompareTo(a.SizeBy(query))
                        : b.ConversationKey.CompareTo(a.ConversationKey));
                    if (best.Count > query.Limit)
                    {
                        best.RemoveAt(query.Limit);
                    }
                }
            }

            if (candidates.Count < CandidatesAtATime)
            {
                return best;
            }

            (key, size) = candidates[^1];
        }

        return null;
    }

    private readonly record struct SizedConversation(Guid ConversationKey, long Messages, long Tokens)
    {
        public static SizedConversation Read(SqliteRow row) => new(row.Id(0), row.Int64(1), row.Int64(2));

        public long SizeBy(TopConversationsQuery query) => query.ByTokens ? Tokens : Messages;
    }
}
