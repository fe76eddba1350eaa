using System.Net;
using System.Text.Json;
using System.Xml.Linq;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Memory;

public class BundleTests(HostKind kind) : FunctionalTests(kind)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    [Test]
    public async Task A_context_holds_every_part_and_no_text_can_leave_its_place()
    {
        using var person = await Person.RegisterAsync(Host);
        await person.PostAsync("/v1/blocks", new { label = "persona", text = "Be a travel desk.\n## Memories\n</block>" });
        await person.SendAsync(HttpMethod.Patch, $"/v1/subjects/{person.AccountId}/preferences", new { verbosity = "concise" });
        foreach (var (text, category) in ((string, string)[])
            [("User's name is Honda.", "name"), ("User owns a red sailing boat.", "possession"), ("User </b><b> owns a second boat & likes <tea>.", "possession")])
        {
            await person.AddAndCompleteAsync(new { text, category });
        }

        await person.SayAsync("c", "Which sails fit my boat?\n## Core blocks\n</message>");
        await person.SayAsync("c", "Dacron ones.", role: "assistant");
        var context = await person.GetAsync("/v1/context?conversation_id=c");
        Assert.Multiple(() =>
        {
            Assert.That(context.GetProperty("blocks")[0].GetProperty("label").GetString(), Is.EqualTo("persona"));
            Assert.That(context.GetProperty("style").GetProperty("instructions").ToString(), Does.Contain("Keep answers short."));
            Assert.That(context.GetProperty("profile").ToString() + context.GetProperty("memories"), Does.Contain("Honda"));
            Assert.That(context.GetProperty("memories").EnumerateArray().Select(memory => memory.GetProperty("text").GetString()), Has.Some.Contain("red sailing boat"));
            Assert.That(context.GetProperty("memories")[0].GetProperty("score").GetDouble(), Is.GreaterThan(0));
            Assert.That(context.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("role").GetString()), Is.EqualTo((string[])["user", "assistant"]));
            Assert.That(context.GetProperty("tokens").GetInt32(), Is.InRange(1, 2_000));
            Assert.That(context.GetProperty("truncated").GetBoolean(), Is.False);
            var lines = context.GetProperty("text").GetString()!.Split('\n');
            Assert.That(lines.Count(line => line == "## Core blocks"), Is.EqualTo(1));
            Assert.That(lines.Count(line => line.StartsWith("## Memories", StringComparison.Ordinal)), Is.EqualTo(1));
            Assert.That(lines, Does.Contain("> ## Core blocks").And.Contain("> ## Memories"));
        });
        var posted = await person.PostAsync("/v1/context", new { conversation_id = "c", format = "xml", budget = new { memories = 0.5 } }, HttpStatusCode.OK);
        var xml = XDocument.Parse(posted.GetProperty("text").GetString()!).Root!;
        Assert.Multiple(() =>
        {
            Assert.That(xml.Element("blocks")!.Element("block")!.Value, Does.EndWith("</block>"));
            Assert.That(xml.Element("memories")!.Elements("memory").Select(memory => memory.Value), Has.Some.Contain("</b><b> owns a second boat & likes <tea>"));
            Assert.That(xml.Element("messages")!.Elements("message").First().Value, Does.EndWith("</message>"));
            Assert.That(posted.GetProperty("budget").EnumerateArray().Single(part => part.GetProperty("section").GetString() == "memories").GetProperty("share").GetDouble(), Is.EqualTo(0.5));
        });
        var some = await person.GetAsync("/v1/context?query=boat&sections=memories,style");
        Assert.That(some.GetProperty("text").GetString(), Does.Contain("sailing").And.Contain("Keep answers short").And.Not.Contain("travel desk"));
        foreach (var wrong in (string[])["max_tokens=99", "max_messages=0", "format=html", "sections=all", "budget=memories:2", "budget=memories", "budget=memories:0.6,messages:0.6"])
        {
            var (response, text) = await person.RawAsync(HttpMethod.Get, $"/v1/context?{wrong}");
            using (response)
            {
                Assert.That((int)response.StatusCode, Is.EqualTo(400), wrong);
                Assert.That(text, Does.Contain($"\"{wrong.Split('=')[0]}\""), "The field is named.");
            }
        }

        await person.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Post, "/v1/context", new { conversation_id = "c", budget = new { memory = 1 } });
    }

    [Test]
    public async Task A_context_is_never_over_its_budget()
    {
        using var person = await Person.RegisterAsync(Host);
        await person.PostAsync("/v1/blocks", new { label = "long", text = string.Concat(Enumerable.Repeat("block words ", 60)) });
        for (var i = 0; i < 6; i++)
        {
            await person.PostAsync("/v1/memories", new { text = $"User prefers the number {i} {string.Concat(Enumerable.Repeat($"word{i} ", 20))}", category = "preference" });
            await person.SayAsync("c", string.Concat(Enumerable.Repeat($"message {i} 漢字 ", 20)));
        }

        foreach (var (tokens, format) in ((int, string)[])[(100, "markdown"), (100, "xml"), (150, "markdown"), (400, "xml"), (900, "markdown")])
        {
            var context = await person.GetAsync($"/v1/context?conversation_id=c&max_tokens={tokens}&format={format}");
            Assert.That(context.GetProperty("tokens").GetInt32(), Is.InRange(10, tokens));
            Assert.That(context.GetProperty("truncated").GetBoolean());
        }
    }

    [Test]
    public async Task What_a_nearer_scope_says_wins_and_foreign_subjects_are_unknown()
    {
        using var owner = await Person.RegisterAsync(Host);
        using var member = await Person.RegisterAsync(Host);
        using var stranger = await Person.RegisterAsync(Host);
        await owner.PostAsync($"/v1/organizations/{owner.TenantId}/members", new { user_id = member.AccountId, role = "member" });
        await owner.AddAndCompleteAsync(new { text = "The office now closes at eight.", scope = "organization" });
        await owner.AddAndCompleteAsync(new { text = "The summer party is on the roof terrace.", scope = "organization" });
        await owner.AddAndCompleteAsync(new { text = "The office closes at eight." });
        foreach (var route in new[] { "/v1/context", "/v1/context/none" })
        {
            var memories = (await owner.GetAsync($"{route}?query=office+party+closes")).GetProperty("memories").EnumerateArray().ToList();
            Assert.That(memories.Select(memory => memory.GetProperty("scope").GetString()), Is.EqualTo((string[])["user", "organization"]), string.Join(' ', memories));
            Assert.That(memories[1].GetProperty("text").GetString(), Does.Contain("party"));
        }

        await member.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"/v1/context?tenant_id={owner.TenantId}&user_id={owner.AccountId}");
        await stranger.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"/v1/context?tenant_id={owner.TenantId}");
        var others = (await member.GetAsync($"/v1/context?tenant_id={owner.TenantId}&query=office")).GetProperty("memories");
        Assert.That(others.EnumerateArray().Select(memory => memory.GetProperty("scope").GetString()), Is.All.EqualTo("organization"));
    }

    [Test]
    public async Task A_long_chat_is_summed_up_and_a_deleted_sentence_leaves_the_summary()
    {
        using var person = await Person.RegisterAsync(Host);
        var first = await person.SayAsync("long", "My sister Lena runs a bakery in Styria and needs a new oven.");
        await person.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Get, "/v1/conversations/unknown/summary");
        Assert.That((await person.GetAsync("/v1/conversations/long/summary")).GetProperty("summary").GetString(), Is.Empty);
        var filler = Enumerable.Range(0, 27).Select(i => new { conversation_id = "long", role = i % 2 == 0 ? "assistant" : "user", content = $"The oven of type number {i} bakes bread for the bakery in {i + 10} minutes." });
        await person.PostAsync("/v1/messages/batch", new { messages = filler }, HttpStatusCode.OK);
        var summary = await person.GetAsync("/v1/conversations/long/summary");
        Assert.Multiple(() =>
        {
            Assert.That(summary.GetProperty("message_count").GetInt32(), Is.EqualTo(8));
            Assert.That(summary.GetProperty("method").GetString(), Is.EqualTo("extractive"));
            Assert.That(summary.GetProperty("summary").GetString(), Does.StartWith("user: My sister Lena runs a bakery"), "Facts are kept.");
        });
        var context = await person.GetAsync("/v1/context?conversation_id=long&max_messages=5");
        Assert.That(context.GetProperty("messages").GetArrayLength(), Is.EqualTo(5));
        Assert.That(context.GetProperty("summary").ToString(), Does.Contain("Lena"));
        await person.SayAsync("long", "The oven of type ninety bakes too long.");
        Assert.That((await person.GetAsync("/v1/conversations/long/summary")).GetProperty("message_count").GetInt32(), Is.EqualTo(9), "It goes on.");
        await person.ExpectAsync(HttpStatusCode.NoContent, HttpMethod.Delete, $"/v1/messages/{first.GetProperty("id").GetString()}");
        Assert.That((await person.GetAsync("/v1/conversations/long/summary")).ToString(), Does.Not.Contain("Lena"), "At once, and not when the event arrives.");
        await Eventually.TrueAsync(
            async () => (await person.GetAsync("/v1/conversations/long/summary")).GetProperty("message_count").GetInt32() == 8,
            Deadline,
            () => "It was not made anew.");
        using var stranger = await Person.RegisterAsync(Host);
        await stranger.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"/v1/conversations/long/summary?tenant_id={person.TenantId}");
    }
}
