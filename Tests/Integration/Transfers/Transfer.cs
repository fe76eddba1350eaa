using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Transfers;

/// <summary>What tests of exports and imports do alike.</summary>
internal static class Transfer
{
    private static readonly TimeSpan Deadline = Eventually.Patience;

    /// <summary>Asks for an export and waits until it has ended.</summary>
    public static async Task<JsonElement> ExportAsync(Person person, object request)
    {
        var asked = await person.PostAsync("/v1/exports", request, HttpStatusCode.Accepted);
        return await EndedAsync(person, asked.GetProperty("status_url").GetString()!);
    }

    /// <summary>Asks for an export, waits for it and reads its file by its link.</summary>
    public static async Task<string> ExportTextAsync(Person person, object request)
    {
        var export = await ExportAsync(person, request);
        Assert.That(export.GetProperty("status").GetString(), Is.EqualTo("completed"), export.GetRawText());
        using var anonymous = new HttpClient { BaseAddress = person.Client.BaseAddress };
        return await anonymous.GetStringAsync(new Uri(export.GetProperty("download_url").GetString()!, UriKind.Relative));
    }

    /// <summary>Imports a file and waits until that has ended.</summary>
    public static Task<JsonElement> ImportAsync(Person person, string query, string file) => ImportAsync(person, query, Encoding.UTF8.GetBytes(file));

    /// <summary>Imports a file and waits until that has ended.</summary>
    public static async Task<JsonElement> ImportAsync(Person person, string query, byte[] file)
    {
        // An empty file has no body; its length says so.
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/imports?{query}");
        if (file.Length == 0)
        {
            request.Headers.Add("Upload-Length", "0");
        }
        else
        {
            request.Content = new ByteArrayContent(file) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }

        using var response = await person.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), text);
        return await EndedAsync(person, JsonDocument.Parse(text).RootElement.GetProperty("status_url").GetString()!);
    }

    /// <summary>Waits until a job has ended.</summary>
    public static async Task<JsonElement> EndedAsync(Person person, string statusUrl)
    {
        var job = default(JsonElement);
        await Eventually.TrueAsync(
            async () =>
            {
                job = await person.GetAsync(statusUrl);
                return job.GetProperty("status").GetString() is not ("uploading" or "pending" or "running");
            },
            Deadline,
            () => $"It did not end: {job.GetRawText()}");
        return job;
    }

    /// <summary>The records of an export in NDJSON.</summary>
    public static IReadOnlyList<JsonElement> Records(string ndjson)
        => [.. ndjson.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    /// <summary>Records of one type.</summary>
    public static IReadOnlyList<JsonElement> OfType(this IEnumerable<JsonElement> records, string type)
        => [.. records.Where(record => record.GetProperty("type").GetString() == type)];

    /// <summary>A text of a record; null when it is null.</summary>
    public static string? Text(this JsonElement record, string name) => record.GetProperty(name).GetString();
}
