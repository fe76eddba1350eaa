using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Facades;

/// <summary>Somebody who calls MemVault, by the header that its users send.</summary>
public sealed class VaultUser : IDisposable
{
    private VaultUser(string name, Person person, HttpClient client) => (Name, Person, Client) = (name, person, client);

    public string Name { get; }

    public Person Person { get; }

    /// <summary>Sends <c>X-API-Key</c>, or for a person the token of a session.</summary>
    public HttpClient Client { get; }

    public static async Task<VaultUser> RegisterAsync(TestHost host, string name) => Of(name, await Person.RegisterAsync(host));

    public static VaultUser Of(string name, Person person) => new(name, person, person.Client);

    /// <summary>The same person with an API key for a tenant.</summary>
    public static async Task<VaultUser> WithKeyAsync(TestHost host, string name, Person person, string? tenant = null)
    {
        var key = await person.PostAsync("/v1/auth/api-keys", new { name, scopes = new[] { "read", "write", "admin" }, tenant_id = tenant });
        var client = host.CreateClient();
        client.DefaultRequestHeaders.Add("X-API-Key", key.GetProperty("key").GetString());
        return new VaultUser(name, person, client);
    }

    /// <summary>Sends a request and reads status and JSON.</summary>
    public async Task<(int Status, JsonElement Json, HttpResponseMessage Response)> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.RelativeOrAbsolute));
        if (body is not null)
        {
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), System.Text.Encoding.UTF8, "application/json");
        }

        var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text), response);
    }

    /// <summary>GET of a path, or of an absolute link to the same server.</summary>
    public Task<JsonElement> GetAsync(string link)
        => Client.SendJsonAsync(HttpMethod.Get, link.StartsWith('/') ? link : new Uri(link).PathAndQuery, null, HttpStatusCode.OK);

    public Task<JsonElement> PostAsync(string path, object body) => Client.SendJsonAsync(HttpMethod.Post, path, body, HttpStatusCode.Created);

    public void Dispose() => Client.Dispose();
}
