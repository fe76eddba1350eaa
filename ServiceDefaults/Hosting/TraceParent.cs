using System.Diagnostics;

namespace MemoryMesh.ServiceDefaults.Hosting;

/// <summary>Carries a trace over what threads and processes do not share: <c>traceparent</c> of the W3C Trace Context.</summary>
internal static class TraceParent
{
    /// <summary>The text for a span, or null when there is none.</summary>
    public static string? Of(Activity? activity) => activity is { IdFormat: ActivityIdFormat.W3C } ? activity.Id : null;

    /// <summary>Reads the text; none for what is no <c>traceparent</c>.</summary>
    public static ActivityContext Read(string? text) => ActivityContext.TryParse(text, null, isRemote: true, out var context) ? context : default;
}
