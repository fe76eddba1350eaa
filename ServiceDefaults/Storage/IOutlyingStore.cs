namespace MemoryMesh.ServiceDefaults.Storage;

/// <summary>A store on another server that a service has beside its own one. It is opened when the host starts, after those.</summary>
internal interface IOutlyingStore
{
    /// <summary>Opens it. A server that cannot be reached now is tried again, and the work that needs it is refused meanwhile.</summary>
    /// <exception cref="Security.StartupException">It can be reached and is not the one that belongs to this installation.</exception>
    Task OpenAsync(CancellationToken cancellationToken);
}
