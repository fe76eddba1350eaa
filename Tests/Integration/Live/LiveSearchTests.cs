using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Live;

public class LiveSearchTests(HostKind kind) : FunctionalTests(kind)
{
    [Test]
    public async Task A_search_is_answered_in_two_lists_with_their_times()
    {
        using var person = await Person.RegisterAsync(Host);
        var id = await person.SayAsync("chat", "The boathouse has a red door.", wait: "?wait=indexed");
        await person.SayAsync("other", "The boathouse is closed.", wait: "?wait=indexed");
        using var socket = await OpenAsync(person);
        await socket.SendAsync(new { type = "search", id = "q1", query = "boathouse door", top_k = 1, conversation_id = "chat", explain = true });

        var (lexical, fused, done) = (await socket.ReadAsync(), await socket.ReadAsync(), await socket.ReadAsync());
        var direct = await person.GetAsync("/v1/memory/search?query=boathouse%20door&top_k=1&conversation_id=chat&explain=true");
        Assert.Multiple(() =>
        {
            Assert.That(((JsonElement[])[lexical, fused, done]).Select(frame => frame.Text("type")), Is.EqualTo((string[])["lexical", "fused", "done"]));
            Assert.That(((JsonElement[])[lexical, fused, done]).Select(frame => frame.Text("id")), Is.All.EqualTo("q1"));
            foreach (var list in (JsonElement[])[lexical, fused])
            {
                var result = list.GetProperty("results").EnumerateArray().Single();
                Assert.That(result.GetProperty("message").Text("id"), Is.EqualTo(id));
                Assert.That(result.GetProperty("message").Text("content"), Is.EqualTo("The boathouse has a red door."));
                Assert.That(
                    result.EnumerateObject().Select(member => member.Name),
                    Is.EqualTo(direct.GetProperty("results")[0].EnumerateObject().Select(member => member.Name)), "as the HTTP search answers");
                Assert.That(list.GetProperty("count").GetInt32(), Is.EqualTo(1));
                Assert.That(list.GetProperty("took_ms").GetDouble(), Is.GreaterThan(0));
            }

            Assert.That(done.GetProperty("took_ms").GetDouble(), Is.GreaterThanOrEqualTo(done.GetProperty("lexical_ms").GetDouble()));
            Assert.That(done.GetProperty("fused_ms").GetDouble(), Is.GreaterThan(0));
        });
    }

