using System.Security.Cryptography;
using MemoryMesh.Chat.Storage;
using MemoryMesh.Chat.Storage.Sqlite;
using MemoryMesh.Contracts.Analytics;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Usage;
using MemoryMesh.Tests.Integration.Chat;
using Microsoft.Extensions.Logging.Abstractions;

namespace MemoryMesh.Tests.Integration.Analytics;

/// <summary>The counters of Chat in a file of before they were there.</summary>
public class ChatUsageMigrationTests
{
    private readonly Guid _tenant = Guid.CreateVersion7();
    private ChatServices _chat = null!;

    [SetUp]
    public void Open() => _chat = new ChatServices();

    [TearDown]
    public async Task CloseAsync() => await _chat.DisposeAsync();

    [Test]
    public async Task What_was_stored_before_is_counted_by_the_migration()
    {
        var folder = Directory.CreateTempSubdirectory("memorymesh-usage-");
        try
        {
            var ring = new KeyRing(RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
            var migrations = Migration.FromResources(typeof(MemoryMesh.Chat.ChatModule).Assembly, "MemoryMesh.Chat.Migrations.");
            ModuleDatabase Open(IEnumerable<Migration> known) => new("chat", [.. known], folder.FullName, ring, NullLoggerFactory.Instance);
            var messages = new RandomMessages(_chat.Names).Make(2_000, subjects: 5_000, conversations: 9, _tenant);
            await using (var old = Open(migrations.Where(migration => string.CompareOrdinal(migration.Name, "0011") < 0)))
            {
                await old.Data.WriteAsync(session => messages.ForEach(message => InsertOld(session, message)), default);
            }

            await using var database = Open(migrations);
            var usage = new SqliteChatUsage(database, _chat.Get<IConversationStore>());
            var boundaries = Enumerable.Range(0, 60).Select(i => UsageBuckets.QuarterOf(RandomMessages.Start) + (i * 50L)).ToList();
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
}
