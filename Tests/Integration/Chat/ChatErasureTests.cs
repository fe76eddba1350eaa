using MemoryMesh.Chat.Endpoints;
using MemoryMesh.Chat.Features;
using MemoryMesh.Chat.Storage;
using MemoryMesh.Chat.Storage.Sqlite;
using MemoryMesh.Contracts.Analytics;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Erasure;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Usage;
using MemoryMesh.Tests.Integration.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace MemoryMesh.Tests.Integration.Chat;

/// <summary>Erasures in Chat, on each engine.</summary>
[TestFixtureSource(typeof(ChatEngines), nameof(ChatEngines.All))]
public class ChatErasureTests(StoreEngine engine) : ChatStoreFixture(engine)
{
    [Test]
    public async Task A_subject_goes_with_its_conversations_and_its_messages_elsewhere_and_is_counted()
    {
        for (var i = 0; i < 3; i++)
        {
            await SayAsync("hers", $"in hers {i}", userId: "ada");
            await SayAsync("his", $"in his {i}", userId: "bob");
        }

        await SayAsync("her other one", "alone", userId: "ada");
        await SayAsync("hers", "of bob in hers", userId: "bob");
        await SayAsync("his", "of ada in his", userId: "ada");
        await Chat.Get<StoreMessages>().StoreAsync(
            new CreateMessageRequest { ConversationId = "his", Role = "user", Content = "once", UserId = "ada" }, Owner, new StoreOptions("key", WaitFor.Nothing), default);
        var subject = Chat.Names.SubjectKey(Tenant, "ada");
        var order = Order(subject);

        await EraseAsync(order);
        await EraseAsync(order);
        var confirmed = (await ConfirmationsAsync())[^1];
        Assert.That(confirmed.Deleted["conversations"], Is.EqualTo(2));
        Assert.That(confirmed.Deleted["messages"], Is.EqualTo(7), "five in conversations of hers, two in his");
        Assert.That(confirmed.Deleted["idempotency_keys"], Is.EqualTo(1));
        Assert.That(confirmed.Kept["usage_subjects"], Is.EqualTo(1));
        Assert.That((await ConfirmationsAsync()).Select(item => item.Deleted), Is.All.EqualTo(confirmed.Deleted), "an order that comes twice erases once");

        var left = await Chat.Engine.CountAsync(Tenant);
        Assert.That((left.Messages, left.Conversations, left.WrongTokens), Is.EqualTo((3L, 1L, 0L)));
        Assert.That(await Chat.Engine.HoldsAsync(subject.ToByteArray(bigEndian: true)), Is.False, "no document names her");
        Assert.That(await Chat.Database.Keys.FindAsync(Tenant, subject, default), Is.Null);
        var usage = await Chat.Get<IChatUsage>().GetUsageAsync(new UsageQuery(Tenant, [0, UsageBuckets.QuarterOf(DateTimeOffset.UtcNow) + 8]), default);
        Assert.That((usage.Messages, usage.Conversations, usage.Bytes, usage.ActiveSubjects), Is.EqualTo((3L, 1L, left.Bytes, 2L)));
        var events = await Chat.EventsAsync();
        Assert.That(events.Count(name => name == nameof(ConversationDeleted)), Is.EqualTo(2));
        Assert.That(events.Count(name => name == nameof(MessageDeleted)), Is.EqualTo(2));
        Assert.That(Array.LastIndexOf(events, nameof(MessageDeleted)), Is.LessThan(Array.IndexOf(events, nameof(ServiceErased))), "what was deleted is told before that it is done");
    }

    [Test]
    public async Task What_is_written_after_an_erasure_is_a_new_beginning_and_is_announced_anew()
    {
        await SayAsync("a", "before", userId: "ada");
        var subject = Chat.Names.SubjectKey(Tenant, "ada");
        await EraseAsync(Order(subject));
        var after = await SayAsync("a", "after", userId: "ada");
        Assert.That((await Client.GetMessagesAsync(Tenant, [after], default)).Single().Content, Is.EqualTo("after"));

        await Erase.ConsumeAsync(
            [new EventEnvelope<SubjectErased>(Guid.NewGuid(), Chat.Clock.Now, new SubjectErased { ErasureId = Guid.NewGuid(), TenantId = Tenant, SubjectKey = subject, CompletedAt = Chat.Clock.Now })], default);
        Assert.That((await Chat.EventsAsync())[^1], Is.EqualTo(nameof(MessageUpdated)));
    }

    [Test]
    public async Task A_whole_tenant_goes_and_leaves_the_others()
    {
        var other = Guid.CreateVersion7();
        Chat.Members.Roles[(Owner.AccountId, other)] = Contracts.Auth.TenantRole.Owner;
        await SayAsync("a", "mine");
        await SayAsync("b", "mine too", userId: "ada");
        var theirs = await SayAsync("a", "theirs", tenantId: other);
        await EraseAsync(Order(Guid.Empty) with { WholeTenant = true });

        var left = await Chat.Engine.CountAsync(Tenant);
        Assert.That((left.Messages, left.Conversations), Is.EqualTo((0L, 0L)));
        Assert.That(await Chat.Engine.HoldsAsync(Tenant.ToByteArray(bigEndian: true)), Is.False);
        Assert.That((await Client.GetMessagesAsync(other, [theirs], default)).Single().Content, Is.EqualTo("theirs"));
    }

    private EraseSubjects<SqliteChatEraser> Erase => new(Chat.Get<SqliteChatEraser>(), Chat.Clock, NullLogger<EraseSubjects<SqliteChatEraser>>.Instance);

    private SubjectErasureRequested Order(Guid subject) => new() { ErasureId = Guid.CreateVersion7(), TenantId = Tenant, SubjectKey = subject, Service = "chat" };

    private Task EraseAsync(SubjectErasureRequested order)
        => Erase.ConsumeAsync([new EventEnvelope<SubjectErasureRequested>(Guid.NewGuid(), Chat.Clock.Now, order)], default);

    private async Task<List<ServiceErased>> ConfirmationsAsync()
    {
        await Chat.Engine.SettleAsync();
        return await Chat.Database.Data.ReadAsync(
            session => session.Query(
                "SELECT body FROM outbox WHERE type = $1 ORDER BY seq",
                row => System.Text.Json.JsonSerializer.Deserialize<ServiceErased>(row.Text(0))!,
                typeof(ServiceErased).FullName),
            default);
    }
}
