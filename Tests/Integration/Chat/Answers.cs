using System.Net;
using System.Text;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Chat;

/// <summary>An answer with all a test may look at.</summary>
internal sealed record Answer(HttpStatusCode Status, string Text, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The body as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    /// <summary>Last part of the problem's type.</summary>
    public string Problem => Json.GetProperty("type").GetString()!["urn:memorymesh:problem:".Length..];

    /// <summary>Fields that the problem names.</summary>
    public string[] Fields => [.. Json.GetProperty("errors").EnumerateObject().Select(error => error.Name)];
}

/// <summary>Requests whose whole answer matters.</summary>
internal static class Answers
{
    /// <summary>Sends a request with headers; the body is an object, or a string that is sent as it is.</summary>
    public static async Task<Answer> AskAsync(
        this Person person, HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (body is not null)
        {
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await person.Client.SendAsync(request);
        return new Answer(
            response.StatusCode,
            await response.Content.ReadAsStringAsync(),
            response.Headers.Concat(response.Content.Headers).ToDictionary(
                header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Stores a message of the person and answers its id.</summary>
    public static async Task<string> SayAsync(this Person person, string conversation, string content, string role = "user", string? createdAt = null)
        => (await person.PostAsync("/v1/messages", new { conversation_id = conversation, role, content, created_at = createdAt })).GetProperty("id").GetString()!;

    /// <summary>Contents of a list of messages.</summary>
    public static string[] Contents(this JsonElement page)
        => [.. page.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("content").GetString()!)];
}
