using System.Runtime.ExceptionServices;

namespace MemoryMesh.Search.Index.Vectors;

/// <summary>Carries out a short loop whose end somebody waits for, with another thread if one is free at once.</summary>
/// <remarks>
/// The caller begins itself and takes part by part what is left. So nothing waits for a thread that is busy: one that comes when all parts are taken does
/// nothing, and one that is in the middle of a part is waited for.
/// </remarks>
internal sealed class SharedLoop : IThreadPoolWorkItem
{
    private readonly Action<int> _body;
    private readonly int _count;
    private readonly int _part;
    private int _next;
    private int _helping;
    private ExceptionDispatchInfo? _failure;

    private SharedLoop(int count, int part, Action<int> body) => (_count, _part, _body) = (count, part, body);

    /// <summary>Calls <paramref name="body"/> once for each number from 0 to below <paramref name="count"/>, in no order and for two of them at a time.</summary>
    /// <param name="count">How many.</param>
    /// <param name="part">How many a thread takes at a time: enough to be worth some microseconds.</param>
    /// <param name="body">What is done; it must bear being called by two threads at a time.</param>
    public static void Run(int count, int part, Action<int> body)
    {
        var loop = new SharedLoop(count, part, body);

        // Who has other work waiting would not come in time.
        if (count > part && Environment.ProcessorCount > 1 && ThreadPool.PendingWorkItemCount == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(loop, preferLocal: false);
        }

        loop.TakeParts();
        loop.WaitForHelper();
        loop._failure?.Throw();
    }

    void IThreadPoolWorkItem.Execute()
    {
        Interlocked.Increment(ref _helping);
        TakeParts();
        Interlocked.Decrement(ref _helping);
    }

    private void TakeParts()
    {
        try
        {
            int first;
            while ((first = Interlocked.Add(ref _next, _part) - _part) < _count)
            {
                for (var at = first; at < Math.Min(first + _part, _count); at++)
                {
                    _body(at);
                }
            }
        }
        catch (Exception exception)
        {
            // Nobody needs the rest; whoever called is told.
            _failure = ExceptionDispatchInfo.Capture(exception);
            Interlocked.Exchange(ref _next, _count);
        }
    }

    private void WaitForHelper()
    {
        var spin = default(SpinWait);
        while (Volatile.Read(ref _helping) > 0)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }
}
