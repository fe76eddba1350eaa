using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Retention;

public class RetentionRunTests(HostKind kind) : FunctionalTests(kind)
{
    [Test]
    public async Task A_run_deletes_old_unimportant_messages_and_leaves_the_others()
    {
        using var person = await Person.RegisterAsync(Host);
        var oldLow = await StoreAsync(person, "old and unimportant", days: 40, importance: 0.1);
        var oldHigh = await StoreAsync(person, "old and important", days: 40, importance: 0.9);
        var newLow = await StoreAsync(person, "new and unimportant", days: 1, importance: 0.1);
        await PutPolicyAsync(person, "delete");

        var run = await RunAsync(person);

        Assert.Multiple(() =>
        {
            Assert.That(run.GetProperty("status").GetString(), Is.EqualTo("completed"), run.GetRawText());
            Assert.That(run.GetProperty("messages_deleted").GetInt64(), Is.EqualTo(1), run.GetRawText());
            Assert.That(run.GetProperty("messages_archived").GetInt64(), Is.Zero);
            Assert.That(run.GetProperty("trigger").GetString(), Is.EqualTo("manual"));
            Assert.That(run.GetProperty("actor_account_id").GetString(), Is.EqualTo(person.AccountId));
            Assert.That(run.GetProperty("policy").GetProperty("max_age_days").GetInt32(), Is.EqualTo(30));
            Assert.That(run.GetProperty("error").ValueKind, Is.EqualTo(JsonValueKind.Null));
        });
        await person.SendAsync(HttpMethod.Get, $"/v1/messages/{oldLow}", status: HttpStatusCode.NotFound);
        await person.GetAsync($"/v1/messages/{oldHigh}");
        await person.GetAsync($"/v1/messages/{newLow}");
        Assert.That((await RunAsync(person)).GetProperty("messages_deleted").GetInt64(), Is.Zero, "A second run finds nothing.");
    }

