using MemoryMesh.ServiceDefaults.Hosting;
using Microsoft.Extensions.Configuration;

namespace MemoryMesh.ServiceDefaults.Internal;

/// <summary>Processes that answer some requests as a service does, any number of them, <c>services:{name}:http:0</c> and so on of the settings. One that fails is left alone for a while.</summary>
/// <remarks>Behind an address there may be one or many. Nothing depends on them: where none answers, the service does.</remarks>
public abstract class ReplicaAddresses
{
    /// <summary>For how long nothing is sent to an address that failed.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(3);

    private readonly IReadOnlyList<Uri> _addresses;
    private readonly long[] _restsUntil;
    private readonly TimeProvider _clock;
    private int _next;

    private protected ReplicaAddresses(string service, IConfiguration configuration, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        (Service, _addresses, _clock) = (service, ServiceAddresses.FindAll(configuration, service), clock);
        _restsUntil = new long[_addresses.Count];
        Array.Fill(_restsUntil, long.MinValue);
    }

    /// <summary>Name of the replicas in addresses.</summary>
    public string Service { get; }

    /// <summary>One that may be asked, in turn; null when there is none.</summary>
    public Uri? Next()
    {
        var first = (uint)Interlocked.Increment(ref _next);
        for (var at = 0; at < _addresses.Count; at++)
        {
            var place = (int)((first + at) % _addresses.Count);
            if (Volatile.Read(ref _restsUntil[place]) <= _clock.GetTimestamp())
            {
                Count("sent");
                return _addresses[place];
            }
        }

        if (_addresses.Count > 0)
        {
            Count("resting");
        }

        return null;
    }

    /// <summary>One could not be reached, or broke off.</summary>
    public void Failed(Uri address)
    {
        Count("failed");
        for (var at = 0; at < _addresses.Count; at++)
        {
            if (_addresses[at] == address)
            {
                Volatile.Write(ref _restsUntil[at], _clock.GetTimestamp() + (long)(Rest.TotalSeconds * _clock.TimestampFrequency));
            }
        }
    }

    private void Count(string outcome)
        => Telemetry.ReplicaRequests.Add(1, new KeyValuePair<string, object?>("service", Service), new KeyValuePair<string, object?>("outcome", outcome));
}

/// <summary>Searchers: they answer searches as Search does.</summary>
public sealed class SearcherAddresses : ReplicaAddresses
{
    /// <summary>Name of searchers in addresses.</summary>
    public const string Name = "searchers";

    /// <summary>Reads the addresses.</summary>
    /// <exception cref="Security.StartupException">One is not a URL.</exception>
    public SearcherAddresses(IConfiguration configuration, TimeProvider clock)
        : base(Name, configuration, clock)
    {
    }
}

/// <summary>Readers: they answer contexts as Memory does.</summary>
public sealed class ReaderAddresses : ReplicaAddresses
{
    /// <summary>Name of readers in addresses.</summary>
    public const string Name = "readers";

    /// <inheritdoc cref="SearcherAddresses(IConfiguration, TimeProvider)"/>
    public ReaderAddresses(IConfiguration configuration, TimeProvider clock)
        : base(Name, configuration, clock)
    {
    }
}
