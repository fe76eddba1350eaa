using System.Text;
using System.Text.Json;
using MemoryMesh.Contracts.Auth;
using MemoryMesh.Contracts.Events;
using MemoryMesh.Gateway.Live;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.Tests.Unit.Gateway;

public class LiveEventTests
{
    private static readonly Guid Tenant = Guid.NewGuid();
    private readonly KeyedNames _names = new(new KeyRing([.. Enumerable.Range(1, 32).Select(value => (byte)value)], [.. Enumerable.Range(2, 32).Select(value => (byte)value)]));

    [Test]
    public void Of_messages_that_were_indexed_together_each_is_told_to_whoever_may_see_it()
    {
        var account = Guid.NewGuid();
        var (ann, ben) = (_names.SubjectKey(Tenant, account.ToString()), _names.SubjectKey(Tenant, "ben"));
        var (trip, work) = (_names.ConversationKey(Tenant, "trip"), _names.ConversationKey(Tenant, "work"));
        (Guid Subject, Guid Conversation)[] told = [(ann, trip), (ann, trip), (ben, trip), (ben, work), (ann, work), (ann, trip), (ann, trip)];
        var messages = told.Select((of, at) => new IndexedMessage(Guid.NewGuid(), at, of.Subject, of.Conversation)).ToList();
        var live = LiveEvent.From(new PassingEvent("search", 1, Guid.NewGuid(), DateTimeOffset.UnixEpoch, new MessagesIndexed { TenantId = Tenant, Messages = messages }), 3)!;
        var member = Access(account, TenantRole.Member);
        var owner = Access(account, TenantRole.Owner);

        Assert.That(Told(live, owner, new LiveFilter()), Is.EqualTo((int[])[0, 1, 2, 3, 4, 5, 6]));
        Assert.That(Told(live, owner, new LiveFilter { UserId = "ben" }), Is.EqualTo((int[])[2, 3]));
        Assert.That(Told(live, owner, new LiveFilter { Conversations = ["work"] }), Is.EqualTo((int[])[3, 4]));
        Assert.That(Told(live, member, new LiveFilter()), Is.EqualTo((int[])[0, 1, 4, 5, 6]));
        Assert.That(Told(live, member, new LiveFilter { Conversations = ["trip"] }), Is.EqualTo((int[])[0, 1, 5, 6]));
        Assert.That(Told(live, Access(Guid.NewGuid(), TenantRole.Member), new LiveFilter()), Is.Null);
    }

