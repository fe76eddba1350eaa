namespace MemoryMesh.Contracts.Events;

/// <summary>A memory was added, updated, superseded or deleted, and the change is durable.</summary>
public sealed record MemoryChanged
{
    /// <summary>Tenant the memory belongs to.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>The memory.</summary>
    public required Guid MemoryId { get; init; }

    /// <summary>Owner of the memory: subject key, team id or tenant id, by its scope.</summary>
    public required Guid OwnerKey { get; init; }

    /// <summary>Version of the memory after the change, 1 for a new one; consumers drop one older than they hold.</summary>
    public required int Version { get; init; }

    /// <summary>What happened: <c>added</c>, <c>updated</c>, <c>superseded</c> or <c>deleted</c>.</summary>
    public required string Change { get; init; }
}

/// <summary>A version of a memory can be found by search from now on.</summary>
public sealed record MemoryIndexed
{
    /// <summary>Tenant the memory belongs to.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>The memory.</summary>
    public required Guid MemoryId { get; init; }

    /// <summary>Version that is in the index.</summary>
    public required int Version { get; init; }
}
