using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.Benchmarks;

/// <summary>The least that a minimal API can be: what any service pays to start.</summary>
internal static class BareApi
{
    public const string Command = "bare-api";

    public static async Task<int> RunAsync(string address)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(address);
        var app = builder.Build();
        app.MapGet("/", () => "ready");
        await app.RunAsync();
        return 0;
    }
}
