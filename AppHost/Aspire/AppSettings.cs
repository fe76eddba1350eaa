using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace MemoryMesh.AppHost.Aspire;

/// <summary>
/// What the app model is made with: settings of the app host, for example <c>--Kubernetes:Host memory.example.com</c> or <c>Kubernetes__Host</c>. They are written into what is published.
/// </summary>
internal sealed record AppSettings
{
    /// <summary><c>Gateway:Replicas</c>: Gateways that run, and the fewest that the autoscaler keeps. Default 2.</summary>
    public required int GatewayReplicas { get; init; }

    /// <summary><c>Gateway:MaxReplicas</c>: most that the autoscaler makes. Default 8.</summary>
    public required int GatewayMaxReplicas { get; init; }

    /// <summary><c>Embedders:Replicas</c>: embedders that run, and the fewest that the autoscaler keeps; 0 leaves them out. Default 1.</summary>
    public required int EmbedderReplicas { get; init; }

    /// <summary><c>Embedders:MaxReplicas</c>: most that the autoscaler makes. Default 8.</summary>
    public required int EmbedderMaxReplicas { get; init; }

    /// <summary><c>Searchers:Replicas</c>: searchers that run, and the fewest that the autoscaler keeps; 0 leaves them out. Default 2.</summary>
    public required int SearcherReplicas { get; init; }

    /// <summary><c>Searchers:MaxReplicas</c>: most that the autoscaler makes. Default 8.</summary>
    public required int SearcherMaxReplicas { get; init; }

    /// <summary><c>Readers:Replicas</c>: readers that run, and the fewest that the autoscaler keeps; 0 leaves them out. Default 2.</summary>
    public required int ReaderReplicas { get; init; }

    /// <summary><c>Readers:MaxReplicas</c>: most that the autoscaler makes. Default 8.</summary>
    public required int ReaderMaxReplicas { get; init; }

    /// <summary><c>Kubernetes:Host</c>: name that the ingress answers to; every name when it is not set.</summary>
    public string? Host { get; init; }

    /// <summary><c>Kubernetes:TlsSecret</c>: secret with the certificate of <see cref="Host"/>; without one the ingress speaks plain HTTP.</summary>
    public string? TlsSecret { get; init; }

    /// <summary><c>Kubernetes:IngressClass</c>. Default <c>nginx</c>.</summary>
    public required string IngressClass { get; init; }

    /// <summary><c>Kubernetes:StorageClass</c>: class of the volumes; the cluster's default when it is not set.</summary>
    public string? StorageClass { get; init; }

    /// <summary><c>Kubernetes:Dashboard</c>: whether Aspire's dashboard is part of the chart. It asks nobody for credentials there. Default false.</summary>
    public required bool Dashboard { get; init; }

    /// <summary>Version of the product and of the chart.</summary>
    public required string Version { get; init; }

    /// <exception cref="InvalidOperationException">A setting cannot be read, or does not fit another.</exception>
    public static AppSettings Read(IConfiguration configuration)
    {
        var settings = new AppSettings
        {
            GatewayReplicas = configuration.GetValue("Gateway:Replicas", 2),
            GatewayMaxReplicas = configuration.GetValue("Gateway:MaxReplicas", 8),
            EmbedderReplicas = configuration.GetValue("Embedders:Replicas", 1),
            EmbedderMaxReplicas = configuration.GetValue("Embedders:MaxReplicas", 8),
            SearcherReplicas = configuration.GetValue("Searchers:Replicas", 2),
            SearcherMaxReplicas = configuration.GetValue("Searchers:MaxReplicas", 8),
            ReaderReplicas = configuration.GetValue("Readers:Replicas", 2),
            ReaderMaxReplicas = configuration.GetValue("Readers:MaxReplicas", 8),
            Host = configuration["Kubernetes:Host"],
            TlsSecret = configuration["Kubernetes:TlsSecret"],
            IngressClass = configuration["Kubernetes:IngressClass"] ?? "nginx",
            StorageClass = configuration["Kubernetes:StorageClass"],
            Dashboard = configuration.GetValue("Kubernetes:Dashboard", false),
            Version = Assembly.GetExecutingAssembly().GetName().Version!.ToString(3),
        };
        if (settings.GatewayReplicas < 1 || settings.GatewayMaxReplicas < settings.GatewayReplicas)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture, $"Gateway:Replicas ({settings.GatewayReplicas}) must be at least 1 and at most Gateway:MaxReplicas ({settings.GatewayMaxReplicas})."));
        }

        if (settings.EmbedderReplicas < 0 || settings.EmbedderMaxReplicas < settings.EmbedderReplicas)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture, $"Embedders:Replicas ({settings.EmbedderReplicas}) must be at least 0 and at most Embedders:MaxReplicas ({settings.EmbedderMaxReplicas})."));
        }

        if (settings.SearcherReplicas < 0 || settings.SearcherMaxReplicas < settings.SearcherReplicas)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture, $"Searchers:Replicas ({settings.SearcherReplicas}) must be at least 0 and at most Searchers:MaxReplicas ({settings.SearcherMaxReplicas})."));
        }

        if (settings.ReaderReplicas < 0 || settings.ReaderMaxReplicas < settings.ReaderReplicas)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture, $"Readers:Replicas ({settings.ReaderReplicas}) must be at least 0 and at most Readers:MaxReplicas ({settings.ReaderMaxReplicas})."));
        }

        if (settings.TlsSecret is not null && settings.Host is null)
        {
            throw new InvalidOperationException("Kubernetes:TlsSecret needs Kubernetes:Host: a certificate is for a name.");
        }

        return settings;
    }
}
