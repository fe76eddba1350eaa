namespace MemoryMesh.AppHost.Aspire.Kubernetes;

/// <summary>Processor and memory in Kubernetes' units: what is kept free for a pod, and what it may take at most.</summary>
internal sealed record Compute(string RequestedProcessor, string RequestedMemory, string MostProcessor, string MostMemory);

/// <summary>How a resource runs in a cluster.</summary>
/// <param name="Volume">Name of its volume; null when it keeps nothing.</param>
/// <param name="VolumeSize">Size of the volume.</param>
/// <param name="User">User and group that the container runs as.</param>
/// <param name="Compute">What it takes.</param>
/// <param name="Callers">Resources that may connect to it; null when everybody may.</param>
/// <param name="Ports">Names of the ports that they may connect to.</param>
internal sealed record Placement(string? Volume, string? VolumeSize, long User, Compute Compute, string[]? Callers, string[] Ports)
{
    /// <summary>Whether it is one of the product's services: probed over HTTP, with a root file system that cannot be written.</summary>
    public bool Service { get; init; }

    /// <summary>Whether it needs a folder for what it makes and may lose.</summary>
    public bool Folder { get; init; }

    /// <summary>Fewest and most replicas of the autoscaler; null when it is not scaled.</summary>
    public (int Least, int Most)? Scale { get; init; }
}
