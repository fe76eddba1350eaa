using MemoryMesh.ServiceDefaults.Hosting;

namespace MemoryMesh.AppHost;

/// <summary>What a host prints when it serves.</summary>
internal static class ReadyLines
{
    /// <summary>Prints where the server and its pages are.</summary>
    /// <param name="url">Where it listens.</param>
    public static void Print(string url)
    {
        var address = HealthCheckCommand.Visitable(url);
        Console.WriteLine($"MemoryMesh is ready: {address}");
        Console.WriteLine($"API page: {address}/docs");
        Console.WriteLine($"Console: {address}/console");
    }
}
