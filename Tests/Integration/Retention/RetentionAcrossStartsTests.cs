using System.Globalization;
using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Retention;

/// <summary>What needs a product of its own: settings, kills and starts.</summary>
public class RetentionAcrossStartsTests
{
    private static readonly TimeSpan Deadline = Eventually.Patience;

    [Test]
    public async Task The_default_policy_runs_by_itself_and_a_tenant_can_opt_out()
    {
        var folder = Directory.CreateTempSubdirectory("memorymesh-test-").FullName;
        try
        {
            // The tenant opts out before the default policy is there: a pass in between would cover it rightly.
            var before = await TestHost.StartAsync(HostKind.Embedded, folder);
            using var person = await Person.RegisterAsync(before);
            using var other = await Person.RegisterAsync(before);
            await StoreManyAsync(person, 1);
            await StoreManyAsync(other, 1);
            await other.SendAsync(
                HttpMethod.Put, "/v1/retention/policy", new { max_age_days = 1, action = "delete", applies_to = (string[])["messages"], enabled = false });
            await before.DisposeAsync();

            await using var host = await TestHost.StartAsync(HostKind.Embedded, folder, environment: new Dictionary<string, string>
            {
                ["MEMORY_RETENTION_MAX_AGE_DAYS"] = "30",
                ["MEMORY_RETENTION_SCHEDULE_SECONDS"] = "1",
            });
            using var covered = ClientOf(person, host);
            using var optedOut = ClientOf(other, host);
            var policy = await GetAsync(covered, "/v1/retention/policy");
            Assert.That(
                (policy.GetProperty("source").GetString(), policy.GetProperty("importance_below").GetDouble(), policy.GetProperty("action").GetString()),
                Is.EqualTo(("default", 0.35, "delete")));

            JsonElement run = default;
            await Eventually.TrueAsync(
                async () =>
                {
                    run = (await GetAsync(covered, "/v1/admin/retention/runs?limit=200")).GetProperty("runs").EnumerateArray()
                        .FirstOrDefault(item => item.GetProperty("messages_deleted").GetInt64() == 1);
                    return run.ValueKind == JsonValueKind.Object && run.GetProperty("status").GetString() == "completed";
                },
                Deadline,
                () => $"No scheduled run deleted the message.\n{host.Output}");
            Assert.That(run.GetProperty("trigger").GetString(), Is.EqualTo("schedule"));
            Assert.That(run.GetProperty("actor_account_id").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That((await GetAsync(optedOut, "/v1/conversations/old-0/messages")).GetProperty("messages").GetArrayLength(), Is.EqualTo(1));
            Assert.That((await GetAsync(optedOut, "/v1/admin/retention/runs")).GetProperty("runs").GetArrayLength(), Is.Zero);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public async Task A_run_that_a_kill_cut_off_is_continued_at_the_next_start()
    {
        const int Messages = 6_000;
        await using var host = await TestHost.StartAsync(HostKind.Embedded);
        using var person = await Person.RegisterAsync(host);
        await StoreManyAsync(person, Messages);
        await person.SendAsync(HttpMethod.Put, "/v1/retention/policy", new { max_age_days = 30, action = "delete", applies_to = (string[])["messages"] });
        var run = await person.PostAsync("/v1/admin/retention/run", new { }, HttpStatusCode.Accepted);
        var path = $"/v1/admin/retention/runs/{run.GetProperty("id").GetString()}";
        await Eventually.TrueAsync(
            async () => (await person.GetAsync(path)).GetProperty("messages_deleted").GetInt64() > 0, Deadline, () => $"The run did nothing.\n{host.Output}");
        host.Kill();

        await host.StartAgainAsync();
        JsonElement now = default;
        await Eventually.TrueAsync(
            async () =>
            {
                now = await person.GetAsync(path);
                return now.GetProperty("status").GetString() != "running";
            },
            Deadline,
            () => $"The run was not continued: {now}\n{host.Output}");

        Assert.That(host.Output, Does.Contain("was cut off and is continued"), "The kill came after the run's end: store more messages.");
        Assert.That(now.GetProperty("status").GetString(), Is.EqualTo("completed"), now.GetRawText());
        Assert.That(now.GetProperty("messages_deleted").GetInt64(), Is.InRange(Messages - 500, Messages));
        Assert.That(now.GetProperty("created_before").GetDateTimeOffset(), Is.EqualTo(run.GetProperty("created_before").GetDateTimeOffset()));
        var left = await person.GetAsync("/v1/conversations/old-0/messages");
        Assert.That(left.GetProperty("messages").GetArrayLength(), Is.Zero);
    }

    [Test]
    public async Task A_second_run_while_one_is_in_progress_is_refused()
    {
        await using var host = await TestHost.StartAsync(HostKind.Embedded);
        using var person = await Person.RegisterAsync(host);
        await StoreManyAsync(person, 3_000);
        await person.SendAsync(HttpMethod.Put, "/v1/retention/policy", new { max_age_days = 30, action = "delete", applies_to = (string[])["messages"] });
        await person.PostAsync("/v1/admin/retention/run", new { }, HttpStatusCode.Accepted);

        var problem = await person.PostAsync("/v1/admin/retention/run", new { }, HttpStatusCode.Conflict);
        Assert.That(problem.GetProperty("type").GetString(), Is.EqualTo("urn:memorymesh:problem:retention-run-in-progress"));
    }

    private static HttpClient ClientOf(Person person, TestHost host)
    {
        var client = host.CreateClient();
        client.DefaultRequestHeaders.Authorization = person.Client.DefaultRequestHeaders.Authorization;
        return client;
    }

    private static Task<JsonElement> GetAsync(HttpClient client, string path) => client.SendJsonAsync(HttpMethod.Get, path, null, HttpStatusCode.OK);

    private static async Task StoreManyAsync(Person person, int count)
    {
        var createdAt = DateTimeOffset.UtcNow.AddDays(-50).ToString("O", CultureInfo.InvariantCulture);
        for (var stored = 0; stored < count; stored += 500)
        {
            var messages = Enumerable.Range(stored, Math.Min(500, count - stored)).Select(i => new
            {
                conversation_id = $"old-{stored / 500}",
                role = "tool",
                content = $"result {i}",
                importance = 0.05,
                created_at = createdAt,
                extract_memory = false,
            });
            await person.SendAsync(HttpMethod.Post, "/v1/messages/batch", new { messages });
        }
    }
}
