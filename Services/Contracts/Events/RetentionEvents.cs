namespace MemoryMesh.Contracts.Events;

/// <summary>A retention run over a tenant ended.</summary>
public sealed record RetentionRunFinished
{
    /// <summary>The tenant.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Whether everything the policy covers was acted on; false when a service failed.</summary>
    public required bool Completed { get; init; }

    /// <summary>Whether it archived (true) or deleted (false).</summary>
    public required bool Archive { get; init; }

    /// <summary>Messages it acted on.</summary>
    public required long Messages { get; init; }

    /// <summary>Memories it acted on.</summary>
    public required long Memories { get; init; }
}
