using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MemoryMesh.Tests.Integration.Memory;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Privacy;

public class ErasureTests(HostKind kind) : FunctionalTests(kind)
{
    private static readonly TimeSpan Deadline = Eventually.Patience;

    private static string DataMap => field ??= File.ReadAllText(System.IO.Path.Combine(TestHost.RepositoryRoot(), "docs", "data-map.md"));

    [Test]
    public async Task An_erased_subject_is_gone_from_every_answer_and_another_is_not()
    {
        using var person = await Person.RegisterAsync(Host);
        var (erased, kept) = ($"erased-{Guid.NewGuid():N}", $"kept-{Guid.NewGuid():N}");
        var message = await TellAsync(person, erased, "My name is Zaphod and I love archery.");
        var other = await TellAsync(person, kept, "My name is Trillian and I love astronomy.");

        var answer = await person.SendAsync(HttpMethod.Post, "/v1/privacy/erasures?wait=true", new { user_id = erased, reason = "Arthur insists" });
        var receipt = answer.GetProperty("receipt");
        Assert.Multiple(() =>
        {
            Assert.That(answer.GetProperty("status").GetString(), Is.EqualTo("completed"));
            Assert.That(answer.GetProperty("user_id").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(answer.GetProperty("reason").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(answer.ToString(), Does.Not.Contain(erased).And.Not.Contain("Arthur"));
            Assert.That(Count(receipt, "chat", "messages"), Is.EqualTo(1));
            Assert.That(Count(receipt, "chat", "conversations"), Is.EqualTo(1));
            Assert.That(Count(receipt, "memory", "memories"), Is.GreaterThanOrEqualTo(2));
            Assert.That(Count(receipt, "search", "indexed_items"), Is.GreaterThanOrEqualTo(1));
        });

        await person.SendAsync(HttpMethod.Get, $"/v1/messages/{message}", status: HttpStatusCode.NotFound);
        await person.SendAsync(HttpMethod.Get, $"/v1/conversations/{erased}-chat", status: HttpStatusCode.NotFound);
        Assert.That(await person.TextsAsync($"&user_id={erased}"), Is.Empty);
        var found = await person.GetAsync($"/v1/memory/search?query=archery&user_id={erased}");
        Assert.That(found.GetProperty("results").GetArrayLength(), Is.Zero);
        Assert.That((await person.GetAsync($"/v1/conversations?user_id={erased}")).ToString(), Does.Not.Contain(erased));

        Assert.That((await person.GetAsync($"/v1/messages/{other}")).GetProperty("content").GetString(), Does.Contain("astronomy"));
        Assert.That((await person.TextsAsync($"&user_id={kept}")).Count, Is.GreaterThanOrEqualTo(2));
        found = await person.GetAsync($"/v1/memory/search?query=astronomy&user_id={kept}");
        Assert.That(found.GetProperty("results").GetArrayLength(), Is.EqualTo(1));

        // The id may be used again: nothing of before comes back.
        await TellAsync(person, erased, "I love sailing.");
        Assert.That(await person.TextsAsync($"&user_id={erased}"), Is.All.Contains("sailing"));
        Assert.That((await person.GetAsync($"/v1/context/{erased}-chat?user_id={erased}&query=name")).ToString(), Does.Not.Contain("Zaphod"));
    }

    [Test]
    public async Task A_receipt_is_verified_with_the_published_key_and_a_changed_one_is_not()
    {
        using var person = await Person.RegisterAsync(Host);
        var answer = await person.SendAsync(HttpMethod.Post, "/v1/privacy/erasures?wait=true", new { user_id = "nobody" });
        var receipt = await person.GetAsync(Path(answer, "receipt_url"));
        Assert.That(receipt.GetRawText(), Is.EqualTo(answer.GetProperty("receipt").GetRawText()));

        using var anonymous = Host.CreateClient();
        var jws = receipt.GetProperty("jws").GetString()!;
        var keys = await anonymous.SendJsonAsync(HttpMethod.Get, "/.well-known/memorymesh-receipts.json", null, HttpStatusCode.OK);
        Assert.That(Verifies(jws, keys), Is.True);
        for (var at = 0; at < jws.Length; at += 7)
        {
            // The last letter of a part may hold bits that no byte has.
            if (jws[at] != '.' && at != jws.Length - 1 && jws[at + 1] != '.')
            {
                var changed = jws[..at] + (jws[at] == 'A' ? 'B' : 'A') + jws[(at + 1)..];
                Assert.That(Verifies(changed, keys), Is.False, $"changed at {at}");
            }
        }

        var signed = JsonDocument.Parse(Decode(jws.Split('.')[1])).RootElement;
        Assert.Multiple(() =>
        {
            foreach (var member in signed.EnumerateObject())
            {
                Assert.That(JsonElement.DeepEquals(receipt.GetProperty(member.Name), member.Value), Is.True, member.Name);
            }

            Assert.That(receipt.EnumerateObject().Count(), Is.EqualTo(signed.EnumerateObject().Count() + 1));
            Assert.That(signed.GetProperty("erasure_id").GetString(), Is.EqualTo(answer.GetProperty("id").GetString()));
            Assert.That(signed.GetProperty("tenant_id").GetString(), Is.EqualTo(person.TenantId));
            Assert.That(signed.GetProperty("subject_hash").GetString(), Does.Match("^[0-9a-f]{32}$"));
            Assert.That(
                signed.GetProperty("services").EnumerateArray().Select(service => service.GetProperty("service").GetString()),
                Is.EqualTo((string[])["chat", "memory", "search", "retention"]));
            foreach (var service in signed.GetProperty("services").EnumerateArray())
            {
                Assert.That(DataMap, Does.Contain($"Version `{service.GetProperty("data_map").GetString()}`."), service.ToString());
            }

            Assert.That(signed.GetProperty("remains").EnumerateArray().Select(rest => rest.GetProperty("what").GetString()), Does.Contain("backups"));
        });
    }

    [Test]
    public async Task An_erasure_that_is_not_waited_for_is_followed_at_its_status_url()
    {
        using var person = await Person.RegisterAsync(Host);
        var user = $"later-{Guid.NewGuid():N}";
        await TellAsync(person, user, "I love chess.");
        using var request = Post(new { user_id = user, tenant_id = person.TenantId });
        using var response = await person.Client.SendAsync(request);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        var accepted = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.That(response.Headers.Location!.ToString(), Does.EndWith($"/v1/privacy/erasures/{accepted.GetProperty("id").GetString()}?tenant_id={person.TenantId}"));
        Assert.That(accepted.GetProperty("services").GetArrayLength(), Is.EqualTo(4));
        var done = await CompletedAsync(person, accepted);
        Assert.That(done.GetProperty("receipt").GetProperty("jws").GetString(), Is.Not.Empty);

        var list = await person.GetAsync($"/v1/privacy/erasures?user_id={user}");
        Assert.That(list.GetProperty("erasures").EnumerateArray().Select(erasure => erasure.GetProperty("id").GetString()), Is.EqualTo((string?[])[accepted.GetProperty("id").GetString()]));
        await AuditedAsync(person, accepted.GetProperty("id").GetString()!);
    }

    [Test]
    public async Task Requests_at_the_same_time_are_one_erasure_and_a_repeated_one_answers_the_first()
    {
        using var person = await Person.RegisterAsync(Host);
        var user = $"twice-{Guid.NewGuid():N}";
        await TellAsync(person, user, "I love chess.");
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => person.SendAsync(
            HttpMethod.Post, "/v1/privacy/erasures?wait=true", new { user_id = user })));
        var ids = answers.Select(answer => answer.GetProperty("id").GetString()).Distinct().ToList();
        Assert.That(ids, Has.Count.LessThanOrEqualTo(2), "a request that came after the end begins another");

        var key = Guid.NewGuid().ToString("N");
        var first = await SendWithKeyAsync(person, key, user, HttpStatusCode.OK);
        await TellAsync(person, user, "I love rowing.");
        var again = await SendWithKeyAsync(person, key, user, HttpStatusCode.OK);
        Assert.That(again.GetProperty("id").GetString(), Is.EqualTo(first.GetProperty("id").GetString()));
        Assert.That(await person.TextsAsync($"&user_id={user}"), Is.All.Contains("rowing"), "a repeated request erases nothing new");
        await SendWithKeyAsync(person, key, "another", HttpStatusCode.UnprocessableEntity);
    }

