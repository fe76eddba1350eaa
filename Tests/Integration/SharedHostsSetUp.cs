using MemoryMesh.Tests.Integration.Messaging;
using MemoryMesh.Tests.Shared;

// No namespace: NUnit runs a set-up fixture without one around the whole assembly.
#pragma warning disable CA1050
[SetUpFixture]
public sealed class SharedHostsSetUp
{
    [OneTimeTearDown]
    public async Task StopHostsAsync()
    {
        await SharedHosts.StopAsync();
        await ServiceFleet.StopSharedAsync();
        await PostgresServer.StopSharedAsync();
    }
}
