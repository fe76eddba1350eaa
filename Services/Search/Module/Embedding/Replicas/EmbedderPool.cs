using MemoryMesh.ServiceDefaults.Internal;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search.Embedding.Replicas;

/// <summary>The place of a call to embedders.</summary>
/// <param name="Address">Where it goes.</param>
/// <param name="Epoch">What it is made with.</param>
internal readonly record struct EmbedderPlace(EmbedderAddress Address, int Epoch);

/// <summary>The embedders that the settings name.</summary>
internal sealed class EmbedderPool
{
    /// <summary>What calls to embedders prove themselves for.</summary>
    public const string Purpose = "calls to embedders";

    // Some two seconds of work on a thread: a longer text is a call of its own.
    private const int MostCharacters = 64 * 1024;

    private int _next;

    public EmbedderPool(
        IConfiguration configuration, IHttpClientFactory clients, IOptions<EmbeddersOptions> options, TimeProvider clock, ILogger<EmbedderPool> logger)
    {
        var addresses = ServiceAddresses.FindAll(configuration, SearchModule.Embedders);
        if (addresses.Count > 0)
        {
            var credentials = ServiceCredentials.FromSecret(options.Value.Key!, Purpose, clock);
            Addresses = [.. addresses.Select(address => new EmbedderAddress(address, clients, credentials, options.Value, clock, logger))];
        }
    }

    /// <summary>Their addresses; empty when this process computes alone.</summary>
    public IReadOnlyList<EmbedderAddress> Addresses { get; } = [];

    /// <summary>Shortest time until one that rests may be tried again; null when none rests.</summary>
    public TimeSpan? RestsFor => Addresses.Select(address => address.RestsFor).Where(rest => rest > TimeSpan.Zero).Cast<TimeSpan?>().Min();

    /// <summary>Takes the place of a call where most are free.</summary>
    public bool TryEnter(out EmbedderPlace place)
    {
        var first = (uint)Interlocked.Increment(ref _next);
        foreach (var address in Enumerable.Range(0, Addresses.Count).Select(at => Addresses[(int)((first + at) % Addresses.Count)]).OrderByDescending(address => address.Free))
        {
            if (address.TryEnter(out var epoch))
            {
                place = new(address, epoch);
                return true;
            }
        }

        place = default;
        return false;
    }

    /// <summary>Has the texts of a batch computed at a place, and gives the place back.</summary>
    /// <returns>One for each text, in their order.</returns>
    /// <exception cref="EmbedderFailedException">They could not all be computed.</exception>
    public static async Task<IReadOnlyList<EncodedText>> EncodeAsync(EmbedderPlace place, SharedBatch shared, CancellationToken cancellationToken)
    {
        var calls = Split([.. shared.Batch.Missing.Select(EmbeddingBatch.ToSend)]);
        if (calls.Count == 0)
        {
            place.Address.Leave();
            return [];
        }

        var encoded = await place.Address.EncodeAsync(place.Epoch, shared.Identity, shared.Batch.Model.Embedder.Dimensions, calls, cancellationToken);
        SearchTelemetry.Computed.Add(encoded.Count, new KeyValuePair<string, object?>("place", "embedder"));
        return encoded;
    }

    /// <summary>Cuts texts into calls that take no embedder too long.</summary>
    internal static IReadOnlyList<IReadOnlyList<TextInContext>> Split(IReadOnlyList<TextInContext> texts)
    {
        var calls = new List<IReadOnlyList<TextInContext>>();
        var call = new List<TextInContext>();
        var characters = 0;
        foreach (var text in texts)
        {
            var length = text.Text.Length + (text.Context?.Length ?? 0);
            if (call.Count > 0 && (call.Count == EncodingFrames.MostTexts || characters + length > MostCharacters))
            {
                calls.Add(call);
                (call, characters) = ([], 0);
            }

            call.Add(text);
            characters += length;
        }

        if (call.Count > 0)
        {
            calls.Add(call);
        }

        return calls;
    }
}

/// <summary>Adds the health check <c>embedders</c> where there are some. Away, they make a server degraded and not unhealthy: it computes alone.</summary>
internal sealed class EmbedderHealthChecks(IConfiguration configuration) : IConfigureOptions<HealthCheckServiceOptions>
{
    public void Configure(HealthCheckServiceOptions options)
    {
        if (ServiceAddresses.FindAll(configuration, SearchModule.Embedders).Count > 0)
        {
            options.Registrations.Add(new HealthCheckRegistration(
                SearchModule.Embedders, provider => new EmbedderHealthCheck(provider.GetRequiredService<EmbedderPool>()), HealthStatus.Degraded, tags: null));
        }
    }

    private sealed class EmbedderHealthCheck(EmbedderPool pool) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            var troubles = pool.Addresses.Select(address => address.Trouble).OfType<string>().Distinct().ToList();
            return Task.FromResult(troubles.Count == 0
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Degraded($"Embedders compute nothing ({string.Join(", ", troubles)}); vectors are computed by Search alone."));
        }
    }
}
