using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace MemoryMesh.ServiceDefaults.Storage;

/// <summary>Reading: a bounded pool of connections that stay open, and some that are opened for one long reading.</summary>
public sealed partial class SqliteDatabase
{
    private const int MaxReaders = 8;
    private const int MaxApart = 4;

    /// <summary>What a reader keeps of the file. The rest it reads from the system's cache of files, a microsecond or two for each page.</summary>
    private const int CacheKilobytes = 8_192;

    /// <summary>What one keeps that is needed while as many others read as there are processors: it is for moments in which one of these waits.</summary>
    private const int SpareCacheKilobytes = 1_024;

    /// <summary>What is read once is not read again: its pages pass through memory that stays in the processor's cache.</summary>
    private const int ApartCacheKilobytes = 512;

    private static readonly int FirstReaders = Math.Clamp(Environment.ProcessorCount, 2, MaxReaders);

    /// <summary>Idle ones of the first readers, the last used on top: its pages and statements are in memory.</summary>
    private readonly ConcurrentStack<SqliteSession> _readers = [];

    /// <summary>Idle readers beyond the first ones, taken when none of these is idle.</summary>
    private readonly ConcurrentStack<SqliteSession> _spareReaders = [];
    private readonly SemaphoreSlim _readerSlots = new(MaxReaders, MaxReaders);

    /// <summary>How many of the first readers are open.</summary>
    private int _opened;

    /// <summary>Idle readers of long readings, which are many in a row: opening one takes a millisecond, as much as reading some megabytes.</summary>
    private readonly ConcurrentStack<SqliteSession> _apartReaders = [];

    /// <summary>Fewer than readers, so that short questions go on beside them.</summary>
    private readonly SemaphoreSlim _apartSlots = new(MaxApart, MaxApart);

    /// <summary>Runs <paramref name="work"/> on a read-only connection, in a snapshot of its own when it is one statement.</summary>
    public async Task<T> ReadAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        ObjectDisposedException.ThrowIf(_disposed, this);
        await _readerSlots.WaitAsync(cancellationToken);
        try
        {
            var (session, home) = TakeReader();
            try
            {
                return work(session);
            }
            finally
            {
                home.Push(session);
            }
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is SqliteIoError or SqliteFull)
        {
            throw new StorageUnavailableException("The store cannot be read.", exception);
        }
        finally
        {
            _readerSlots.Release();
        }
    }

    /// <summary>
    /// Runs <paramref name="work"/> on a read-only connection and a thread of its own: for reading so much that it would push out of the shared connections'
    /// memory what they hold, and have a thread of the pool wait for the disk.
    /// </summary>
    public async Task<T> ReadApartAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        ObjectDisposedException.ThrowIf(_disposed, this);
        await _apartSlots.WaitAsync(cancellationToken);
        try
        {
            await _readerSlots.WaitAsync(cancellationToken);
            try
            {
                return await Task.Factory.StartNew(
                    () =>
                    {
                        if (!_apartReaders.TryPop(out var session))
                        {
                            session = OpenReader(ApartCacheKilobytes);
                        }

                        try
                        {
                            return work(session);
                        }
                        finally
                        {
                            _apartReaders.Push(session);
                        }
                    },
                    CancellationToken.None,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default);
            }
            finally
            {
                _readerSlots.Release();
            }
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is SqliteIoError or SqliteFull)
        {
            throw new StorageUnavailableException("The store cannot be read.", exception);
        }
        finally
        {
            _apartSlots.Release();
        }
    }

    /// <summary>Closes the readers that nobody uses, and takes the pages from the writer that it has no use for now: they are some megabytes for each.</summary>
    public override async Task ReleaseMemoryAsync(CancellationToken cancellationToken)
    {
        CloseIdle();
        try
        {
            await RunAloneAsync(ReleasePages, cancellationToken).WaitAsync(cancellationToken);
        }
        catch (StorageUnavailableException)
        {
            // It closes, or has much to write: then its pages are in use.
        }
    }

    private void CloseIdle()
    {
        SqliteSession? session;
        while (_readers.TryPop(out session))
        {
            session.Dispose();
            Interlocked.Decrement(ref _opened);
        }

        while (_spareReaders.TryPop(out session) || _apartReaders.TryPop(out session))
        {
            session.Dispose();
        }
    }

    /// <summary>An idle reader or a new one, and where it goes when it is idle again.</summary>
    private (SqliteSession Session, ConcurrentStack<SqliteSession> Home) TakeReader()
    {
        if (_readers.TryPop(out var session))
        {
            return (session, _readers);
        }

        if (Interlocked.Increment(ref _opened) <= FirstReaders)
        {
            try
            {
                return (OpenReader(CacheKilobytes), _readers);
            }
            catch
            {
                Interlocked.Decrement(ref _opened);
                throw;
            }
        }

        Interlocked.Decrement(ref _opened);
        return (_spareReaders.TryPop(out session) ? session : OpenReader(SpareCacheKilobytes), _spareReaders);
    }

    private static bool ReleasePages(SqliteSession writer)
    {
        writer.Execute("PRAGMA shrink_memory");
        return true;
    }

    private SqliteSession OpenReader(int cacheKilobytes)
    {
        var session = OpenSession(SqliteOpenMode.ReadOnly);
        session.Execute("PRAGMA temp_store=MEMORY");
        session.Execute($"PRAGMA cache_size=-{cacheKilobytes}");
        return session;
    }
}
