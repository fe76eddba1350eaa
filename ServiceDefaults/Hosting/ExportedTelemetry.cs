using Microsoft.Extensions.Configuration;
using OpenTelemetry.Resources;

namespace MemoryMesh.ServiceDefaults.Hosting;

/// <summary>What is sent by OTLP, and whether: only where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set. Otherwise nothing of it is created: it would cost start-up time.</summary>
internal static class ExportedTelemetry
{
    /// <summary>Sources of spans.</summary>
    public static readonly string[] Sources = [Telemetry.Name, "Microsoft.AspNetCore", "System.Net.Http", "MassTransit"];

    /// <summary>Meters.</summary>
    public static readonly string[] Meters = [Telemetry.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime"];

    /// <summary>Whether anything is sent.</summary>
    public static bool IsWanted(IConfiguration configuration) => !string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);

    /// <summary>Says which process it comes from. <c>OTEL_SERVICE_NAME</c> and <c>OTEL_RESOURCE_ATTRIBUTES</c> come last, so that they win.</summary>
    public static ResourceBuilder Describe(ResourceBuilder resource, string serviceName)
        => resource.Clear().AddService(serviceName, serviceNamespace: "memorymesh", serviceVersion: ProductVersion.Current).AddTelemetrySdk().AddEnvironmentVariableDetector();
}
