using MemoryMesh.Retention.Storage;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Retention.Features;

/// <summary>Which policy holds for a tenant: its own, else the default one of the configuration.</summary>
internal sealed class PolicyInForce(IRetentionStore store, IOptions<RetentionOptions> options)
{
    /// <summary>The default policy, or null when no age is configured: then nothing is ever deleted.</summary>
    public RetentionPolicy? Default { get; } = options.Value is { MaxAgeDays: { } days } configured
        ? new RetentionPolicy(
            days,
            configured.ImportanceThreshold,
            configured.Action == "archive" ? RetentionAction.Archive : RetentionAction.Delete,
            RetentionTargets.Messages | RetentionTargets.Memories)
        : null;

    /// <summary>The policy to apply, or null: the tenant's own is switched off, or there is none at all.</summary>
    public async Task<RetentionPolicy?> FindAsync(Guid tenantId, CancellationToken cancellationToken)
        => await store.FindPolicyAsync(tenantId, cancellationToken) is { } own ? own.Enabled ? own.Policy : null : Default;
}
