using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging;
using Polly;

namespace MemoryMesh.ServiceDefaults.Internal;

/// <summary>How a connection to another service finds it, by service discovery, and how often it is tried, by Microsoft's resilience handler.</summary>
internal static class ServiceReaching
{
    /// <summary>Category of the resilience handler's log.</summary>
    private const string Log = "Polly";

    /// <summary>The address that requests are made to: the service's name, which service discovery has the addresses of.</summary>
    /// <exception cref="Security.StartupException">None is configured, or it is not a URL.</exception>
    public static Uri AddressOf(IServiceProvider provider, string service) 
    {
        // Discovery would pass a name on that it knows no address of, and the failure would be told at the first call.
        ServiceAddresses.Find(provider, service);
        return new Uri($"http://{service}");
    }

    /// <summary>Has calls between services repeated when the connection fails, and each try look the address up.</summary>
    public static void RepeatCalls(this IHttpClientBuilder client)
    {
        client.Services.AddServiceDiscovery();

        // It would write each try that failed, with its stack and the address. What becomes of the call, the caller tells, as in the portable stack.
        client.Services.AddLogging(logging => logging.AddFilter(Log, LogLevel.None));
        client.AddResilienceHandler("calls between services", calls => calls.AddRetry(new HttpRetryStrategyOptions
        {
            MaxRetryAttempts = InternalHttp.Attempts - 1,
            Delay = InternalHttp.Pause,
            BackoffType = DelayBackoffType.Linear,
            UseJitter = false,
            ShouldHandle = failed => ValueTask.FromResult(
                failed.Outcome.Exception is HttpRequestException && failed.Context.GetRequestMessage() is { } request && InternalHttp.MayRepeat(request)),
        }));
        client.AddHttpMessageHandler(() => new WholeAnswers()).AddServiceDiscovery();
    }
}
