using MemoryMesh.ServiceDefaults.Configuration;
using MemoryMesh.ServiceDefaults.Documents;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Internal;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Redis;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Postgres;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace MemoryMesh.ServiceDefaults.Hosting;

/// <summary>What every host does alike: configuration, keys, problems, authentication, health.</summary>
public static class MemoryMeshHost
{
    /// <summary>Longest that a stopping host waits for requests in flight.</summary>
    public static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Largest request body: a batch of 500 messages of 32 KiB, each with metadata of 8 KiB.</summary>
    public const long MaxRequestBodySize = 24L * 1024 * 1024;

    /// <summary>Name of the host that runs every service.</summary>
    public const string EveryService = "embedded";

    /// <summary>Setting of a process that need not say what is wrong with the environment names: who started it has.</summary>
    public const string EnvironmentTold = "EnvironmentTold";

    private static readonly Dictionary<string, string> Switches = new() { ["--data"] = $"{StorageOptions.Section}:{nameof(StorageOptions.DataDirectory)}" };

    /// <summary>Starts a host for one service or, with all modules added, for all of them.</summary>
    /// <param name="args">Command line.</param>
    /// <param name="name">Name of the service, lower case; it names the process in logs, traces and health.</param>
    public static WebApplicationBuilder CreateBuilder(string[] args, string name) => CreateBareBuilder(args, name).AddService(name);