    [Test]
    public async Task An_idempotency_key_of_an_erased_message_stores_it_anew()
    {
        using var person = await Person.RegisterAsync(Host);
        var user = $"again-{Guid.NewGuid():N}";
        var key = Guid.NewGuid().ToString("N");
        var first = await StoreWithKeyAsync(person, key, user);
        await person.SendAsync(HttpMethod.Post, "/v1/privacy/erasures?wait=true", new { user_id = user });
        var second = await StoreWithKeyAsync(person, key, user);
        Assert.That(second, Is.Not.EqualTo(first));
        await person.GetAsync($"/v1/messages/{second}");
    }

    [Test]
    public async Task Opting_out_outlives_an_erasure_and_the_receipt_says_so()
    {
        using var person = await Person.RegisterAsync(Host);
        var user = $"out-{Guid.NewGuid():N}";
        await TellAsync(person, user, "I love chess.");
        await person.SendAsync(HttpMethod.Delete, $"/v1/memories?user_id={user}&opt_out=true");
        var answer = await person.SendAsync(HttpMethod.Post, "/v1/privacy/erasures?wait=true", new { user_id = user });
        Assert.That(
            answer.GetProperty("receipt").GetProperty("remains").EnumerateArray().Select(rest => rest.GetProperty("what").GetString()), Does.Contain("opt_out"));
        await TellAsync(person, user, "I love rowing.");
        Assert.That(await person.TextsAsync($"&user_id={user}"), Is.Empty);
    }

