using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Auth.Storage.Sql;

/// <summary>Writes that nobody waits for, such as the time of a last use: a full disk must not keep people from reading.</summary>
internal static class BestEffort
{
    public static void Write(StoreDatabase database, Action<StoreSession> work)
    {
        try
        {
            _ = database.WriteAsync(work, CancellationToken.None)
                .ContinueWith(static done => done.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
        catch (StorageUnavailableException)
        {
            // The next use notes a time again.
        }
    }
}
