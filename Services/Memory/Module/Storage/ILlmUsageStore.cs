using MemoryMesh.Memory.Llm;

namespace MemoryMesh.Memory.Storage;

/// <summary>Counts what a language model took, by tenant.</summary>
internal interface ILlmUsageStore
{
    /// <summary>Tokens of questions and answers of a tenant on the day (UTC) of a time.</summary>
    Task<long> CountTokensOfDayAsync(Guid tenantId, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Counts an answer.</summary>
    Task AddAsync(Guid tenantId, LlmAnswer answer, DateTimeOffset now, CancellationToken cancellationToken);
}

/// <summary>Keeps what tenants say about drawing memories.</summary>
internal interface IExtractionSettingsStore
{
    /// <summary>A tenant's settings, or null.</summary>
    Task<ExtractionGuidance?> FindAsync(Guid tenantId, CancellationToken cancellationToken);

    /// <summary>Sets a tenant's settings over a version.</summary>
    /// <returns>False when <paramref name="version"/> is not the stored one any more.</returns>
    Task<bool> SaveAsync(Guid tenantId, int version, ExtractionGuidance guidance, CancellationToken cancellationToken);

    /// <summary>Deletes a tenant's settings: the server's hold again.</summary>
    Task DeleteAsync(Guid tenantId, CancellationToken cancellationToken);
}
