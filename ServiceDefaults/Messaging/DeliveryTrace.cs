using System.Diagnostics;
using MemoryMesh.ServiceDefaults.Hosting;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>The spans of events that are handed to a consumer together: one for each, in the trace of the change that it tells of.</summary>
/// <remarks>
/// What the consumer does belongs to all of them and can have one parent only. It goes under the span of the first; the spans of the others have a link to that one.
/// Where nobody collects spans, the first event's trace is the current one all the same, so that lines in the log have it.
/// </remarks>
internal sealed class DeliveryTrace : IDisposable
{
    private readonly Activity? _before = Activity.Current;
    private readonly List<Activity> _spans = [];

    /// <summary>Begins the spans.</summary>
    /// <param name="subscription">Name of the consumer's queue.</param>
    /// <param name="deliveries">Events of one type.</param>
    public DeliveryTrace(string subscription, IReadOnlyList<Delivery> deliveries)
    {
        var listens = Telemetry.Activities.HasListeners();
        var first = Start(subscription, deliveries[0], null);
        for (var i = 1; listens && first is not null && i < deliveries.Count; i++)
        {
            Start(subscription, deliveries[i], first);
        }

        Activity.Current = first ?? _before;
    }

    /// <summary>Tells that the consumer could not take the events.</summary>
    public void Fail(Exception exception)
    {
        foreach (var span in _spans)
        {
            // The kind alone: the text may tell what was read.
            span.SetStatus(ActivityStatusCode.Error).SetTag("error.type", exception.GetType().FullName);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _spans.ForEach(span => span.Stop());
        Activity.Current = _before;
    }

    private Activity? Start(string subscription, Delivery delivery, Activity? together)
    {
        var parent = TraceParent.Read(delivery.Trace);
        if (parent == default)
        {
            return null;
        }

        var name = $"consume {subscription}";
        var span = Telemetry.Activities.StartActivity(name, ActivityKind.Consumer, parent, links: together is null ? null : [new ActivityLink(together.Context)])
            ?? (together is null ? new Activity(name).SetParentId(parent.TraceId, parent.SpanId, parent.TraceFlags).Start() : null);
        if (span is not null)
        {
            span.SetTag("messaging.system", "memorymesh").SetTag("messaging.destination.name", subscription).SetTag("messaging.message.id", delivery.Id.ToString("D"));
            _spans.Add(span);
        }

        return span;
    }
}