    /// <summary>
    /// Starts a host that reads its settings, writes its log, answers errors as problems and counts, and no more: it keeps nothing, knows no key and asks nobody for credentials.
    /// </summary>
    /// <inheritdoc cref="CreateBuilder"/>
    public static WebApplicationBuilder CreateBareBuilder(string[] args, string name)
    {
        MemoryReturn.BoundArenas();

        // Settings are read once. Watching their files would take a share of the few watches that a machine has, in each process.
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { Args = ["--hostBuilder:reloadConfigOnChange=false", .. args], ApplicationName = $"memorymesh-{name}" });
        builder.Services.AddSingleton(builder.Configuration.AddMemoryMeshEnvironment());
        builder.Configuration.AddCommandLine(args, Switches);
        if (builder.Configuration[$"{MonitoringOptions.Section}:{nameof(MonitoringOptions.LogFormat)}"] == LogFormats.Json)
        {
            builder.Logging.AddConsole(console => console.FormatterName = JsonLines.FormatterName).AddConsoleFormatter<JsonLines, ConsoleFormatterOptions>();
        }
        else
        {
            builder.Logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "HH:mm:ss.fff ";
                console.UseUtcTimestamp = true;
            });
        }

        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("System", LogLevel.Warning);
        builder.Logging.AddFilter("Quartz", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);

        // Written anew at every probe, which can be each second; the probe's answer says the same.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBodySize;

            // Kestrel refuses what is larger without a body; what is below is refused with problem details where the product's own limits are.
            kestrel.Limits.MaxRequestLineSize = 32 * 1024;
            kestrel.Limits.MaxRequestHeadersTotalSize = 128 * 1024;
            kestrel.Limits.MaxRequestHeaderCount = 400;
        });

        var services = builder.Services;
        services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        services.TryAddSingleton(TimeProvider.System);
        services.AddMemoryMeshProblems();
        services.AddHealthChecks();
        services.AddOptionsWithValidateOnStart<MonitoringOptions, MonitoringOptionsValidator>().BindConfiguration(MonitoringOptions.Section);
        services.AddSingleton<PrometheusMetrics>();
        services.TryAddSingleton<IMetricsSource, LocalMetrics>();
        services.AddHostedService<MemoryReturn>();
        return builder;
    }

    /// <summary>Adds to a bare host what a service with keys, stores and callers needs.</summary>
    public static WebApplicationBuilder AddService(this WebApplicationBuilder builder, string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddSingleton(provider => KeyFiles.Load(
            provider.GetRequiredService<IConfiguration>(), provider.GetRequiredService<IOptions<StorageOptions>>().Value.DataDirectory));
        services.AddSingleton<IConfigureOptions<HealthCheckServiceOptions>, StoreHealthChecks>();
        services.AddHostedService<StoreMetrics>();
        services.AddParkedEvents();
        services.AddApiDescription();
        builder.AddPostgresClients(StoreEngines.OnPostgres.Where(Runs));
        builder.AddMongoClients(StoreEngines.WithDocuments.Where(Runs));
        if (Runs(StoreEngines.WithVectors))
        {
            builder.AddQdrantClients();
        }

        builder.AddCallers(name);
        return builder;

        bool Runs(string service) => name == EveryService || name == service;
    }

    /// <summary>
    /// Adds to a bare host what a service with keys and callers needs that keeps nothing: no store, no broker, no data folder. Its keys are those of the services, and are never made here.
    /// </summary>
    public static WebApplicationBuilder AddStatelessService(this WebApplicationBuilder builder, string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton(provider => KeyFiles.LoadExisting(
            provider.GetRequiredService<IConfiguration>(), provider.GetRequiredService<IOptions<StorageOptions>>().Value.DataDirectory));
        builder.AddCallers(name);
        return builder;
    }

    private static void AddCallers(this WebApplicationBuilder builder, string name)
    {
        var services = builder.Services;
        services.AddOptions<StorageOptions>().BindConfiguration(StorageOptions.Section);
        services.AddSingleton<KeyedNames>();
        services.AddSingleton<ServiceCredentials>();
        services.AddMemoryMeshAuthentication();
        builder.AddRedis();
        builder.AddOpenTelemetryExport($"memorymesh-{name}");
    }

    /// <summary>Tells what was found in the environment names, for a program that builds no host.</summary>
    /// <exception cref="StartupException">There are problems; the message names all of them.</exception>
    public static void TellEnvironment(this WebApplicationBuilder builder, Action<string> warn)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ((EnvironmentReport)builder.Services.Last(service => service.ServiceType == typeof(EnvironmentReport)).ImplementationInstance!).Tell(warn);
    }

    /// <summary>The pipeline of a service that stands behind the Gateway, in its order, with <c>/health</c>, <c>/alive</c>, <c>/metrics</c> and <c>/openapi/v1.json</c>.</summary>
    public static WebApplication UseMemoryMeshDefaults(this WebApplication app)
    {
        app.UseCallers();
        app.MapMemoryMeshProbes();
        app.MapOutboxPlaces();
        RemoteParkedEvents.Map(app);
        return app;
    }

    /// <summary>The same for one that keeps nothing, with <c>/health</c>, <c>/alive</c> and <c>/metrics</c>.</summary>
    public static WebApplication UseStatelessDefaults(this WebApplication app)
    {
        app.UseCallers();
        app.MapProbes();
        return app;
    }

    private static void UseCallers(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseForwardedClient();
        app.UseTraceHeaders();
        app.UseMemoryMeshProblems();
        app.UseMemoryMeshRouting();
        app.UseAuthentication();
        app.UseAuthorization();
    }

    /// <summary>Lets a bare host export what it traces and counts, under a name of its own.</summary>
    public static void ExportTelemetry(this WebApplicationBuilder builder, string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddOpenTelemetryExport($"memorymesh-{name}");
    }

    /// <summary>The pipeline of a bare host, with <c>/health</c>, <c>/alive</c> and <c>/metrics</c>.</summary>
    public static WebApplication UseBareDefaults(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseTraceHeaders();
        app.UseMemoryMeshProblems();
        app.UseMemoryMeshRouting();
        app.MapProbes();
        return app;
    }

    /// <summary>
    /// Builds a host, opens its stores and serves until the process is told to stop. A start that fails for a known reason is told in one message,
    /// with exit code 2.
    /// </summary>
    /// <param name="args">Command line; <see cref="HealthCheckCommand.Name"/> alone asks the running server for its health instead.</param>
    /// <param name="build">Builds the host.</param>
    /// <param name="whenReady">Called once it serves.</param>
    public static async Task<int> RunAsync(string[] args, Func<WebApplication> build, Action<WebApplication>? whenReady = null)
    {
        ArgumentNullException.ThrowIfNull(build);
        if (args is [HealthCheckCommand.Name])
        {
            return await HealthCheckCommand.RunAsync();
        }

        WebApplication? app = null;
        WarmUp.Start();
        try
        {
            app = build();
            if (app.Configuration[EnvironmentTold] is null)
            {
                app.Services.GetRequiredService<EnvironmentReport>().Tell(app.Logger);
            }

            // A store opens when it is first asked for: here, so that a defect stops the start and not the first request.
            await OpenStoresAsync(app.Services);

            // The host would do this too, and write the failure with its stack besides the one message.
            app.Services.GetService<IStartupValidator>()?.Validate();
            await app.StartAsync();
        }
        catch (Exception exception) when (Explain(exception) is { } message)
        {
            await Console.Error.WriteLineAsync($"MemoryMesh cannot start: {message}");
            if (app is not null)
            {
                await app.DisposeAsync();
            }

            return 2;
        }

        whenReady?.Invoke(app);

        // The first request would build the handlers of all routes; this way it rarely has to.
        await Task.Run(() => app.Services.GetRequiredService<EndpointDataSource>().Endpoints);
        await app.WaitForShutdownAsync();
        await app.DisposeAsync();
        return 0;
    }

    /// <summary>Opens them at the same time, each on a thread of its own: a new one mostly waits for the disk.</summary>
    private static async Task OpenStoresAsync(IServiceProvider services)
    {
        // Before the stores, which all need it: its file is made once. A bare host has none.
        services.GetService<KeyRing>();
        var stores = await Task.WhenAll(services.GetServices<ModuleStoreName>().Select(
            store => Task.Factory.StartNew(
                () => services.GetRequiredKeyedService<ModuleStore>(store.Name),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)));
        await Task.WhenAll(stores.Select(store => store.OpenAsync(CancellationToken.None)));
        var configuration = services.GetRequiredService<IConfiguration>();
        await Task.WhenAll(stores.Select(store => StoreEngines.RequireDocumentsAsync(store, configuration, CancellationToken.None)));
        await Task.WhenAll(services.GetServices<IOutlyingStore>().Select(store => store.OpenAsync(CancellationToken.None)));
    }

    private static string? Explain(Exception exception) => exception switch
    {
        StartupException or StorageUnavailableException => exception.Message,
        OptionsValidationException invalid => OptionsFailures.Describe(invalid),
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } => exception.Message,
        _ => null,
    };
}
