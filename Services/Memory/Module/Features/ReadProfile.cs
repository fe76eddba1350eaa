using System.Text.Json;
using MemoryMesh.Memory.Storage;

namespace MemoryMesh.Memory.Features;

/// <summary>Reads what is known of a subject: one row, unless memories changed since it was built.</summary>
internal sealed class ReadProfile(IProfileStore profiles, TimeProvider clock)
{
    private const int Attempts = 3;

    /// <summary>The profile, as the memories are now; an empty one of a subject that is unknown or opted out.</summary>
    public async Task<SubjectProfile> HandleAsync(Guid tenantId, Guid subjectKey, CancellationToken cancellationToken)
    {
        var stored = await profiles.FindAsync(tenantId, subjectKey, cancellationToken);
        if (stored is null or { OptedOut: true })
        {
            return SubjectProfile.Empty;
        }

        return ProfileRules.At(
            stored is { Stale: false, Profile: { } profile } ? profile : await RebuildAsync(tenantId, subjectKey, cancellationToken), clock.GetUtcNow());
    }

    /// <summary>The profile as it is kept, as JSON, which may hold what has stopped being true since it was built; null of a subject that is unknown or opted out.</summary>
    public async Task<byte[]?> ReadJsonAsync(Guid tenantId, Guid subjectKey, CancellationToken cancellationToken)
        => await profiles.FindAsync(tenantId, subjectKey, cancellationToken) switch
        {
            null or { OptedOut: true } => null,
            { Stale: false, Json: { } json } => json,
            _ => JsonSerializer.SerializeToUtf8Bytes(await RebuildAsync(tenantId, subjectKey, cancellationToken)),
        };

    /// <summary>Builds the profile anew and keeps it. When memories change all the while, the last one built is given and none is kept.</summary>
    public async Task<SubjectProfile> RebuildAsync(Guid tenantId, Guid subjectKey, CancellationToken cancellationToken)
    {
        var profile = SubjectProfile.Empty;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var source = await profiles.ReadSourceAsync(tenantId, subjectKey, cancellationToken);
            profile = ProfileRules.Build(source.Memories, StoredTime.Now(clock));
            if (await profiles.SaveAsync(tenantId, subjectKey, source.Changes, profile, cancellationToken))
            {
                break;
            }
        }

        return profile;
    }
}
