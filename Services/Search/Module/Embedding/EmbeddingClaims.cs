using MemoryMesh.Search.Storage;

namespace MemoryMesh.Search.Embedding;

/// <summary>Knows which jobs of the queue somebody in this process works on, so that nobody else takes them.</summary>
/// <remarks>Only memory: a job stays in the store until its vectors are there, and a process that starts finds all of them free.</remarks>
internal sealed class EmbeddingClaims
{
    private readonly Lock _lock = new();
    private readonly HashSet<(long Row, int Slot)> _taken = [];
    private readonly HashSet<(long Row, int Slot)> _forHere = [];
    private readonly HashSet<EmbeddingClaim> _open = [];

    /// <summary>How many due jobs may be passed over: whoever wants some has to look at that many more.</summary>
    public int Hidden
    {
        get
        {
            lock (_lock)
            {
                return _taken.Count + _forHere.Count;
            }
        }
    }

    /// <summary>Ends of what is being worked on now.</summary>
    public IReadOnlyList<Task> Open
    {
        get
        {
            lock (_lock)
            {
                return [.. _open.Select(claim => claim.Ended)];
            }
        }
    }

    /// <summary>Takes jobs that nobody has.</summary>
    /// <param name="due">Jobs that are due, the first one first: <paramref name="most"/>, <see cref="Hidden"/> and one more.</param>
    /// <param name="most">How many to take at most.</param>
    /// <param name="elsewhere">Whether they are computed elsewhere, which some were given back from.</param>
    /// <returns>The claim, null when there is nothing for it; and whether more is left.</returns>
    public (EmbeddingClaim? Claim, bool IsMore) Take(IReadOnlyList<EmbeddingTask> due, int most, bool elsewhere)
    {
        lock (_lock)
        {
            var free = due.Where(task => !_taken.Contains(Of(task)) && !(elsewhere && _forHere.Contains(Of(task)))).Take(most + 1).ToList();
            if (free.Count == 0)
            {
                if (!elsewhere)
                {
                    // What was given back and is not due any more has gone.
                    _forHere.Clear();
                }

                return (null, false);
            }

            var claim = new EmbeddingClaim(this, [.. free.Take(most)]);
            foreach (var task in claim.Tasks)
            {
                _taken.Add(Of(task));
                _forHere.Remove(Of(task));
            }

            _open.Add(claim);
            return (claim, free.Count > most);
        }
    }

    /// <summary>Has the jobs of a claim computed here from now on.</summary>
    public void KeepHere(EmbeddingClaim claim)
    {
        lock (_lock)
        {
            _forHere.UnionWith(claim.Tasks.Select(Of));
        }
    }

    internal bool Release(EmbeddingClaim claim)
    {
        lock (_lock)
        {
            if (!_open.Remove(claim))
            {
                return false;
            }

            _taken.ExceptWith(claim.Tasks.Select(Of));
            return true;
        }
    }

    private static (long Row, int Slot) Of(EmbeddingTask task) => (task.RowId, task.Slot);
}

/// <summary>Jobs that somebody works on. Disposing ends that: those whose vectors are not in the store by then are free again.</summary>
internal sealed class EmbeddingClaim(EmbeddingClaims claims, IReadOnlyList<EmbeddingTask> tasks) : IDisposable
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The jobs, at least one.</summary>
    public IReadOnlyList<EmbeddingTask> Tasks => tasks;

    /// <summary>Done when nobody works on them any more.</summary>
    public Task Ended => _ended.Task;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (claims.Release(this))
        {
            SearchTelemetry.ChangeJobs(-tasks.Count);
            _ended.SetResult();
        }
    }
}
