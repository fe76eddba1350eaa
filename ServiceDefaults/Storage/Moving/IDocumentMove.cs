using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.ServiceDefaults.Storage.Moving;

/// <summary>Moves what a service of an installation keeps between its own file and documents on a server.</summary>
/// <remarks>Registered by the name of the service, in builds that have such a server. The store of the service is open, and nobody writes to it.</remarks>
public interface IDocumentMove
{
    /// <summary>Has everything that an installation with documents keeps in its data folder stand there.</summary>
    /// <exception cref="StartupException">The documents belong to another data folder or other keys.</exception>
    /// <exception cref="StorageUnavailableException">The server cannot be used now.</exception>
    Task SettleAsync(CancellationToken cancellationToken);

    /// <summary>Refuses a move that cannot be made now.</summary>
    /// <exception cref="StartupException">It cannot be made now; the message says why.</exception>
    Task CheckAsync(CancellationToken cancellationToken);

    /// <summary>Moves what the service keeps to another installation, and compares.</summary>
    /// <param name="target">Services of the other installation, whose data folder is a copy of this one's.</param>
    /// <param name="cancellationToken">Ends it between two batches; the same call makes it again.</param>
    /// <returns>What was moved.</returns>
    /// <exception cref="InvalidDataException">What was written is not what was read.</exception>
    Task<RowDigest> MoveToAsync(IServiceProvider target, CancellationToken cancellationToken);
}
