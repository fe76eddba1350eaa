using System.Diagnostics;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.EndToEnd;

public class StartTests
{
    [Test]
    public async Task A_missing_key_file_over_existing_data_stops_the_start_with_a_clear_message()
    {
        await using var host = await TestHost.StartAsync(HostKind.Embedded);
        await host.StopAsync();
        var key = Path.Combine(host.Folder, "keys", "encryption.key");
        var kept = await File.ReadAllTextAsync(key);
        File.Delete(key);
        var (code, output) = await RunAsync("--data", host.Folder, "--urls", "http://127.0.0.1:0");
        Assert.That(code, Is.EqualTo(2), output);
        Assert.That(output, Does.Contain("encryption.key").And.Contain("ENCRYPTION_KEY").And.Not.Contain("   at "), output);
        Assert.That(File.Exists(key), Is.False, "No new key may be made over existing data.");

        await File.WriteAllTextAsync(key, kept);
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await host.StartAgainAsync();
    }

    [Test]
    public async Task A_wrong_key_over_existing_data_stops_the_start()
    {
        await using var host = await TestHost.StartAsync(HostKind.Embedded);
        await host.StopAsync();
        var (code, output) = await RunAsync("--data", host.Folder, "--urls", "http://127.0.0.1:0", "--ENCRYPTION_KEY", new string('a', 64));
        Assert.That(code, Is.EqualTo(2), output);
        Assert.That(output, Does.Contain("ENCRYPTION_KEY").And.Not.Contain(new string('a', 64)), output);
        await host.StartAgainAsync();
    }

    [Test]
    public async Task A_wrong_index_key_over_existing_data_stops_the_start()
    {
        await using var host = await TestHost.StartAsync(HostKind.Embedded);
        await host.StopAsync();
        var (code, output) = await RunAsync("--data", host.Folder, "--urls", "http://127.0.0.1:0", "--MEMORY_INDEX_KEY", new string('a', 64));
        Assert.That(code, Is.EqualTo(2), output);
        Assert.That(output, Does.Contain("MEMORY_INDEX_KEY").And.Not.Contain(new string('a', 64)), output);
        await host.StartAgainAsync();
    }

    [Test]
    public async Task A_second_server_over_the_same_data_does_not_start()
    {
        await using var host = await TestHost.StartAsync(HostKind.Embedded);
        var (code, output) = await RunAsync("--data", host.Folder, "--urls", "http://127.0.0.1:0");
        Assert.That(code, Is.EqualTo(2), output);
        Assert.That(output, Does.Contain("Another process").And.Contain(host.Folder).And.Not.Contain("   at "), output);
        await host.StopAsync();
        await host.StartAgainAsync();
    }

    [Test]
    public async Task A_data_folder_that_cannot_be_written_stops_the_start_with_a_clear_message()
    {
        var file = Path.GetTempFileName();
        var (code, output) = await RunAsync("--data", Path.Combine(file, "data"), "--urls", "http://127.0.0.1:0");
        File.Delete(file);
        Assert.That(code, Is.EqualTo(2), output);
        Assert.That(output, Does.Contain("--data").And.Contain(file).And.Not.Contain("   at "), output);
    }

    [Test]
    public async Task Help_lists_what_there_is()
    {
        var (code, output) = await RunAsync("--help");
        Assert.That(code, Is.Zero, output);
        Assert.That(output, Does.Contain("--open").And.Contain("--processes").And.Contain("--data").And.Contain("demo"));
    }

    [Test]
    public async Task A_switch_that_is_not_known_stops_the_start()
    {
        var (code, output) = await RunAsync("--opne");
        Assert.That(code, Is.EqualTo(2), output);
        Assert.That(output, Does.Contain("--opne").And.Contain("--open").And.Not.Contain("   at "), output);
    }

