using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.EndToEnd;

/// <summary>Exports and imports over kill -9, and what time does to them.</summary>
public class TransferTests
{
    private const int Messages = 20_000;

    [Test]
    public async Task Uploads_imports_and_exports_are_completed_when_the_process_is_killed_again_and_again()
    {
        await using var host = await TestHost.StartAsync(HostKind.Embedded);
        using var person = await Person.RegisterAsync(host);
        var file = Encoding.UTF8.GetBytes(string.Join(
            '\n', Enumerable.Range(0, Messages).Select(i => $$"""{"role": "tool", "content": "result {{i}} {{new string('x', 100)}}", "conversation_id": "c{{i % 7}}"}""")));
        var random = new Random(815);

        // The upload: a part, a kill, the next part.
        using var create = new HttpRequestMessage(HttpMethod.Post, "/v1/imports?format=messages");
        create.Headers.Add("Upload-Length", file.Length.ToString(CultureInfo.InvariantCulture));
        using var created = await person.Client.SendAsync(create);
        var import = JsonDocument.Parse(await created.Content.ReadAsStringAsync()).RootElement;
        var status = import.GetProperty("status_url").GetString()!;
        var content = $"/v1/imports/{import.GetProperty("id").GetString()}/content";
        for (var offset = 0L; offset < file.Length;)
        {
            using var stop = new CancellationTokenSource();
            var sending = SendAsync(person, content, offset, file.AsMemory((int)offset), stop.Token);
            if (offset < file.Length / 2)
            {
                await Task.Delay(random.Next(5, 40));
                await stop.CancelAsync();
                host.Kill();
                await sending;
                await host.StartAgainAsync();
                offset = await OffsetAsync(person, content, status);
                continue;
            }

            await sending;
            offset = file.Length;
        }

        // The import.
        for (var round = 0; round < 5; round++)
        {
            await Task.Delay(random.Next(100, 500));
            host.Kill();
            await host.StartAgainAsync();
        }

        var imported = await EndedAsync(person, status);
        Assert.That(imported.GetProperty("progress").GetRawText(), Is.EqualTo($$"""{"lines":{{Messages}},"stored":{{Messages}},"skipped":0,"failed":0}"""), imported.GetRawText());

        // The export.
        var asked = await person.PostAsync("/v1/exports", new { what = "tenant", format = "ndjson" }, HttpStatusCode.Accepted);
        for (var round = 0; round < 3; round++)
        {
            await Task.Delay(random.Next(50, 300));
            host.Kill();
            await host.StartAgainAsync();
        }

        var exported = await EndedAsync(person, asked.GetProperty("status_url").GetString()!);
        Assert.That(exported.GetProperty("status").GetString(), Is.EqualTo("completed"), exported.GetRawText());
        var contents = (await person.Client.GetStringAsync(exported.GetProperty("download_url").GetString()))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(record => record.GetProperty("type").GetString() == "message")
            .Select(record => int.Parse(record.GetProperty("content").GetString()!.Split(' ')[1], CultureInfo.InvariantCulture))
            .ToList();
        Assert.That(contents, Has.Count.EqualTo(Messages), "Lost or doubled.");
        Assert.That(contents.Distinct().Count(), Is.EqualTo(Messages));
        Assert.That(
            Directory.EnumerateFiles(host.Folder, "*", SearchOption.AllDirectories).Where(path => Encoding.Latin1.GetString(File.ReadAllBytes(path)).Contains("xxxxxxxxxx", StringComparison.Ordinal)),
            Is.Empty,
            "Nothing of it stands in a file in clear text.");
    }

    [Test]
    public async Task A_link_ends_after_its_time()
    {
        await using var host = await TestHost.StartAsync(
            HostKind.Embedded, environment: new Dictionary<string, string> { ["Transfers__LinkSeconds"] = "1" });
        using var person = await Person.RegisterAsync(host);
        var asked = await person.PostAsync("/v1/exports", new { what = "subject", format = "json" }, HttpStatusCode.Accepted);
        var exported = await EndedAsync(person, asked.GetProperty("status_url").GetString()!);
        using var anonymous = host.CreateClient();
        var link = exported.GetProperty("download_url").GetString()!;
        var last = default(HttpStatusCode);
        await Eventually.TrueAsync(
            async () =>
            {
                using var response = await anonymous.GetAsync(new Uri(link, UriKind.Relative));
                last = response.StatusCode;
                return last != HttpStatusCode.OK;
            },
            TimeSpan.FromSeconds(20),
            () => "The link still opens.");
        Assert.That(last, Is.EqualTo(HttpStatusCode.Gone));
        var fresh = (await person.GetAsync(asked.GetProperty("status_url").GetString()!)).GetProperty("download_url").GetString()!;
        using var opened = await anonymous.GetAsync(new Uri(fresh, UriKind.Relative));
        Assert.That(opened.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    private static async Task SendAsync(Person person, string path, long offset, ReadOnlyMemory<byte> part, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, path) { Content = new ReadOnlyMemoryContent(part) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/offset+octet-stream");
        request.Headers.Add("Upload-Offset", offset.ToString(CultureInfo.InvariantCulture));
        try
        {
            using var response = await person.Client.SendAsync(request, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            // Broken off: what arrived is asked for.
        }
    }

    /// <summary>How much arrived: what a part that does not follow is answered with.</summary>
    private static async Task<long> OffsetAsync(Person person, string path, string status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, path) { Content = new ByteArrayContent([]) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/offset+octet-stream");
        request.Headers.Add("Upload-Offset", "999999999");
        using var response = await person.Client.SendAsync(request);
        return response.Headers.TryGetValues("Upload-Offset", out var values)
            ? long.Parse(values.Single(), CultureInfo.InvariantCulture)
            : (await person.GetAsync(status)).GetProperty("upload").GetProperty("offset").GetInt64();
    }

    private static async Task<JsonElement> EndedAsync(Person person, string status)
    {
        var job = default(JsonElement);
        await Eventually.TrueAsync(
            async () =>
            {
                job = await person.GetAsync(status);
                return job.GetProperty("status").GetString() is not ("uploading" or "pending" or "running");
            },
            TimeSpan.FromMinutes(2),
            () => $"It did not end: {job.GetRawText()}");
        return job;
    }
}
