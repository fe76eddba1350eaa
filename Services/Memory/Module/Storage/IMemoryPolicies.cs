namespace MemoryMesh.Memory.Storage;

/// <summary>What a tenant allows to be learned.</summary>
/// <param name="ReviewInferred">Whether a fact whose words do not stand in what was said waits for review; else it is kept, and ranked lower.</param>
/// <param name="AllowedCategories">Categories that may be learned; null for all.</param>
/// <param name="Version">Version, from 1; 0 when it was never set.</param>
/// <param name="UpdatedAt">When it was set.</param>
internal sealed record MemoryPolicy(bool ReviewInferred, IReadOnlyList<string>? AllowedCategories, int Version, DateTimeOffset? UpdatedAt)
{
    /// <summary>What holds until somebody says something else.</summary>
    public static readonly MemoryPolicy Default = new(true, null, 0, null);
}

/// <summary>Keeps what tenants allow to be learned.</summary>
internal interface IMemoryPolicies
{
    /// <summary>The policy of a tenant.</summary>
    Task<MemoryPolicy> FindAsync(Guid tenantId, CancellationToken cancellationToken);

    /// <summary>Sets it, and notes it in the audit log.</summary>
    /// <returns>The policy as it is now.</returns>
    Task<MemoryPolicy> SaveAsync(
        Guid tenantId, Guid accountId, bool reviewInferred, IReadOnlyList<string>? allowedCategories, DateTimeOffset now, CancellationToken cancellationToken);
}
