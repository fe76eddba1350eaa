using System.Diagnostics;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Messaging;

/// <summary>What the process host does when one of its processes ends, or it does.</summary>
public class ProcessHostTests
{
    private static readonly TimeSpan Deadline = Eventually.Patience;

    [Test]
    public async Task A_process_that_ends_by_itself_is_named_and_everything_stops_with_exit_code_1([Values("MemoryMesh.Search.Api.dll", "beam.smp")] string victim)
    {
        await using var host = await TestHost.StartAsync(HostKind.Processes);
        await Eventually.TrueAsync(
            () => Task.FromResult(host.Output.Contains("MemoryMesh is ready", StringComparison.Ordinal)), Deadline, () => host.Output);
        using var appHost = Process.GetProcessById(host.ProcessId);
        Process.GetProcessById(ChildrenOf(host.ProcessId).Single(child => child.CommandLine.Contains(victim, StringComparison.Ordinal)).Id).Kill();
        var name = victim == "beam.smp" ? "rabbitmq" : "search";
        await Eventually.TrueAsync(() => Task.FromResult(appHost.HasExited), Deadline, () => host.Output);
        await Eventually.TrueAsync(
            () => Task.FromResult(host.Output.Contains($"{name} ended by itself", StringComparison.Ordinal)), Deadline, () => host.Output);
        Assert.That(await host.StopAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task No_process_outlives_the_host_when_only_the_host_is_killed()
    {
        await using var host = await TestHost.StartAsync(HostKind.Processes);
        var children = ChildrenOf(host.ProcessId);
        Assert.That(children, Has.Count.EqualTo(8), "six services, the broker and its port mapper");
        host.Signal("KILL");
        await Eventually.TrueAsync(
            () => Task.FromResult(!children.Exists(child => File.Exists($"/proc/{child.Id}/cmdline") && CommandLine(child.Id) == child.CommandLine)),
            Deadline,
            () => "Processes are left.");

        await host.StartAgainAsync();
        Assert.That(await host.StopAsync(), Is.Zero, host.Output);
    }

    [Test]
    public async Task The_broker_listens_on_the_loopback_address_only_and_keeps_its_secrets_to_itself()
    {
        await using var host = await TestHost.StartAsync(HostKind.Processes);
        var broker = Path.Combine(host.Folder, "rabbitmq");
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        foreach (var file in new[] { "password", "rabbitmq.conf", ".erlang.cookie" })
        {
            Assert.That(File.GetUnixFileMode(Path.Combine(broker, file)) & Others, Is.EqualTo(UnixFileMode.None), file);
        }

        var password = await File.ReadAllTextAsync(Path.Combine(broker, "password"));
        Assert.That(host.Output, Does.Not.Contain(password));
        var listening = ChildrenOf(host.ProcessId).SelectMany(child => ListenersOf(child.Id)).ToList();
        Assert.That(listening, Is.Not.Empty);
        Assert.That(listening, Has.All.Matches<string>(address => address is "0100007F" or "00000000000000000000000001000000" or "0000000000000000FFFF00000100007F"));
    }

    private static List<(int Id, string CommandLine)> ChildrenOf(int parent)
        => [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
            .Where(name => int.TryParse(name, out _))
            .Select(name => int.Parse(name!))
            .Where(id => ParentOf(id) == parent)
            .Select(id => (id, CommandLine(id)))];

    private static int ParentOf(int id)
    {
        try
        {
            var status = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(status[(status.LastIndexOf(')') + 4)..].Split(' ')[0]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static string CommandLine(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>Addresses, as <c>/proc/net/tcp</c> has them, that a process listens on.</summary>
    private static IEnumerable<string> ListenersOf(int id)
    {
        var sockets = Directory.EnumerateFiles($"/proc/{id}/fd")
            .Select(path => new FileInfo(path).LinkTarget)
            .Where(target => target?.StartsWith("socket:[", StringComparison.Ordinal) == true)
            .Select(target => target!["socket:[".Length..^1])
            .ToHashSet();
        return new[] { "tcp", "tcp6" }
            .SelectMany(table => File.ReadLines($"/proc/{id}/net/{table}").Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == "0A" && sockets.Contains(fields[9]))
            .Select(fields => fields[1].Split(':')[0]);
    }
}