    [Test]
    public async Task Who_may_erase_whom()
    {
        using var owner = await Person.RegisterAsync(Host);
        using var admin = await Person.RegisterAsync(Host);
        using var member = await Person.RegisterAsync(Host);
        using var other = await Person.RegisterAsync(Host);
        using var viewer = await Person.RegisterAsync(Host);
        using var stranger = await Person.RegisterAsync(Host);
        var tenant = owner.TenantId;
        foreach (var (person, role) in ((Person, string)[])[(admin, "admin"), (member, "member"), (other, "member"), (viewer, "viewer")])
        {
            await owner.PostAsync($"/v1/organizations/{tenant}/members", new { user_id = person.AccountId, role });
        }

        foreach (var (person, subject, status) in ((Person, string, int)[])
        [
            (owner, "customer", 200), (admin, "customer", 200), (member, "customer", 404), (viewer, "customer", 403), (stranger, "customer", 404),
            (member, member.AccountId, 200), (other, member.AccountId, 404), (viewer, viewer.AccountId, 403), (admin, member.AccountId, 200),
        ])
        {
            await person.SendAsync(
                HttpMethod.Post, "/v1/privacy/erasures?wait=true", new { tenant_id = tenant, user_id = subject }, (HttpStatusCode)status);
        }

        // What a member may see: erasures of itself, whoever asked for them.
        var ofMember = (await member.GetAsync($"/v1/privacy/erasures?tenant_id={tenant}")).GetProperty("erasures").EnumerateArray().ToList();
        Assert.That(ofMember, Has.Count.EqualTo(2));
        Assert.That((await owner.GetAsync($"/v1/privacy/erasures?tenant_id={tenant}")).GetProperty("erasures").GetArrayLength(), Is.EqualTo(4));
        Assert.That((await other.GetAsync($"/v1/privacy/erasures?tenant_id={tenant}")).GetProperty("erasures").GetArrayLength(), Is.Zero);
        await other.SendAsync(HttpMethod.Get, $"/v1/privacy/erasures?tenant_id={tenant}&user_id=customer", status: HttpStatusCode.NotFound);
        var id = ofMember[0].GetProperty("id").GetString();
        foreach (var path in (string[])[$"/v1/privacy/erasures/{id}", $"/v1/privacy/erasures/{id}/receipt"])
        {
            foreach (var (person, status) in ((Person, int)[])[(owner, 200), (admin, 200), (member, 200), (other, 404), (viewer, 404), (stranger, 404)])
            {
                await person.SendAsync(HttpMethod.Get, $"{path}?tenant_id={tenant}", status: (HttpStatusCode)status);
            }

            Assert.That(
                await BytesAsync(other, $"{path}?tenant_id={tenant}"),
                Is.EqualTo(await BytesAsync(other, $"{path.Replace(id!, Guid.NewGuid().ToString(), StringComparison.Ordinal)}?tenant_id={tenant}")));
        }

        // Keys: acting for every subject needs the scope admin.
        foreach (var (scopes, status) in ((string[], int)[])[(["read", "write"], 403), (["read", "write", "admin"], 200), (["read"], 403)])
        {
            var key = (await owner.PostAsync("/v1/auth/api-keys", new { name = "k", scopes })).GetProperty("key").GetString();
            using var client = Host.CreateClient();
            client.DefaultRequestHeaders.Add("x-api-key", key);
            await client.SendJsonAsync(HttpMethod.Post, "/v1/privacy/erasures?wait=true", new { user_id = "customer" }, (HttpStatusCode)status);
        }

        using var anonymous = Host.CreateClient();
        await anonymous.SendJsonAsync(HttpMethod.Post, "/v1/privacy/erasures", new { user_id = "customer" }, HttpStatusCode.Unauthorized);
    }

