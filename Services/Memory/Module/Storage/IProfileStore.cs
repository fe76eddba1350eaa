using System.Text.Json;

namespace MemoryMesh.Memory.Storage;

/// <summary>Keeps what is known of each subject as one row, beside the memories it is built from.</summary>
internal interface IProfileStore
{
    /// <summary>The row of a subject, read at once with whether the subject opted out; null when there never was a memory of it.</summary>
    Task<StoredProfile?> FindAsync(Guid tenantId, Guid subjectKey, CancellationToken cancellationToken);

    /// <summary>Reads the memories that a profile is built from.</summary>
    Task<ProfileSource> ReadSourceAsync(Guid tenantId, Guid subjectKey, CancellationToken cancellationToken);

    /// <summary>Keeps a profile, if the subject's memories are still those it was built from.</summary>
    /// <returns>False when they are not, or the subject was erased.</returns>
    Task<bool> SaveAsync(Guid tenantId, Guid subjectKey, long changes, SubjectProfile profile, CancellationToken cancellationToken);

    /// <summary>Subjects whose profile is stale, the longest first.</summary>
    Task<IReadOnlyList<(Guid TenantId, Guid SubjectKey)>> ListStaleAsync(int limit, CancellationToken cancellationToken);

    /// <summary>Calls <paramref name="listener"/> after commits that may have changed memories.</summary>
    void OnChanges(Action listener);
}

/// <summary>A profile as it is kept.</summary>
/// <param name="Json">The profile; null when a text of it is gone, or it was never built.</param>
/// <param name="Stale">Whether memories changed since it was built.</param>
/// <param name="OptedOut">Whether the subject opted out of memory.</param>
internal sealed record StoredProfile(byte[]? Json, bool Stale, bool OptedOut)
{
    public SubjectProfile? Profile => Json is null ? null : JsonSerializer.Deserialize<SubjectProfile>(Json);
}

/// <summary>What a profile is built from.</summary>
/// <param name="Changes">Number of changes to the subject's memories, read before them.</param>
/// <param name="Memories">Active memories: the most important of each lasting category, and the newest of the passing ones.</param>
internal sealed record ProfileSource(long Changes, IReadOnlyList<MemoryRecord> Memories);

/// <summary>What is known of a subject.</summary>
internal sealed record SubjectProfile
{
    /// <summary>Nothing.</summary>
    public static readonly SubjectProfile Empty = new();

    /// <summary>What stays true for long, the most important first.</summary>
    public IReadOnlyList<ProfileFact> Static { get; init; } = [];

    /// <summary>What is going on, the newest first.</summary>
    public IReadOnlyList<ProfileFact> Recent { get; init; } = [];

    /// <summary>How the subject said that it wants to be answered, the newest first.</summary>
    public IReadOnlyList<ProfileFact> Wishes { get; init; } = [];

    /// <summary>When it was built; null for one that never was.</summary>
    public DateTimeOffset? BuiltAt { get; init; }
}

/// <summary>A memory in a profile.</summary>
internal sealed record ProfileFact
{
    public required Guid Id { get; init; }

    public required string Text { get; init; }

    public required string Category { get; init; }

    public string? Slot { get; init; }

    public required double Importance { get; init; }

    public required double Confidence { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When it stops being true, if that is known.</summary>
    public DateTimeOffset? ValidTo { get; init; }
}
