using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Memory;

public class ContextTests(HostKind kind) : FunctionalTests(kind)
{
    [Test]
    public async Task A_new_chat_knows_what_was_said_in_another()
    {
        using var person = await Person.RegisterAsync(Host);
        await person.SayAsync("chat-a", "My name is Honda. I'm a software engineer who loves Python.");
        await person.WaitForTextsAsync(["User is a software engineer.", "User loves Python.", "User's name is Honda."]);
        var context = await person.GetAsync("/v1/context/chat-b");
        Assert.Multiple(() =>
        {
            Assert.That(context.GetProperty("conversation_id").GetString(), Is.EqualTo("chat-b"));
            Assert.That(context.GetProperty("user_id").GetString(), Is.EqualTo(person.AccountId));
            Assert.That(context.GetProperty("messages").GetArrayLength(), Is.Zero, "History never crosses chats.");
            Assert.That(context.GetProperty("memories").GetArrayLength(), Is.EqualTo(3));
            Assert.That(context.GetProperty("text").GetString(), Is.EqualTo(
                "User Personal Information (from previous conversations):\n- User's name is Honda.\n- User is a software engineer.\n- User loves Python."));
            Assert.That(context.GetProperty("tokens").GetInt32(), Is.InRange(20, 60));
            Assert.That(context.GetProperty("truncated").GetBoolean(), Is.False);
            Assert.That(context.GetProperty("degraded").GetBoolean(), Is.False);
        });
    }

