using Microsoft.Extensions.Configuration;

namespace MemoryMesh.ServiceDefaults.Hosting;

/// <summary>
/// <c>healthcheck</c> as the only argument of a host: asks the server that runs in the same container whether it is healthy. An image without a shell has
/// nothing else that could ask.
/// </summary>
public static class HealthCheckCommand
{
    /// <summary>The argument.</summary>
    public const string Name = "healthcheck";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Asks <c>/health</c> where the server listens by <c>ASPNETCORE_URLS</c>, <c>ASPNETCORE_HTTP_PORTS</c> or <c>HTTP_PORTS</c>.</summary>
    /// <returns>The exit code: 0 when it is healthy, else 1.</returns>
    public static async Task<int> RunAsync()
    {
        // In the order of the host: HTTP_PORTS of an orchestrator goes before ASPNETCORE_HTTP_PORTS of the image.
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables("ASPNETCORE_").AddEnvironmentVariables("DOTNET_").AddEnvironmentVariables().Build();
        using var client = new HttpClient { Timeout = Limit };
        try
        {
            using var response = await client.GetAsync(new Uri(new Uri(FindAddress(configuration)), "/health"));
            return response.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or UriFormatException)
        {
            await Console.Error.WriteLineAsync($"Not healthy: {exception.Message}");
            return 1;
        }
    }

    /// <summary>Where the server of this configuration can be visited.</summary>
    internal static string FindAddress(IConfiguration configuration)
        => configuration["urls"] is { Length: > 0 } urls ? Visitable(urls.Split(';')[0])
            : configuration["http_ports"] is { Length: > 0 } ports ? $"http://localhost:{ports.Split(';')[0]}"
            : "http://localhost:8000";

    /// <summary>An address that stands for every interface cannot be visited; this machine's own name can.</summary>
    public static string Visitable(string url)
    {
        ArgumentNullException.ThrowIfNull(url);
        return url.TrimEnd('/')
            .Replace("//0.0.0.0:", "//localhost:", StringComparison.Ordinal)
            .Replace("//[::]:", "//localhost:", StringComparison.Ordinal)
            .Replace("//*:", "//localhost:", StringComparison.Ordinal)
            .Replace("//+:", "//localhost:", StringComparison.Ordinal);
    }
}