    [TestCase("""{}""", "user_id")]
    [TestCase("""{"user_id":null}""", "user_id")]
    [TestCase("""{"user_id":" "}""", "user_id")]
    [TestCase("""{"user_id":"a\u0000b"}""", "user_id")]
    [TestCase("""{"user_id":"a","reason":""}""", "reason")]
    [TestCase("""{"user_id":"a","tenant_id":"\ud800"}""", "tenant_id")]
    public async Task A_value_that_is_not_allowed_is_named(string body, string field)
    {
        using var person = await Person.RegisterAsync(Host);
        var problem = await person.SendAsync(HttpMethod.Post, "/v1/privacy/erasures", body, HttpStatusCode.BadRequest);
        Assert.That(problem.GetProperty("type").GetString(), Is.AnyOf("urn:memorymesh:problem:invalid-request", "urn:memorymesh:problem:malformed-request"));
        if (problem.TryGetProperty("errors", out var errors))
        {
            Assert.That(errors.EnumerateObject().Select(error => error.Name), Is.EqualTo((string[])[field]));
        }
    }

    [Test]
    public async Task What_is_malformed_is_refused()
    {
        using var person = await Person.RegisterAsync(Host);
        await person.SendAsync(HttpMethod.Post, "/v1/privacy/erasures", new { user_id = new string('x', 201) }, HttpStatusCode.BadRequest);
        await person.SendAsync(HttpMethod.Post, "/v1/privacy/erasures", new { user_id = "a", reason = new string('x', 501) }, HttpStatusCode.BadRequest);
        await person.SendAsync(HttpMethod.Post, "/v1/privacy/erasures", """{"user_id":"a","everything":true}""", HttpStatusCode.BadRequest);
        await person.SendAsync(HttpMethod.Post, "/v1/privacy/erasures", "[]", HttpStatusCode.BadRequest);
        await person.SendAsync(HttpMethod.Post, "/v1/privacy/erasures?wait=perhaps", new { user_id = "a" }, HttpStatusCode.BadRequest);
        await person.SendAsync(HttpMethod.Get, "/v1/privacy/erasures?limit=0", status: HttpStatusCode.BadRequest);
        await person.SendAsync(HttpMethod.Get, "/v1/privacy/erasures?cursor=x", status: HttpStatusCode.BadRequest);
        await person.SendAsync(HttpMethod.Get, "/v1/privacy/erasures?user_id=%20", status: HttpStatusCode.BadRequest);
        foreach (var id in (string[])["x", Guid.NewGuid().ToString(), Guid.NewGuid().ToString("N"), "%F0%9F%98%80"])
        {
            await person.SendAsync(HttpMethod.Get, $"/v1/privacy/erasures/{id}", status: HttpStatusCode.NotFound);
            await person.SendAsync(HttpMethod.Get, $"/v1/privacy/erasures/{id}/receipt", status: HttpStatusCode.NotFound);
        }
    }

