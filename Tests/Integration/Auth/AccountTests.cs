using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MemoryMesh.Tests.Shared;
using Microsoft.IdentityModel.Tokens;

namespace MemoryMesh.Tests.Integration.Auth;

public class AccountTests(HostKind kind) : FunctionalTests(kind)
{
    private const string WrongPassword = "not the password";

    [Test]
    public async Task A_person_registers_logs_in_and_is_told_who_they_are()
    {
        using var person = await Person.RegisterAsync(Host);
        var me = await person.GetAsync("/v1/auth/me");
        Assert.Multiple(() =>
        {
            Assert.That(me.GetProperty("id").GetString(), Is.EqualTo(person.AccountId));
            Assert.That(me.GetProperty("email").GetString(), Is.EqualTo(person.Email));
            Assert.That(me.GetProperty("tenant_id").GetString(), Is.EqualTo(person.TenantId));
            Assert.That(me.GetProperty("created_at").GetDateTimeOffset(), Is.EqualTo(person.Account.GetProperty("created_at").GetDateTimeOffset()));
            Assert.That(person.Tokens.GetProperty("token_type").GetString(), Is.EqualTo("Bearer"));
            Assert.That(person.Tokens.GetProperty("expires_in").GetInt32(), Is.EqualTo(1_800));
            Assert.That(person.Tokens.GetProperty("refresh_expires_in").GetInt32(), Is.EqualTo(7 * 24 * 3_600));
        });
        var own = (await person.GetAsync("/v1/organizations")).GetProperty("items").EnumerateArray().Single();
        Assert.That((own.GetProperty("id").GetString(), own.GetProperty("role").GetString()), Is.EqualTo((person.TenantId, "owner")));
    }

    [Test]
    public async Task A_taken_address_and_a_taken_name_answer_alike_in_any_case()
    {
        using var person = await Person.RegisterAsync(Host);
        var name = person.Account.GetProperty("username").GetString()!;
        var types = new List<string?>();
        foreach (var (email, username) in new[] { (person.Email.ToUpperInvariant(), NewName()), ($"{NewName()}@example.com", name.ToUpperInvariant()) })
        {
            var answer = await person.PostAsync("/v1/auth/register", new { email, username, password = Person.Password }, HttpStatusCode.Conflict);
            types.Add(answer.GetProperty("type").GetString());
        }

        Assert.That(types.Distinct(), Is.EqualTo(new[] { "urn:memorymesh:problem:account-taken" }));
    }

    [TestCase("""{"username":"u","password":"long enough 1"}""", "email")]
    [TestCase("""{"email":"no-at","username":"u","password":"long enough 1"}""", "email")]
    [TestCase("""{"email":"a@b.example","password":"long enough 1"}""", "username")]
    [TestCase("""{"email":"a@b.example","username":"  ","password":"long enough 1"}""", "username")]
    [TestCase("""{"email":"a@b.example","username":"u","password":"short"}""", "password")]
    [TestCase("""{"email":"a@b.example","username":"u","password":"password1"}""", "password")]
    [TestCase("""{"email":"a@b.example","username":"u","password":"nul\u0000in the middle"}""", "password")]
    [TestCase("""{"email":"a\u0000@b.example","username":"u","password":"long enough 1"}""", "email")]
    public async Task A_bad_field_is_named(string body, string field)
    {
        using var client = Host.CreateClient();
        var answer = await client.SendJsonAsync(HttpMethod.Post, "/v1/auth/register", body, HttpStatusCode.BadRequest);
        Assert.Multiple(() =>
        {
            Assert.That(answer.GetProperty("type").GetString(), Is.EqualTo("urn:memorymesh:problem:invalid-request"));
            Assert.That(answer.GetProperty("errors").EnumerateObject().Select(error => error.Name), Is.EqualTo(new[] { field }));
        });
    }

    [TestCase("""{"email":"a@b.example","username":"u","password":"long enough 1","role":"owner"}""")]
    [TestCase("""{"email":1,"username":"u","password":"long enough 1"}""")]
    [TestCase("""{"email":"a@b.example","email":"c@b.example","username":"u","password":"long enough 1"}""")]
    [TestCase("""{"email":"a@b.example","username":"u","password":"lone \ud800 surrogate"}""")]
    [TestCase("[]")]
    [TestCase("{")]
    public async Task What_is_not_of_the_documented_shape_is_refused(string body)
    {
        using var client = Host.CreateClient();
        await client.SendJsonAsync(HttpMethod.Post, "/v1/auth/register", body, HttpStatusCode.BadRequest);
    }

    [Test]
    public async Task An_unknown_account_and_a_wrong_password_answer_with_the_same_bytes()
    {
        using var person = await Person.RegisterAsync(Host);
        var answers = new List<string>();
        foreach (var email in new[] { person.Email, $"{NewName()}@example.com" })
        {
            var answer = await person.PostAsync("/v1/auth/login", new { email, password = WrongPassword }, HttpStatusCode.Unauthorized);
            answers.Add(answer.GetRawText().Replace(answer.GetProperty("trace_id").GetString()!, "", StringComparison.Ordinal));
        }

        Assert.That(answers[0], Is.EqualTo(answers[1]).And.Contain("invalid-credentials"));
    }

