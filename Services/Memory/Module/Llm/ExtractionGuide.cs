using MemoryMesh.Memory.Storage;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Memory.Llm;

/// <summary>What is drawn from messages, and what to mind.</summary>
/// <param name="Instructions">What a language model should mind; null for nothing.</param>
/// <param name="Categories">Categories that are drawn; all when empty.</param>
/// <param name="Version">Version of the tenant's settings; 0 when it has none.</param>
/// <param name="UpdatedAt">When they were set.</param>
internal sealed record ExtractionGuidance(string? Instructions, IReadOnlyList<string> Categories, int Version = 0, DateTimeOffset? UpdatedAt = null);

/// <summary>Finds what holds for a tenant: its own settings, or those of the server.</summary>
internal sealed class ExtractionGuide(IExtractionSettingsStore store, IOptions<LlmOptions> options)
{
    /// <summary>The server's.</summary>
    public ExtractionGuidance Default { get; } = new(options.Value.Instructions, [.. options.Value.Categories]);

    /// <summary>A tenant's; the server's when it has none.</summary>
    public async Task<ExtractionGuidance> FindAsync(Guid tenantId, CancellationToken cancellationToken)
        => await store.FindAsync(tenantId, cancellationToken) ?? Default;
}