    [Test]
    public async Task A_list_has_pages()
    {
        using var person = await Person.RegisterAsync(Host);
        var ids = new List<string>();
        foreach (var user in (string[])["a", "b", "c"])
        {
            var answer = await person.SendAsync(HttpMethod.Post, "/v1/privacy/erasures?wait=true", new { user_id = user });
            ids.Insert(0, answer.GetProperty("id").GetString()!);
        }

        var first = await person.GetAsync("/v1/privacy/erasures?limit=2");
        var second = await person.GetAsync($"/v1/privacy/erasures?limit=2&cursor={first.GetProperty("next").GetString()}");
        Assert.That(
            first.GetProperty("erasures").EnumerateArray().Concat(second.GetProperty("erasures").EnumerateArray()).Select(erasure => erasure.GetProperty("id").GetString()),
            Is.EqualTo(ids));
        Assert.That(second.GetProperty("next").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public async Task What_is_written_while_a_subject_is_erased_is_whole_or_gone()
    {
        using var person = await Person.RegisterAsync(Host);
        var user = $"busy-{Guid.NewGuid():N}";
        using var stop = new CancellationTokenSource();
        var number = 0;
        var writers = Enumerable.Range(0, 3).Select(writer => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var word = $"zq{Interlocked.Increment(ref number):D5}k";
                using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages")
                {
                    Content = Json(new { conversation_id = $"{user}-{writer}", user_id = user, role = "user", content = $"I love {word}." }),
                };
                using var response = await person.Client.SendAsync(request);

                // 503: the subject was erased between the sealing and the storing.
                Assert.That(response.StatusCode, Is.AnyOf(HttpStatusCode.Created, HttpStatusCode.ServiceUnavailable));

                // Every moment of an erasure is met without it too; all that is written in between is looked for below.
                await Task.Delay(20);
            }
        })).ToArray();
        for (var round = 0; round < 3; round++)
        {
            var before = number;
            await Eventually.TrueAsync(() => Task.FromResult(number > before + 20), Deadline, () => "Nothing is written.");
            await person.SendAsync(HttpMethod.Post, "/v1/privacy/erasures?wait=true", new { user_id = user });
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
        await TellAsync(person, user, "I love zq99999k.");
        var said = new List<string>();
        var (facts, found) = (new List<string>(), new List<string>());
        for (var writer = 0; writer < 3; writer++)
        {
            said.AddRange(await WordsInChatAsync(person, $"{user}-{writer}"));
        }

        said.Add("zq99999k");
        said.Sort(StringComparer.Ordinal);
        await Eventually.TrueAsync(
            async () =>
            {
                facts = [.. (await person.TextsAsync($"&user_id={user}")).Select(WordIn).Distinct().Order(StringComparer.Ordinal)];
                return facts.SequenceEqual(said);
            },
            Deadline,
            () => $"Said and not learned: {string.Join(' ', said.Except(facts))}; learned and not said: {string.Join(' ', facts.Except(said))}");
        foreach (var word in said)
        {
            await Eventually.TrueAsync(
                async () => (await person.GetAsync($"/v1/memory/search?query={word}&user_id={user}")).GetProperty("results").GetArrayLength() == 1,
                Deadline,
                () => $"{word} is stored and cannot be found.");
        }
    }

    private static async Task<List<string>> WordsInChatAsync(Person person, string conversation)
    {
        var words = new List<string>();
        using var exists = await person.Client.GetAsync(new Uri($"/v1/conversations/{conversation}", UriKind.Relative));
        for (var cursor = ""; exists.StatusCode == HttpStatusCode.OK;)
        {
            var page = await person.GetAsync($"/v1/conversations/{conversation}/messages?limit=200{cursor}");
            words.AddRange(page.GetProperty("messages").EnumerateArray().Select(message => WordIn(message.GetProperty("content").GetString()!)));
            if (page.GetProperty("previous").GetString() is not { } previous)
            {
                break;
            }

            cursor = $"&before={previous}";
        }

        return words;
    }

