using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Live;

public class LiveEventTests(HostKind kind) : FunctionalTests(kind)
{
    [Test]
    public async Task What_happens_to_a_message_arrives_in_order_and_numbered()
    {
        using var person = await Person.RegisterAsync(Host);
        using var socket = await LiveSocket.OpenAsync(Host, person, "?types=message.stored,message.updated,message.deleted,conversation.deleted");
        var id = await person.SayAsync("chat", "one");
        await person.SendAsync(HttpMethod.Put, $"/v1/messages/{id}", new { content = "two" });
        await person.SendAsync(HttpMethod.Delete, $"/v1/messages/{id}", status: HttpStatusCode.NoContent);
        await person.SendAsync(HttpMethod.Delete, "/v1/conversations/chat", status: HttpStatusCode.NoContent);

        var frames = new List<JsonElement>();
        for (var i = 0; i < 4; i++)
        {
            frames.Add(await socket.ReadAsync());
        }

        Assert.Multiple(() =>
        {
            Assert.That(
                frames.Select(frame => frame.Text("type")),
                Is.EqualTo((string[])["message.stored", "message.updated", "message.deleted", "conversation.deleted"]));
            Assert.That(frames.Select(frame => frame.GetProperty("seq").GetInt64()), Is.EqualTo((long[])[1, 2, 3, 4]));
            Assert.That(frames.Take(3).Select(frame => frame.Text("message_id")), Is.All.EqualTo(id));
            Assert.That(frames.Take(2).Select(frame => frame.GetProperty("version").GetInt32()), Is.EqualTo((int[])[1, 2]));
            Assert.That(frames.Select(frame => frame.Text("id")), Is.Unique);
            Assert.That(frames.Select(frame => frame.GetProperty("at").GetDateTimeOffset()), Is.All.EqualTo(DateTimeOffset.UtcNow).Within(TimeSpan.FromMinutes(1)));
            Assert.That(frames.Select(frame => frame.GetRawText()), Has.None.Contain("two"), "events hold no text");
        });
    }

    [Test]
    public async Task A_message_that_can_be_found_and_a_memory_that_changed_are_told()
    {
        using var person = await Person.RegisterAsync(Host);
        using var socket = await LiveSocket.OpenAsync(Host, person, "?types=message.indexed,memory.changed");
        var id = await person.SayAsync("chat", "My name is Honda.", wait: "?wait=memories");
        var indexed = await socket.ReadAsync("message.indexed");
        Assert.That(indexed.GetProperty("messages").EnumerateArray().Select(message => message.Text("message_id")), Does.Contain(id));

        using var again = await LiveSocket.OpenAsync(Host, person, "?types=memory.changed");
        var added = await person.PostAsync("/v1/memories", new { tenant_id = person.TenantId, text = "User rows." });
        JsonElement changed;
        do
        {
            changed = await again.ReadAsync("memory.changed");
        }
        while (changed.Text("memory_id") != added.Text("id"));

        Assert.Multiple(() =>
        {
            Assert.That(changed.Text("memory_id"), Is.EqualTo(added.Text("id")));
            Assert.That(changed.Text("change"), Is.EqualTo("added"));
            Assert.That(changed.Text("scope"), Is.EqualTo("user"));
            Assert.That(changed.Text("user_id"), Is.EqualTo(person.AccountId));
        });
    }

    [Test]
    public async Task A_filter_by_conversation_or_subject_lets_through_what_it_names_and_can_be_changed()
    {
        using var person = await Person.RegisterAsync(Host);
        using var byConversation = await LiveSocket.OpenAsync(Host, person, "?types=message.stored&conversation_id=b&conversation_id=c");
        using var bySubject = await LiveSocket.OpenAsync(Host, person, "?types=message.stored&user_id=customer");
        await person.SayAsync("a", "not this");
        var inB = await person.SayAsync("b", "this", userId: "customer");
        var inC = await person.SayAsync("c", "and this", userId: "somebody");

        var (first, second) = (await byConversation.ReadAsync(), await byConversation.ReadAsync());
        var ofSubject = await bySubject.ReadAsync();
        Assert.Multiple(() =>
        {
            Assert.That((first.Text("message_id"), first.Text("conversation_id")), Is.EqualTo((inB, "b")));
            Assert.That((second.Text("message_id"), second.Text("conversation_id")), Is.EqualTo((inC, "c")));
            Assert.That((first.GetProperty("seq").GetInt64(), second.GetProperty("seq").GetInt64()), Is.EqualTo((1, 2)));
            Assert.That((ofSubject.Text("message_id"), ofSubject.Text("user_id")), Is.EqualTo((inB, "customer")));
        });

        await bySubject.SendAsync(new { type = "filter", types = (string[])["message.stored"], user_id = "somebody" });
        await bySubject.ReadAsync("filtered");
        await person.SayAsync("a", "no", userId: "customer");
        var last = await person.SayAsync("a", "yes", userId: "somebody");
        Assert.That((await bySubject.ReadAsync("message.stored")).Text("message_id"), Is.EqualTo(last));
    }

