using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace MemoryMesh.ServiceDefaults.Storage;

/// <summary>One SQLite file: a single writer with group commit, and a bounded pool of read-only connections.</summary>
/// <remarks>
/// <para>One process-lifetime connection, used by one thread, does every write and every checkpoint. SQLite before 3.51.3 can lose pages when
/// two connections write and checkpoint at the same time (https://sqlite.org/wal.html#walresetbug); this design cannot meet that case. For the
/// same reason no second process may open the file for writing.</para>
/// <para><c>synchronous=FULL</c>: a write that was answered survives a power cut. Writes that wait while a commit runs share the next one, so
/// the price of a sync to disk is paid once for up to <see cref="MaxBatch"/> writes.</para>
/// </remarks>
public sealed partial class SqliteDatabase : StoreDatabase
{
    private const int MaxBatch = 256;
    private const int QueueCapacity = 8_192;
    private const int BusyTimeoutMilliseconds = 5_000;
    private const int SqliteFull = 13;
    private const int SqliteIoError = 10;

    private readonly string _path;
    private readonly string _name;
    private readonly IReadOnlyList<Migration> _migrations;
    private readonly ILogger _logger;
    private readonly Channel<WriteOperation<SqliteSession>> _queue = Channel.CreateBounded<WriteOperation<SqliteSession>>(
        new BoundedChannelOptions(QueueCapacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly Thread _writerThread;
    private SqliteSession? _writer;
    private long _scrubRequestedAt;
    private volatile bool _disposed;

    private SqliteDatabase(string path, IReadOnlyList<Migration> migrations, ILogger logger)
    {
        _path = path;
        _name = System.IO.Path.GetFileNameWithoutExtension(path);
        _migrations = migrations;
        _logger = logger;
        _writerThread = new Thread(RunWriter) { IsBackground = true, Name = $"writer {System.IO.Path.GetFileName(path)}" };
    }

    /// <summary>Path of the file.</summary>
    public string Path => _path;

    /// <summary>Opens or creates the file, applies the migrations it lacks and starts the writer.</summary>
    /// <exception cref="StorageUnavailableException">The file cannot be opened, or a migration failed.</exception>
    public static SqliteDatabase Open(string path, IReadOnlyList<Migration> migrations, ILogger logger)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Batteries_V2.Init();
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
        var database = new SqliteDatabase(path, migrations, logger);
        try
        {
            database._writer = database.OpenWriter();
            database.Migrate();
        }
        catch (SqliteException exception)
        {
            database._writer?.Dispose();
            throw new StorageUnavailableException($"{System.IO.Path.GetFileName(path)} cannot be opened: {exception.Message}", exception)
            {
                DiskFull = exception.SqliteErrorCode == SqliteFull,
            };
        }

        database._writerThread.Start();
        return database;
    }

    /// <summary>Loads SQLite, with an empty store in memory.</summary>
    internal static void WarmUp()
    {
        Batteries_V2.Init();
        var connection = new SqliteConnection("Data Source=:memory:;Pooling=False");
        connection.Open();
        using var session = new SqliteSession(connection);
        session.Execute("BEGIN IMMEDIATE");
        RunScript(connection, "CREATE TABLE warm_up (id INTEGER PRIMARY KEY, value BLOB)");
        session.Execute("INSERT INTO warm_up (id, value) VALUES ($1, $2)", 1, Guid.Empty);
        session.Query("SELECT value FROM warm_up", row => row.Id(0));
        session.Execute("COMMIT");
    }

    /// <inheritdoc/>
    public override string Label => System.IO.Path.GetFileName(_path);

    /// <inheritdoc/>
    public override void OnOpened(Action<StoreSession> work) => WriteAsync(session => work(session), default).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override Task<T> WriteAsync<T>(Func<StoreSession, T> work, CancellationToken cancellationToken)
        => WriteAsync((Func<SqliteSession, T>)work, cancellationToken);

    /// <inheritdoc/>
    public override Task<T> ReadAsync<T>(Func<StoreSession, T> work, CancellationToken cancellationToken)
        => ReadAsync((Func<SqliteSession, T>)work, cancellationToken);

    /// <summary>Runs <paramref name="work"/> in a transaction and answers when it is durable. An exception undoes this work only.</summary>
    /// <remarks>The work runs on the writer's thread, between the work of others: it must be short and must not block.</remarks>
    /// <exception cref="StorageUnavailableException">The queue or the disk is full, or the disk failed; nothing was kept.</exception>
    public Task<T> WriteAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        cancellationToken.ThrowIfCancellationRequested();
        var operation = new WriteOperation<SqliteSession, T>(work, WriteTrace.Start(_name, "sqlite"));
        if (!_queue.Writer.TryWrite(operation))
        {
            var refusal = new StorageUnavailableException(_disposed ? "The store is closing." : "The write queue is full.");
            operation.Fail(refusal);
            throw refusal;
        }

        return operation.Task;
    }

