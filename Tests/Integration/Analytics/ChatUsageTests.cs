using System.Security.Cryptography;
using MemoryMesh.Chat.Storage;
using MemoryMesh.Chat.Storage.Sqlite;
using MemoryMesh.Contracts.Analytics;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Usage;
using MemoryMesh.Tests.Integration.Chat;
using Microsoft.Extensions.Logging.Abstractions;

namespace MemoryMesh.Tests.Integration.Analytics;

/// <summary>The counters of Chat, compared with counting the messages.</summary>
public class ChatUsageTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly Guid _tenant = Guid.CreateVersion7();
    private readonly Random _random = new(5);
    private ChatServices _chat = null!;

    [SetUp]
    public void Open() => _chat = new ChatServices();

    [TearDown]
    public async Task CloseAsync() => await _chat.DisposeAsync();

    [Test]
    public async Task Counters_are_what_counting_would_give()
    {
        var messages = await FillAsync(3_000, subjects: 40);
        await FillAsync(50, subjects: 3, tenant: Guid.CreateVersion7());
        foreach (var length in new[] { 1, 3, 4, 7, 96, 97, 700 })
        {
            var boundaries = new List<long> { UsageBuckets.QuarterOf(Start) + _random.Next(200) };
            while (boundaries.Count < 40)
            {
                boundaries.Add(boundaries[^1] + length);
            }

            var usage = await UsageAsync([.. boundaries]);
            for (var i = 0; i + 1 < boundaries.Count; i++)
            {
                var inside = messages.Where(message => UsageBuckets.QuarterOf(message.CreatedAt) is var quarter && quarter >= boundaries[i] && quarter < boundaries[i + 1]).ToList();
                long Count(string role) => inside.Count(message => message.Role == role);
                long Tokens(string role) => inside.Where(message => message.Role == role).Sum(message => (long)ServiceDefaults.Text.TokenEstimate.Count(message.Content));
                var interval = usage.Intervals[i];
                Assert.That(interval.Created, Is.EqualTo(new RoleCounts(Count("user"), Count("assistant"), Count("system"), Count("tool"))), $"{length} {i}");
                Assert.That(interval.Tokens, Is.EqualTo(new RoleCounts(Tokens("user"), Tokens("assistant"), Tokens("system"), Tokens("tool"))));
                Assert.That(interval.ActiveSubjects, Is.EqualTo(inside.Select(message => message.SubjectKey).Distinct().Count()));
            }

            var all = messages.Where(message => UsageBuckets.QuarterOf(message.CreatedAt) is var quarter && quarter >= boundaries[0] && quarter < boundaries[^1]);
            Assert.That(usage.ActiveSubjects, Is.EqualTo(all.Select(message => message.SubjectKey).Distinct().Count()));
        }
    }

    [Test]
    public async Task Bytes_and_totals_follow_changes_and_deletions_in_every_way()
    {
        var messages = await FillAsync(200, subjects: 4);
        await CheckTotalsAsync();
        var store = _chat.Get<IConversationStore>();
        var reach = new ConversationReach(_tenant, null);
        await store.UpdateMessagesAsync([messages[0] with { Content = new string('x', 5_000), Version = 2 }, messages[1] with { Content = "y", Version = 2 }], default);
        await CheckTotalsAsync();
        await store.DeleteMessagesAsync([messages[0], messages[5], messages[6]], sameVersion: false, default);
        await CheckTotalsAsync();
        await store.DeleteConversationAsync(reach, messages[20].ConversationKey, null, false, default);
        await CheckTotalsAsync();
        await store.ApplyRetentionAsync(new RetentionOrder { TenantId = _tenant, CreatedBefore = Start.AddDays(8), Archive = true, BatchSize = 20 }, default);
        await store.ApplyRetentionAsync(new RetentionOrder { TenantId = _tenant, CreatedBefore = Start.AddDays(9), Archive = false, BatchSize = 50 }, default);
        await CheckTotalsAsync();
        var today = UsageBuckets.QuarterOf(DateTimeOffset.UtcNow);
        var stored = await store.CountByRoleAsync(reach, messages[100].ConversationKey, default);
        Assert.That(stored, Is.Not.Null);
        var deleted = (await UsageAsync([today - 8, today + 8])).Intervals[0].Deleted;
        Assert.That(deleted, Is.EqualTo(200 - await ScalarAsync("SELECT count(*) FROM messages")));
        Assert.That((await UsageAsync([0, today + 8])).Intervals[0].Created.Total, Is.EqualTo(200), "what was created stays counted");
    }

    [Test]
    public async Task A_write_that_is_undone_counts_nothing()
    {
        await FillAsync(10, subjects: 2);
        var outOfReach = new ConversationReach(_tenant, Guid.NewGuid());
        var message = Message(0, 0, _tenant);
        var outcome = await _chat.Get<IConversationStore>().AddMessagesAsync([(message, outOfReach)], null, default);
        Assert.That(outcome.Outcome, Is.EqualTo((AddStatus[])[AddStatus.OutOfReach]));

        // A message of an id that is there breaks the unique index, and only the one write.
        var good = Message(1, 1, _tenant);
        var twice = _chat.Get<IConversationStore>().AddMessagesAsync([(good, new(_tenant, null)), (good, new(_tenant, null))], null, default);
        Assert.That(async () => await twice, Throws.Exception);
        await CheckTotalsAsync();
        Assert.That((await UsageAsync([0, UsageBuckets.QuarterOf(DateTimeOffset.UtcNow) + 8])).Intervals[0].Created.Total, Is.EqualTo(10));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task The_largest_conversations_are_what_counting_would_give(bool byTokens)
    {
        var messages = await FillAsync(8_000, subjects: 5, conversations: 300);
        var counted = new SqliteChatUsage(_chat.Database, _chat.Get<IConversationStore>()) { FewMessages = 1_000 };
        foreach (var (from, before) in new[] { (0.0, 30.0), (3, 4), (0, 20), (10, 10.02), (25, 60) })
        {
            var query = new TopConversationsQuery { TenantId = _tenant, From = Start.AddDays(from), Before = Start.AddDays(before), ByTokens = byTokens, Limit = 7 };
            var top = await counted.ListTopConversationsAsync(query, default);
            var sizes = messages.Where(message => message.CreatedAt >= query.From && message.CreatedAt < query.Before)
                .GroupBy(message => message.ConversationId)
                .ToDictionary(group => group.Key, group => (Messages: group.LongCount(), Tokens: group.Sum(message => (long)ServiceDefaults.Text.TokenEstimate.Count(message.Content))));
            var expected = sizes.Values.Select(size => byTokens ? size.Tokens : size.Messages).OrderDescending().Take(7);
            Assert.That(top.Select(item => byTokens ? item.Tokens : item.Messages), Is.EqualTo(expected), $"{from} {before}");
            Assert.That(top.All(item => sizes[item.ConversationId] == (item.Messages, item.Tokens)), Is.True);
        }
    }

    [Test]
    public async Task What_was_stored_before_is_counted_by_the_migration()
    {
        var folder = Directory.CreateTempSubdirectory("memorymesh-usage-");
        try
        {
            var ring = new KeyRing(RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
            var migrations = Migration.FromResources(typeof(MemoryMesh.Chat.ChatModule).Assembly, "MemoryMesh.Chat.Migrations.");
            ModuleDatabase Open(IEnumerable<Migration> known) => new("chat", [.. known], folder.FullName, ring, NullLoggerFactory.Instance);
            var messages = Enumerable.Range(0, 2_000).Select(_ => Message(_random.Next(5_000), _random.Next(9), _tenant)).ToList();
            await using (var old = Open(migrations.Where(migration => string.CompareOrdinal(migration.Name, "0011") < 0)))
            {
                await old.Data.WriteAsync(session => messages.ForEach(message => InsertOld(session, message)), default);
            }

            await using var database = Open(migrations);
            var usage = new SqliteChatUsage(database, _chat.Get<IConversationStore>());
            var boundaries = Enumerable.Range(0, 60).Select(i => UsageBuckets.QuarterOf(Start) + (i * 50L)).ToList();
            var counted = await usage.GetUsageAsync(new UsageQuery(_tenant, boundaries), default);
            for (var i = 0; i + 1 < boundaries.Count; i++)
            {
                var inside = messages.Where(message => UsageBuckets.QuarterOf(message.CreatedAt) is var quarter && quarter >= boundaries[i] && quarter < boundaries[i + 1]).ToList();
                Assert.That(counted.Intervals[i].Created.User, Is.EqualTo(inside.Count(message => message.Role == "user")));
                Assert.That(counted.Intervals[i].Tokens.Total, Is.EqualTo(inside.Sum(message => message.Content.Length)));
                Assert.That(counted.Intervals[i].ActiveSubjects, Is.EqualTo(inside.Select(message => message.SubjectKey).Distinct().Count()));
            }

            Assert.That((counted.Messages, counted.Bytes), Is.EqualTo((2_000L, messages.Sum(message => (long)message.Content.Length + 1))));
            var tokens = await database.Data.ReadAsync(session => session.Scalar("SELECT sum(token_count) FROM conversations"), default);
            Assert.That(tokens, Is.EqualTo(messages.Sum(message => message.Content.Length)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void InsertOld(SqliteSession session, MessageRecord message)
    {
        session.Execute(
            """
            INSERT INTO messages (id, tenant_id, conversation_key, subject_key, role, extract_memory, archived, tokens, version, text_version, created_at, updated_at,
                user_id, content)
            VALUES ($1, $2, $3, $4, $5, 0, 0, $6, 1, 1, $7, $7, $8, $9)
            """,
            message.Id,
            message.TenantId,
            message.ConversationKey,
            message.SubjectKey,
            MemoryMesh.Chat.MessageRoles.CodeOf(message.Role),
            message.Content.Length,
            message.CreatedAt,
            new byte[1],
            new byte[message.Content.Length]);
        session.Execute(
            """
            INSERT INTO conversations (tenant_id, conversation_key, subject_key, version, message_count, created_at, activity_at, name, user_id)
            VALUES ($1, $2, $3, 1, 1, 0, 0, $4, $4) ON CONFLICT DO UPDATE SET message_count = message_count + 1
            """,
            message.TenantId,
            message.ConversationKey,
            message.SubjectKey,
            new byte[1]);
    }

    private async Task CheckTotalsAsync()
    {
        var usage = await UsageAsync([0, UsageBuckets.QuarterOf(DateTimeOffset.UtcNow) + 8]);
        var bytes = await ScalarAsync("SELECT sum(length(content) + coalesce(length(metadata), 0) + length(user_id)) FROM messages");
        Assert.Multiple(async () =>
        {
            Assert.That(usage.Bytes, Is.EqualTo(bytes));
            Assert.That(usage.BytesBefore + usage.Intervals.Sum(interval => interval.BytesAdded), Is.EqualTo(bytes));
            Assert.That(usage.Messages, Is.EqualTo(await ScalarAsync("SELECT count(*) FROM messages")));
            Assert.That(usage.Conversations, Is.EqualTo(await ScalarAsync("SELECT count(*) FROM conversations")));
            Assert.That(
                await ScalarAsync(
                    """
                    SELECT count(*) FROM conversations c WHERE token_count <>
                        (SELECT coalesce(sum(tokens), 0) FROM messages m WHERE m.tenant_id = c.tenant_id AND m.conversation_key = c.conversation_key)
                    """),
                Is.Zero);
        });
    }

    private Task<long> ScalarAsync(string sql) => _chat.Database.Data.ReadAsync(session => session.Scalar(sql), default);

    private Task<ChatUsage> UsageAsync(IReadOnlyList<long> boundaries) => _chat.Get<IChatUsage>().GetUsageAsync(new UsageQuery(_tenant, boundaries), default);

    private async Task<List<MessageRecord>> FillAsync(int count, int subjects, int conversations = 12, Guid? tenant = null)
    {
        var messages = Enumerable.Range(0, count).Select(_ => Message(_random.Next(subjects), _random.Next(conversations), tenant ?? _tenant)).ToList();
        await Task.WhenAll(messages.Chunk(70).Select(chunk => _chat.Get<IConversationStore>().AddMessagesAsync(
            [.. chunk.Select(message => (message, new ConversationReach(message.TenantId, null)))], null, default)));
        return messages;
    }

    private MessageRecord Message(int subject, int conversation, Guid tenant) => new()
    {
        Id = Guid.CreateVersion7(),
        TenantId = tenant,
        ConversationKey = _chat.Names.ConversationKey(tenant, $"c{conversation}"),
        ConversationId = $"c{conversation}",
        SubjectKey = _chat.Names.SubjectKey(tenant, $"u{subject}"),
        UserId = $"u{subject}",
        Role = ((string[])["user", "assistant", "system", "tool"])[_random.Next(4)],
        Content = new string('x', _random.Next(1, 200)),
        MetadataJson = _random.Next(2) == 0 ? null : """{"a":1}""",
        ExtractMemory = false,
        Version = 1,
        CreatedAt = Start.AddSeconds(_random.Next(30 * 86_400)),
        UpdatedAt = Start,
    };
}