    [Test]
    public async Task A_context_has_the_messages_of_its_chat_and_the_memories_that_answer()
    {
        using var person = await Person.RegisterAsync(Host);
        foreach (var text in (string[])["User owns a red sailing boat.", "User attended a wedding in Lisbon.", "User's name is Honda."])
        {
            await person.AddAndCompleteAsync(new { text, category = text.Contains("name", StringComparison.Ordinal) ? "name" : "event" });
        }

        await person.SayAsync("c", "Which sails fit my boat?");
        await person.SayAsync("c", "Dacron ones.", role: "assistant");
        var context = await person.GetAsync("/v1/context/c");
        var memories = context.GetProperty("memories").EnumerateArray().ToList();
        Assert.Multiple(() =>
        {
            Assert.That(context.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("role").GetString()), Is.EqualTo((string[])["user", "assistant"]));
            Assert.That(memories.Select(memory => memory.GetProperty("text").GetString()), Is.EqualTo((string[])["User's name is Honda.", "User owns a red sailing boat."]));
            Assert.That(memories[1].GetProperty("score").GetDouble(), Is.GreaterThan(0));
            Assert.That(context.GetProperty("text").GetString(), Does.EndWith("Conversation so far:\nuser: Which sails fit my boat?\nassistant: Dacron ones."));
        });
        var asked = await person.GetAsync("/v1/context/c?query=wedding");
        Assert.That(asked.GetProperty("memories").ToString(), Does.Contain("Lisbon").And.Not.Contain("boat"));
    }

    [Test]
    public async Task A_context_stays_within_its_budget()
    {
        using var person = await Person.RegisterAsync(Host);
        for (var i = 0; i < 6; i++)
        {
            await person.PostAsync("/v1/memories", new { text = $"User prefers the number {i} {string.Concat(Enumerable.Repeat($"word{i} ", 20))}", category = "preference" });
            await person.SayAsync("c", string.Concat(Enumerable.Repeat($"message {i} ", 20)));
        }

        var context = await person.GetAsync("/v1/context/c?max_tokens=150");
        Assert.That(context.GetProperty("tokens").GetInt32(), Is.InRange(50, 150));
        Assert.That(context.GetProperty("truncated").GetBoolean());
        foreach (var wrong in (string[])["99", "100001", "x"])
        {
            await person.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Get, $"/v1/context/c?max_tokens={wrong}");
        }
    }

    [Test]
    public async Task A_context_says_what_is_preferred_and_sums_up_what_it_leaves_out()
    {
        using var person = await Person.RegisterAsync(Host);
        foreach (var (text, category) in ((string, string)[])[("User prefers Python over JavaScript.", "preference"), ("User wants short answers.", "style"), ("User lives in Graz.", "location")])
        {
            await person.AddAndCompleteAsync(new { text, category });
        }

        await person.SayAsync("c", "The bakery orders flour from a mill in Styria.");
        await person.SayAsync("c", "A mill in Styria delivers flour to the bakery weekly.", role: "assistant");
        await person.SayAsync("c", "What is the weather like?");
        await person.SayAsync("c", "Sunny.", role: "assistant");
        var context = await person.GetAsync("/v1/context/c?query=weather&max_messages=2&summary=true");
        Assert.Multiple(() =>
        {
            Assert.That(
                context.GetProperty("preferences").EnumerateArray().Select(memory => memory.GetProperty("text").GetString()),
                Is.EquivalentTo((string[])["User prefers Python over JavaScript.", "User wants short answers."]));
            Assert.That(context.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("content").GetString()), Is.EqualTo((string[])["What is the weather like?", "Sunny."]));
            Assert.That(context.GetProperty("summary").GetString(), Does.StartWith("user: The bakery orders flour").And.Not.Contain("weather"));
            Assert.That(context.GetProperty("text").GetString(), Does.Contain("Earlier in this conversation:\n- user: The bakery orders flour"));
        });
        var plain = await person.GetAsync("/v1/context/c");
        Assert.That(plain.GetProperty("summary").ValueKind, Is.EqualTo(JsonValueKind.Null), "It was not asked for.");
        Assert.That(plain.GetProperty("messages").GetArrayLength(), Is.EqualTo(4));
        foreach (var wrong in (string[])["max_messages=0", "max_messages=201", "max_messages=x", "summary=maybe"])
        {
            await person.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Get, $"/v1/context/c?{wrong}");
        }
    }

    [Test]
    public async Task A_foreign_chat_looks_like_a_new_one()
    {
        using var owner = await Person.RegisterAsync(Host);
        using var member = await Person.RegisterAsync(Host);
        using var stranger = await Person.RegisterAsync(Host);
        await owner.PostAsync($"/v1/organizations/{owner.TenantId}/members", new { user_id = member.AccountId, role = "member" });
        await owner.SayAsync("secret-chat", "My name is Honda.");
        await owner.WaitForTextsAsync(["User's name is Honda."]);
        var foreign = await member.GetAsync($"/v1/context/secret-chat?tenant_id={owner.TenantId}");
        var unknown = await member.GetAsync($"/v1/context/public-chat?tenant_id={owner.TenantId}");
        Assert.That(foreign.ToString(), Is.EqualTo(unknown.ToString().Replace("public-chat", "secret-chat", StringComparison.Ordinal)));
        await member.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"/v1/context/secret-chat?tenant_id={owner.TenantId}&user_id={owner.AccountId}");
        await stranger.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"/v1/context/secret-chat?tenant_id={owner.TenantId}");
    }

    [Test]
    public async Task A_context_holds_what_the_team_and_the_organization_know()
    {
        using var owner = await Person.RegisterAsync(Host);
        var team = (await owner.PostAsync($"/v1/organizations/{owner.TenantId}/teams", new { name = "Rowers" })).GetProperty("id").GetString()!;
        await owner.AddAndCompleteAsync(new { text = "The office closes at eight.", scope = "organization" });

        // The owner's rights were asked before the team was made, and may be remembered for some seconds.
        await Eventually.TrueAsync(
            async () =>
            {
                var (response, _) = await owner.RawAsync(HttpMethod.Get, $"/v1/memories?scope=team&team_id={team}");
                using (response)
                {
                    return response.StatusCode == HttpStatusCode.OK;
                }
            },
            TimeSpan.FromSeconds(60),
            () => "The team was not seen.");
        await owner.AddAndCompleteAsync(new { text = "The boats are in shed two.", scope = "team", team_id = team });
        var own = (await owner.GetAsync("/v1/context/c")).GetProperty("text").GetString();
        var ofCustomer = (await owner.GetAsync("/v1/context/c?user_id=customer")).GetProperty("text").GetString();
        var withTeam = (await owner.GetAsync($"/v1/context/c?user_id=customer&team_id={team}")).GetProperty("text").GetString();
        Assert.Multiple(() =>
        {
            Assert.That(own, Does.Contain("Shared Knowledge").And.Contain("closes at eight").And.Contain("shed two"));
            Assert.That(ofCustomer, Does.Contain("closes at eight").And.Not.Contain("shed two"), "The teams of another subject are not known.");
            Assert.That(withTeam, Does.Contain("shed two"));
        });
    }

    [Test]
    public async Task Whoever_acts_for_every_subject_gets_the_subject_of_the_chat()
    {
        using var owner = await Person.RegisterAsync(Host);
        await owner.SayAsync("alices", "My name is Alice.", userId: "alice");
        await owner.WaitForTextsAsync(["User's name is Alice."], "&user_id=alice");
        var context = await owner.GetAsync("/v1/context/alices");
        Assert.That(context.GetProperty("user_id").GetString(), Is.EqualTo("alice"));
        Assert.That(context.GetProperty("text").GetString(), Does.Contain("- User's name is Alice.").And.Contain("user: My name is Alice."));
        var bobs = await owner.GetAsync("/v1/context/alices?user_id=bob");
        Assert.That(bobs.GetProperty("text").GetString(), Is.Empty, "A chat belongs to one subject.");
    }
}