    [Test]
    public async Task The_message_comes_with_its_event_when_it_is_asked_for()
    {
        using var person = await Person.RegisterAsync(Host);
        using var socket = await LiveSocket.OpenAsync(Host, person, "?types=message.stored&include=message");
        var id = await person.SayAsync("chat", "grüße 🎉");
        var message = (await socket.ReadAsync()).GetProperty("message");
        Assert.Multiple(() =>
        {
            Assert.That(message.Text("id"), Is.EqualTo(id));
            Assert.That(message.Text("content"), Is.EqualTo("grüße 🎉"));
            Assert.That(message.Text("conversation_id"), Is.EqualTo("chat"));
            Assert.That(message.Text("role"), Is.EqualTo("user"));
        });
    }

    [Test]
    public async Task The_end_of_a_retention_run_is_told_to_those_who_administer()
    {
        using var owner = await Person.RegisterAsync(Host);
        using var member = await Person.RegisterAsync(Host);
        await owner.PostAsync($"/v1/organizations/{owner.TenantId}/members", new { user_id = member.AccountId, role = "member" });
        using var ofOwner = await LiveSocket.OpenAsync(Host, owner, "?types=retention.finished");
        using var ofMember = await LiveSocket.OpenAsync(Host, member, "?types=retention.finished,message.stored", owner.TenantId);
        await owner.SendAsync(HttpMethod.Put, "/v1/retention/policy", new { max_age_days = 30, action = "archive", applies_to = (string[])["messages"] });
        await owner.PostAsync("/v1/admin/retention/run", new { tenant_id = owner.TenantId }, HttpStatusCode.Accepted);
        var finished = await ofOwner.ReadAsync();
        Assert.That((finished.Text("type"), finished.Text("status"), finished.Text("action")), Is.EqualTo(("retention.finished", "completed", "archive")));

        await member.SayAsync("mine", "later", tenant: owner.TenantId);
        Assert.That((await ofMember.ReadAsync()).Text("type"), Is.EqualTo("message.stored"), "the run was not told to the member");
    }

    [Test]
    public async Task An_erasure_is_told_to_those_who_administer_and_to_the_subject()
    {
        using var owner = await Person.RegisterAsync(Host);
        using var member = await Person.RegisterAsync(Host);
        using var other = await Person.RegisterAsync(Host);
        foreach (var person in (Person[])[member, other])
        {
            await owner.PostAsync($"/v1/organizations/{owner.TenantId}/members", new { user_id = person.AccountId, role = "member" });
        }

        const string Query = "?types=erasure.requested,erasure.completed,memory.changed";
        using var ofOwner = await LiveSocket.OpenAsync(Host, owner, Query);
        using var ofMember = await LiveSocket.OpenAsync(Host, member, Query, owner.TenantId);
        using var ofOther = await LiveSocket.OpenAsync(Host, other, Query, owner.TenantId);
        var erasure = await owner.PostAsync("/v1/privacy/erasures", new { tenant_id = owner.TenantId, user_id = member.AccountId }, HttpStatusCode.Accepted);
        foreach (var socket in (LiveSocket[])[ofOwner, ofMember])
        {
            foreach (var type in (string[])["erasure.requested", "erasure.completed"])
            {
                var told = await socket.ReadAsync();
                Assert.That((told.Text("type"), told.Text("erasure_id")), Is.EqualTo((type, erasure.Text("id"))));
            }
        }

        await owner.PostAsync("/v1/memories", new { tenant_id = owner.TenantId, text = "We row.", scope = "organization" });
        Assert.That((await ofOther.ReadAsync()).Text("type"), Is.EqualTo("memory.changed"), "the erasure was not told to another member");
    }

