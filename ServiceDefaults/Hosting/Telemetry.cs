using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MemoryMesh.ServiceDefaults.Hosting;

/// <summary>Names of the activities and meters that MemoryMesh reports, and the instruments that several services share.</summary>
public static class Telemetry
{
    /// <summary>Name of the activity source and of the meter.</summary>
    public const string Name = "MemoryMesh";

    /// <summary>Activities of MemoryMesh.</summary>
    public static readonly ActivitySource Activities = new(Name);

    /// <summary>Instruments of MemoryMesh. Names are lower case with dots and start with <c>memorymesh.</c></summary>
    public static readonly Meter Meter = new(Name);

    /// <summary>Credentials that were checked, by kind (token, api_key, password) and outcome (accepted, refused).</summary>
    public static readonly Counter<long> AuthenticationAttempts =
        Meter.CreateCounter<long>("memorymesh.authentication.attempts", "{attempt}", "Credentials that were checked");

    /// <summary>Events that the broker confirmed, by source.</summary>
    public static readonly Counter<long> EventsRelayed =
        Meter.CreateCounter<long>("memorymesh.events.relayed", "{event}", "Events that the broker confirmed");

    /// <summary>Events that were parked after their last try, by subscription.</summary>
    public static readonly Counter<long> EventsParked =
        Meter.CreateCounter<long>("memorymesh.events.parked", "{event}", "Events that were parked after their last try");

    /// <summary>Questions that Redis did not answer, by reason (away, late, error); each was answered without it.</summary>
    public static readonly Counter<long> RedisUnanswered =
        Meter.CreateCounter<long>("memorymesh.redis.unanswered", "{question}", "Questions that Redis did not answer");

    /// <summary>Requests that searchers and readers may answer, by service (searchers, readers) and outcome: sent to one, failed there (counted as sent before), or resting, as every one had failed a moment ago. What failed or
    /// found them resting was answered by the service itself.</summary>
    public static readonly Counter<long> ReplicaRequests =
        Meter.CreateCounter<long>("memorymesh.replicas.requests", "{request}", "Requests that searchers and readers may answer");

    /// <summary>Time from a change until a consumer had taken its event, by subscription.</summary>
    public static readonly Histogram<double> EventLag = Meter.CreateHistogram(
        "memorymesh.events.lag",
        "s",
        "Time from a change until a consumer had taken its event",
        tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800] });

    /// <summary>Events that wait for another try, by subscription.</summary>
    public static readonly UpDownCounter<long> EventsPutOff =
        Meter.CreateUpDownCounter<long>("memorymesh.events.put_off", "{event}", "Events that wait for another try");
}
