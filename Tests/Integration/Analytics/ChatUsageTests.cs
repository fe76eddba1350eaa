using MemoryMesh.Chat.Storage;
using MemoryMesh.Contracts.Analytics;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.ServiceDefaults.Usage;
using MemoryMesh.Tests.Integration.Chat;
using MemoryMesh.Tests.Integration.Storage;

namespace MemoryMesh.Tests.Integration.Analytics;

/// <summary>The counters of Chat, compared with counting the messages.</summary>
[TestFixtureSource(typeof(ChatEngines), nameof(ChatEngines.All))]
public class ChatUsageTests(StoreEngine engine)
{
    private static readonly DateTimeOffset Start = RandomMessages.Start;
    private readonly Guid _tenant = Guid.CreateVersion7();
    private readonly Random _random = new(5);
    private ChatServices _chat = null!;
    private RandomMessages _messages = null!;

    [SetUp]
    public void Open()
    {
        _chat = new ChatServices(engine);
        _messages = new RandomMessages(_chat.Names);
    }

    [TearDown]
    public async Task CloseAsync()
    {
        if (_chat is not null)
        {
            await _chat.DisposeAsync();
        }
    }

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
        var deleted = (await UsageAsync([0, today + 8])).Intervals[0].Deleted;
        Assert.That(deleted, Is.EqualTo(200 - (await _chat.Engine.CountAsync(_tenant)).Messages));
        Assert.That((await UsageAsync([0, today + 8])).Intervals[0].Created.Total, Is.EqualTo(200), "what was created stays counted");
    }

    [Test]
    public async Task A_write_that_is_undone_counts_nothing()
    {
        await FillAsync(10, subjects: 2);
        var outOfReach = new ConversationReach(_tenant, Guid.NewGuid());
        var message = _messages.Make(0, 0, _tenant);
        var outcome = await _chat.Get<IConversationStore>().AddMessagesAsync([(message, outOfReach)], null, default);
        Assert.That(outcome.Outcome, Is.EqualTo((AddStatus[])[AddStatus.OutOfReach]));

        // A message of an id that is there breaks the unique index, and only the one write.
        var good = _messages.Make(1, 1, _tenant);
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
        var counted = _chat.Engine.Usage(_chat.Get<IConversationStore>());
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

    private async Task CheckTotalsAsync()
    {
        var usage = await UsageAsync([0, UsageBuckets.QuarterOf(DateTimeOffset.UtcNow) + 8]);
        var stored = await _chat.Engine.CountAsync(_tenant);
        Assert.Multiple(() =>
        {
            Assert.That(usage.Bytes, Is.EqualTo(stored.Bytes));
            Assert.That(usage.BytesBefore + usage.Intervals.Sum(interval => interval.BytesAdded), Is.EqualTo(stored.Bytes));
            Assert.That(usage.Messages, Is.EqualTo(stored.Messages));
            Assert.That(usage.Conversations, Is.EqualTo(stored.Conversations));
            Assert.That(stored.WrongTokens, Is.Zero);
        });
    }

    private Task<ChatUsage> UsageAsync(IReadOnlyList<long> boundaries) => _chat.Get<IChatUsage>().GetUsageAsync(new UsageQuery(_tenant, boundaries), default);

    private async Task<List<MessageRecord>> FillAsync(int count, int subjects, int conversations = 12, Guid? tenant = null)
    {
        var messages = _messages.Make(count, subjects, conversations, tenant ?? _tenant);
        await Task.WhenAll(messages.Chunk(70).Select(chunk => _chat.Get<IConversationStore>().AddMessagesAsync(
            [.. chunk.Select(message => (message, new ConversationReach(message.TenantId, null)))], null, default)));
        return messages;
    }
}
