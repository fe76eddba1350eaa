namespace MemoryMesh.AppHost;

/// <summary>What a host prints when it serves.</summary>
internal static class ReadyLines
{
    /// <summary>Prints where the server and its pages are.</summary>
    /// <param name="url">Where it listens.</param>
    public static void Print(string url)
    {
        var address = Visitable(url);
        Console.WriteLine($"MemoryMesh is ready: {address}");
        Console.WriteLine($"API page: {address}/docs");
        Console.WriteLine($"Console: {address}/console");
    }

    /// <summary>An address that stands for every interface cannot be visited; this machine's own name can.</summary>
    public static string Visitable(string url)
        => url.TrimEnd('/')
            .Replace("//0.0.0.0:", "//localhost:", StringComparison.Ordinal)
            .Replace("//[::]:", "//localhost:", StringComparison.Ordinal)
            .Replace("//*:", "//localhost:", StringComparison.Ordinal)
            .Replace("//+:", "//localhost:", StringComparison.Ordinal);
}
