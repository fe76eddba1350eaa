namespace MemoryMesh.ServiceDefaults.Storage.Mongo;

/// <summary>A write that waits for the writer of a <see cref="MongoStore"/>.</summary>
internal abstract class MongoOperation(WriteTrace trace)
{
    protected WriteTrace Trace => trace;

    public abstract Task RunAsync(MongoChange change);

    /// <summary>Does something in its span: the commit of several is in that of the first.</summary>
    public async Task TraceAsync(Func<Task> work)
    {
        trace.Enter();
        await work();
    }

    public abstract void Complete();

    public abstract void Fail(Exception exception);

    protected void Begin(MongoChange change) => change.Trace = trace.Parent;
}

/// <summary>The same, with its result.</summary>
internal sealed class MongoOperation<T>(Func<MongoChange, Task<T>> work, WriteTrace trace) : MongoOperation(trace)
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;

    public Task<T> Task => _completion.Task;

    public override async Task RunAsync(MongoChange change)
    {
        Begin(change);
        Trace.Enter();
        _result = await work(change);
    }

    public override void Complete()
    {
        Trace.End(null);
        _completion.TrySetResult(_result);
    }

    public override void Fail(Exception exception)
    {
        // A caller that was refused at once has no task to await.
        Trace.End(exception);
        if (_completion.TrySetException(exception))
        {
            _ = _completion.Task.Exception;
        }
    }
}
