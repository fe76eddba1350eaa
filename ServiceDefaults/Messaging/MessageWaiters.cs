using MemoryMesh.Contracts.Search;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>Requests that wait until a consumer is done with versions of messages.</summary>
/// <param name="remembered">
/// How many messages that were done last are remembered: a request may come after the consumer was done. 0 when the caller asks its store instead.
/// </param>
public sealed class MessageWaiters(int remembered = 0)
{
    /// <summary>Most messages waited for at a time; beyond that nobody waits.</summary>
    public const int Capacity = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, List<Waiter>> _byMessage = [];
    private readonly Dictionary<Guid, int> _done = [];
    private readonly Queue<Guid> _doneInOrder = new();
    private int _count;

    /// <summary>Waits until the consumer is done with all of them.</summary>
    /// <param name="messages">What to wait for.</param>
    /// <param name="isDone">Asks the store whether the consumer is done with all of them already.</param>
    /// <param name="timeout">Longest wait.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False when the time passed first, or too many wait.</returns>
    public async Task<bool> WaitAsync(
        IReadOnlyList<MessageVersion> messages, Func<Task<bool>> isDone, TimeSpan timeout, TimeProvider clock, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(isDone);
        var registered = new List<Waiter>(messages.Count);
        try
        {
            foreach (var message in messages)
            {
                if (Register(message) is not { } waiter)
                {
                    return await isDone();
                }

                registered.Add(waiter);
            }

            // The waiters stand before the store is asked, so that no commit falls between the two.
            if (await isDone())
            {
                return true;
            }

            await Task.WhenAll(registered.Select(waiter => waiter.Task)).WaitAsync(timeout, clock, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            registered.ForEach(waiter => waiter.Dispose());
        }
    }

    private Waiter? Register(MessageVersion message)
    {
        lock (_gate)
        {
            if (_count >= Capacity)
            {
                return null;
            }

            var waiter = new Waiter(this, message);
            if (!_byMessage.TryGetValue(message.MessageId, out var waiters))
            {
                _byMessage.Add(message.MessageId, waiters = []);
            }

            waiters.Add(waiter);
            _count++;
            if (_done.TryGetValue(message.MessageId, out var version))
            {
                waiter.Done(version);
            }

            return waiter;
        }
    }

    /// <summary>Tells that the consumer is done with a version of a message.</summary>
    public void Done(Guid messageId, int version)
    {
        lock (_gate)
        {
            if (_byMessage.TryGetValue(messageId, out var waiters))
            {
                foreach (var waiter in waiters)
                {
                    waiter.Done(version);
                }
            }

            if (remembered > 0)
            {
                if (!_done.TryGetValue(messageId, out var earlier))
                {
                    _doneInOrder.Enqueue(messageId);
                    if (_doneInOrder.Count > remembered)
                    {
                        _done.Remove(_doneInOrder.Dequeue());
                    }
                }

                _done[messageId] = Math.Max(earlier, version);
            }
        }
    }

    private void Leave(Waiter waiter)
    {
        lock (_gate)
        {
            if (_byMessage.TryGetValue(waiter.MessageId, out var waiters) && waiters.Remove(waiter))
            {
                _count--;
                if (waiters.Count == 0)
                {
                    _byMessage.Remove(waiter.MessageId);
                }
            }
        }
    }

    /// <summary>One wait for one message; disposing ends it.</summary>
    private sealed class Waiter : IDisposable
    {
        private readonly MessageWaiters _owner;
        private readonly MessageVersion _message;
        private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Waiter(MessageWaiters owner, MessageVersion message) => (_owner, _message) = (owner, message);

        public Guid MessageId => _message.MessageId;

        public Task Task => _completion.Task;

        public void Done(int version)
        {
            if (version >= _message.Version)
            {
                _completion.TrySetResult();
            }
        }

        public void Dispose() => _owner.Leave(this);
    }
}
