using MemoryMesh.Auth;
using MemoryMesh.Chat;
using MemoryMesh.Gateway;
using MemoryMesh.Memory;
using MemoryMesh.Retention;
using MemoryMesh.Search;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.Configuration.Memory;

namespace MemoryMesh.AppHost;

/// <summary>Runs every module in one process: embedded stores, events delivered in memory from the durable logs.</summary>
public static class EmbeddedHost
{
    /// <summary>Where the server listens unless told otherwise.</summary>
    public const string DefaultAddress = "http://localhost:8000";

    /// <summary>Builds and runs the host until it is told to stop.</summary>
    public static Task<int> RunAsync(string[] args) => MemoryMeshHost.RunAsync(args, () => Build(args), app => ReadyLines.Print(app.Urls.First()));

    /// <summary>Builds the host.</summary>
    public static WebApplication Build(string[] args)
    {
        var builder = MemoryMeshHost.CreateBuilder(args, MemoryMeshHost.EveryService);
        if (string.IsNullOrEmpty(builder.Configuration["urls"]))
        {
            builder.WebHost.UseUrls(DefaultAddress);
        }

        OpenMode.Announce(builder.Configuration);

        // Lowest in precedence: any other source may switch it off.
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(
            0, new MemoryConfigurationSource { InitialData = [new($"{TenantOptions.Section}:{nameof(TenantOptions.ClaimOnFirstUse)}", "true")] });

        builder.Services
            .AddAuthModule()
            .AddChatModule()
            .AddMemoryModule()
            .AddSearchModule()
            .AddRetentionModule()
            .AddGatewayModule()
            .AddHostedService<InProcessBus>()
            .AddHostedService<InProcessFeed>();

        var app = builder.Build();
        app.UseMemoryMeshGateway();
        app.MapAuthEndpoints();
        app.MapChatEndpoints();
        app.MapMemoryEndpoints();
        app.MapSearchEndpoints();
        app.MapRetentionEndpoints();
        app.MapGatewayEndpoints();
        return app;
    }
}