    [Test]
    public async Task Memories_are_searched_too_and_rights_are_those_of_the_routes()
    {
        using var owner = await Person.RegisterAsync(Host);
        using var member = await Person.RegisterAsync(Host);
        await owner.PostAsync($"/v1/organizations/{owner.TenantId}/members", new { user_id = member.AccountId, role = "member" });
        await owner.PostAsync("/v1/memories", new { tenant_id = owner.TenantId, text = "User owns a lighthouse." });
        await owner.SayAsync("chat", "My lighthouse is green.", wait: "?wait=indexed");
        await Eventually.TrueAsync(
            async () => (await owner.GetAsync("/v1/memories/search?query=lighthouse")).GetProperty("count").GetInt32() > 0,
            TimeSpan.FromSeconds(20),
            () => "The memory should be found.");
        using var ofOwner = await OpenAsync(owner);
        using var ofMember = await OpenAsync(member, owner.TenantId);
        foreach (var what in (string[])["messages", "memories"])
        {
            foreach (var socket in (LiveSocket[])[ofOwner, ofMember])
            {
                await socket.SendAsync(new { type = "search", what, query = "lighthouse" });
                Assert.That(
                    (await socket.ReadAsync("fused")).GetProperty("results").GetArrayLength(), socket == ofOwner ? Is.GreaterThan(0) : Is.Zero, what);
                await socket.ReadAsync("done");
            }
        }

        await ofMember.SendAsync(new { type = "search", query = "lighthouse", user_id = owner.AccountId, id = "foreign" });
        var refused = await ofMember.ReadAsync();
        Assert.That((refused.Text("type"), refused.Text("code"), refused.Text("id")), Is.EqualTo(("error", "not-found", "foreign")));
        Assert.That(
            () => LiveSocket.ConnectAsync(Host, $"/ws/stream/{owner.TenantId}"), Throws.InstanceOf<RefusedException>().With.Property("Status").EqualTo(401));
        using var byTicket = await LiveSocket.ConnectAsync(Host, $"/ws/stream/{owner.TenantId}?ticket={await owner.TicketAsync()}");
        await byTicket.SendAsync(new { type = "search", query = "lighthouse" });
        Assert.That((await byTicket.ReadAsync("lexical")).GetProperty("count").GetInt32(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_new_search_cancels_the_former_one()
    {
        using var person = await Person.RegisterAsync(Host);
        for (var i = 0; i < 4; i++)
        {
            await person.SayManyAsync($"chat-{i}", 500);
        }

        using var socket = await OpenAsync(person);
        const int Searches = 15;
        for (var i = 1; i <= Searches; i++)
        {
            await socket.SendAsync(new { type = "search", id = $"{i}", query = $"line {i}", top_k = 1000 });
        }

        var frames = new List<(string Type, int Id)>();
        do
        {
            var frame = await socket.ReadAsync();
            frames.Add((frame.Text("type"), int.Parse(frame.Text("id"))));
        }
        while (frames[^1] != ("done", Searches));

        Assert.Multiple(() =>
        {
            Assert.That(frames.Select(frame => frame.Id), Is.Ordered, "nothing of a former search comes after a new one began");
            Assert.That(frames.Count(frame => frame.Type is "done" or "cancelled"), Is.EqualTo(Searches), "each ends once");
            Assert.That(frames.Select(frame => frame.Type), Has.Some.EqualTo("cancelled"));
        });
    }

    [Test]
    public async Task Frames_that_are_not_allowed_are_answered_with_errors()
    {
        using var person = await Person.RegisterAsync(Host);
        using var socket = await OpenAsync(person);
        foreach (var (frame, code, field) in ((string, string, string?)[])
        [
            ("nothing", "malformed", null), ("{\"type\":\"find\"}", "unknown-type", null), ("{\"type\":\"search\"}", "invalid", "query"),
            ("{\"type\":\"search\",\"query\":7}", "invalid", "query"), ("{\"type\":\"search\",\"query\":\"x\",\"what\":\"files\"}", "invalid", "what"),
            ("{\"type\":\"search\",\"query\":\"x\",\"top_k\":0}", "invalid", "top_k"), ("{\"type\":\"search\",\"query\":\"x\",\"top_k\":1.5}", "invalid", "top_k"),
            ("{\"type\":\"search\",\"query\":\"x\",\"tenant_id\":\"y\"}", "invalid", "tenant_id"), ("{\"type\":\"search\",\"query\":\"x\",\"role\":\"king\"}", "invalid", "role"),
            ("{\"type\":\"search\",\"query\":\"x\",\"role\":{}}", "invalid", "role"), ("{\"type\":\"search\",\"query\":\"x\",\"mode\":\"y\"}", "invalid", "mode"),
            ("{\"type\":\"search\",\"query\":\"x\",\"limit\":5}", "invalid", "limit"), ("{\"type\":\"search\",\"query\":\"x\",\"\\ud83d\\ude00 &=\":5}", "invalid", null),
            ("{\"type\":\"search\",\"query\":\"\\u0000\"}", "invalid", "query"), ($"{{\"type\":\"search\",\"query\":\"{new string('x', 5_000)}\"}}", "invalid", "query"),
        ])
        {
            await socket.SendAsync(frame);
            var error = await socket.ReadAsync();
            Assert.That((error.Text("type"), error.Text("code")), Is.EqualTo(("error", code)), frame);
            Assert.That(field is null || error.GetProperty("errors").TryGetProperty(field, out _), $"{frame}: {error}");
        }

        await socket.SendAsync(new { type = "cancel" });
        await socket.SendAsync(new { type = "search", query = "nothing" });
        Assert.That((await socket.ReadAsync("done")).TryGetProperty("id", out _), Is.False);
    }

    private async Task<LiveSocket> OpenAsync(Person person, string? tenant = null)
    {
        var socket = await LiveSocket.ConnectAsync(Host, $"/ws/stream/{tenant ?? person.TenantId}", person.Token());
        Assert.That((await socket.ReadAsync()).Text("type"), Is.EqualTo("hello"));
        return socket;
    }
}
