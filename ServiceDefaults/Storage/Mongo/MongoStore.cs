using System.Threading.Channels;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.ServiceDefaults.Storage.Mongo;

/// <summary>The documents of one service in a MongoDB database: a single writer with group commit, and readers beside it.</summary>
/// <remarks>
/// <para>A commit is one update of one document, the writer's: it holds what the commit changes, in whatever documents, with its events. That update is atomic on a standalone
/// server and on a replica set alike, and is acknowledged by a majority, from the journal. Then the changes are carried out, and only then are the writes answered. When the store is
/// opened, what stands there is carried out once more, which changes nothing where it had been.</para>
/// <para>The update names the epoch of who opened the store last: of two processes, one that was cut off cannot commit any more.</para>
/// <para>Events are documents until they stand in the outbox of the service's own store, from which they are delivered.</para>
/// </remarks>
public sealed partial class MongoStore : IOutlyingStore, IAsyncDisposable
{
    private const int MaxBatch = 256;
    private const int QueueCapacity = 8_192;

    /// <summary>Bytes after which a commit takes no more writes.</summary>
    private const int BatchBytes = 4 * 1024 * 1024;

    /// <summary>How long a start waits for a server that does not answer. The host then starts without, and is not ready until it does.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    private readonly string _service;
    private readonly MongoJournal _journal;
    private readonly IMongoDatabase _database;
    private readonly MongoEventMover _mover;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<MongoOperation> _queue = Channel.CreateBounded<MongoOperation>(
        new BoundedChannelOptions(QueueCapacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly Task _writing;
    private volatile StorageUnavailableException? _refusal = new("The store is being opened.");
    private bool _isOpen;
    private bool _told;

    /// <summary>Begins to open it.</summary>
    /// <param name="service">Name of the service: the collections are named <c>{service}.{name}</c>.</param>
    /// <param name="database">Where they are, from <see cref="MongoSettings.Database"/>. Who made its client ends it, after the store.</param>
    /// <param name="plans">The service's collections.</param>
    /// <param name="own">The service's own store, which has the data keys, the outbox and the table <c>document_store</c>.</param>
    /// <param name="ring">The root keys.</param>
    /// <param name="logger">Takes what there is to tell.</param>
    public MongoStore(string service, IMongoDatabase database, IReadOnlyList<MongoCollectionPlan> plans, ModuleStore own, KeyRing ring, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(own);
        _service = service;
        _logger = logger;
        _database = database;
        _journal = new MongoJournal(_database, service, plans, own, ring);
        _mover = new MongoEventMover(Collection(MongoJournal.Events), own, logger);
        _writing = Task.Run(RunAsync);
    }

    /// <summary>What the store is called in messages.</summary>
    public string Label => $"The MongoDB database of {_service}";

    /// <summary>The last number that was given in the order of storing. Only while nothing is written.</summary>
    internal long LastSequence => _journal.Sequence;

    /// <summary>A collection of the service, to read from. Only the store writes.</summary>
    public IMongoCollection<BsonDocument> Collection(string name) => _journal.Collection(name);

    /// <summary>Runs <paramref name="work"/> in the next commit and answers when that is durable and can be read. An exception undoes this work only.</summary>
    /// <remarks>The work runs alone, between the work of others, and may run twice: it must be short and change nothing but the <see cref="MongoChange"/>.</remarks>
    /// <exception cref="StorageUnavailableException">
    /// The store cannot take it now. Nothing was kept; but when the server was lost while it committed, it may have been.
    /// </exception>
    public Task<T> WriteAsync<T>(Func<MongoChange, Task<T>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        cancellationToken.ThrowIfCancellationRequested();
        var operation = new MongoOperation<T>(work, WriteTrace.Start(_service, "mongodb"));
        var refusal = _refusal is { } known ? Again(known) : null;
        if (refusal is null && _queue.Writer.TryWrite(operation))
        {
            return operation.Task;
        }

        refusal ??= new StorageUnavailableException(_closing.IsCancellationRequested ? "The store is closing." : "The write queue is full.");
        operation.Fail(refusal);
        throw refusal;
    }

    /// <summary>Reads.</summary>
    /// <exception cref="StorageUnavailableException">The store cannot be read now.</exception>
    public async Task<T> ReadAsync<T>(Func<MongoStore, Task<T>> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (_refusal is { } refusal)
        {
            throw Again(refusal);
        }

        try
        {
            return await work(this);
        }
        catch (Exception exception) when (MongoErrors.IsOutage(exception))
        {
            throw MongoErrors.ToUnavailable(Label, exception);
        }
    }

    /// <summary>Waits until it is open, for those who have nothing to do without it.</summary>
    /// <exception cref="StartupException">It belongs to another data folder or other keys.</exception>
    /// <exception cref="StorageUnavailableException">It was not open in time.</exception>
    internal async Task RequireOpenAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            await _opened.Task.WaitAsync(patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw Again(_refusal ?? new StorageUnavailableException("The store is being opened."));
        }
    }

    /// <summary>Waits until the events of every commit so far stand in the outbox of the service's own store.</summary>
    public Task TakeOverEventsAsync(CancellationToken cancellationToken) => _mover.CatchUpAsync(cancellationToken);

    /// <summary>Asks the server for its version.</summary>
    /// <exception cref="StorageUnavailableException">It cannot be used now.</exception>
    public Task<string> CheckAsync(CancellationToken cancellationToken)
        => ReadAsync(async _ => (await _database.RunCommandAsync<BsonDocument>(new BsonDocument("buildInfo", 1), cancellationToken: cancellationToken))["version"].AsString);

    /// <inheritdoc/>
    async Task IOutlyingStore.OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _opened.Task.WaitAsync(StartPatience, cancellationToken);
        }
        catch (TimeoutException)
        {
            LogWaiting(_logger, _service, _refusal?.Message ?? "");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested)
        {
            return;
        }

