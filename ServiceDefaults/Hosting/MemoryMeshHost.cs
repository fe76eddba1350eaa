using System.Diagnostics;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Internal;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.ServiceDefaults.Hosting;

/// <summary>What every host does alike: configuration, keys, problems, authentication, health.</summary>
public static class MemoryMeshHost
{
    /// <summary>Longest that a stopping host waits for requests in flight.</summary>
    public static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Largest request body: a batch of 500 messages of 32 KiB, each with metadata of 8 KiB.</summary>
    public const long MaxRequestBodySize = 24L * 1024 * 1024;

    private static readonly Dictionary<string, string> Switches = new() { ["--data"] = $"{StorageOptions.Section}:{nameof(StorageOptions.DataDirectory)}" };

    /// <summary>Starts a host for one service or, with all modules added, for all of them.</summary>
    /// <param name="args">Command line.</param>
    /// <param name="name">Name of the service, lower case; it names the process in logs, traces and health.</param>
    public static WebApplicationBuilder CreateBuilder(string[] args, string name)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ApplicationName = $"memorymesh-{name}" });
        if (builder.Configuration["MEMORY_DATA_DIR"] is { Length: > 0 } folder)
        {
            builder.Configuration[$"{StorageOptions.Section}:{nameof(StorageOptions.DataDirectory)}"] = folder;
        }

        builder.Configuration.AddCommandLine(args, Switches);
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
            console.UseUtcTimestamp = true;
        });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("System", LogLevel.Warning);
        builder.Logging.AddFilter("Quartz", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBodySize;
        });

        var services = builder.Services;
        services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        services.AddOptions<StorageOptions>().BindConfiguration(StorageOptions.Section);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => KeyFiles.Load(
            provider.GetRequiredService<IConfiguration>(), provider.GetRequiredService<IOptions<StorageOptions>>().Value.DataDirectory));
        services.AddSingleton<KeyedNames>();
        services.AddSingleton<ServiceCredentials>();
        services.AddMemoryMeshProblems();
        services.AddMemoryMeshAuthentication();
        services.AddHealthChecks();
        services.AddSingleton<IConfigureOptions<HealthCheckServiceOptions>, StoreHealthChecks>();
        return builder;
    }

    /// <summary>The part of the pipeline that every host has, in its order, with <c>/health</c> and <c>/alive</c>.</summary>
    public static WebApplication UseMemoryMeshDefaults(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.Use((context, next) =>
        {
            if (Activity.Current is { } activity)
            {
                context.Response.Headers["x-trace-id"] = activity.TraceId.ToHexString();
            }

            return next(context);
        });
        app.UseMemoryMeshProblems();
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapHealthChecks("/health").AllowAnonymous().ShortCircuit();
        app.MapGet("/alive", () => Results.Text("Alive")).AllowAnonymous().ExcludeFromDescription().ShortCircuit();
        return app;
    }

    /// <summary>Opens the stores, then serves until the process is told to stop. A start that fails is told in one message, with exit code 2.</summary>
    public static async Task<int> RunMemoryMeshAsync(this WebApplication app, Action<WebApplication>? whenReady = null)
    {
        ArgumentNullException.ThrowIfNull(app);
        try
        {
            foreach (var database in app.Services.GetServices<ModuleDatabase>())
            {
                ArgumentNullException.ThrowIfNull(database);
            }

            await app.StartAsync();
        }
        catch (Exception exception) when (Explain(exception) is { } message)
        {
            await Console.Error.WriteLineAsync($"MemoryMesh cannot start: {message}");
            await app.DisposeAsync();
            return 2;
        }

        whenReady?.Invoke(app);
        await app.WaitForShutdownAsync();
        await app.DisposeAsync();
        return 0;
    }

    private static string? Explain(Exception exception) => exception switch
    {
        StartupException or StorageUnavailableException => exception.Message,
        OptionsValidationException invalid => string.Join(' ', invalid.Failures),
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } => exception.Message,
        _ => null,
    };
}
