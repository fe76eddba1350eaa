using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.ServiceDefaults.Storage;

/// <summary>The store of one service, whatever its engine: its rows, and the data keys they are encrypted with, which stand apart.</summary>
/// <remarks>The keys stand apart so that they can be backed up for a shorter time than the data: destroying a key then shreds old copies too.</remarks>
public abstract class ModuleStore : IAsyncDisposable
{
    /// <summary>Name of the service, lower case.</summary>
    public abstract string Name { get; }

    /// <summary>The rows.</summary>
    public abstract StoreDatabase Data { get; }

    /// <summary>The data keys of the rows.</summary>
    public abstract DataKeyStore Keys { get; }

    /// <summary>Where the data keys stand.</summary>
    internal abstract StoreDatabase KeyRows { get; }

    /// <summary>Bytes that rows and keys take.</summary>
    public abstract Task<long> MeasureAsync(CancellationToken cancellationToken);

    /// <summary>Gives back memory that is held for what may come.</summary>
    public virtual Task ReleaseMemoryAsync(CancellationToken cancellationToken) => Data.ReleaseMemoryAsync(cancellationToken);

    /// <summary>Opens it, where that takes a server. One that cannot be reached now is tried again, and the work that needs it is refused meanwhile.</summary>
    /// <exception cref="Security.StartupException">It can be reached and is not the one that belongs to this installation.</exception>
    internal virtual Task OpenAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}
