namespace MemoryMesh.Search.Embedding;

/// <summary>Lets work that can wait stand back while other work is under way.</summary>
internal sealed class EmbeddingRest
{
    private readonly Lock _lock = new();
    private int _underWay;
    private TaskCompletionSource? _rest;

    /// <summary>Notes that something is under way; <see cref="End"/> takes that back.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            _underWay++;
        }
    }

    /// <inheritdoc cref="Begin"/>
    public void End()
    {
        TaskCompletionSource? rest = null;
        lock (_lock)
        {
            _underWay--;
            if (_underWay == 0)
            {
                (rest, _rest) = (_rest, null);
            }
        }

        rest?.SetResult();
    }

    /// <summary>Waits until nothing is under way, at most so long.</summary>
    public async Task WaitAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        Task rest;
        lock (_lock)
        {
            if (_underWay == 0)
            {
                return;
            }

            _rest ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            rest = _rest.Task;
        }

        // Not the task's own failure, which it never has: that the time is over shows in nothing.
        await rest.WaitAsync(longest, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
