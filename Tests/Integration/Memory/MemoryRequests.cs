using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Memory;

/// <summary>Requests about memories, as a client makes them.</summary>
internal static class MemoryRequests
{
    private static readonly TimeSpan Deadline = Eventually.Patience;

    /// <summary>Says something in a conversation.</summary>
    public static Task<JsonElement> SayAsync(this Person person, string conversation, string content, string role = "user", string? userId = null)
        => person.PostAsync("/v1/messages", new { tenant_id = person.TenantId, conversation_id = conversation, role, content, user_id = userId });

    /// <summary>Memories of a list, of all its pages.</summary>
    public static async Task<IReadOnlyList<JsonElement>> ListAsync(this Person person, string query = "")
    {
        const int PageSize = 200;
        var memories = new List<JsonElement>();
        for (var number = 1; ; number++)
        {
            var page = await person.GetAsync($"/v1/memories?page_size={PageSize}&page={number}{query}");
            memories.AddRange(page.GetProperty("memories").EnumerateArray());
            if (number * PageSize >= page.GetProperty("count").GetInt32())
            {
                return memories;
            }
        }
    }

    /// <summary>Texts of a list, in the order of the alphabet.</summary>
    public static async Task<IReadOnlyList<string>> TextsAsync(this Person person, string query = "")
        => [.. (await person.ListAsync(query)).Select(memory => memory.GetProperty("text").GetString()!).Order(StringComparer.Ordinal)];

    /// <summary>Waits until the texts of a list are these.</summary>
    public static async Task WaitForTextsAsync(this Person person, string[] texts, string query = "")
    {
        IReadOnlyList<string> found = [];
        await Eventually.TrueAsync(
            async () =>
            {
                found = await person.TextsAsync(query);
                return found.SequenceEqual(texts.Order(StringComparer.Ordinal));
            },
            Deadline,
            () => $"Expected {string.Join(" | ", texts)}, found {string.Join(" | ", found)}");
    }

    /// <summary>Adds a memory and waits until the background work on it is done.</summary>
    public static async Task<JsonElement> AddAndCompleteAsync(this Person person, object memory)
    {
        var added = await person.PostAsync("/v1/memories", memory);
        return await person.WaitForStatusAsync(added.GetProperty("id").GetString()!, "completed");
    }

    /// <summary>Waits until a memory has a status.</summary>
    public static async Task<JsonElement> WaitForStatusAsync(this Person person, string id, string status)
    {
        JsonElement memory = default;
        await Eventually.TrueAsync(
            async () =>
            {
                memory = await person.GetAsync($"/v1/memories/{id}");
                return memory.GetProperty("status").GetString() == status;
            },
            Deadline,
            () => $"Not {status}: {memory}");
        return memory;
    }

    /// <summary>
    /// Waits until everything a person said before was read for memories: facts are learned in the order they were said, so a mark that was said last
    /// and is known means that all before it was read.
    /// </summary>
    public static async Task WaitUntilReadAsync(this Person person, string conversation, string? userId = null)
    {
        var mark = $"Markville{Guid.NewGuid():N}"[..16];
        await person.SayAsync(conversation, $"I live in {mark}.", userId: userId);
        var query = userId is null ? "" : $"&user_id={userId}";
        await Eventually.TrueAsync(
            async () => (await person.TextsAsync(query)).Contains($"User lives in {mark}."), Deadline, () => "The mark was not learned.");
    }

    /// <summary>Sends a request, checks the status and reads the answer with its headers.</summary>
    public static async Task<(HttpResponseMessage Response, string Body)> RawAsync(
        this Person person, HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (body is not null)
        {
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), System.Text.Encoding.UTF8, "application/json");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var response = await person.Client.SendAsync(request);
        return (response, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Sends a request and checks the status.</summary>
    public static async Task ExpectAsync(this Person person, HttpStatusCode status, HttpMethod method, string path, object? body = null)
    {
        var (response, text) = await person.RawAsync(method, path, body);
        using (response)
        {
            Assert.That(response.StatusCode, Is.EqualTo(status), $"{method} {path}: {text}");
        }
    }
}
