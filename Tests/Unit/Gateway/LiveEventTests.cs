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

        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            live.Write(view, json);
            json.WriteEndObject();
        }

        using var read = JsonDocument.Parse(Encoding.UTF8.GetString(stream.ToArray()));
        return [.. read.RootElement.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("version").GetInt32())];
    }
}
