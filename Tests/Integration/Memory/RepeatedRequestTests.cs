using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Memory;

/// <summary>Requests about memories, blocks and preferences that are sent twice under one Idempotency-Key.</summary>
public class RepeatedRequestTests(HostKind kind) : FunctionalTests(kind)
{
    private const string Header = "Idempotency-Key";

    [Test]
    public async Task A_block_is_added_once_and_answered_as_it_was_made()
    {
        using var person = await Person.RegisterAsync(Host);
        var body = new { label = "persona", text = "Be brief." };
        var first = await SendAsync(person, "/v1/blocks", body, HttpStatusCode.Created);
        await person.SendAsync(HttpMethod.Patch, $"/v1/blocks/{IdOf(first)}", new { text = "Be kind." });
        var again = await SendAsync(person, "/v1/blocks", body, HttpStatusCode.Created, replayed: true);
        Assert.That(again.GetRawText(), Is.EqualTo(first.GetRawText()));
        await SendAsync(person, "/v1/blocks", new { label = "other", text = "Be brief." }, HttpStatusCode.UnprocessableEntity);
        Assert.That((await person.GetAsync("/v1/blocks")).GetProperty("blocks").GetArrayLength(), Is.EqualTo(1));
        var (malformed, text) = await person.RawAsync(HttpMethod.Post, "/v1/blocks", body, (Header, "with space"));
        using (malformed)
        {
            Assert.That(malformed.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest), text);
        }
    }

    [Test]
    public async Task What_is_said_of_a_memory_twice_is_done_once()
    {
        using var person = await Person.RegisterAsync(Host);
        var id = IdOf(await person.AddAndCompleteAsync(new { text = "User keeps a parrot." }));
        var address = $"/v1/memories/{id}";
        await SendAsync(person, $"{address}/feedback", new { kind = "useful" }, HttpStatusCode.OK, key: "useful");
        await SendAsync(person, $"{address}/feedback", new { kind = "useful" }, HttpStatusCode.OK, replayed: true, key: "useful");
        await SendAsync(person, $"{address}/feedback", new { kind = "wrong" }, HttpStatusCode.UnprocessableEntity, key: "useful");
        await SendAsync(person, $"{address}/feedback", new { kind = "wrong" }, HttpStatusCode.OK, key: "wrong");
        await SendAsync(person, $"{address}/feedback", new { kind = "wrong" }, HttpStatusCode.OK, replayed: true, key: "wrong");
        Assert.That(StateOf(await SendAsync(person, $"{address}/undo", null, HttpStatusCode.OK, key: "undo")), Is.EqualTo("current"));
        Assert.That(StateOf(await SendAsync(person, $"{address}/undo", null, HttpStatusCode.OK, replayed: true, key: "undo")), Is.EqualTo("current"), "Done once.");
        await SendAsync(person, $"{address}/feedback", new { kind = "sensitive" }, HttpStatusCode.OK, key: "hold");
        await SendAsync(person, $"{address}/review", new { decision = "reject" }, HttpStatusCode.NoContent, key: "reject");
        await SendAsync(person, $"{address}/review", new { decision = "reject" }, HttpStatusCode.NoContent, replayed: true, key: "reject");
        await SendAsync(person, $"{address}/review", new { decision = "approve" }, HttpStatusCode.UnprocessableEntity, key: "reject");
        await SendAsync(person, $"{address}/review", new { decision = "reject" }, HttpStatusCode.NotFound, key: "another");

        // The keys of another account are its own.
        using var other = await Person.RegisterAsync(Host);
        await SendAsync(other, $"{address}/review", new { decision = "reject" }, HttpStatusCode.NotFound, key: "reject");
    }

    [Test]
    public async Task A_reaction_that_is_told_twice_counts_once()
    {
        using var person = await Person.RegisterAsync(Host);
        var address = $"/v1/subjects/{person.AccountId}/preferences/feedback";
        for (var i = 0; i < 3; i++)
        {
            await SendAsync(person, address, new { signal = "too_long" }, HttpStatusCode.OK, replayed: i > 0);
        }

        await SendAsync(person, address, new { signal = "too_short" }, HttpStatusCode.UnprocessableEntity);
        var told = await SendAsync(person, address, new { signal = "too_long" }, HttpStatusCode.OK, key: "next");
        Assert.That(told.GetProperty("preferences").GetProperty("verbosity").GetProperty("evidence").GetProperty("observations").GetInt32(), Is.EqualTo(2));
    }

    private static string IdOf(JsonElement answer) => answer.GetProperty("id").GetString()!;

    private static string StateOf(JsonElement memory) => memory.GetProperty("state").GetString()!;

    private static async Task<JsonElement> SendAsync(Person person, string path, object? body, HttpStatusCode status, bool replayed = false, string key = "k")
    {
        var (response, text) = await person.RawAsync(HttpMethod.Post, path, body, (Header, key));
        using (response)
        {
            Assert.That(response.StatusCode, Is.EqualTo(status), text);
            Assert.That(response.Headers.Contains("Idempotency-Replayed"), Is.EqualTo(replayed), $"{path} under {key}");
            return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
        }
    }
}
