using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Facades;

/// <summary>The Conversational Memory Backend's calls.</summary>
public class ConversationalTests(HostKind kind) : FunctionalTests(kind)
{
    [Test]
    public async Task Messages_are_stored_in_a_conversation_of_the_user()
    {
        using var person = await Person.RegisterAsync(Host);
        var stored = await person.PostAsync("/memory/store", new
        {
            user_id = "alice",
            messages = new object[]
            {
                new { role = "user", content = "We bake bread.", timestamp = "2026-01-02T03:04:05" },
                new { role = "assistant", content = "With rye?", timestamp = "2026-01-02T03:04:06+00:00" },
            },
            metadata = new { channel = "web" },
        });
        var conversation = stored.GetProperty("conversation_id").GetString();
        Assert.That(stored.GetProperty("stored").GetInt32(), Is.EqualTo(2));
        var messages = (await person.GetAsync($"/v1/conversations/{conversation}/messages")).GetProperty("messages").EnumerateArray().ToList();
        Assert.Multiple(() =>
        {
            Assert.That(messages.Select(message => message.GetProperty("id").GetString()), Is.EqualTo(stored.GetProperty("message_ids").EnumerateArray().Select(id => id.GetString())));
            Assert.That(messages[0].GetProperty("created_at").GetDateTimeOffset(), Is.EqualTo(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)), "A time without an offset is UTC.");
            Assert.That(messages.Select(message => message.GetProperty("user_id").GetString()), Is.All.EqualTo("alice"));
            Assert.That(messages[1].GetProperty("metadata").GetProperty("channel").GetString(), Is.EqualTo("web"));
        });
    }

    [TestCase("""{"role":"assistant","content":"Hello."}""", "assistant", "Hello.")]
    [TestCase("\"Hello.\"", "user", "Hello.")]
    public async Task One_message_may_come_alone(string message, string role, string content)
    {
        using var person = await Person.RegisterAsync(Host);
        var stored = await person.SendAsync(HttpMethod.Post, "/memory/store/", $$"""{"user_id":"alice","conversation_id":"c-1","message":{{message}}}""", HttpStatusCode.Created);
        Assert.That(stored.GetProperty("conversation_id").GetString(), Is.EqualTo("c-1"));
        var found = (await person.GetAsync("/v1/conversations/c-1/messages")).GetProperty("messages").EnumerateArray().Single();
        Assert.That((found.GetProperty("role").GetString(), found.GetProperty("content").GetString()), Is.EqualTo((role, content)));
    }

    [TestCase("""{"messages":[{"role":"user","content":"x"}]}""", "user_id")]
    [TestCase("""{"user_id":"a"}""", "messages")]
    [TestCase("""{"user_id":"a","messages":[]}""", "messages")]
    [TestCase("""{"user_id":"a","messages":[null]}""", "messages")]
    [TestCase("""{"user_id":"a","message":"x","messages":[{"role":"user","content":"x"}]}""", "messages")]
    [TestCase("""{"user_id":"a","messages":[{"role":"user","content":"x"},{"role":"root","content":"x"}]}""", "messages[1].role")]
    [TestCase("""{"user_id":"a","messages":[{"role":"user","content":"x","timestamp":"yesterday"}]}""", "messages[0].timestamp")]
    [TestCase("""{"user_id":"a","messages":[{"role":"user","content":"x","timestamp":"2999-01-01"}]}""", "timestamp")]
    [TestCase("""{"user_id":"a","message":"x","metadata":[1]}""", "metadata")]
    public async Task What_is_wrong_is_named_and_nothing_is_stored(string body, string field)
    {
        using var person = await Person.RegisterAsync(Host);
        var problem = await person.SendAsync(HttpMethod.Post, "/memory/store", body, HttpStatusCode.BadRequest);
        Assert.That(problem.GetProperty("errors").EnumerateObject().Select(error => error.Name), Is.EqualTo((string[])[field]));
        Assert.That((await person.GetAsync("/v1/conversations")).GetProperty("conversations").GetArrayLength(), Is.Zero);
    }

    [Test]
    public async Task A_context_is_bounded_and_has_a_summary_and_preferences()
    {
        using var person = await Person.RegisterAsync(Host);
        await person.PostAsync("/v1/memories", new { text = "Prefers rye bread.", category = "preference", user_id = "alice" });
        await person.PostAsync("/memory/store", new
        {
            user_id = "alice",
            conversation_id = "bakery",
            messages = Enumerable.Range(1, 30).Select(i => new { role = i % 2 == 1 ? "user" : "assistant", content = $"The oven of the bakery needs repair number {i}." }),
        });
        var context = await person.GetAsync("/memory/context/alice?conversation_id=bakery&query=oven");
        Assert.Multiple(() =>
        {
            Assert.That(context.GetProperty("user_id").GetString(), Is.EqualTo("alice"));
            Assert.That(context.GetProperty("messages").GetArrayLength(), Is.EqualTo(20), "MAX_CONTEXT_MESSAGES");
            Assert.That(context.GetProperty("messages")[19].GetProperty("content").GetString(), Does.EndWith("number 30."));
            Assert.That(context.GetProperty("summary").GetString(), Does.Contain("The oven of the bakery needs repair"));

            // What is learned of the oven meanwhile may be there too.
            Assert.That(
                context.GetProperty("preferences").EnumerateArray().Select(fact => fact.GetProperty("memory").GetString()!).Where(fact => !fact.Contains("oven", StringComparison.Ordinal)),
                Is.EqualTo((string[])["Prefers rye bread."]));
            Assert.That(context.GetProperty("memories").EnumerateArray().Single().GetProperty("memory").GetString(), Is.EqualTo("Prefers rye bread."));
            Assert.That(context.GetProperty("text").GetString(), Does.Contain("- Prefers rye bread.").And.Contain("Earlier in this conversation:").And.Contain("number 30."));
        });
        var latest = await person.GetAsync("/memory/context/alice/?max_messages=2");
        Assert.That(latest.GetProperty("messages").GetArrayLength(), Is.EqualTo(2), "Without a conversation the latest is meant.");
        Assert.That((await person.GetAsync("/memory/context/alice?max_messages=200")).GetProperty("messages").GetArrayLength(), Is.EqualTo(20));
        var nobody = await person.GetAsync("/memory/context/nobody");
        Assert.That(nobody.GetProperty("messages").GetArrayLength() + nobody.GetProperty("memories").GetArrayLength(), Is.Zero);
        Assert.That(nobody.GetProperty("summary").GetString(), Is.Empty);
    }

    [Test]
    public async Task A_user_id_of_any_characters_is_one_user()
    {
        using var person = await Person.RegisterAsync(Host);
        const string UserId = "team/a b%2Fc?ü";
        await person.PostAsync("/memory/store", new { user_id = UserId, conversation_id = "c/1", message = "Hello there." });
        var context = await person.GetAsync($"/memory/context/{Uri.EscapeDataString(UserId)}");
        Assert.That(context.GetProperty("user_id").GetString(), Is.EqualTo(UserId));
        Assert.That(context.GetProperty("messages").GetArrayLength(), Is.EqualTo(1));
    }

    [TestCase("fulltext")]
    [TestCase("hybrid")]
    [TestCase("semantic")]
    [TestCase(null)]
    public async Task A_search_finds_memories_and_messages_of_the_user_only(string? mode)
    {
        using var person = await Person.RegisterAsync(Host);
        await person.PostAsync("/memory/store", new { user_id = "alice", conversation_id = "c", message = "The kayak is blue.", metadata = new { a = 1 } });
        await person.PostAsync("/memory/store", new { user_id = "bob", conversation_id = "d", message = "My kayak is red." });
        await person.PostAsync("/memory/add", new { user_id = "alice", data = "Owns a kayak." });
        JsonElement found = default;
        await Eventually.TrueAsync(
            async () =>
            {
                found = await person.PostAsync("/memory/search", new { query = "kayak", user_id = "alice", limit = 5, mode, from = "2020-01-01", to = "2100-01-01" }, HttpStatusCode.OK);
                return found.GetProperty("results").GetArrayLength() == 1 && found.GetProperty("messages").GetArrayLength() == 1;
            },
            TimeSpan.FromSeconds(20),
            () => found.ToString());
        Assert.Multiple(() =>
        {
            Assert.That(found.GetProperty("results")[0].GetProperty("memory").GetString(), Is.EqualTo("Owns a kayak."));
            Assert.That(found.GetProperty("results")[0].GetProperty("score").GetDouble(), Is.GreaterThan(0));
            Assert.That(found.GetProperty("messages")[0].GetProperty("content").GetString(), Is.EqualTo("The kayak is blue."));
            Assert.That(found.GetProperty("messages")[0].GetProperty("conversation_id").GetString(), Is.EqualTo("c"));
        });
        var old = await person.PostAsync("/memory/search", new { query = "kayak", user_id = "alice", to = "2020-01-01" }, HttpStatusCode.OK);
        Assert.That(old.GetProperty("results").GetArrayLength() + old.GetProperty("messages").GetArrayLength(), Is.Zero);
    }

    [TestCase("""{"query":"x","mode":"psychic"}""", "mode")]
    [TestCase("""{"query":"x","limit":0}""", "limit")]
    [TestCase("""{"query":"x","from":"soon"}""", "from")]
    [TestCase("""{"query":"x","from":"2026-02-01","to":"2026-01-01"}""", "to")]
    [TestCase("""{"limit":3}""", "query")]
    public async Task A_search_that_cannot_be_read_is_refused_by_name(string body, string field)
    {
        using var person = await Person.RegisterAsync(Host);
        var problem = await person.SendAsync(HttpMethod.Post, "/memory/search", body, HttpStatusCode.BadRequest);
        Assert.That(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    [Test]
    public async Task A_user_is_erased_with_a_receipt()
    {
        using var person = await Person.RegisterAsync(Host);
        await person.PostAsync("/memory/store", new { user_id = "alice/b", conversation_id = "c", message = "The kayak is blue." });
        await person.PostAsync("/memory/store", new { user_id = "bob", conversation_id = "d", message = "Mine is red." });
        var accepted = await person.SendAsync(HttpMethod.Delete, "/memory/user/alice%2Fb", null, HttpStatusCode.Accepted);
        await person.GetAsync(accepted.GetProperty("status_url").GetString()!);
        var erased = await person.SendAsync(HttpMethod.Delete, "/memory/user/alice%2Fb/?wait=true");
        Assert.Multiple(() =>
        {
            Assert.That(accepted.GetProperty("id").GetString(), Is.Not.Empty);
            Assert.That(erased.GetProperty("status").GetString(), Is.EqualTo("completed"));
            Assert.That(erased.GetProperty("receipt").GetProperty("jws").GetString(), Is.Not.Empty);
        });
        await person.SendAsync(HttpMethod.Get, "/v1/conversations/c", null, HttpStatusCode.NotFound);
        Assert.That((await person.GetAsync("/memory/context/bob")).GetProperty("messages").GetArrayLength(), Is.EqualTo(1));
    }

    [Test]
    public async Task Members_act_for_themselves_only()
    {
        using var owner = await Person.RegisterAsync(Host);
        using var member = await Person.RegisterAsync(Host);
        await owner.PostAsync("/memory/store", new { user_id = "alice", conversation_id = "c", message = "Mine." });
        using var anonymous = Host.CreateClient();
        foreach (var (method, path, body) in ((HttpMethod, string, object?)[])
        [
            (HttpMethod.Post, "/memory/store", new { user_id = "alice", message = "Not yours." }),
            (HttpMethod.Get, "/memory/context/alice", null),
            (HttpMethod.Post, "/memory/search", new { query = "mine", user_id = "alice" }),
            (HttpMethod.Delete, "/memory/user/alice", null),
        ])
        {
            await anonymous.SendJsonAsync(method, path, body, HttpStatusCode.Unauthorized);
        }

        // In a tenant of its own the stranger acts for every subject, and finds nothing of the other's.
        var found = await member.PostAsync("/memory/search", new { query = "mine", user_id = "alice" }, HttpStatusCode.OK);
        Assert.That(found.GetProperty("messages").GetArrayLength(), Is.Zero);
        Assert.That((await member.GetAsync("/memory/context/alice?conversation_id=c")).GetProperty("messages").GetArrayLength(), Is.Zero);
    }
}
