using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Storage;

/// <summary>The product while its Postgres server is away.</summary>
public class PostgresHostTests
{
    [Test]
    public async Task While_the_server_is_away_what_needs_it_answers_503_with_Retry_After_and_then_works_again()
    {
        await using var server = await PostgresServer.StartAsync();
        var address = await server.CreateDatabaseAsync();
        await using var host = await TestHost.StartAsync(
            HostKind.Embedded, environment: new Dictionary<string, string> { ["ConnectionStrings__auth"] = address, ["ConnectionStrings__retention"] = address });
        using var client = host.CreateClient();
        using (var registered = await client.PostAsJsonAsync("/v1/auth/register", new { email = "ada@example.com", username = "ada", password = "SecurePass123" }))
        {
            Assert.That(registered.StatusCode, Is.EqualTo(HttpStatusCode.Created), await registered.Content.ReadAsStringAsync());
        }

        server.Kill();
        using (var refused = await LogInAsync(client))
        {
            await AssertUnavailableAsync(refused);
        }

        using (var ready = await client.GetAsync(new Uri("/v1/admin/readiness", UriKind.Relative)))
        {
            Assert.That(ready.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        }

        // Started while the server is away: it serves, and is not ready.
        host.Kill();
        var starting = host.StartAgainAsync();
        await Eventually.TrueAsync(
            async () => await AnswersAsync(client) is HttpStatusCode.ServiceUnavailable, Eventually.Patience, () => $"The host did not start without the server:\n{host.Output}");
        using (var refused = await LogInAsync(client))
        {
            await AssertUnavailableAsync(refused);
        }

        await server.StartAgainAsync();
        await starting;
        using var loggedIn = await LogInAsync(client);
        Assert.That(loggedIn.StatusCode, Is.EqualTo(HttpStatusCode.OK), await loggedIn.Content.ReadAsStringAsync());
        client.DefaultRequestHeaders.Authorization = new("Bearer", (await loggedIn.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString());

        server.Kill();
        foreach (var path in new[] { "/v1/organizations", "/v1/conversations", "/v1/retention/policy" })
        {
            using var refused = await client.GetAsync(new Uri(path, UriKind.Relative));
            await AssertUnavailableAsync(refused);
        }

        await server.StartAgainAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                using var listed = await client.GetAsync(new Uri("/v1/organizations", UriKind.Relative));
                Assert.That((int)listed.StatusCode, Is.Not.EqualTo(500));
                return listed.IsSuccessStatusCode;
            },
            Eventually.Patience,
            () => $"It did not recover:\n{host.Output}");
        Assert.That(host.Output, Does.Not.Contain("pass'word"));
    }

    private static Task<HttpResponseMessage> LogInAsync(HttpClient client)
        => client.PostAsJsonAsync("/v1/auth/login", new { email = "ada@example.com", password = "SecurePass123" });

    private static async Task<HttpStatusCode?> AnswersAsync(HttpClient client)
    {
        try
        {
            using var response = await client.GetAsync(new Uri("/v1/admin/readiness", UriKind.Relative));
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static async Task AssertUnavailableAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable), body);
        Assert.That(response.Headers.RetryAfter, Is.Not.Null);
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"));
    }
}
