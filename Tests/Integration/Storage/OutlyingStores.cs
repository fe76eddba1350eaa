using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Tests.Integration.Storage;

/// <summary>Stores outside the data folder, of services that no host runs.</summary>
internal static class OutlyingStores
{
    /// <summary>Builds services and opens their outlying stores, as a host does when it starts. Nothing stays open when one of them cannot be opened.</summary>
    public static ServiceProvider BuildWithOpenStores(this IServiceCollection services)
    {
        var provider = services.BuildServiceProvider();
        try
        {
            Task.WhenAll(provider.GetServices<IOutlyingStore>().Select(store => store.OpenAsync(CancellationToken.None))).GetAwaiter().GetResult();
            return provider;
        }
        catch
        {
            provider.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw;
        }
    }
}