    private static string WordIn(string text) => text.Substring(text.IndexOf("zq", StringComparison.Ordinal), 8);

    private static async Task<string> TellAsync(Person person, string user, string content)
        => (await person.PostAsync(
            "/v1/messages?wait=indexed,memories", new { conversation_id = $"{user}-chat", user_id = user, role = "user", content, metadata = new { tag = content } }))
            .GetProperty("id").GetString()!;

    private static long Count(JsonElement receipt, string service, string table)
        => receipt.GetProperty("services").EnumerateArray().Single(item => item.GetProperty("service").GetString() == service)
            .GetProperty("deleted").GetProperty(table).GetInt64();

    private static string Path(JsonElement answer, string member) => answer.GetProperty(member).GetString()!;

    private static StringContent Json(object body) => new(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");

    private static HttpRequestMessage Post(object body) => new(HttpMethod.Post, "/v1/privacy/erasures") { Content = Json(body) };

    private static async Task<JsonElement> SendWithKeyAsync(Person person, string key, string user, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/privacy/erasures?wait=true") { Content = Json(new { user_id = user }) };
        request.Headers.Add("Idempotency-Key", key);
        using var response = await person.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.StatusCode, Is.EqualTo(status), text);
        return JsonDocument.Parse(text).RootElement;
    }

    private static async Task<string> StoreWithKeyAsync(Person person, string key, string user)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages")
        {
            Content = Json(new { conversation_id = $"{user}-chat", user_id = user, role = "user", content = "hello" }),
        };
        request.Headers.Add("Idempotency-Key", key);
        using var response = await person.Client.SendAsync(request);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Created));
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetString()!;
    }

    private static async Task<JsonElement> CompletedAsync(Person person, JsonElement accepted)
    {
        JsonElement erasure = default;
        await Eventually.TrueAsync(
            async () =>
            {
                erasure = await person.GetAsync(Path(accepted, "status_url"));
                return erasure.GetProperty("status").GetString() == "completed";
            },
            Deadline,
            () => $"Not completed: {erasure}");
        return erasure;
    }

    private static Task AuditedAsync(Person person, string erasureId)
    {
        List<string?> actions = [];
        return Eventually.TrueAsync(
            async () =>
            {
                var audit = await person.GetAsync($"/v1/organizations/{person.TenantId}/audit");
                actions = [.. audit.GetProperty("items").EnumerateArray()
                    .Where(item => item.GetProperty("target_id").GetString() == erasureId)
                    .Select(item => item.GetProperty("action").GetString())];
                return actions.SequenceEqual((string[])["erasure.completed", "erasure.requested"]);
            },
            Deadline,
            () => $"Audited: {string.Join(' ', actions)}");
    }

    private static async Task<string> BytesAsync(Person person, string path)
    {
        using var response = await person.Client.GetAsync(new Uri(path, UriKind.Relative));
        var text = await response.Content.ReadAsStringAsync();

        // The trace id names the request.
        return System.Text.RegularExpressions.Regex.Replace(text, "\"trace_?id\":\"[^\"]*\"", "", System.Text.RegularExpressions.RegexOptions.IgnoreCase);
    }

    private static bool Verifies(string jws, JsonElement keys)
    {
        var parts = jws.Split('.');
        JsonElement header;
        try
        {
            header = JsonDocument.Parse(Decode(parts[0])).RootElement;
            if (header.GetProperty("alg").GetString() != "ES256")
            {
                return false;
            }
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return false;
        }

        var key = keys.GetProperty("keys").EnumerateArray().FirstOrDefault(key => key.GetProperty("kid").GetString() == header.GetProperty("kid").GetString());
        if (key.ValueKind == JsonValueKind.Undefined)
        {
            return false;
        }

        using var ecdsa = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = Decode(key.GetProperty("x").GetString()!), Y = Decode(key.GetProperty("y").GetString()!) },
        });
        return ecdsa.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Decode(parts[2]), HashAlgorithmName.SHA256);
    }

    private static byte[] Decode(string part) => System.Buffers.Text.Base64Url.DecodeFromChars(part);
}
