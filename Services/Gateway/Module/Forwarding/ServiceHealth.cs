using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MemoryMesh.Gateway.Forwarding;

/// <summary>Asks a service for its <c>/health</c>.</summary>
internal sealed class ServiceHealth(IHttpClientFactory clients, string service) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly Uri Path = new("/health", UriKind.Relative);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            using var client = clients.CreateClient(service);
            using var response = await client.GetAsync(Path, patience.Token);
            if (!response.IsSuccessStatusCode)
            {
                return HealthCheckResult.Unhealthy($"{service} answers {(int)response.StatusCode}.");
            }

            // What it can do without, such as Qdrant, is away: the status is the whole answer.
            return await response.Content.ReadAsStringAsync(patience.Token) == nameof(HealthStatus.Degraded)
                ? HealthCheckResult.Degraded($"{service} is degraded.")
                : HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy($"{service} does not answer.");
        }
    }
}