    /// <inheritdoc cref="WriteAsync{T}(Func{SqliteSession, T}, CancellationToken)"/>
    public Task WriteAsync(Action<SqliteSession> work, CancellationToken cancellationToken)
        => WriteAsync(
            session =>
            {
                work(session);
                return true;
            },
            cancellationToken);

    /// <summary>Asks for the bytes of deleted rows to leave the write-ahead log soon: a TRUNCATE checkpoint once the writer is idle, or within 5 s.</summary>
    /// <remarks>Needs <c>secure_delete</c>, which is on. Full-text tables must have been optimized in the deleting transaction.</remarks>
    public override void RequestScrub()
    {
        if (Interlocked.CompareExchange(ref _scrubRequestedAt, Stopwatch.GetTimestamp(), 0) == 0)
        {
            // Wakes a writer that waits for work. When the queue is full it is awake.
            _queue.Writer.TryWrite(new WriteOperation<SqliteSession, bool>(_ => true) { Alone = true });
        }
    }

    /// <summary>Waits until a TRUNCATE checkpoint moved the whole write-ahead log into the file.</summary>
    /// <exception cref="TimeoutException">Readers held the log for longer than <paramref name="timeout"/>.</exception>
    public async Task ScrubAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await RunAloneAsync(TruncateLog, cancellationToken))
        {
            if (Stopwatch.GetElapsedTime(started) > timeout)
            {
                throw new TimeoutException("The write-ahead log could not be truncated: a reader holds it.");
            }

            await Task.Delay(50, cancellationToken);
        }
    }

    /// <summary>
    /// Waits until no byte of a deleted row is in the files any more. <c>secure_delete</c> overwrites what is deleted, but not the copies that SQLite leaves
    /// in the unused part of a page when it moves rows between pages: the file is written anew.
    /// </summary>
    /// <param name="largest">Largest file, in bytes, to write anew: it takes a second for some 64 MiB, and as much memory as the file is large.</param>
    /// <param name="timeout">Longest wait for readers.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StorageUnavailableException">It cannot be done now.</exception>
    public override async Task RewriteAsync(long largest, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            if (new FileInfo(_path).Length <= largest)
            {
                await RunAloneAsync(RewriteInMemory, cancellationToken);
            }

            await ScrubAsync(timeout, cancellationToken);
        }
        catch (Exception exception) when (exception is SqliteException or TimeoutException)
        {
            throw new StorageUnavailableException("Deleted rows could not be removed from the files yet.", exception);
        }
    }

    /// <summary>Runs <c>PRAGMA integrity_check</c>.</summary>
    /// <returns><c>ok</c>, or the first defect.</returns>
    public Task<string> CheckIntegrityAsync(CancellationToken cancellationToken)
        => ReadAsync(session => session.QueryFirst("PRAGMA integrity_check(1)", row => row.Text(0))!, cancellationToken);

    /// <inheritdoc/>
    public override async Task<KeyValuePair<string, object>> CheckAsync(CancellationToken cancellationToken)
        => new(
            "sqlite_version",
            await ReadAsync(session => session.QueryFirst("SELECT sqlite_version() FROM (SELECT count(*) FROM schema_migrations)", row => row.Text(0))!, cancellationToken));

    /// <inheritdoc/>
    public override Task<long> MeasureAsync(CancellationToken cancellationToken)
        => Task.FromResult(
            Directory.EnumerateFiles(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(_path))!, $"{System.IO.Path.GetFileName(_path)}*")
                .Sum(file => new FileInfo(file) is { Exists: true } info ? info.Length : 0));

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _queue.Writer.TryComplete();
        await Task.Run(_writerThread.Join);
        for (var i = 0; i < MaxReaders; i++)
        {
            await _readerSlots.WaitAsync();
        }

        // The writer closes last: the last connection to close checkpoints, and that must be the writer's.
        CloseIdle();
        _writer?.Dispose();
        _readerSlots.Dispose();
        _apartSlots.Dispose();
    }

    private Task<T> RunAloneAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var operation = new WriteOperation<SqliteSession, T>(work) { Alone = true };
        return _queue.Writer.TryWrite(operation)
            ? operation.Task
            : throw new StorageUnavailableException(_disposed ? "The store is closing." : "The write queue is full.");
    }

    private static bool RewriteInMemory(SqliteSession session)
    {
        session.Execute("PRAGMA temp_store=MEMORY");
        try
        {
            session.Execute("VACUUM");
            return true;
        }
        finally
        {
            session.Execute("PRAGMA temp_store=DEFAULT");
        }
    }

    private static bool TruncateLog(SqliteSession session)
        => session.QueryFirst("PRAGMA wal_checkpoint(TRUNCATE)", row => row.Int64(0)) == 0;

    private void RunWriter()
    {
        var batch = new List<WriteOperation<SqliteSession>>(MaxBatch);
        var reader = _queue.Reader;
        while (true)
        {
            if (!WaitForWork(reader))
            {
                return;
            }

            batch.Clear();
            WriteOperation<SqliteSession>? alone = null;
            while (batch.Count < MaxBatch && reader.TryRead(out var operation))
            {
                if (operation.Alone)
                {
                    alone = operation;
                    break;
                }

                batch.Add(operation);
            }

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

    /// <summary>Waits for an operation; while there is none, does what was put off. False when the queue is closed and empty.</summary>
    private bool WaitForWork(ChannelReader<WriteOperation<SqliteSession>> reader)
    {
        while (true)
        {
            var requestedAt = Interlocked.Read(ref _scrubRequestedAt);
            if (requestedAt != 0)
            {
                var waited = Stopwatch.GetElapsedTime(requestedAt);
                var idle = !reader.TryPeek(out _);
                if ((idle && waited > TimeSpan.FromMilliseconds(500)) || waited > TimeSpan.FromSeconds(5))
                {
                    ScrubNow();
                }
            }

            var pending = reader.WaitToReadAsync().AsTask();
            if (requestedAt == 0 && Interlocked.Read(ref _scrubRequestedAt) == 0)
            {
                return pending.GetAwaiter().GetResult();
            }

            if (pending.Wait(TimeSpan.FromMilliseconds(100)))
            {
                return pending.Result;
            }
        }
    }

    private void ScrubNow()
    {
        try
        {
            if (_writer is not null && TruncateLog(_writer))
            {
                Interlocked.Exchange(ref _scrubRequestedAt, 0);
            }
            else
            {
                // A reader holds the log: wait for it before the next try.
                Interlocked.Exchange(ref _scrubRequestedAt, Stopwatch.GetTimestamp());
            }
        }
        catch (SqliteException exception)
        {
            LogScrubFailed(_logger, System.IO.Path.GetFileName(_path), exception.SqliteErrorCode);
            Interlocked.Exchange(ref _scrubRequestedAt, Stopwatch.GetTimestamp());
        }
    }

    private void RunAlone(WriteOperation<SqliteSession> operation)
    {
        try
        {
            _writer ??= OpenWriter();
            operation.Run(_writer);
            operation.Complete();
        }
        catch (Exception exception)
        {
            operation.Fail(exception);
        }
    }

    private void Commit(List<WriteOperation<SqliteSession>> batch)
    {
        SqliteSession session;
        try
        {
            session = _writer ??= OpenWriter();
            session.OutboxAppended = false;
            session.Execute("BEGIN IMMEDIATE");
        }
        catch (SqliteException exception)
        {
            FailBatch(batch, exception);
            return;
        }

        try
        {
            foreach (var operation in batch)
            {
                session.Execute("SAVEPOINT op");
                try
                {
                    session.Trace = operation.Trace.Parent;
                    operation.Run(session);
                    session.EndWrite(succeeded: true);
                }
                catch (Exception exception) when (raw.sqlite3_get_autocommit(session.Connection.Handle) == 0 && !IsDiskFailure(exception))
                {
                    session.Execute("ROLLBACK TO op");
                    session.EndWrite(succeeded: false);
                    operation.Fail(exception);
                }

                session.Execute("RELEASE op");
            }

            session.WriteShared();
            session.Execute("COMMIT");
        }
        catch (Exception exception)
        {
            // After a failed write or sync the connection's view of the file cannot be trusted: close it, and let the next write reopen.
            FailBatch(batch, exception);
            return;
        }

        foreach (var operation in batch)
        {
            operation.Complete();
        }

        if (session.OutboxAppended)
        {
            TellOutboxAppended();
        }
    }

    private static bool IsDiskFailure(Exception exception)
        => exception is SqliteException { SqliteErrorCode: SqliteFull or SqliteIoError };

    private void FailBatch(List<WriteOperation<SqliteSession>> batch, Exception exception)
    {
        var code = (exception as SqliteException)?.SqliteErrorCode ?? 0;
        LogCommitFailed(_logger, System.IO.Path.GetFileName(_path), batch.Count, code);
        try
        {
            _writer?.Dispose();
        }
        catch (SqliteException)
        {
            // Closing rolls back; a disk that fails here fails again at the reopening, where it is reported.
        }

        _writer = null;
        foreach (var operation in batch)
        {
            operation.Fail(new StorageUnavailableException("The write could not be made durable.", exception) { DiskFull = code == SqliteFull });
        }
    }

    private SqliteSession OpenWriter()
    {
        var session = OpenSession(SqliteOpenMode.ReadWriteCreate);
        session.Execute("PRAGMA journal_mode=WAL");
        session.Execute("PRAGMA synchronous=FULL");
        session.Execute("PRAGMA secure_delete=ON");
        session.Execute("PRAGMA foreign_keys=ON");
        session.Execute("PRAGMA journal_size_limit=67108864");
        session.Execute("PRAGMA cache_size=-16384");

        // Migrations make sets of subjects with them.
        session.Connection.CreateFunction("subject_bits", (string places) => Usage.SubjectSet.BitsOf(places), isDeterministic: true);
        session.Connection.CreateFunction("subject_set", (string parts) => Usage.SubjectSet.OfBits(parts), isDeterministic: true);
        return session;
    }

    private SqliteSession OpenSession(SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = _path,
            Mode = mode,
            Pooling = false,
        }.ToString());
        try
        {
            connection.Open();
            raw.sqlite3_busy_timeout(connection.Handle, BusyTimeoutMilliseconds);
            return new SqliteSession(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Applies what the file lacks, all of it or nothing.</summary>
    private void Migrate()
    {
        var session = _writer!;
        session.Execute("BEGIN IMMEDIATE");
        session.Execute("CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT PRIMARY KEY, applied_at INTEGER NOT NULL) WITHOUT ROWID");
        var applied = session.Query("SELECT name FROM schema_migrations", row => row.Text(0)).ToHashSet(StringComparer.Ordinal);
        foreach (var migration in _migrations.Where(migration => !applied.Contains(migration.Name)))
        {
            RunScript(session.Connection, migration.Sql);
            session.Execute(
                "INSERT INTO schema_migrations (name, applied_at) VALUES ($1, $2)", migration.Name, DateTimeOffset.UtcNow);
        }

        session.Execute("COMMIT");
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA2100", Justification = "Migrations are embedded in the assemblies.")]
    private static void RunScript(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    [LoggerMessage(EventId = 1001, Level = LogLevel.Error, Message = "{File}: a commit of {Count} writes failed with SQLite error {Code}; none was acknowledged")]
    private static partial void LogCommitFailed(ILogger logger, string file, int count, int code);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Warning, Message = "{File}: truncating the write-ahead log failed with SQLite error {Code}; it is tried again")]
    private static partial void LogScrubFailed(ILogger logger, string file, int code);
}
