using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Memory;

public class ExtractionSettingsTests(HostKind kind) : FunctionalTests(kind)
{
    private const string Path = "/v1/memories/extraction-settings";

    [Test]
    public async Task Admins_say_what_is_drawn_from_messages()
    {
        using var owner = await Person.RegisterAsync(Host);
        using var member = await Person.RegisterAsync(Host);
        await owner.PostAsync($"/v1/organizations/{owner.TenantId}/members", new { user_id = member.AccountId, role = "member" });
        var before = await owner.GetAsync(Path);
        Assert.That((before.GetProperty("version").GetInt32(), before.GetProperty("model").ValueKind), Is.EqualTo((0, JsonValueKind.Null)));
        var set = await owner.SendAsync(HttpMethod.Put, Path, new { instructions = "Keep places.", categories = (string[])["location"] });
        Assert.That((set.GetProperty("version").GetInt32(), set.GetProperty("instructions").GetString()), Is.EqualTo((1, "Keep places.")));
        await owner.SayAsync("c", "My name is Honda. I live in Graz.");
        await owner.WaitForTextsAsync(["User lives in Graz."]);
        var (stale, _) = await owner.RawAsync(HttpMethod.Put, Path, new { instructions = "x" }, ("If-Match", "\"v9\""));
        using (stale)
        {
            Assert.That(stale.StatusCode, Is.EqualTo(HttpStatusCode.PreconditionFailed));
        }

        foreach (var wrong in (object[])[new { categories = (string[])["places"] }, new { instructions = new string('x', 4_001) }, new { prompt = "x" }])
        {
            await owner.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Put, Path, wrong);
        }

        await member.ExpectAsync(HttpStatusCode.Forbidden, HttpMethod.Get, $"{Path}?tenant_id={owner.TenantId}");
        await member.ExpectAsync(HttpStatusCode.Forbidden, HttpMethod.Put, $"{Path}?tenant_id={owner.TenantId}", new { instructions = "x" });
        await owner.ExpectAsync(HttpStatusCode.NoContent, HttpMethod.Delete, Path);
        Assert.That((await owner.GetAsync(Path)).GetProperty("version").GetInt32(), Is.Zero);
        await owner.SayAsync("c", "My name is Honda.");
        await owner.WaitForTextsAsync(["User lives in Graz.", "User's name is Honda."]);
    }

    [Test]
    public async Task A_message_says_what_is_drawn_from_it_and_goes_before_the_tenant()
    {
        using var owner = await Person.RegisterAsync(Host);
        await owner.SendAsync(HttpMethod.Put, Path, new { categories = (string[])["location"] });
        var stored = await owner.PostAsync(
            "/v1/messages?wait=memories", new { conversation_id = "c", role = "user", content = "My name is Honda. I live in Graz.", extraction = new { instructions = "Mind names.", categories = (string[])["name"] } });
        await owner.WaitForTextsAsync(["User's name is Honda."]);
        Assert.That((await owner.GetAsync($"/v1/messages/{stored.GetProperty("id").GetString()}")).ToString(), Does.Not.Contain("Mind names."), "No route gives it back.");

        await owner.SendAsync(HttpMethod.Post, "/v1/messages/batch?wait=memories", new
        {
            extraction = new { categories = (string[])["interest"] },
            messages = (object[])
            [
                new { conversation_id = "d", role = "user", content = "I work as a welder. I collect stamps." },
                new { conversation_id = "d", role = "user", content = "I work as a welder. I collect coins.", extraction = new { categories = (string[])["profession"] } },
                new { conversation_id = "d", role = "user", content = "I work as a baker. I live in Linz.", extraction = new { } },
            ],
        });
        await owner.WaitForTextsAsync(["User's name is Honda.", "User collects stamps.", "User is a welder.", "User lives in Linz."]);

        // An edited message is read under what was said with it.
        await owner.SendAsync(HttpMethod.Put, $"/v1/messages/{stored.GetProperty("id").GetString()}", new { content = "My name is Hondo. I live in Wels." });
        await owner.WaitForTextsAsync(["User's name is Hondo.", "User collects stamps.", "User is a welder.", "User lives in Linz."]);
    }

    [Test]
    public async Task What_a_message_says_of_its_reading_is_bounded()
    {
        using var owner = await Person.RegisterAsync(Host);
        foreach (var (extraction, field) in ((object, string)[])
                 [
                     (new { categories = (string[])["places"] }, "extraction.categories"),
                     (new { categories = (string?[])[null] }, "extraction.categories"),
                     (new { instructions = new string('x', 4_001) }, "extraction.instructions"),
                 ])
        {
            foreach (var (path, body) in ((string, object)[])
                     [
                         ("/v1/messages", new { conversation_id = "c", role = "user", content = "Hello", extraction }),
                         ("/v1/messages/batch", new { extraction, messages = (object[])[new { conversation_id = "c", role = "user", content = "Hello" }] }),
                     ])
            {
                var (response, text) = await owner.RawAsync(HttpMethod.Post, path, body);
                using (response)
                {
                    Assert.That((response.StatusCode, text.Contains($"\"{field}\"", StringComparison.Ordinal)), Is.EqualTo((HttpStatusCode.BadRequest, true)), text);
                }
            }
        }

        await owner.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Post, "/v1/messages", new { conversation_id = "c", role = "user", content = "Hello", extraction = new { prompt = "x" } });
    }

    [Test]
    public async Task What_the_language_model_took_is_counted_for_admins()
    {
        using var owner = await Person.RegisterAsync(Host);
        var usage = await owner.GetAsync("/v1/analytics/llm?interval=day");
        Assert.That(usage.GetProperty("points").GetArrayLength(), Is.GreaterThan(0));
        Assert.That(usage.GetProperty("points").EnumerateArray().Sum(point => point.GetProperty("calls").GetInt64()), Is.Zero, "No model is configured.");
        var (csv, text) = await owner.RawAsync(HttpMethod.Get, "/v1/analytics/llm?format=csv");
        using (csv)
        {
            Assert.That(text, Does.StartWith("start,end,calls,failed,input_tokens,output_tokens,cost\r\n"));
        }
    }
}
