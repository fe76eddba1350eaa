using System.Diagnostics;
using MemoryMesh.ServiceDefaults.Hosting;

namespace MemoryMesh.ServiceDefaults.Storage;

/// <summary>The span of a write, from when it was asked for until it is durable; and what the events of the write come from.</summary>
/// <remarks>The write runs on another thread than who asked for it, and so is not found by <see cref="Activity.Current"/> there.</remarks>
internal readonly struct WriteTrace
{
    private readonly Activity? _span;

    private WriteTrace(Activity? span, string? parent) => (_span, Parent) = (span, parent);

    /// <summary>The trace and span, as <c>traceparent</c> has them (W3C Trace Context), or null.</summary>
    public string? Parent { get; }

    /// <summary>Begins the span of a write into a store. The caller's span stays the current one.</summary>
    /// <param name="store">Name of the store.</param>
    /// <param name="engine">Its engine, by the name that OpenTelemetry has for it.</param>
    public static WriteTrace Start(string store, string engine)
    {
        var asking = Activity.Current;
        if (!Telemetry.Activities.HasListeners())
        {
            return new(null, TraceParent.Of(asking));
        }

        var span = Telemetry.Activities.StartActivity($"write {store}", ActivityKind.Client);
        span?.SetTag("db.system.name", engine).SetTag("db.namespace", store);
        Activity.Current = asking;
        return new(span, TraceParent.Of(span ?? asking));
    }

    /// <summary>Makes it the current one of the method that calls, which must be asynchronous: its callers keep theirs.</summary>
    public void Enter()
    {
        if (_span is not null)
        {
            Activity.Current = _span;
        }
    }

    /// <summary>Ends it.</summary>
    public void End(Exception? failure)
    {
        if (_span is null)
        {
            return;
        }

        if (failure is not null)
        {
            // The kind alone: the text may tell what was written.
            _span.SetStatus(ActivityStatusCode.Error).SetTag("error.type", failure.GetType().FullName);
        }

        var current = Activity.Current;
        _span.Stop();
        Activity.Current = current;
    }
}
