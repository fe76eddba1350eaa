using MemoryMesh.Contracts.Search;

namespace MemoryMesh.Search.Index;

/// <summary>Requests that wait until versions of messages are in the index.</summary>
internal sealed class IndexWaiters
{
    /// <summary>Most messages waited for at a time; beyond that nobody waits.</summary>
    public const int Capacity = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, List<Waiter>> _byMessage = [];
    private int _count;

    /// <summary>Registers a waiter for a message; null when there are too many.</summary>
    public Waiter? Register(MessageVersion message)
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
            return waiter;
        }
    }

    /// <summary>Tells that a version of a message is in the index.</summary>
    public void Indexed(Guid messageId, int version)
    {
        lock (_gate)
        {
            if (_byMessage.TryGetValue(messageId, out var waiters))
            {
                foreach (var waiter in waiters)
                {
                    waiter.Indexed(version);
                }
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
    internal sealed class Waiter(IndexWaiters owner, MessageVersion message) : IDisposable
    {
        private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Guid MessageId => message.MessageId;

        /// <summary>Ends when the version, or a later one, is in the index.</summary>
        public Task Task => _completion.Task;

        public void Indexed(int version)
        {
            if (version >= message.Version)
            {
                _completion.TrySetResult();
            }
        }

        public void Dispose() => owner.Leave(this);
    }
}
