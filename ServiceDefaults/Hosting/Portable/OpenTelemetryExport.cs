using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace MemoryMesh.ServiceDefaults.Hosting;

/// <summary>Sends traces, metrics and logs by OTLP, with providers that this host starts and stops itself.</summary>
internal static class OpenTelemetryExport
{
    public static void AddOpenTelemetryExport(this IHostApplicationBuilder builder, string serviceName)
    {
        if (!ExportedTelemetry.IsWanted(builder.Configuration))
        {
            return;
        }

        var resource = ExportedTelemetry.Describe(ResourceBuilder.CreateEmpty(), serviceName);
        builder.Logging.AddOpenTelemetry(logs =>
        {
            logs.SetResourceBuilder(resource);
            logs.AddOtlpExporter();
        });
        builder.Services.AddHostedService(_ => new Exporters(resource));
    }

    private sealed class Exporters(ResourceBuilder resource) : IHostedService, IDisposable
    {
        private TracerProvider? _traces;
        private MeterProvider? _metrics;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(ExportedTelemetry.Sources).AddOtlpExporter().Build();
            _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(ExportedTelemetry.Meters).AddOtlpExporter().Build();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        /// <summary>Sends what is left, then closes.</summary>
        public void Dispose()
        {
            _traces?.Dispose();
            _metrics?.Dispose();
        }
    }
}
