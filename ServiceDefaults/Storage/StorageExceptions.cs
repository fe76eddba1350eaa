namespace MemoryMesh.ServiceDefaults.Storage;

/// <summary>A store cannot take the work now; nothing of it was kept. Answered as 503 with Retry-After, or 507 when the disk is full.</summary>
public class StorageUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    public StorageUnavailableException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception.</summary>
    public StorageUnavailableException()
    {
    }

    /// <summary>Creates the exception.</summary>
    public StorageUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Whether the disk is full.</summary>
    public bool DiskFull { get; init; }
}
