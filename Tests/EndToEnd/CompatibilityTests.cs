using System.Text.RegularExpressions;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.EndToEnd;

/// <summary>The commands of docs/compatibility.md, run as they stand there.</summary>
public class CompatibilityTests
{
    [Test]
    public async Task The_calls_of_PersonalMem_run_without_credentials_against_an_open_server()
    {
        var data = Directory.CreateTempSubdirectory("memorymesh-open-");
        using var server = ReadmeTests.Start($"exec dotnet '{TestHost.AppHostPath()}' --open --data '{data.FullName}'");
        try
        {
            await ReadmeTests.WaitUntilReadyAsync(server);
            var output = await ReadmeTests.RunAsync(ReadmeTests.Block("personalmem", "docs/compatibility.md"));
            Assert.Multiple(() =>
            {
                Assert.That(output, Does.Not.Contain("urn:memorymesh:problem"));
                Assert.That(output, Does.Match("\"extracted_memories\":\\[\\{.*Honda"));
                Assert.That(output, Does.Contain("\"memory_context\":\"User Personal Information (from previous conversations): User").And.Contain("Nice to meet you, Honda."));
                Assert.That(output, Does.Contain("\"count\":3"));
                Assert.That(Regex.Match(output, "\\{\"deleted\":(\\d+),\"opted_out\":true\\}").Groups[1].Value, Is.EqualTo("2"), output);
            });
        }
        finally
        {
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync();
            data.Delete(recursive: true);
        }
    }
}
