using MemoryMesh.ServiceDefaults.Internal;
using MemoryMesh.ServiceDefaults.Messaging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Gateway.Live;

/// <summary>Where a client stands in the log of its tenant.</summary>
/// <param name="Log">The log.</param>
/// <param name="Next">Index of the next event to look at.</param>
/// <param name="Reached">How far every source has come for the client.</param>
/// <param name="Resumed">Whether the client goes on where it was; false begins with what happens from now on.</param>
internal sealed record LivePlace(TenantLog Log, long Next, long[] Reached, bool Resumed);

/// <summary>The latest events of all tenants as they pass by, for clients that are connected or come back soon.</summary>
/// <remarks>
/// A client reads the log at its own pace and holds no queue of its own. So far as the log reaches back, so far may it be behind. Everything here is
/// in memory: after a restart of the Gateway the log begins with what the outboxes still hold.
/// </remarks>
internal sealed class LiveStream(IOptions<LiveOptions> options, TimeProvider clock) : IEventListener
{
    /// <summary>The sources, in the order of the numbers in a place. A new one is added at the end.</summary>
    private static readonly string[] Sources = [.. ServiceAddresses.All, GatewayModule.Name];

    private static readonly TimeSpan BeginLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CatchUpLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CatchUpStep = TimeSpan.FromMilliseconds(20);

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, TenantLog> _logs = [];

    /// <summary>Events in the order they came, by their places, each run of one tenant as one: what its tenant's log has forgotten is not held here.</summary>
    private readonly Queue<LogRun> _inOrder = new();
    private readonly long[] _reached = [.. Sources.Select(_ => -1L)];
    private readonly long[] _missed = [.. Sources.Select(_ => -1L)];
    private readonly long[] _forgotten = [.. Sources.Select(_ => -1L)];
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LogRun? _newest;
    private int _kept;

    /// <summary>Events that are kept.</summary>
    public int Kept => Volatile.Read(ref _kept);

    public void Begin(string source, long position)
    {
        Miss(source, position);
        lock (_gate)
        {
            if (ServiceAddresses.All.All(service => _reached[Array.IndexOf(Sources, service)] >= 0))
            {
                _begun.TrySetResult();
            }
        }
    }

    public void Miss(string source, long position)
    {
        lock (_gate)
        {
            if (IndexOf(source) is not { } index)
            {
                return;
            }

            _reached[index] = position;
            _missed[index] = position;
            foreach (var log in _logs.Values.Where(log => log.Listeners.Count > 0).ToList())
            {
                Append(log, LiveEvent.Reset(log.TenantId, clock.GetUtcNow(), [.. _reached]));
            }
        }
    }

    public void Pass(PassingEvent item)
    {
        lock (_gate)
        {
            if (IndexOf(item.Source) is not { } index)
            {
                return;
            }

            _reached[index] = item.Position;
            if (LiveEvent.From(item, index) is { } live)
            {
                Append(LogOf(live.TenantId), live.With([.. _reached]));
            }
        }
    }

    /// <summary>Waits until it is known where every source stands, and where this Gateway has come as far as the one that a client was connected to.</summary>
    public async Task CatchUpAsync(long[]? reached, CancellationToken cancellationToken)
    {
        if (!_begun.Task.IsCompleted)
        {
            await Task.WhenAny(_begun.Task, Task.Delay(BeginLimit, clock, cancellationToken));
        }

        for (var waited = TimeSpan.Zero; reached is not null && waited < CatchUpLimit && IsBehind(reached); waited += CatchUpStep)
        {
            await Task.Delay(CatchUpStep, clock, cancellationToken);
        }
    }

    /// <summary>Finds the place of a client, and wakes it with <paramref name="signal"/> from now on.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="reached">How far the client had come, or null for a new one.</param>
    /// <param name="signal">Rung after each event.</param>
    public LivePlace Open(Guid tenantId, long[]? reached, LiveSignal signal)
    {
        lock (_gate)
        {
            var log = LogOf(tenantId);
            log.Listeners.Add(signal);
            return reached is not null && CanResume(log, reached)
                ? new LivePlace(log, log.First, reached, Resumed: true)
                : new LivePlace(log, log.Next, [.. _reached], Resumed: false);
        }
    }

