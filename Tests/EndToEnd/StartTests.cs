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

    private static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add(TestHost.AppHostPath());
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
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
