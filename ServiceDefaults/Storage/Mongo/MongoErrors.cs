using MongoDB.Driver;

namespace MemoryMesh.ServiceDefaults.Storage.Mongo;

/// <summary>Tells what failures of the driver mean.</summary>
internal static class MongoErrors
{
    /// <summary>Whether the server cannot be reached or cannot work now, rather than refusing what it was asked for.</summary>
    public static bool IsOutage(Exception exception) => exception is TimeoutException or IOException
        or MongoConnectionException or MongoConnectionPoolPausedException or MongoWaitQueueFullException or MongoNotPrimaryException or MongoNodeIsRecoveringException
        or MongoExecutionTimeoutException or MongoWriteConcernException or MongoClientException
        || (exception is MongoBulkWriteException { WriteConcernError: not null, WriteErrors.Count: 0 });

    /// <summary>What is answered meanwhile. The driver's text names hosts and may quote a command, so it is kept inside.</summary>
    public static StorageUnavailableException ToUnavailable(string label, Exception exception)
        => exception as StorageUnavailableException ?? new($"{label} cannot be used now.", exception);
}