    [Test]
    public async Task Guessing_must_wait_and_the_right_password_works_after_the_wait()
    {
        using var person = await Person.RegisterAsync(Host);
        HttpStatusCode status;
        string? retryAfter;
        var attempts = 0;
        do
        {
            using var answer = await person.Client.PostAsync(new Uri("/v1/auth/login", UriKind.Relative), Json(new { email = person.Email, password = WrongPassword }));
            (status, retryAfter) = (answer.StatusCode, answer.Headers.RetryAfter?.ToString());
        }
        while (status == HttpStatusCode.Unauthorized && ++attempts < 20);

        Assert.Multiple(() =>
        {
            Assert.That(status, Is.EqualTo(HttpStatusCode.TooManyRequests));
            Assert.That(int.Parse(retryAfter!, null), Is.InRange(1, 60));
            Assert.That(attempts, Is.GreaterThanOrEqualTo(5));
        });
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await person.Client.PostAsync(
                    new Uri("/v1/auth/login", UriKind.Relative), Json(new { email = person.Email, password = Person.Password }));
                return answer.StatusCode == HttpStatusCode.OK;
            },
            TimeSpan.FromSeconds(20),
            () => "The right password was not let in after the wait.");
    }

    [Test]
    public async Task A_token_verifies_with_the_published_key_alone()
    {
        using var person = await Person.RegisterAsync(Host);
        using var anonymous = Host.CreateClient();
        using var response = await anonymous.GetAsync(new Uri("/.well-known/jwks.json", UriKind.Relative));
        Assert.That(response.Headers.CacheControl?.MaxAge, Is.GreaterThan(TimeSpan.Zero));
        var keys = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("keys");
        var parts = person.Tokens.GetProperty("access_token").GetString()!.Split('.');
        var header = JsonDocument.Parse(Base64UrlEncoder.Decode(parts[0])).RootElement;
        var key = keys.EnumerateArray().Single(key => key.GetProperty("kid").GetString() == header.GetProperty("kid").GetString());
        using var verifier = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint
            {
                X = Base64UrlEncoder.DecodeBytes(key.GetProperty("x").GetString()),
                Y = Base64UrlEncoder.DecodeBytes(key.GetProperty("y").GetString()),
            },
        });
        Assert.Multiple(() =>
        {
            Assert.That(verifier.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64UrlEncoder.DecodeBytes(parts[2]), HashAlgorithmName.SHA256), Is.True);
            Assert.That(key.TryGetProperty("d", out _), Is.False, "The private part is private.");
        });
    }

    [Test]
    public async Task Forged_and_misplaced_credentials_are_refused()
    {
        using var person = await Person.RegisterAsync(Host);
        var key = await person.PostAsync("/v1/auth/api-keys", new { name = "key" });
        var apiKey = key.GetProperty("key").GetString()!;
        var access = person.Tokens.GetProperty("access_token").GetString()!;
        var refresh = person.Tokens.GetProperty("refresh_token").GetString()!;
        var parts = access.Split('.');
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var forged = new[]
        {
            ("Bearer", ""),
            ("Bearer", "x"),
            ("Bearer", refresh),
            ("Bearer", apiKey[..^1]),
            ("Basic", access),
            ("Bearer", $"{parts[0]}.{parts[1]}."),
            ("Bearer", $"{parts[0]}.{parts[1]}.{Base64UrlEncoder.Encode(new byte[64])}"),
            ("Bearer", $"{parts[0]}.{Base64UrlEncoder.Encode(Base64UrlEncoder.Decode(parts[1]).Replace(person.AccountId, Guid.NewGuid().ToString(), StringComparison.Ordinal))}.{parts[2]}"),
            ("Bearer", Sign(stranger, Base64UrlEncoder.Decode(parts[0]), parts[1])),
            ("Bearer", Sign(stranger, """{"alg":"ES256","kid":"unknown","typ":"at+jwt"}""", parts[1])),
            ("Bearer", Sign(stranger, """{"alg":"ES256","typ":"at+jwt"}""", parts[1])),
            ("Bearer", Sign(stranger, """{"alg":"ES256","typ":"at+jwt","jku":"http://127.0.0.1:1/keys"}""", parts[1])),
        };
        using var client = Host.CreateClient();
        foreach (var (scheme, token) in forged)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/auth/me");
            request.Headers.TryAddWithoutValidation("Authorization", $"{scheme} {token}");
            using var answer = await client.SendAsync(request);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized), $"{scheme} {token}");
            Assert.That(answer.Headers.WwwAuthenticate.ToString(), Does.StartWith("Bearer"));
        }

        foreach (var wrong in new[] { access, refresh, apiKey[..^1], apiKey.ToUpperInvariant(), "mm_" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/auth/me");
            request.Headers.TryAddWithoutValidation("x-api-key", wrong);
            using var answer = await client.SendAsync(request);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized), wrong);
        }

        using var both = new HttpRequestMessage(HttpMethod.Get, "/v1/auth/me");
        both.Headers.Authorization = new AuthenticationHeaderValue("Bearer", access);
        both.Headers.TryAddWithoutValidation("x-api-key", apiKey);
        using var ambiguous = await client.SendAsync(both);
        Assert.That(ambiguous.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized), "Two credentials leave open which of them acts.");
    }

    private static string Sign(ECDsa key, string header, string payload)
    {
        var content = $"{Base64UrlEncoder.Encode(header)}.{payload}";
        return $"{content}.{Base64UrlEncoder.Encode(key.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256))}";
    }

    private static StringContent Json(object body) => new(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");

    private static string NewName() => $"n{Guid.NewGuid():N}"[..20];
}
