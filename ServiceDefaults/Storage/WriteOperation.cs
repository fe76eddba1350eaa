namespace MemoryMesh.ServiceDefaults.Storage;

/// <summary>What waits for the writer of a store.</summary>
/// <typeparam name="TSession">Session of the engine.</typeparam>
internal abstract class WriteOperation<TSession>
    where TSession : StoreSession
{
    /// <summary>Whether it must run outside a transaction.</summary>
    public bool Alone { get; init; }

    /// <summary>What it is part of.</summary>
    public abstract WriteTrace Trace { get; }

    public abstract void Run(TSession session);

    public abstract void Complete();

    public abstract void Fail(Exception exception);
}

/// <summary>The same, with its result.</summary>
internal sealed class WriteOperation<TSession, T>(Func<TSession, T> work, WriteTrace trace = default) : WriteOperation<TSession>
    where TSession : StoreSession
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;

    public Task<T> Task => _completion.Task;

    public override WriteTrace Trace => trace;

    public override void Run(TSession session) => _result = work(session);

    public override void Complete()
    {
        trace.End(null);
        _completion.TrySetResult(_result);
    }

    public override void Fail(Exception exception)
    {
        // A caller that was refused at once has no task to await.
        trace.End(exception);
        if (_completion.TrySetException(exception))
        {
            _ = _completion.Task.Exception;
        }
    }
}