    [TestCase("--open", "--urls", "http://0.0.0.0:0")]
    [TestCase("--open", "--processes", "--urls", "http://*:0")]
    [TestCase("--open", "--Kestrel:Endpoints:Web:Url", "http://0.0.0.0:0")]
    public async Task An_open_server_does_not_listen_to_other_machines(params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("memorymesh-open-");
        var (code, output) = await RunAsync([.. arguments, "--data", folder.FullName]);
        folder.Delete(recursive: true);
        Assert.That(code, Is.EqualTo(2), output);
        Assert.That(output.Trim().Split('\n'), Has.Length.EqualTo(1));
        Assert.That(output, Does.Contain("--open").And.Contain("127.0.0.1").And.Not.Contain("   at "), output);
    }

    [TestCase("ENCRYPTION_KEY", "a pass phrase that is long enough", "pass phrase")]
    [TestCase("MEMORY_JWT_SECRET_KEY", "short-canary", "32")]
    [TestCase("MEMORY_ALLOWED_ORIGINS", "*", "MEMORY_ALLOWED_ORIGINS")]
    [TestCase("MONGODB_URL", "mongodb://u:canary@db/m", "Storage__Engine=embedded")]
    [TestCase("MEMORY_EMBEDDING_PROVIDER", "canary", "local")]
    [TestCase("MEMORY_EMBEDDING_DIMENSIONS", "1536", "384")]
    [TestCase("MEMORY_ACCESS_TOKEN_EXPIRE_MINUTES", "soon-canary", "whole number")]
    public async Task An_environment_name_with_a_value_that_cannot_be_used_stops_the_start(string name, string value, string reason)
    {
        var folder = Directory.CreateTempSubdirectory("memorymesh-start-");
        var (code, output) = await RunAsync(new Dictionary<string, string> { [name] = value }, "--data", folder.FullName, "--urls", "http://127.0.0.1:0");
        folder.Delete(recursive: true);
        Assert.That(code, Is.EqualTo(2), output);
        Assert.That(output, Does.Contain(name).And.Contain(reason).And.Not.Contain("canary").And.Not.Contain("   at "), output);
    }

    [Test]
    public async Task The_process_host_tells_what_is_wrong_with_the_environment_once()
    {
        var folder = Directory.CreateTempSubdirectory("memorymesh-start-");
        var (code, output) = await RunAsync(
            new Dictionary<string, string> { ["MONGODB_URL"] = "mongodb://db", ["MEMORY_DATA_DIRECTORY"] = "x" }, "--processes", "--data", folder.FullName);
        folder.Delete(recursive: true);
        Assert.That(code, Is.EqualTo(2), output);
        Assert.That(output.Split("MEMORY_DATA_DIRECTORY"), Has.Length.EqualTo(2), output);
        Assert.That(output.Split("MONGODB_URL"), Has.Length.EqualTo(2), output);
    }

    [Test]
    public async Task The_first_lines_name_the_address_and_the_pages()
    {
        await using var host = await TestHost.StartAsync(HostKind.Embedded);
        var address = host.Address.ToString().TrimEnd('/');
        await Eventually.TrueAsync(
            () => Task.FromResult(host.Output.Contains($"{address}/docs", StringComparison.Ordinal) && host.Output.Contains($"{address}/console", StringComparison.Ordinal)),
            TimeSpan.FromSeconds(10),
            () => host.Output);
    }

    [Test]
    public async Task Key_files_and_data_are_for_the_owner_only()
    {
        var parent = Directory.CreateTempSubdirectory("memorymesh-modes-").FullName;
        await using var host = await TestHost.StartAsync(HostKind.Embedded, Path.Combine(parent, "data"));
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        Assert.That(new DirectoryInfo(host.Folder).UnixFileMode & Others, Is.EqualTo(UnixFileMode.None));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(host.Folder, "keys")))
        {
            Assert.That(File.GetUnixFileMode(file) & Others, Is.EqualTo(UnixFileMode.None), file);
        }
    }

    private static Task<(int Code, string Output)> RunAsync(params string[] arguments) => RunAsync([], arguments);

    private static async Task<(int Code, string Output)> RunAsync(Dictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add(TestHost.AppHostPath());
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(Eventually.Patience);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }

        return (process.ExitCode, await output + await errors);
    }
}
