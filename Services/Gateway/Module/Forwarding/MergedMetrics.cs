using System.Text;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Internal;

namespace MemoryMesh.Gateway.Forwarding;

/// <summary>The metrics of this process and of all services, each with the label <c>service</c>. A service that is down is left out.</summary>
internal sealed class MergedMetrics(PrometheusMetrics own, IHttpClientFactory clients, ServiceCredentials credentials) : IMetricsSource
{
    private const string Path = "/metrics";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<string> ReadAsync(CancellationToken cancellationToken)
    {
        var texts = await Task.WhenAll(ServiceAddresses.All.Select(service => ReadAsync(service, cancellationToken)));
        return Merge([(GatewayModule.Name, own.Write()), .. ServiceAddresses.All.Zip(texts).Where(item => item.Second is not null).Select(item => (item.First, item.Second!))]);
    }

    /// <summary>Joins texts: the samples of one family stand together, as the format demands, each with its service.</summary>
    internal static string Merge(IReadOnlyList<(string Service, string Text)> texts)
    {
        var families = new SortedDictionary<string, (string Head, StringBuilder Samples)>(StringComparer.Ordinal);
        foreach (var (service, text) in texts)
        {
            var (head, name) = ("", "");
            foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                if (line.StartsWith("# HELP ", StringComparison.Ordinal))
                {
                    (head, name) = (line + "\n", line.Split(' ', 4)[2]);
                    continue;
                }

                if (line.StartsWith('#'))
                {
                    head += line + "\n";
                    families.TryAdd(name, (head, new StringBuilder()));
                    continue;
                }

                var brace = line.IndexOf('{', StringComparison.Ordinal);
                var space = line.IndexOf(' ', StringComparison.Ordinal);
                var samples = families[name].Samples;
                if (brace >= 0 && brace < space)
                {
                    samples.Append(line, 0, brace + 1).Append($"service=\"{service}\",").Append(line, brace + 1, line.Length - brace - 1).Append('\n');
                }
                else
                {
                    samples.Append(line, 0, space).Append($"{{service=\"{service}\"}}").Append(line, space, line.Length - space).Append('\n');
                }
            }
        }

        var merged = new StringBuilder();
        foreach (var (head, samples) in families.Values)
        {
            merged.Append(head).Append(samples);
        }

        return merged.ToString();
    }

    private async Task<string?> ReadAsync(string service, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            using var client = clients.CreateClient(service);
            using var request = new HttpRequestMessage(HttpMethod.Get, Path);
            request.Headers.Add(ServiceCredentials.Header, credentials.Create(Path));
            using var response = await client.SendAsync(request, patience.Token);
            return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync(patience.Token) : null;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