        await _closing.CancelAsync();
        _queue.Writer.TryComplete();
        await _writing;
        await _mover.DisposeAsync();
        _closing.Dispose();
    }

    /// <summary>An exception of its own for each who is refused.</summary>
    private static StorageUnavailableException Again(StorageUnavailableException refusal) => new(refusal.Message, refusal.InnerException);

    private async Task RunAsync()
    {
        MongoOperation? putOff = null;
        var failures = 0;
        while (true)
        {
            if (!_isOpen && !await TryOpenAsync())
            {
                putOff?.Fail(Again(_refusal!));
                putOff = null;
                if (!await RefuseForAsync(++failures))
                {
                    return;
                }

                continue;
            }

            failures = 0;
            if (putOff is null && !await _queue.Reader.WaitToReadAsync())
            {
                return;
            }

            putOff = await CommitSomeAsync(putOff);
        }
    }

    private async Task<bool> TryOpenAsync()
    {
        try
        {
            _mover.Start(await _journal.OpenAsync());

            // Those who wait for events wait for what was committed before, too.
            _mover.Ring(_journal.LastEvent);
            if (_told)
            {
                LogRecovered(_logger, _service);
            }

            _told = false;
            _isOpen = true;
            _refusal = null;
            _opened.TrySetResult();
            return true;
        }
        catch (Exception exception)
        {
            _refusal = MongoErrors.ToUnavailable(Label, exception);
            if (exception is StartupException)
            {
                _opened.TrySetException(exception);
                _ = _opened.Task.Exception;
            }

            TellLost(exception);
            return false;
        }
    }

    /// <summary>Refuses what was asked for before the store was lost, and waits before the next try. False when the store is closed.</summary>
    private async Task<bool> RefuseForAsync(int failures)
    {
        while (_queue.Reader.TryRead(out var operation))
        {
            operation.Fail(Again(_refusal!));
        }

        var wait = Backoff.After(failures);
        await Task.Delay(wait < LongestWait ? wait : LongestWait, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !_closing.IsCancellationRequested;
    }

    /// <summary>Runs writes that wait, and commits them together.</summary>
    /// <returns>A write that must wait for the next commit.</returns>
    private async Task<MongoOperation?> CommitSomeAsync(MongoOperation? first)
    {
        var change = new MongoChange(this, _journal.Sequence);
        var done = new List<MongoOperation>();
        MongoOperation? current = null;
        try
        {
            while (done.Count < MaxBatch && change.Size < BatchBytes && (first is not null || _queue.Reader.TryRead(out current)))
            {
                current = first ?? current;
                first = null;
                try
                {
                    await current!.RunAsync(change);
                    change.Keep();
                    done.Add(current);
                }
                catch (MongoNextCommitException) when (!change.IsEmpty)
                {
                    change.Drop();
                    first = current;
                    break;
                }
                catch (Exception exception) when (!MongoErrors.IsOutage(exception))
                {
                    change.Drop();
                    current!.Fail(exception);
                }
            }

            current = null;
            if (!change.IsEmpty)
            {
                await done[0].TraceAsync(() => _journal.CommitAsync(change));
            }
        }
        catch (Exception exception)
        {
            Lose(exception);
            current?.Fail(Again(_refusal!));
            done.ForEach(operation => operation.Fail(Again(_refusal!)));
            return first;
        }

        done.ForEach(operation => operation.Complete());
        if (change.Events.Count > 0)
        {
            _mover.Ring(_journal.LastEvent);
        }

        return first;
    }

    private void Lose(Exception exception)
    {
        _isOpen = false;
        _refusal = MongoErrors.ToUnavailable(Label, exception);
        TellLost(exception);
    }

    private void TellLost(Exception exception)
    {
        if (!_told)
        {
            LogLost(_logger, _service, exception is StorageUnavailableException or StartupException ? exception.Message : exception.GetType().Name);
        }

        _told = true;
    }

    [LoggerMessage(EventId = 1171, Level = LogLevel.Warning, Message = "The MongoDB database of {Service} cannot be used ({Reason}); it is tried again")]
    private static partial void LogLost(ILogger logger, string service, string reason);

    [LoggerMessage(EventId = 1172, Level = LogLevel.Information, Message = "The MongoDB database of {Service} can be used again")]
    private static partial void LogRecovered(ILogger logger, string service);

    [LoggerMessage(EventId = 1173, Level = LogLevel.Warning, Message = "The start goes on without the MongoDB database of {Service}: not ready until it can be used ({Reason})")]
    private static partial void LogWaiting(ILogger logger, string service, string reason);
}