    /// <summary>Forgets a client.</summary>
    public void Close(TenantLog log, LiveSignal signal)
    {
        lock (_gate)
        {
            log.Listeners.Remove(signal);
            RemoveIfUnused(log);
        }
    }

    /// <summary>Reads events from an index on.</summary>
    /// <returns>How many; -1 when the event at the index is no longer kept.</returns>
    public int Read(TenantLog log, long from, Span<LiveEvent> into)
    {
        lock (_gate)
        {
            if (from < log.First)
            {
                return -1;
            }

            var count = (int)Math.Min(log.Next - from, into.Length);
            log.Read(from, into[..count]);
            return count;
        }
    }

    private static int? IndexOf(string source) => Array.IndexOf(Sources, source) is >= 0 and var index ? index : null;

    private bool IsBehind(long[] reached)
    {
        lock (_gate)
        {
            return reached.Length == _reached.Length && Enumerable.Range(0, reached.Length).Any(i => reached[i] > _reached[i]);
        }
    }

    /// <summary>Whether everything after the place is here: no source is ahead of this Gateway, and none has events that were forgotten or missed since.</summary>
    private bool CanResume(TenantLog log, long[] reached)
    {
        if (reached.Length != _reached.Length)
        {
            return false;
        }

        for (var i = 0; i < reached.Length; i++)
        {
            if (reached[i] > _reached[i] || reached[i] < Math.Max(log.Floors[i], _missed[i]))
            {
                return false;
            }
        }

        return true;
    }

    private TenantLog LogOf(Guid tenantId)
    {
        if (!_logs.TryGetValue(tenantId, out var log))
        {
            _logs.Add(tenantId, log = new TenantLog(tenantId, [.. _forgotten]));
        }

        return log;
    }

    private void Append(TenantLog log, LiveEvent item)
    {
        if (_newest?.Log != log)
        {
            _inOrder.Enqueue(_newest = new LogRun(log));
        }

        log.Append(item);
        _newest.End = log.Next;
        _kept++;
        if (log.Next - log.First > options.Value.EventsPerTenant)
        {
            Drop(log);
        }

        while (_kept > options.Value.Events || _inOrder is { Count: > 0 } && _inOrder.Peek().IsForgotten)
        {
            var oldest = _inOrder.Peek();
            if (!oldest.IsForgotten)
            {
                Drop(oldest.Log);
                RemoveIfUnused(oldest.Log);
            }

            if (oldest.IsForgotten)
            {
                _inOrder.Dequeue();
                _newest = oldest == _newest ? null : _newest;
            }
        }

        // The places of what was forgotten behind the oldest event that is kept are taken out now and then.
        if (_inOrder.Count > 2 * options.Value.Events)
        {
            var kept = _inOrder.Where(place => !place.IsForgotten).ToList();
            _inOrder.Clear();
            kept.ForEach(_inOrder.Enqueue);
        }

        foreach (var listener in log.Listeners)
        {
            listener.Ring();
        }
    }

    private void Drop(TenantLog log)
    {
        log.DropFirst();
        _kept--;
    }

    /// <summary>Where a removed log ended, every tenant without a log begins: who comes back later may be told to read anew for nothing, and never misses an event.</summary>
    private void RemoveIfUnused(TenantLog log)
    {
        if (log.Listeners.Count > 0 || log.Next > log.First)
        {
            return;
        }

        _logs.Remove(log.TenantId);
        for (var i = 0; i < _forgotten.Length; i++)
        {
            _forgotten[i] = Math.Max(_forgotten[i], log.Floors[i]);
        }
    }

    /// <summary>Events of one tenant that came one after the other, up to an index of its log.</summary>
    private sealed class LogRun(TenantLog log)
    {
        public TenantLog Log => log;

        public long End { get; set; }

        /// <summary>Whether none of them is kept any more.</summary>
        public bool IsForgotten => End <= log.First;
    }
}
