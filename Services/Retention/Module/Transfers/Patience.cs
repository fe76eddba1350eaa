using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Retention.Transfers;

/// <summary>Tries a call to another service, or to a store, again while it passes.</summary>
internal sealed class Patience(TimeProvider clock)
{
    /// <summary>Tries of one call, with waits of 1, 2, 4 and 8 seconds between them.</summary>
    public const int Attempts = 5;

    /// <summary>Whether trying again may help.</summary>
    public static bool MayPass(Exception exception, CancellationToken cancellationToken) => exception switch
    {
        StorageUnavailableException { DiskFull: true } => false,
        DependencyUnavailableException or StorageUnavailableException => true,
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        _ => false,
    };

    /// <summary>Makes a call, and the same again when it fails for something that may pass.</summary>
    public async Task<T> TryAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call(cancellationToken);
            }
            catch (Exception exception) when (attempt < Attempts && MayPass(exception, cancellationToken))
            {
                await Task.Delay(TimeSpan.FromSeconds(Math.Pow(2, attempt - 1)), clock, cancellationToken);
            }
        }
    }
}
