using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Auth;

public class SessionTests(HostKind kind) : FunctionalTests(kind)
{
    [Test]
    public async Task A_refresh_token_works_once_and_its_second_use_ends_the_session()
    {
        using var person = await Person.RegisterAsync(Host);
        var first = RefreshTokenOf(person.Tokens);
        var second = await RefreshAsync(person, first, HttpStatusCode.OK);
        Use(person, second);
        await person.GetAsync("/v1/auth/me");

        await RefreshAsync(person, first, HttpStatusCode.Unauthorized);
        await RefreshAsync(person, RefreshTokenOf(second), HttpStatusCode.Unauthorized);
        await IsOutAsync(person);
    }

    [Test]
    public async Task Of_fifty_uses_at_once_one_succeeds()
    {
        using var person = await Person.RegisterAsync(Host);
        var body = JsonSerializer.Serialize(new { refresh_token = RefreshTokenOf(person.Tokens) });
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
        {
            using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
            using var answer = await person.Client.PostAsync(new Uri("/v1/auth/refresh", UriKind.Relative), content);
            return answer.StatusCode;
        }));
        Assert.Multiple(() =>
        {
            Assert.That(answers.Count(status => status == HttpStatusCode.OK), Is.EqualTo(1));
            Assert.That(answers.Count(status => status == HttpStatusCode.Unauthorized), Is.EqualTo(49));
        });
    }

    [TestCase("""{"refresh_token":"unknown"}""", HttpStatusCode.Unauthorized)]
    [TestCase("""{"refresh_token":""}""", HttpStatusCode.BadRequest)]
    [TestCase("""{}""", HttpStatusCode.BadRequest)]
    [TestCase("""{"refresh_token":7}""", HttpStatusCode.BadRequest)]
    public async Task A_refresh_without_a_good_token_is_refused(string body, HttpStatusCode status)
    {
        using var client = Host.CreateClient();
        await client.SendJsonAsync(HttpMethod.Post, "/v1/auth/refresh", body, status);
    }

    [Test]
    public async Task Logging_out_ends_the_access_token_and_the_refresh_token()
    {
        using var person = await Person.RegisterAsync(Host);
        await person.SendAsync(HttpMethod.Post, "/v1/auth/logout", status: HttpStatusCode.NoContent);
        await IsOutAsync(person);
        await RefreshAsync(person, RefreshTokenOf(person.Tokens), HttpStatusCode.Unauthorized);
    }

    [Test]
    public async Task Logging_out_takes_a_body_too()
    {
        using var person = await Person.RegisterAsync(Host);
        await person.PostAsync("/v1/auth/logout", new { refresh_token = RefreshTokenOf(person.Tokens) }, HttpStatusCode.NoContent);
        await IsOutAsync(person);
    }

    [Test]
    public async Task Sessions_are_listed_and_ended_one_by_one_or_all_but_the_current()
    {
        using var person = await Person.RegisterAsync(Host);
        person.Client.DefaultRequestHeaders.UserAgent.ParseAdd("Wanderer/1.0");
        await LogInAsync(person);
        var third = await LogInAsync(person);
        var sessions = (await person.GetAsync("/v1/auth/sessions")).GetProperty("items").EnumerateArray().ToList();
        Assert.Multiple(() =>
        {
            Assert.That(sessions, Has.Count.EqualTo(3));
            Assert.That(sessions.Count(session => session.GetProperty("current").GetBoolean()), Is.EqualTo(1));
            Assert.That(sessions.Count(session => session.GetProperty("user_agent").GetString() == "Wanderer/1.0"), Is.EqualTo(2));
        });

        var newest = sessions.First(session => !session.GetProperty("current").GetBoolean()).GetProperty("id").GetString();
        await person.SendAsync(HttpMethod.Delete, $"/v1/auth/sessions/{newest}", status: HttpStatusCode.NoContent);
        await person.SendAsync(HttpMethod.Delete, $"/v1/auth/sessions/{newest}", status: HttpStatusCode.NotFound);
        await RefreshAsync(person, RefreshTokenOf(third), HttpStatusCode.Unauthorized);

        await person.SendAsync(HttpMethod.Delete, "/v1/auth/sessions", status: HttpStatusCode.NoContent);
        var left = (await person.GetAsync("/v1/auth/sessions")).GetProperty("items").EnumerateArray().Single();
        Assert.That(left.GetProperty("current").GetBoolean(), Is.True);
    }

    [Test]
    public async Task A_strangers_session_answers_like_an_unknown_one()
    {
        using var person = await Person.RegisterAsync(Host);
        using var stranger = await Person.RegisterAsync(Host);
        var id = (await person.GetAsync("/v1/auth/me")).GetProperty("session_id").GetString();
        var foreign = await stranger.SendAsync(HttpMethod.Delete, $"/v1/auth/sessions/{id}", status: HttpStatusCode.NotFound);
        var unknown = await stranger.SendAsync(HttpMethod.Delete, $"/v1/auth/sessions/{Guid.NewGuid()}", status: HttpStatusCode.NotFound);
        Assert.That(foreign.GetRawText(), Is.EqualTo(unknown.GetRawText()));
        await person.GetAsync("/v1/auth/me");
    }

    private static string RefreshTokenOf(JsonElement tokens) => tokens.GetProperty("refresh_token").GetString()!;

    private static Task<JsonElement> RefreshAsync(Person person, string refreshToken, HttpStatusCode status)
        => person.PostAsync("/v1/auth/refresh", new { refresh_token = refreshToken }, status);

    private static Task<JsonElement> LogInAsync(Person person)
        => person.PostAsync("/v1/auth/login", new { email = person.Email, password = Person.Password }, HttpStatusCode.OK);

    private static void Use(Person person, JsonElement tokens)
        => person.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", tokens.GetProperty("access_token").GetString());

    // Other processes may use an answer about a session for 15 s more.
    private static Task IsOutAsync(Person person)
        => Eventually.TrueAsync(
            async () =>
            {
                using var answer = await person.Client.GetAsync(new Uri("/v1/auth/me", UriKind.Relative));
                return answer.StatusCode == HttpStatusCode.Unauthorized;
            },
            TimeSpan.FromSeconds(60),
            () => "The access token still works.");
}
