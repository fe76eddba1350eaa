using MemoryMesh.ServiceDefaults.Messaging;
using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.ServiceDefaults.Storage.Mongo;

/// <summary>Takes events over into the outbox of the service's own store, each once and in the order of the commits, and deletes them then.</summary>
/// <remarks>The last place that was taken over is noted in the transaction that appends the events: what is found again after a crash is known by it.</remarks>
internal sealed partial class MongoEventMover(IMongoCollection<BsonDocument> events, ModuleStore own, ILogger logger) : IAsyncDisposable
{
    private const int AtATime = 500;

    private readonly CancellationTokenSource _closing = new();
    private readonly Bell _bell = new();
    private readonly Lock _waiting = new();
    private readonly List<(long Place, TaskCompletionSource Done)> _waiters = [];
    private Task? _moving;
    private long _last;
    private long _taken;

    /// <summary>Begins, or goes on after the store was lost.</summary>
    /// <param name="taken">Place of the last event that the outbox has.</param>
    public void Start(long taken)
    {
        if (_moving is null)
        {
            _taken = taken;
            _last = taken;
            _moving = Task.Run(RunAsync);
        }

        _bell.Ring();
    }

    /// <summary>Events up to a place are committed.</summary>
    public void Ring(long last)
    {
        Volatile.Write(ref _last, last);
        _bell.Ring();
    }

    /// <summary>Waits until every event that is committed now stands in the outbox.</summary>
    public Task CatchUpAsync(CancellationToken cancellationToken)
    {
        var place = Volatile.Read(ref _last);
        lock (_waiting)
        {
            if (_taken >= place)
            {
                return Task.CompletedTask;
            }

            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((place, done));
            return done.Task.WaitAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        if (_moving is not null)
        {
            await _moving;
        }

        lock (_waiting)
        {
            _waiters.ForEach(waiter => waiter.Done.TrySetException(new StorageUnavailableException("The store is closing.")));
            _waiters.Clear();
        }

        _closing.Dispose();
    }

    private async Task RunAsync()
    {
        var failures = 0;
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                if (await MoveSomeAsync() < AtATime)
                {
                    await _bell.WaitAsync(null, TimeProvider.System, _closing.Token);
                }

                failures = 0;
            }
            catch (Exception) when (_closing.IsCancellationRequested)
            {
                // What was under way when the store was closed is still there.
            }
            catch (Exception exception)
            {
                LogFailed(logger, own.Name, exception.GetType().Name);
                await Task.Delay(Backoff.After(++failures), _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <returns>How many events there were.</returns>
    private async Task<int> MoveSomeAsync()
    {
        var committed = Volatile.Read(ref _last);
        var found = await events.Find(new BsonDocument()).Sort(new BsonDocument("_id", 1)).Limit(AtATime).ToListAsync(_closing.Token);
        if (found.Count == 0)
        {
            End(committed);
            return 0;
        }

        var last = found[^1]["_id"].ToInt64();
        await own.Data.WriteAsync(
            session =>
            {
                var taken = session.Scalar("SELECT taken FROM document_store WHERE place = 1");
                foreach (var item in found.Where(item => item["_id"].ToInt64() > taken))
                {
                    Outbox.PublishAgain(
                        session, item.Id("id"), item["type"].AsString, item["body"].AsString, item.Time("occurred_at"), item["trace"].IsBsonNull ? null : item["trace"].AsString);
                }

                session.Execute("UPDATE document_store SET taken = $1 WHERE place = 1 AND taken < $1", last);
            },
            _closing.Token);
        End(last);
        await events.DeleteManyAsync(new BsonDocument("_id", new BsonDocument("$lte", last)), _closing.Token);
        return found.Count;
    }

    /// <summary>Every event up to a place has been taken over.</summary>
    private void End(long place)
    {
        lock (_waiting)
        {
            _taken = Math.Max(_taken, place);
            _waiters.RemoveAll(waiter => waiter.Place <= _taken && waiter.Done.TrySetResult());
        }
    }

    [LoggerMessage(EventId = 1174, Level = LogLevel.Warning, Message = "The events of {Service} cannot be taken over from MongoDB ({Kind}); it is tried again")]
    private static partial void LogFailed(ILogger logger, string service, string kind);
}
