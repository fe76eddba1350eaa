namespace MemoryMesh.ServiceDefaults.Storage;

/// <content>What waits for the writer.</content>
public sealed partial class SqliteDatabase
{
    private abstract class WriteOperation
    {
        /// <summary>Whether it must run outside a transaction.</summary>
        public bool Alone { get; init; }

        /// <summary>What it is part of.</summary>
        public abstract WriteTrace Trace { get; }

        public abstract void Run(SqliteSession session);

        public abstract void Complete();

        public abstract void Fail(Exception exception);
    }

    private sealed class WriteOperation<T>(Func<SqliteSession, T> work, WriteTrace trace = default) : WriteOperation
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;

        public Task<T> Task => _completion.Task;

        public override WriteTrace Trace => trace;

        public override void Run(SqliteSession session) => _result = work(session);

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
}
