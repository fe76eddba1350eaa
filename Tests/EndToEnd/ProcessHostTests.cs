using System.Diagnostics;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.EndToEnd;

/// <summary>The process host as its user starts and stops it.</summary>
public class ProcessHostTests
{
    private static readonly string[] Services = ["auth", "chat", "memory", "search", "retention", "gateway"];

    [Test]
    public async Task Services_log_under_their_names_survive_kill_9_and_all_end_when_it_stops()
    {
        await using var host = await TestHost.StartAsync(HostKind.Processes);
        using var person = await Person.RegisterAsync(host);
        await person.PostAsync("/v1/messages?wait=memories", new { conversation_id = "a", role = "user", content = "My name is Honda." });
        foreach (var service in Services)
        {
            Assert.That(host.Output, Does.Contain($"[{service}]"), $"{service} logs under its name");
        }

        host.Kill();
        await NobodyIsLeftAsync(host);
        await host.StartAgainAsync();
        var context = await person.GetAsync("/v1/context/b");
        Assert.That(context.ToString(), Does.Contain("Honda"));

        Assert.That(await host.StopAsync(), Is.Zero, host.Output);
        await NobodyIsLeftAsync(host);
    }

    private static Task NobodyIsLeftAsync(TestHost host)
        => Eventually.TrueAsync(
            () => Task.FromResult(ProcessesOf(host.Folder).Count == 0),
            TimeSpan.FromSeconds(20),
            () => $"Processes are left: {string.Join("; ", ProcessesOf(host.Folder))}");

    private static List<string> ProcessesOf(string folder)
    {
        var found = new List<string>();
        foreach (var process in Process.GetProcesses())
        {
            try
            {
                var commandLine = File.ReadAllText($"/proc/{process.Id}/cmdline").Replace('\0', ' ');
                if (commandLine.Contains(folder, StringComparison.Ordinal))
                {
                    found.Add($"{process.Id} {commandLine}");
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It ended while we looked.
            }
        }

        return found;
    }
}
