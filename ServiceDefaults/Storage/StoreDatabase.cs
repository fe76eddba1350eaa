namespace MemoryMesh.ServiceDefaults.Storage;

/// <summary>A store of one service on some engine. Its writes run one after the other, in the order they were asked for: what a write reads holds until it commits.</summary>
public abstract class StoreDatabase : IAsyncDisposable
{
    private volatile Action[] _outboxListeners = [];

    /// <summary>What the store is called in messages: a file name, or a schema.</summary>
    public abstract string Label { get; }

    /// <summary>Calls <paramref name="listener"/> after each commit that appended to the outbox. It runs on the writer's thread and must be short.</summary>
    public void OnOutboxAppended(Action listener) => _outboxListeners = [.. _outboxListeners, listener];

    /// <summary>Runs <paramref name="work"/> in a write when the store has been opened and before any other work, or at once where it is open.</summary>
    /// <remarks>A store that was lost is opened again: the work runs again then.</remarks>
    public abstract void OnOpened(Action<StoreSession> work);

    /// <summary>Runs <paramref name="work"/> in a transaction and answers when it is durable. An exception undoes this work only.</summary>
    /// <remarks>The work runs on the writer's thread, between the work of others: it must be short and must not block.</remarks>
    /// <exception cref="StorageUnavailableException">
    /// The store cannot take it now. Nothing was kept; but when a server was lost while it committed, it may have been.
    /// </exception>
    public abstract Task<T> WriteAsync<T>(Func<StoreSession, T> work, CancellationToken cancellationToken);

    /// <inheritdoc cref="WriteAsync{T}(Func{StoreSession, T}, CancellationToken)"/>
    public Task WriteAsync(Action<StoreSession> work, CancellationToken cancellationToken)
        => WriteAsync(
            session =>
            {
                work(session);
                return true;
            },
            cancellationToken);

    /// <summary>Runs <paramref name="work"/> on a connection that only reads, in a snapshot of its own when it is one statement.</summary>
    /// <exception cref="StorageUnavailableException">The store cannot be read now.</exception>
    public abstract Task<T> ReadAsync<T>(Func<StoreSession, T> work, CancellationToken cancellationToken);

    /// <summary>Asks for the bytes of deleted rows to go soon, where the engine does not see to that by itself.</summary>
    public abstract void RequestScrub();

    /// <summary>Waits until no deleted row is in the store's files any more.</summary>
    /// <param name="largest">Largest store, in bytes, that is written anew for it.</param>
    /// <param name="timeout">Longest wait for readers.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StorageUnavailableException">It cannot be done now.</exception>
    public abstract Task RewriteAsync(long largest, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Reads from the store, and tells the engine's version as <c>sqlite_version</c> or <c>postgres_version</c>.</summary>
    /// <exception cref="StorageUnavailableException">The store cannot be read now.</exception>
    public abstract Task<KeyValuePair<string, object>> CheckAsync(CancellationToken cancellationToken);

    /// <summary>Bytes that it takes.</summary>
    public abstract Task<long> MeasureAsync(CancellationToken cancellationToken);

    /// <summary>Gives back memory that is held for what may come: the next work takes it anew.</summary>
    public virtual Task ReleaseMemoryAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <summary>Tells that a commit appended to the outbox.</summary>
    protected void TellOutboxAppended()
    {
        foreach (var listener in _outboxListeners)
        {
            listener();
        }
    }
}
