using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.EndToEnd;

/// <summary>The README's commands, run as they stand there.</summary>
public partial class ReadmeTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    [Test]
    public async Task The_run_command_brings_the_product_up_and_the_quick_start_works()
    {
        var data = Path.Combine(TestHost.RepositoryRoot(), "data");
        Assume.That(Directory.Exists(data), Is.False, "./data holds data of its own: the README's commands are tried on a fresh clone only.");
        using var server = Start(Block("run"));
        try
        {
            await WaitUntilReadyAsync(server);
            var output = await RunAsync(Block("quickstart"));
            Assert.That(output, Does.Contain("\"content\":\"I need help with Python programming\""));
            Assert.That(Regex.Count(output, "I need help with Python programming"), Is.GreaterThanOrEqualTo(2), "stored, and found again: " + output);
            Assert.That(output, Does.Contain("Honda").And.Contain("software engineer").And.Contain("Python"), output);
            Assert.That(output, Does.Contain("User Personal Information").And.Contain("\"status\":\"healthy\"").IgnoreCase, output);
        }
        finally
        {
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync();
            if (Directory.Exists(data))
            {
                Directory.Delete(data, recursive: true);
            }
        }
    }

    [Test]
    public async Task The_demo_plays_its_scene()
    {
        var output = await RunAsync(Block("demo"));
        Assert.That(output, Does.Contain("--- CHAT A: User introduces themselves ---"));
        Assert.That(output, Does.Contain("Extracted memories: 3"));
        var context = output[output.IndexOf("User Personal Information", StringComparison.Ordinal)..output.IndexOf("--- CHAT C", StringComparison.Ordinal)];
        Assert.That(context, Does.Contain("Honda").And.Contain("software engineer").And.Contain("Python").And.Contain("backend"), output);
        var task = output[output.IndexOf("--- CHAT C", StringComparison.Ordinal)..output.IndexOf("--- All Personal", StringComparison.Ordinal)];
        Assert.That(task, Does.Contain("Extracted memories: 0"));
        Assert.That(output, Does.Contain("Chat A messages: 4").And.Contain("Chat B messages: 2").And.Contain("Chat C messages: 2"));
        Assert.That(output, Does.Contain("Demo complete!"));
    }

    [Test]
    public void The_test_command_is_the_script_at_the_root()
        => Assert.That(File.Exists(Path.Combine(TestHost.RepositoryRoot(), Block("test").Trim())), Is.True);

    [Test]
    public void The_readme_is_short_and_its_links_lead_somewhere()
    {
        var root = TestHost.RepositoryRoot();
        var lines = File.ReadAllLines(Path.Combine(root, "README.md"));
        Assert.That(lines, Has.Length.LessThan(200));
        foreach (Match link in Links().Matches(string.Join('\n', lines)))
        {
            var target = link.Groups[1].Value;
            if (!target.StartsWith("http", StringComparison.Ordinal))
            {
                Assert.That(Path.Exists(Path.Combine(root, target)), Is.True, target);
            }
        }
    }

    /// <summary>Waits until the server that a command starts at its default address is ready.</summary>
    internal static async Task WaitUntilReadyAsync(Process server)
    {
        using var probe = new HttpClient { BaseAddress = new Uri("http://localhost:8000") };
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    using var response = await probe.GetAsync(new Uri("/v1/admin/readiness", UriKind.Relative));
                    return response.StatusCode == HttpStatusCode.OK;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            Deadline,
            () => $"The run command did not bring the server up (exited: {server.HasExited}).");
    }

    internal static string Block(string name, string file = "README.md")
    {
        var page = File.ReadAllText(Path.Combine(TestHost.RepositoryRoot(), file));
        var match = Regex.Match(page, $"<!-- test:{name} -->\\s*```bash\\n(.*?)```", RegexOptions.Singleline);
        Assert.That(match.Success, Is.True, $"{file} has no block {name}.");
        return match.Groups[1].Value;
    }

    internal static async Task<string> RunAsync(string script)
    {
        using var process = Start("set -e\n" + script);
        using var deadline = new CancellationTokenSource(Deadline);
        await process.WaitForExitAsync(deadline.Token);
        Assert.That(process.ExitCode, Is.Zero, Output(process));
        return Output(process);
    }

    internal static Process Start(string script)
    {
        // Output goes to a file: a pipe that nobody reads would stop a server.
        var log = Path.GetTempFileName();
        var start = new ProcessStartInfo("bash") { WorkingDirectory = TestHost.RepositoryRoot(), UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"exec > '{log}' 2>&1\n{script}");
        var process = Process.Start(start)!;
        Logs[process.Id] = log;
        return process;
    }

    private static string Output(Process process) => File.ReadAllText(Logs[process.Id], Encoding.UTF8);

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<int, string> Logs = [];

    [GeneratedRegex(@"\]\(([^)#]+)\)")]
    private static partial Regex Links();
}
