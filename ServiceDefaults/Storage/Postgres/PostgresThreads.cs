using System.Threading.Channels;

namespace MemoryMesh.ServiceDefaults.Storage.Postgres;

/// <summary>A few threads that each have a connection to read over. Npgsql blocks them while the server works, which threads of the pool are too few for.</summary>
internal sealed class PostgresThreads : IAsyncDisposable
{
    private const int MaxWaiting = 4_096;

    private readonly Channel<Action<Reader>> _queue = Channel.CreateBounded<Action<Reader>>(MaxWaiting);
    private readonly Thread[] _threads;

    /// <summary>Starts them.</summary>
    public PostgresThreads(string name, int count, Func<PostgresSession> connect)
    {
        _threads = [.. Enumerable.Range(0, count).Select(_ => new Thread(() => Run(connect)) { IsBackground = true, Name = $"reader {name}" })];
        Array.ForEach(_threads, thread => thread.Start());
    }

    /// <summary>Runs work on one of them.</summary>
    /// <exception cref="StorageUnavailableException">Too much waits already.</exception>
    public Task<T> RunAsync<T>(Func<Reader, T> work, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_queue.Writer.TryWrite(reader =>
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    done.TrySetCanceled(cancellationToken);
                    return;
                }

                try
                {
                    done.TrySetResult(work(reader));
                }
                catch (Exception exception)
                {
                    done.TrySetException(exception);
                }
            }))
        {
            throw new StorageUnavailableException("The store is closing, or too many reads wait.");
        }

        return done.Task;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await Task.Run(() => Array.ForEach(_threads, thread => thread.Join()));
    }

    private void Run(Func<PostgresSession> connect)
    {
        using var reader = new Reader(connect);
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (_queue.Reader.TryRead(out var work))
            {
                work(reader);
            }
        }
    }

    /// <summary>The connection of a thread, made when it is first needed and after it was lost.</summary>
    internal sealed class Reader(Func<PostgresSession> connect) : IDisposable
    {
        private PostgresSession? _session;

        /// <summary>Reads. A connection that the server has closed since its last use is replaced, and the work run once more.</summary>
        public T Read<T>(Func<StoreSession, T> work)
        {
            var isNew = _session is null;
            try
            {
                return work(_session ??= connect());
            }
            catch (Exception exception) when (!isNew && _session is { IsOpen: false } && PostgresErrors.IsOutage(exception))
            {
                _session.Dispose();
                _session = null;
                return work(_session = connect());
            }
            finally
            {
                if (_session is { IsOpen: false })
                {
                    _session.Dispose();
                    _session = null;
                }
            }
        }

        public void Dispose() => _session?.Dispose();
    }
}
