using MemoryMesh.Memory.Preferences;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Memory.Storage;

/// <summary>Keeps what is preferred, one row a subject.</summary>
internal interface IPreferenceStore
{
    /// <summary>A subject's row; an empty one when there is none.</summary>
    Task<SubjectPreferences> FindAsync(Guid tenantId, Guid subjectKey, CancellationToken cancellationToken);

    /// <summary>The same as it is kept, as JSON; null when there is none.</summary>
    Task<byte[]?> FindJsonAsync(Guid tenantId, Guid subjectKey, CancellationToken cancellationToken);

    /// <summary>Changes a subject's row. The change is made again when another one came first.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="subjectKey">The subject.</param>
    /// <param name="change">Gives the new value, or the same one to leave it. It may run more than once.</param>
    /// <param name="learned">Whether it is learned: for a subject that opted out nothing is then written.</param>
    /// <param name="cancellationToken">Cancels before the write begins.</param>
    /// <returns>The row as it is afterwards.</returns>
    Task<SubjectPreferences> ChangeAsync(
        Guid tenantId, Guid subjectKey, Func<SubjectPreferences, SubjectPreferences> change, bool learned, CancellationToken cancellationToken);

    /// <summary>Learns something once for an Idempotency-Key. What a repeated request told is not counted again.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="subjectKey">The subject.</param>
    /// <param name="change">Gives the new value. It may run more than once.</param>
    /// <param name="request">The request.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Cancels before the write begins.</param>
    /// <returns>The row as it is afterwards, and whether the request came before: false when it did not, null when its key came with another.</returns>
    Task<(SubjectPreferences Preferences, bool? Repeated)> LearnOnceAsync(
        Guid tenantId, Guid subjectKey, Func<SubjectPreferences, SubjectPreferences> change, IdempotentRequest request, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Deletes the rows of every subject of a tenant.</summary>
    Task DeleteAllAsync(Guid tenantId, CancellationToken cancellationToken);
}
