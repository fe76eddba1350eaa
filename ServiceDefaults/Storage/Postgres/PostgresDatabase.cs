using System.Diagnostics;
using System.Threading.Channels;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace MemoryMesh.ServiceDefaults.Storage.Postgres;

/// <summary>One schema of a Postgres database, which this process has for itself: a single writer with group commit, and a few connections that read.</summary>
/// <remarks>
/// <para>The writer's connection holds an advisory lock on the schema. Its writes run one after the other as they do on SQLite, so the same code is right on
/// both: nothing is written between what a write reads and what it does about it, and the events of the outbox have places in the order of their commits.
/// Writes that wait while a commit runs share the next one.</para>
/// <para>While the server cannot be reached, work is refused at once. The connection is made again by itself, after growing waits.</para>
/// </remarks>
internal sealed partial class PostgresDatabase : StoreDatabase
{
    private const int MaxBatch = 256;
    private const int QueueCapacity = 8_192;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    private readonly PostgresSchema _schema;
    private readonly string _name;
    private readonly ILogger _logger;
    private readonly List<Action<StoreSession>> _onOpened = [];
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<WriteOperation<PostgresSession>> _queue = Channel.CreateBounded<WriteOperation<PostgresSession>>(
        new BoundedChannelOptions(QueueCapacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly PostgresThreads _readers;
    private readonly Thread _writerThread;
    private PostgresSession? _writer;
    private volatile StorageUnavailableException? _refusal = new("The store is being opened.");
    private volatile bool _disposed;
    private bool _told;

    /// <summary>Prepares it; <see cref="Start"/> opens it.</summary>
    public PostgresDatabase(PostgresSchema schema, string name, int readers, ILogger logger)
    {
        _schema = schema;
        _name = name;
        _logger = logger;
        _readers = new PostgresThreads(name, readers, schema.Connect);
        _writerThread = new Thread(RunWriter) { IsBackground = true, Name = $"writer {name}" };
    }

    /// <inheritdoc/>
    public override string Label => $"The Postgres schema {_name}";

    /// <summary>Begins to connect.</summary>
    public void Start() => _writerThread.Start();

    /// <summary>Waits until it is open, or for a time.</summary>
    /// <exception cref="StartupException">What belongs to its opening refuses it.</exception>
    public async Task WaitAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            await _opened.Task.WaitAsync(patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            LogWaiting(_logger, _name, _refusal?.Message ?? "");
        }
    }

    /// <inheritdoc/>
    public override void OnOpened(Action<StoreSession> work) => _onOpened.Add(work);

    /// <inheritdoc/>
    public override Task<T> WriteAsync<T>(Func<StoreSession, T> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        return EnqueueAsync(new WriteOperation<PostgresSession, T>(work, WriteTrace.Start(_name, "postgresql")), cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<T> ReadAsync<T>(Func<StoreSession, T> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_refusal is { } refusal)
        {
            throw Again(refusal);
        }

        try
        {
            return await _readers.RunAsync(reader => reader.Read(work), cancellationToken);
        }
        catch (Exception exception) when (PostgresErrors.IsOutage(exception))
        {
            throw PostgresErrors.ToUnavailable(Label, exception);
        }
    }

    /// <summary>Does nothing: autovacuum sees to deleted rows, and <see cref="RewriteAsync"/> where it must be known.</summary>
    public override void RequestScrub()
    {
    }

    /// <inheritdoc/>
    /// <remarks>
    /// <c>VACUUM FULL</c> writes tables anew and gives the old files back; a schema that is too large for that gets a plain <c>VACUUM</c>. The server's
    /// write-ahead log, archives of it and replicas are the operator's: what they hold of a deleted row is encrypted with a key that is gone.
    /// </remarks>
    public override async Task RewriteAsync(long largest, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var full = largest == long.MaxValue || await MeasureAsync(cancellationToken) <= largest;
        await EnqueueAsync(new WriteOperation<PostgresSession, bool>(session => Vacuum(session, full)) { Alone = true }, cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<KeyValuePair<string, object>> CheckAsync(CancellationToken cancellationToken)
        => new(
            "postgres_version",
            await ReadAsync(session => session.QueryFirst("SELECT current_setting('server_version') FROM (SELECT count(*) FROM schema_migrations) known", row => row.Text(0))!, cancellationToken));

    /// <inheritdoc/>
    public override Task<long> MeasureAsync(CancellationToken cancellationToken)
        => ReadAsync(
            session => session.Scalar("SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind = 'r'", _name),
            cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _queue.Writer.TryComplete();
        if (_writerThread.ThreadState.HasFlag(System.Threading.ThreadState.Unstarted))
        {
            await _readers.DisposeAsync();
            return;
        }

        await Task.Run(_writerThread.Join);
        await _readers.DisposeAsync();
        _writer?.Dispose();
    }

    private static bool Vacuum(StoreSession session, bool full)
    {
        var tables = session.Query("SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(current_schema()) AND relkind = 'r'", row => row.Text(0));
        foreach (var table in tables)
        {
            session.Execute(full ? $"VACUUM FULL {table}" : $"VACUUM {table}");
        }

        return true;
    }

    private Task<T> EnqueueAsync<T>(WriteOperation<PostgresSession, T> operation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var refusal = _refusal is { } known ? Again(known) : null;
        if (refusal is null && _queue.Writer.TryWrite(operation))
        {
            return operation.Task;
        }

        refusal ??= new StorageUnavailableException(_disposed ? "The store is closing." : "The write queue is full.");
        operation.Fail(refusal);
        throw refusal;
    }

    /// <summary>An exception of its own for each who is refused: one is thrown on one thread.</summary>
    private static StorageUnavailableException Again(StorageUnavailableException refusal) => new(refusal.Message, refusal.InnerException) { DiskFull = refusal.DiskFull };

    private void RunWriter()
    {
        var batch = new List<WriteOperation<PostgresSession>>(MaxBatch);
        var failures = 0;
        while (true)
        {
            if (_writer is null && !TryOpen())
            {
                failures++;
                if (!RefuseFor(failures))
                {
                    return;
                }

                continue;
            }

            failures = 0;
            var pending = _queue.Reader.WaitToReadAsync().AsTask();
            while (_writer is { IsOpen: true } && !pending.Wait(LongestWait))
            {
                // The driver tells within its keep-alive time that an idle connection was lost, and the schema with it.
            }

            if (_writer is { IsOpen: false })
            {
                Lose(new IOException("The connection was lost."));
                continue;
            }

            if (!pending.Result)
            {
                return;
            }

            Take(batch, out var alone);
            if (batch.Count > 0)
            {
                Commit(batch);
            }

            if (alone is not null)
            {
                RunAlone(alone);
            }
        }
    }

    private void Take(List<WriteOperation<PostgresSession>> batch, out WriteOperation<PostgresSession>? alone)
    {
        batch.Clear();
        alone = null;
        while (alone is null && batch.Count < MaxBatch && _queue.Reader.TryRead(out var operation))
        {
            if (operation.Alone)
            {
                alone = operation;
            }
            else
            {
                batch.Add(operation);
            }
        }
    }

    private bool TryOpen()
    {
        try
        {
            _writer = _schema.Open(_onOpened);
            if (_told)
            {
                LogRecovered(_logger, _name);
            }

            _told = false;
            _refusal = null;
            _opened.TrySetResult();
            return true;
        }
        catch (Exception exception)
        {
            _refusal = exception as StorageUnavailableException ?? PostgresErrors.ToUnavailable(Label, exception);
            if (exception is StartupException)
            {
                _opened.TrySetException(exception);
            }

            TellLost(exception);
            return false;
        }
    }

    /// <summary>Refuses what was asked for before the store was lost, and waits before the next try. False when the store is closed.</summary>
    private bool RefuseFor(int failures)
    {
        while (_queue.Reader.TryRead(out var operation))
        {
            operation.Fail(Again(_refusal!));
        }

        var wait = Backoff.After(failures);
        var until = Stopwatch.GetTimestamp() + (long)((wait < LongestWait ? wait : LongestWait).TotalSeconds * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < until)
        {
            if (_disposed)
            {
                return false;
            }

            Thread.Sleep(20);
        }

        return true;
    }

    private void Commit(List<WriteOperation<PostgresSession>> batch)
    {
        if (!TryBegin())
        {
            batch.ForEach(operation => operation.Fail(Again(_refusal!)));
            return;
        }

        var session = _writer!;
        var done = new List<WriteOperation<PostgresSession>>(batch.Count);
        try
        {
            session.OutboxAppended = false;
            foreach (var operation in batch)
            {
                // Together they are undone one by one; alone, the transaction is the savepoint.
                if (batch.Count > 1)
                {
                    session.Execute("SAVEPOINT op");
                }

                try
                {
                    session.Trace = operation.Trace.Parent;
                    operation.Run(session);
                    done.Add(operation);
                }
                catch (Exception exception) when (session.IsOpen && !PostgresErrors.IsOutage(exception))
                {
                    session.Execute(batch.Count > 1 ? "ROLLBACK TO SAVEPOINT op" : "ROLLBACK");
                    operation.Fail(exception);
                }

                if (batch.Count > 1)
                {
                    session.Execute("RELEASE SAVEPOINT op");
                }
            }

            if (done.Count > 0)
            {
                session.Execute("COMMIT");
            }
            else if (batch.Count > 1)
            {
                session.Execute("ROLLBACK");
            }
        }
        catch (Exception exception)
        {
            Lose(exception);
            batch.ForEach(operation => operation.Fail(PostgresErrors.ToUnavailable(Label, exception)));
            return;
        }

        done.ForEach(operation => operation.Complete());
        if (session.OutboxAppended && done.Count > 0)
        {
            TellOutboxAppended();
        }
    }

    /// <summary>Begins a transaction; over a new connection when the server has closed the old one since its last use, before which nothing of it can have been done.</summary>
    private bool TryBegin()
    {
        try
        {
            _writer!.Execute("BEGIN");
            return true;
        }
        catch (Exception exception) when (PostgresErrors.IsOutage(exception))
        {
            Lose(exception);
        }

        if (!TryOpen())
        {
            return false;
        }

        try
        {
            _writer!.Execute("BEGIN");
            return true;
        }
        catch (Exception exception) when (PostgresErrors.IsOutage(exception))
        {
            Lose(exception);
            return false;
        }
    }

    /// <summary>Gives the connection up: what of its transaction was not committed is undone by the server.</summary>
    private void Lose(Exception exception)
    {
        _refusal = PostgresErrors.ToUnavailable(Label, exception);
        _writer?.Dispose();
        _writer = null;
        TellLost(exception);
    }

    private void TellLost(Exception exception)
    {
        if (!_told)
        {
            LogLost(_logger, _name, PostgresErrors.Describe(exception));
        }

        _told = true;
    }

    private void RunAlone(WriteOperation<PostgresSession> operation)
    {
        if (_writer is null)
        {
            operation.Fail(Again(_refusal!));
            return;
        }

        try
        {
            operation.Run(_writer);
            operation.Complete();
        }
        catch (Exception exception) when (PostgresErrors.IsOutage(exception))
        {
            operation.Fail(PostgresErrors.ToUnavailable(Label, exception));
            if (!_writer.IsOpen)
            {
                Lose(exception);
            }
        }
        catch (Exception exception)
        {
            operation.Fail(exception);
        }
    }

    [LoggerMessage(EventId = 1006, Level = LogLevel.Warning, Message = "The Postgres schema {Schema} cannot be used ({Reason}); it is tried again")]
    private static partial void LogLost(ILogger logger, string schema, string reason);

    [LoggerMessage(EventId = 1007, Level = LogLevel.Information, Message = "The Postgres schema {Schema} can be used again")]
    private static partial void LogRecovered(ILogger logger, string schema);

    [LoggerMessage(EventId = 1008, Level = LogLevel.Warning, Message = "The start goes on without the Postgres schema {Schema}: not ready until it can be used ({Reason})")]
    private static partial void LogWaiting(ILogger logger, string schema, string reason);
}
