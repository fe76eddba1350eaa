using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.EndToEnd;

/// <summary>A full disk refuses writes and nothing else.</summary>
public class DiskFullTests
{
    private string _folder = null!;

    [OneTimeSetUp]
    public void MountSmallDisk()
    {
        _folder = Directory.CreateTempSubdirectory("memorymesh-small-").FullName;
        Servers.Require("mounting a small tmpfs (root)", Run("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", _folder) == 0);
    }

    [OneTimeTearDown]
    public void Unmount() => Run("umount", _folder);

    [Test]
    public async Task A_full_disk_answers_507_or_503_reading_goes_on_and_nothing_acknowledged_is_lost()
    {
        await using var host = await TestHost.StartAsync(HostKind.Embedded, Path.Combine(_folder, "data"));
        using var person = await Person.RegisterAsync(host);
        var acknowledged = new List<string>();

        var ballast = Path.Combine(_folder, "ballast");
        await File.WriteAllBytesAsync(ballast, new byte[4 * 1024 * 1024]);
        var refused = await FillAsync(person, acknowledged);
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.InsufficientStorage).Or.EqualTo(HttpStatusCode.ServiceUnavailable), refused.Body);
        Assert.That(refused.MediaType, Is.EqualTo("application/problem+json"));
        Assert.That(
            JsonDocument.Parse(refused.Body).RootElement.GetProperty("type").GetString(),
            Is.EqualTo("urn:memorymesh:problem:insufficient-storage").Or.EqualTo("urn:memorymesh:problem:unavailable"));

        // Reading goes on while the disk is full.
        Assert.That(acknowledged, Is.Not.Empty);
        await person.GetAsync($"/v1/messages/{acknowledged[0]}");
        await person.GetAsync($"/v1/messages/{acknowledged[^1]}");
        await person.GetAsync("/v1/conversations");

        // With space again, writing goes on without a restart.
        File.Delete(ballast);
        await Eventually.TrueAsync(
            async () =>
            {
                var answer = await StoreAsync(person, "after the disk had space again");
                return answer.Status == HttpStatusCode.Created;
            },
            TimeSpan.FromSeconds(30),
            () => $"Writing did not resume:\n{host.Output}");
        foreach (var id in acknowledged)
        {
            await person.GetAsync($"/v1/messages/{id}");
        }

        await host.StopAsync();
        await host.StartAgainAsync();
        foreach (var id in acknowledged)
        {
            await person.GetAsync($"/v1/messages/{id}");
        }
    }

    private static async Task<Answer> FillAsync(Person person, List<string> acknowledged)
    {
        var filler = new string('x', 30_000);
        for (var i = 0; i < 2_000; i++)
        {
            var answer = await StoreAsync(person, $"{i} {filler}");
            if (answer.Status != HttpStatusCode.Created)
            {
                return answer;
            }

            acknowledged.Add(JsonDocument.Parse(answer.Body).RootElement.GetProperty("id").GetString()!);
        }

        throw new AssertionException("The disk never filled.");
    }

    private static async Task<Answer> StoreAsync(Person person, string text)
    {
        using var content = new StringContent(
            JsonSerializer.Serialize(new { conversation_id = "c", role = "user", content = text, extract_memory = false }), Encoding.UTF8, "application/json");
        using var response = await person.Client.PostAsync("/v1/messages", content);
        return new Answer(response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }

    private static int Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(program, arguments);
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }

    private sealed record Answer(HttpStatusCode Status, string? MediaType, string Body);
}
