using System.Runtime.InteropServices;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Usage;

namespace MemoryMesh.Chat.Storage.Sqlite;

/// <summary>Counts the messages that a commit adds, and the subjects they are about.</summary>
/// <remarks>Together with the messages, so that the counters are right after a crash too; and once for the whole commit, so that they cost little.</remarks>
internal sealed class MessageUsageWork : CommitWork
{
    /// <summary>Columns that are counted, in the order of the roles' codes: messages, tokens; then bytes.</summary>
    public static readonly IReadOnlyList<string> Columns =
    [
        .. MessageRoles.All.Select(role => $"{role}_messages"), .. MessageRoles.All.Select(role => $"{role}_tokens"), "deleted", "bytes",
    ];

    /// <summary>Place of the bytes in <see cref="Columns"/>.</summary>
    public static readonly int Bytes = Columns.Count - 1;

    private static readonly string AddSql = $"""
        INSERT INTO message_usage (tenant_id, level, bucket, {string.Join(", ", Columns)})
        VALUES ($1, $2, $3, {string.Join(", ", Columns.Select((_, i) => $"${i + 4}"))})
        ON CONFLICT (tenant_id, level, bucket) DO UPDATE SET {string.Join(", ", Columns.Select(column => $"{column} = {column} + excluded.{column}"))}
        """;

    private readonly Dictionary<(Guid TenantId, long Quarter), long[]> _kept = [];
    private readonly HashSet<(Guid TenantId, Guid SubjectKey, long Quarter)> _active = [];
    private readonly List<(MessageRecord Message, int Tokens, long Bytes, DateTimeOffset Now)> _added = [];
    private readonly List<(Guid TenantId, Guid SubjectKey)> _erased = [];
    private readonly List<(Guid TenantId, Guid SubjectKey)> _forgotten = [];

    /// <summary>Adds a message.</summary>
    public void Add(MessageRecord message, int tokens, long bytes, DateTimeOffset now) => _added.Add((message, tokens, bytes, now));

    /// <summary>Forgets whose activity it was that is counted for a subject, this commit's too.</summary>
    public void Forget(Guid tenantId, Guid subjectKey) => _erased.Add((tenantId, subjectKey));

    public override void Keep()
    {
        _forgotten.AddRange(_erased);
        _erased.Clear();
        foreach (var (message, tokens, bytes, now) in _added)
        {
            var quarter = UsageBuckets.QuarterOf(message.CreatedAt);
            var counts = CountsOf(message.TenantId, quarter);
            var role = MessageRoles.CodeOf(message.Role) - 1;
            counts[role]++;
            counts[MessageRoles.All.Count + role] += tokens;
            CountsOf(message.TenantId, UsageBuckets.QuarterOf(now))[Bytes] += bytes;
            _active.Add((message.TenantId, message.SubjectKey, quarter));
        }

        _added.Clear();
    }

    public override void Drop()
    {
        _added.Clear();
        _erased.Clear();
    }

    public override void Write(SqliteSession session)
    {
        if (_kept.Count == 0 && _forgotten.Count == 0)
        {
            return;
        }

        foreach (var level in UsageBuckets.FineLevels)
        {
            foreach (var bucket in _kept.GroupBy(item => (item.Key.TenantId, Bucket: UsageBuckets.BucketOf(level, item.Key.Quarter)), item => item.Value))
            {
                object?[] values = [bucket.Key.TenantId, level, bucket.Key.Bucket, .. Enumerable.Range(0, Columns.Count).Select(i => (object)bucket.Sum(counts => counts[i]))];
                session.Execute(AddSql, values);
            }
        }

        foreach (var tenant in _active.GroupBy(item => item.TenantId))
        {
            WriteActivity(session, tenant.Key, tenant);
        }

        foreach (var (tenantId, subjectKey) in _forgotten)
        {
            session.Execute(
                "UPDATE usage_subjects SET subject_key = randomblob(16) WHERE tenant_id = $1 AND subject_key = $2", tenantId, subjectKey);
        }

        _kept.Clear();
        _active.Clear();
        _forgotten.Clear();
    }

    private static void WriteActivity(SqliteSession session, Guid tenantId, IEnumerable<(Guid TenantId, Guid SubjectKey, long Quarter)> active)
    {
        var numbers = new Dictionary<Guid, int>();
        var changed = new List<(int Number, long Quarter)>();
        foreach (var chunk in active.Select(item => (item.Quarter, Number: NumberOf(item.SubjectKey))).GroupBy(item => (item.Quarter, Chunk: item.Number / SubjectSet.ChunkSize)))
        {
            // A subject that is in the quarter hour is in its hour and day.
            if (AddSubjects(session, tenantId, UsageLevel.Quarter, chunk.Key.Quarter, chunk.Key.Chunk, [.. chunk.Select(item => item.Number)]))
            {
                changed.AddRange(chunk.Select(item => (item.Number, item.Quarter)));
            }
        }

        foreach (var level in (UsageLevel[])[UsageLevel.Hour, UsageLevel.Day])
        {
            foreach (var chunk in changed.GroupBy(item => (Bucket: UsageBuckets.BucketOf(level, item.Quarter), Chunk: item.Number / SubjectSet.ChunkSize)))
            {
                AddSubjects(session, tenantId, level, chunk.Key.Bucket, chunk.Key.Chunk, [.. chunk.Select(item => item.Number)]);
            }
        }

        int NumberOf(Guid subjectKey)
        {
            ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, subjectKey, out var known);
            if (!known)
            {
                number = session.QueryFirst(
                    "SELECT number FROM usage_subjects WHERE tenant_id = $1 AND subject_key = $2", row => (int?)row.Int32(0), tenantId, subjectKey)
                    ?? session.QueryFirst(
                        """
                        INSERT INTO usage_subjects (tenant_id, subject_key, number)
                        SELECT $1, $2, coalesce(max(number), -1) + 1 FROM usage_subjects WHERE tenant_id = $1 RETURNING number
                        """,
                        row => row.Int32(0),
                        tenantId,
                        subjectKey);
            }

            return number;
        }
    }

    private static bool AddSubjects(SqliteSession session, Guid tenantId, UsageLevel level, long bucket, int chunk, IReadOnlyList<int> numbers)
    {
        var stored = session.QueryFirst(
            "SELECT subjects FROM subject_activity WHERE tenant_id = $1 AND level = $2 AND bucket = $3 AND chunk = $4", row => row.Bytes(0), tenantId, level, bucket, chunk);
        if (SubjectSet.With(stored, numbers.Select(number => number % SubjectSet.ChunkSize)) is not { } subjects)
        {
            return false;
        }

        session.Execute(
            """
            INSERT INTO subject_activity (tenant_id, level, bucket, chunk, subjects) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (tenant_id, level, bucket, chunk) DO UPDATE SET subjects = excluded.subjects
            """,
            tenantId,
            level,
            bucket,
            chunk,
            subjects);
        return true;
    }

    private long[] CountsOf(Guid tenantId, long quarter)
    {
        ref var counts = ref CollectionsMarshal.GetValueRefOrAddDefault(_kept, (tenantId, quarter), out _);
        return counts ??= new long[Columns.Count];
    }
}
