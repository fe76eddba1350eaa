using NUnit.Framework;

namespace MemoryMesh.Tests.Shared;

/// <summary>
/// Tests of what a user sees, run against both hosts. A fixture derives from this, takes the kind in its constructor and uses <see cref="Host"/>,
/// which all fixtures of a kind share: every test registers people of its own.
/// </summary>
[TestFixture(HostKind.Embedded)]
[TestFixture(HostKind.Processes)]
public abstract class FunctionalTests(HostKind kind)
{
    /// <summary>The running product.</summary>
    protected TestHost Host { get; private set; } = null!;

    /// <summary>Gets the host, started at the first use.</summary>
    [OneTimeSetUp]
    public async Task GetHostAsync() => Host = await SharedHosts.GetAsync(kind);
}

/// <summary>The hosts that fixtures share. A set-up fixture of the test assembly stops them at the end.</summary>
public static class SharedHosts
{
    private static readonly Dictionary<HostKind, Task<TestHost>> Hosts = [];
    private static readonly Lock Gate = new();

    /// <summary>The host of a kind.</summary>
    public static Task<TestHost> GetAsync(HostKind kind)
    {
        lock (Gate)
        {
            return Hosts.TryGetValue(kind, out var host) ? host : Hosts[kind] = StartAsync(kind);
        }
    }

    /// <summary>The services that are processes keep Auth and Retention in PostgreSQL, where that is installed: so each functional test meets both engines.</summary>
    private static async Task<TestHost> StartAsync(HostKind kind)
    {
        if (kind == HostKind.Embedded || !PostgresServer.IsInstalled)
        {
            return await TestHost.StartAsync(kind);
        }

        var postgres = await PostgresServer.SharedAsync();
        var address = await postgres.CreateDatabaseAsync();
        return await TestHost.StartAsync(
            kind, environment: new Dictionary<string, string> { ["ConnectionStrings__auth"] = address, ["ConnectionStrings__retention"] = address });
    }

    /// <summary>Stops all.</summary>
    public static async Task StopAsync()
    {
        foreach (var host in Hosts.Values.Where(host => host.IsCompletedSuccessfully))
        {
            await (await host).DisposeAsync();
        }

        Hosts.Clear();
    }
}