    [Test]
    public void An_event_that_was_packed_is_told_as_before()
    {
        var account = Guid.NewGuid();
        var (subject, conversation) = (_names.SubjectKey(Tenant, account.ToString()), _names.ConversationKey(Tenant, "trip"));
        var events = new List<LiveEvent>();
        object[] happened =
        [
            new MessageStored { TenantId = Tenant, SubjectKey = subject, ConversationKey = conversation, MessageId = Guid.NewGuid(), Version = 1, ExtractMemory = false },
            new MessageUpdated { TenantId = Tenant, SubjectKey = subject, ConversationKey = conversation, MessageId = Guid.NewGuid(), Version = 200, ExtractMemory = false },
            new MessageDeleted { TenantId = Tenant, SubjectKey = subject, ConversationKey = Guid.NewGuid(), MessageId = Guid.NewGuid() },
            new MessagesIndexed
            {
                TenantId = Tenant,
                Messages = [.. Enumerable.Range(1, 100).Select(at => new IndexedMessage(Guid.NewGuid(), at, at % 30 < 5 ? Guid.NewGuid() : subject, conversation))],
            },
            new ConversationDeleted { TenantId = Tenant, SubjectKey = subject, ConversationKey = conversation, DeletedAt = DateTimeOffset.UnixEpoch },
            new ConversationDeleted { TenantId = Tenant, SubjectKey = null, ConversationKey = conversation, DeletedAt = DateTimeOffset.UnixEpoch },
            new MemoryChanged { TenantId = Tenant, OwnerKey = Tenant, MemoryId = Guid.NewGuid(), Version = 3, Change = "superseded" },
            new MemoryChanged { TenantId = Tenant, OwnerKey = subject, MemoryId = Guid.NewGuid(), Version = int.MaxValue, Change = "added" },
            new RetentionRunFinished { TenantId = Tenant, RunId = Guid.NewGuid(), Completed = true, Archive = false, Messages = 7, Memories = long.MaxValue },
            new SubjectErasureRequested { TenantId = Tenant, SubjectKey = subject, ErasureId = Guid.NewGuid(), Service = ErasureSteps.All[0] },
            new SubjectErased { TenantId = Tenant, SubjectKey = subject, ErasureId = Guid.NewGuid(), CompletedAt = DateTimeOffset.UnixEpoch },
        ];
        var (at, reached) = (new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)), new long[] { -1, 0, 5, long.MaxValue - 1, 123_456_789 });
        foreach (var item in happened)
        {
            at -= TimeSpan.FromMinutes(7);
            reached[events.Count % 3] += 1_000;
            events.Add(LiveEvent.From(new PassingEvent("x", reached[2], Guid.NewGuid(), at, item), 2)!.With([.. reached]));
        }

        events.Add(LiveEvent.Reset(Tenant, at, [.. reached]));
        var unpacked = new LiveEvent[TenantLog.Together];
        EventPacker.Unpack(EventPacker.Pack(events), Tenant, unpacked);
        var view = LiveView.Create(Access(account, TenantRole.Owner), new LiveFilter(), _names)!;
        Assert.Multiple(() =>
        {
            foreach (var (before, after) in events.Zip(unpacked[^events.Count..]))
            {
                Assert.That(Text(after, view), Is.EqualTo(Text(before, view)));
                Assert.That((after.Type, after.TenantId, after.At, after.Source, after.Position), Is.EqualTo((before.Type, before.TenantId, before.At, before.Source, before.Position)));
                Assert.That(after.Reached, Is.EqualTo(before.Reached));
                Assert.That(after.ContentOf, Is.EqualTo(before.ContentOf));
                Assert.That(after.IsSeenBy(view), Is.EqualTo(before.IsSeenBy(view)));
            }
        });
    }

    [Test]
    public void A_stored_message_takes_some_forty_bytes()
    {
        var (subject, conversation) = (Guid.NewGuid(), Guid.NewGuid());
        var at = DateTimeOffset.UtcNow;
        var events = Enumerable.Range(0, TenantLog.Together).Select(number => LiveEvent.From(
            new PassingEvent(
                "chat",
                90_000 + number,
                Guid.NewGuid(),
                at.AddMilliseconds(number),
                new MessageStored { TenantId = Tenant, SubjectKey = subject, ConversationKey = conversation, MessageId = Guid.NewGuid(), Version = 1, ExtractMemory = false }),
            1)!.With([5_000, 90_000 + number, 7, 80_000, 3, 9])).ToList();
        Assert.That(EventPacker.Pack(events), Has.Length.LessThan(TenantLog.Together * 40));
    }

    private static TenantAccess Access(Guid account, TenantRole role)
        => new() { TenantId = Tenant, AccountId = account, Role = role, Teams = new Dictionary<Guid, TenantRole>(), ReadableTeams = [] };

    /// <summary>Versions of the messages that are told, which number them here; null when nothing of the event is seen.</summary>
    private List<int>? Told(LiveEvent live, TenantAccess access, LiveFilter filter)
    {
        var view = LiveView.Create(access, filter, _names)!;
        if (!live.IsSeenBy(view))
        {
            return null;
        }

        using var read = JsonDocument.Parse(Text(live, view));
        return [.. read.RootElement.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("version").GetInt32())];
    }

    private static string Text(LiveEvent live, LiveView view)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            live.Write(view, json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
