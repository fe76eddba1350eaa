using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace MemoryMesh.ServiceDefaults.Hosting;

/// <summary>Sends traces, metrics and logs by OTLP, with the providers of OpenTelemetry.Extensions.Hosting, which the clients of databases add their own to.</summary>
internal static class OpenTelemetryExport
{
    /// <summary>Qdrant's client speaks gRPC, whose client puts a span between ours and HttpClient's: without it theirs would hang in the air.</summary>
    private const string Grpc = "Grpc.Net.Client";

    public static void AddOpenTelemetryExport(this IHostApplicationBuilder builder, string serviceName)
    {
        if (!ExportedTelemetry.IsWanted(builder.Configuration))
        {
            return;
        }

        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => ExportedTelemetry.Describe(resource, serviceName))
            .WithTracing(traces => traces.AddSource([.. ExportedTelemetry.Sources, Grpc]))
            .WithMetrics(metrics => metrics.AddMeter(ExportedTelemetry.Meters))
            .WithLogging()
            .UseOtlpExporter();
    }
}