    [Test]
    public async Task A_run_that_archives_keeps_messages_readable_and_takes_them_from_the_conversation()
    {
        using var person = await Person.RegisterAsync(Host);
        var old = await StoreAsync(person, "old and unimportant", days: 40, importance: 0.1);
        var recent = await StoreAsync(person, "new", days: 1, importance: 0.1);
        await PutPolicyAsync(person, "archive");

        var run = await RunAsync(person);

        Assert.That((run.GetProperty("messages_archived").GetInt64(), run.GetProperty("messages_deleted").GetInt64()), Is.EqualTo((1L, 0L)), run.GetRawText());
        Assert.That((await person.GetAsync($"/v1/messages/{old}")).GetProperty("content").GetString(), Is.EqualTo("old and unimportant"));
        var listed = await person.GetAsync("/v1/conversations/chat/messages");
        Assert.That(listed.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("id").GetString()), Is.EqualTo((string[])[recent]));
    }

    [Test]
    public async Task A_run_reaches_the_tenant_it_is_for_and_no_other()
    {
        using var person = await Person.RegisterAsync(Host);
        using var other = await Person.RegisterAsync(Host);
        var kept = await StoreAsync(other, "old and unimportant", days: 400, importance: 0.1);
        await StoreAsync(person, "old and unimportant", days: 400, importance: 0.1);
        await PutPolicyAsync(person, "delete");

        Assert.That((await RunAsync(person)).GetProperty("messages_deleted").GetInt64(), Is.EqualTo(1));
        await other.GetAsync($"/v1/messages/{kept}");
    }

    [Test]
    public async Task More_than_a_batch_is_covered_whole()
    {
        using var person = await Person.RegisterAsync(Host);
        for (var part = 0; part < 3; part++)
        {
            var messages = Enumerable.Range(0, 400).Select(i => new
            {
                conversation_id = $"chat-{part}",
                role = "tool",
                content = $"result {i}",
                importance = 0.05,
                created_at = DateTimeOffset.UtcNow.AddDays(-50).ToString("O", CultureInfo.InvariantCulture),
                extract_memory = false,
            });
            await person.SendAsync(HttpMethod.Post, "/v1/messages/batch", new { messages });
        }

        await PutPolicyAsync(person, "delete");

        Assert.That((await RunAsync(person)).GetProperty("messages_deleted").GetInt64(), Is.EqualTo(1_200));
    }

    [Test]
    public async Task Without_a_policy_in_force_nothing_runs()
    {
        using var person = await Person.RegisterAsync(Host);
        Assert.That(await TypeOfRunAsync(person), Is.EqualTo("urn:memorymesh:problem:no-retention-policy"));

        await PutPolicyAsync(person, "delete", enabled: false);
        Assert.That(await TypeOfRunAsync(person), Is.EqualTo("urn:memorymesh:problem:no-retention-policy"));
        Assert.That((await person.GetAsync("/v1/admin/retention/runs")).GetProperty("runs").GetArrayLength(), Is.Zero);
    }

    [Test]
    public async Task Runs_are_listed_newest_first_in_pages()
    {
        using var person = await Person.RegisterAsync(Host);
        await PutPolicyAsync(person, "delete");
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Insert(0, (await RunAsync(person)).GetProperty("id").GetString()!);
        }

        var first = await person.GetAsync("/v1/admin/retention/runs?limit=2");
        var second = await person.GetAsync($"/v1/admin/retention/runs?limit=2&cursor={first.GetProperty("next").GetString()}");
        Assert.That(
            first.GetProperty("runs").EnumerateArray().Concat(second.GetProperty("runs").EnumerateArray()).Select(run => run.GetProperty("id").GetString()),
            Is.EqualTo(ids));
        Assert.That(second.GetProperty("next").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public async Task A_key_without_the_admin_scope_may_read_the_policy_and_nothing_more()
    {
        using var person = await Person.RegisterAsync(Host);
        await PutPolicyAsync(person, "delete");
        var key = await person.PostAsync("/v1/auth/api-keys", new { name = "reader", scopes = (string[])["read", "write"] });
        using var client = Host.CreateClient();
        client.DefaultRequestHeaders.Add("x-api-key", key.GetProperty("key").GetString());

        await client.SendJsonAsync(HttpMethod.Get, "/v1/retention/policy", null, HttpStatusCode.OK);
        await client.SendJsonAsync(
            HttpMethod.Put, "/v1/retention/policy", new { max_age_days = 1, action = "delete", applies_to = (string[])["messages"] }, HttpStatusCode.Forbidden);
        await client.SendJsonAsync(HttpMethod.Delete, "/v1/retention/policy", null, HttpStatusCode.Forbidden);
        await client.SendJsonAsync(HttpMethod.Post, "/v1/admin/retention/run", new { }, HttpStatusCode.Forbidden);
        await client.SendJsonAsync(HttpMethod.Get, "/v1/admin/retention/runs", null, HttpStatusCode.Forbidden);
        Assert.That((await person.GetAsync("/v1/retention/policy")).GetProperty("max_age_days").GetInt32(), Is.EqualTo(30));
    }

    /// <summary>Starts a run, follows its Location and waits for its end.</summary>
    private static async Task<JsonElement> RunAsync(Person person)
    {
        using var answer = await person.Client.PostAsJsonAsync("/v1/admin/retention/run", new { tenant_id = person.TenantId });
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await answer.Content.ReadAsStringAsync());
        JsonElement run = default;
        await Eventually.TrueAsync(
            async () =>
            {
                run = await person.Client.GetFromJsonAsync<JsonElement>(answer.Headers.Location);
                return run.GetProperty("status").GetString() != "running";
            },
            TimeSpan.FromSeconds(30),
            () => $"The run did not end: {run}");
        Assert.That(run.GetProperty("finished_at").GetDateTimeOffset(), Is.GreaterThanOrEqualTo(run.GetProperty("started_at").GetDateTimeOffset()));
        return run;
    }

    private static async Task<string?> TypeOfRunAsync(Person person)
        => (await person.PostAsync("/v1/admin/retention/run", new { }, HttpStatusCode.UnprocessableEntity)).GetProperty("type").GetString();

    private static Task PutPolicyAsync(Person person, string action, bool enabled = true)
        => person.SendAsync(HttpMethod.Put, "/v1/retention/policy", new
        {
            max_age_days = 30,
            importance_below = 0.4,
            action,
            applies_to = (string[])["messages", "memories"],
            enabled,
        });

    private static async Task<string> StoreAsync(Person person, string content, int days, double importance)
    {
        var stored = await person.PostAsync("/v1/messages", new
        {
            conversation_id = "chat",
            role = "user",
            content,
            importance,
            created_at = DateTimeOffset.UtcNow.AddDays(-days).ToString("O", CultureInfo.InvariantCulture),
            extract_memory = false,
        });
        return stored.GetProperty("id").GetString()!;
    }
}
