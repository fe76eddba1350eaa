using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.ServiceDefaults.Internal;

/// <summary>How a connection to another service finds it, and how often it is tried.</summary>
internal static class ServiceReaching
{
    /// <summary>The address that requests are made to.</summary>
    /// <exception cref="Security.StartupException">It is not configured, or not a URL.</exception>
    public static Uri AddressOf(IServiceProvider provider, string service) => ServiceAddresses.Find(provider, service);

    /// <summary>Has calls between services repeated when the connection fails.</summary>
    public static void RepeatCalls(this IHttpClientBuilder client) => client.AddHttpMessageHandler(() => new RepeatingHandler()).AddHttpMessageHandler(() => new WholeAnswers());

    private sealed class RepeatingHandler : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return await base.SendAsync(request, cancellationToken);
                }
                catch (HttpRequestException) when (attempt < InternalHttp.Attempts && InternalHttp.MayRepeat(request))
                {
                    await Task.Delay(InternalHttp.Pause * attempt, cancellationToken);
                }
            }
        }
    }
}
