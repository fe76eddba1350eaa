using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using NUnit.Framework;

namespace MemoryMesh.Tests.Shared;

/// <summary>A person with an account of its own, who sends requests.</summary>
public sealed class Person : IDisposable
{
    /// <summary>Password of every person.</summary>
    public const string Password = "correct horse battery";

    private Person(HttpClient client, string email, JsonElement account, JsonElement tokens)
    {
        Client = client;
        Email = email;
        Account = account;
        Tokens = tokens;
    }

    /// <summary>A client that sends the person's access token.</summary>
    public HttpClient Client { get; }

    /// <summary>The e-mail address.</summary>
    public string Email { get; }

    /// <summary>What registering answered.</summary>
    public JsonElement Account { get; }

    /// <summary>What logging in answered.</summary>
    public JsonElement Tokens { get; }

    /// <summary>The account's id.</summary>
    public string AccountId => Account.GetProperty("id").GetString()!;

    /// <summary>Id of the person's own tenant.</summary>
    public string TenantId => Account.GetProperty("tenant_id").GetString()!;

    /// <summary>Registers a new person and logs in.</summary>
    public static async Task<Person> RegisterAsync(TestHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        var name = $"p{Guid.NewGuid():N}"[..20];
        var email = $"{name}@example.com";
        var client = host.CreateClient();
        var account = await client.SendJsonAsync(HttpMethod.Post, "/v1/auth/register", new { email, username = name, password = Password }, HttpStatusCode.Created);
        var tokens = await client.SendJsonAsync(HttpMethod.Post, "/v1/auth/login", new { email, password = Password }, HttpStatusCode.OK);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", tokens.GetProperty("access_token").GetString());
        return new Person(client, email, account, tokens);
    }

    /// <summary>Sends JSON, checks the status and reads the JSON of the answer.</summary>
    public Task<JsonElement> SendAsync(HttpMethod method, string path, object? body = null, HttpStatusCode status = HttpStatusCode.OK)
        => Client.SendJsonAsync(method, path, body, status);

    /// <summary>GET with 200.</summary>
    public Task<JsonElement> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    /// <summary>POST with 201.</summary>
    public Task<JsonElement> PostAsync(string path, object body, HttpStatusCode status = HttpStatusCode.Created)
        => SendAsync(HttpMethod.Post, path, body, status);

    /// <inheritdoc/>
    public void Dispose() => Client.Dispose();
}

/// <summary>Requests with JSON.</summary>
public static class JsonRequests
{
    /// <summary>Sends JSON (an object, or a string that is sent as it is), checks the status and reads the JSON of the answer.</summary>
    public static async Task<JsonElement> SendJsonAsync(
        this HttpClient client, HttpMethod method, string path, object? body, HttpStatusCode status)
    {
        ArgumentNullException.ThrowIfNull(client);
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (body is not null)
        {
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        }

        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.StatusCode, Is.EqualTo(status), $"{method} {path}: {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }
}