    [Test]
    public async Task Nobody_sees_what_is_anothers()
    {
        using var owner = await Person.RegisterAsync(Host);
        using var member = await Person.RegisterAsync(Host);
        using var other = await Person.RegisterAsync(Host);
        using var viewer = await Person.RegisterAsync(Host);
        using var stranger = await Person.RegisterAsync(Host);
        var tenant = owner.TenantId;
        foreach (var (person, role) in ((Person, string)[])[(member, "member"), (other, "member"), (viewer, "viewer")])
        {
            await owner.PostAsync($"/v1/organizations/{tenant}/members", new { user_id = person.AccountId, role });
        }

        var team = (await owner.PostAsync($"/v1/organizations/{tenant}/teams", new { name = "Rowers" })).Text("id");
        await owner.PostAsync($"/v1/organizations/{tenant}/teams/{team}/members", new { user_id = member.AccountId, role = "member" });

        const string Query = "?types=message.stored,memory.changed,conversation.deleted";
        using var ownerSocket = await LiveSocket.OpenAsync(Host, owner, Query, tenant);
        using var memberSocket = await LiveSocket.OpenAsync(Host, member, Query, tenant);
        using var otherSocket = await LiveSocket.OpenAsync(Host, other, Query, tenant);
        using var viewerSocket = await LiveSocket.OpenAsync(Host, viewer, Query, tenant);
        using var strangerSocket = await LiveSocket.OpenAsync(Host, stranger, Query);

        var message = await member.SayAsync("mine", "private", tenant: tenant);
        var ofTeam = (await owner.PostAsync("/v1/memories", new { tenant_id = tenant, text = "The team rows.", scope = "team", team_id = team })).Text("id");
        var ofAll = (await owner.PostAsync("/v1/memories", new { tenant_id = tenant, text = "We row.", scope = "organization" })).Text("id");
        var ofOwner = (await owner.PostAsync("/v1/memories", new { tenant_id = tenant, text = "User owns boats." })).Text("id");
        await member.SendAsync(HttpMethod.Delete, $"/v1/conversations/mine?tenant_id={tenant}", status: HttpStatusCode.NoContent);

        // The end of each stream: what each sees for certain and comes last. A source keeps its order, two sources do not between them.
        var markMessages = new Dictionary<LiveSocket, string>();
        foreach (var (person, socket) in ((Person, LiveSocket)[])[(owner, ownerSocket), (member, memberSocket), (other, otherSocket)])
        {
            markMessages[socket] = await person.SayAsync($"mark-{person.AccountId}", "mark", tenant: tenant);
        }

        markMessages[strangerSocket] = await stranger.SayAsync("mark", "mark");
        var markMemory = (await owner.PostAsync("/v1/memories", new { tenant_id = tenant, text = "Mark.", scope = "organization" })).Text("id");
        var strangersMark = (await stranger.PostAsync("/v1/memories", new { tenant_id = stranger.TenantId, text = "Mark.", scope = "organization" })).Text("id");

        var seen = new Dictionary<LiveSocket, HashSet<string>>();
        foreach (var socket in (LiveSocket[])[ownerSocket, memberSocket, otherSocket, viewerSocket, strangerSocket])
        {
            var last = new HashSet<string> { socket == strangerSocket ? strangersMark : markMemory };
            if (markMessages.TryGetValue(socket, out var markMessage))
            {
                last.Add(markMessage);
            }

            var ids = seen[socket] = [];
            while (!last.IsSubsetOf(ids))
            {
                var frame = await socket.ReadAsync();
                ids.Add(frame.TryGetProperty("message_id", out var id) || frame.TryGetProperty("memory_id", out id) ? id.GetString()! : frame.Text("type"));
            }
        }

        const string Deleted = "conversation.deleted";
        var marks = markMessages.Values.Append(markMemory).Append(strangersMark).ToHashSet();
        Assert.Multiple(() =>
        {
            Assert.That(seen[ownerSocket].Except(marks), Is.EquivalentTo((string[])[message, ofTeam, ofAll, ofOwner, Deleted]));
            Assert.That(seen[memberSocket].Except(marks), Is.EquivalentTo((string[])[message, ofTeam, ofAll, Deleted]));
            Assert.That(seen[otherSocket].Except(marks), Is.EquivalentTo((string[])[ofAll]));
            Assert.That(seen[viewerSocket].Except(marks), Is.EquivalentTo((string[])[ofAll]));
            Assert.That(seen[strangerSocket].Except(marks), Is.Empty);
            Assert.That(seen[otherSocket].Intersect(marks), Is.EquivalentTo((string[])[markMessages[otherSocket], markMemory]));
        });
    }

    [Test]
    public async Task Who_may_not_read_a_tenant_or_a_subject_is_not_let_in()
    {
        using var owner = await Person.RegisterAsync(Host);
        using var member = await Person.RegisterAsync(Host);
        using var stranger = await Person.RegisterAsync(Host);
        await owner.PostAsync($"/v1/organizations/{owner.TenantId}/members", new { user_id = member.AccountId, role = "member" });
        Assert.Multiple(() =>
        {
            AssertRefused(stranger, owner.TenantId, "", 404);
            AssertRefused(stranger, Guid.NewGuid().ToString(), "", 404);
            AssertRefused(member, owner.TenantId, $"?user_id={owner.AccountId}", 404);
            AssertRefused(owner, owner.TenantId, "?types=message.read", 400);
            AssertRefused(owner, owner.TenantId, "?include=everything", 400);
            Assert.That(
                () => LiveSocket.ConnectAsync(Host, $"/ws/messages/{owner.TenantId}"), Throws.InstanceOf<RefusedException>().With.Property("Status").EqualTo(401));
        });
        using var socket = await LiveSocket.OpenAsync(Host, member, tenant: owner.TenantId);
        await socket.SendAsync(new { type = "filter", user_id = owner.AccountId });
        Assert.That((await socket.ReadAsync("error")).Text("code"), Is.EqualTo("not-found"));

        using var plain = await owner.Client.GetAsync(new Uri($"/ws/messages/{owner.TenantId}", UriKind.Relative));
        Assert.That((int)plain.StatusCode, Is.EqualTo(426));
    }

    private void AssertRefused(Person person, string tenant, string query, int status)
        => Assert.That(
            () => LiveSocket.ConnectAsync(Host, $"/ws/messages/{tenant}{query}", person.Token()),
            Throws.InstanceOf<RefusedException>().With.Property("Status").EqualTo(status));
}
