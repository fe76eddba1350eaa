using System.Diagnostics;
using System.Text.RegularExpressions;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.EndToEnd;

/// <summary>The clients under examples/, run as their first lines say, against a server.</summary>
public partial class ExampleTests
{
    /// <summary>Found on the path: without it there would be no test.</summary>
    private const string Dotnet = "dotnet";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private TestHost _host = null!;
    private Person _person = null!;
    private string _apiKey = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _host = await TestHost.StartAsync(HostKind.Embedded);
        _person = await Person.RegisterAsync(_host);
        _apiKey = (await _person.PostAsync("/v1/auth/api-keys", new { name = "examples" })).GetProperty("key").GetString()!;
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _person?.Dispose();
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }
    }

    [TestCase("python", "/usr/bin/python3", "memorymesh.py")]
    [TestCase("python", "/usr/bin/python3", "memorymesh_requests.py")]
    [TestCase("javascript", "/usr/bin/node", "memorymesh.mjs")]
    [TestCase("go", "/usr/bin/go", "run", ".")]
    [TestCase("curl", "/usr/bin/bash", "memorymesh.sh")]
    [TestCase("csharp", Dotnet, "run")]
    public async Task An_example_stores_finds_remembers_and_deletes(string folder, string program, params string[] arguments)
    {
        Servers.Require(Path.GetFileName(program), program == Dotnet || File.Exists(program));
        var (code, output) = await RunAsync(folder, program, arguments);
        Assert.That(code, Is.Zero, output);
        Assert.That(output, Does.Contain("found: My name is Honda. I prefer Python over JavaScript."));
        Assert.That(output, Does.Contain("context: User Personal Information (from previous conversations):").And.Contain("User prefers Python over JavaScript."));
        Assert.That(output, Does.Contain("memories: 3"));
        Assert.That(output, Does.Contain("deleted: 404 urn:memorymesh:problem:not-found"));
    }

    [TestCase("python", "/usr/bin/python3", "memorymesh.py")]
    [TestCase("curl", "/usr/bin/bash", "memorymesh.sh")]
    [TestCase("csharp", Dotnet, "run")]
    public async Task An_example_tells_what_is_wrong_with_its_key(string folder, string program, params string[] arguments)
    {
        Servers.Require(Path.GetFileName(program), program == Dotnet || File.Exists(program));
        var (code, output) = await RunAsync(folder, program, arguments, apiKey: "mm_wrong");
        Assert.That(code, Is.Not.Zero);
        Assert.That(output, Does.Contain("401"));
    }

    [Test]
    public void The_integration_guide_names_every_example_and_nothing_else()
    {
        var root = TestHost.RepositoryRoot();
        var named = ExamplePath().Matches(File.ReadAllText(Path.Combine(root, "INTEGRATION.md"))).Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.That(named, Is.All.Matches<string>(path => Path.Exists(Path.Combine(root, path))));
        Assert.That(named.Select(path => path.Split('/')[1]).Distinct(), Is.EquivalentTo(Directory.GetDirectories(Path.Combine(root, "examples")).Select(Path.GetFileName)));
    }

    private async Task<(int Code, string Output)> RunAsync(string folder, string program, string[] arguments, string? apiKey = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Path.Combine(TestHost.RepositoryRoot(), "examples", folder), RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["MEMORYMESH_URL"] = _host.Address.ToString();
        start.Environment["MEMORYMESH_API_KEY"] = apiKey ?? _apiKey;
        using var process = Process.Start(start)!;
        var reading = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(Limit);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, string.Concat(await reading));
    }

    [GeneratedRegex(@"\]\((examples/[^)]+)\)")]
    private static partial Regex ExamplePath();
}
