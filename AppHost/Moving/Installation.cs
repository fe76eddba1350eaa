using MemoryMesh.Auth;
using MemoryMesh.Chat;
using MemoryMesh.Memory;
using MemoryMesh.Retention;
using MemoryMesh.Search;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Moving;
using Microsoft.Extensions.Logging.Abstractions;

namespace MemoryMesh.AppHost.Moving;

/// <summary>An installation whose server does not run: its stores, as its settings choose them, with nothing at work on them.</summary>
internal sealed class Installation : IAsyncDisposable
{
    /// <summary>The services that keep something.</summary>
    public static readonly IReadOnlyList<string> StoreNames = [AuthModule.Name, ChatModule.Name, MemoryModule.Name, SearchModule.Name, RetentionModule.Name];

    /// <summary>Longest wait for what is in the logs of the stores to be in their files: nobody reads them.</summary>
    private static readonly TimeSpan SettleTime = TimeSpan.FromMinutes(1);

    private readonly ServiceProvider _services;

    /// <param name="place">Where it is.</param>
    /// <param name="ring">Its root keys.</param>
    public Installation(InstallationPlace place, KeyRing ring)
    {
        Place = place;
        _services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(place.Settings()).Build())
            .AddSingleton(ring)

            // What is wrong is told once, by who asked.
            .AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance)
            .AddSingleton(typeof(ILogger<>), typeof(NullLogger<>))
            .AddSingleton(TimeProvider.System)
            .AddAuthModule()
            .AddChatModule()
            .AddMemoryModule()
            .AddSearchModule()
            .AddRetentionModule()
            .BuildServiceProvider();
    }

    /// <summary>Where it is.</summary>
    public InstallationPlace Place { get; }

    /// <summary>Its services; none of them runs by itself.</summary>
    public IServiceProvider Services => _services;

    /// <summary>The store of a service, open for this process alone.</summary>
    /// <exception cref="StartupException">Another process has it open, or other root keys belong to it.</exception>
    /// <exception cref="StorageUnavailableException">Its server cannot be reached, or another process has it open.</exception>
    public async Task<ModuleStore> OpenAsync(string service, CancellationToken cancellationToken)
    {
        var store = _services.GetRequiredKeyedService<ModuleStore>(service);
        await StoreMove.OpenAsync(store, cancellationToken);
        return store;
    }

    /// <summary>Moves what a service keeps between its file and MongoDB.</summary>
    /// <param name="service">A service that is in MongoDB here or where it moves to.</param>
    public IDocumentMove MoveOf(string service) => _services.GetRequiredKeyedService<IDocumentMove>(service);

    /// <summary>Opens every store, so that no server can, and has what is in files stand in them.</summary>
    /// <exception cref="StartupException">A server runs on it, other root keys belong to it, or it is not all where it was said to be.</exception>
    /// <exception cref="StorageUnavailableException">A server cannot be reached, or another process has its schema open.</exception>
    public async Task CloseToOthersAsync(CancellationToken cancellationToken)
    {
        foreach (var service in StoreNames)
        {
            var store = await OpenAsync(service, cancellationToken);
            var isElsewhere = await StoreMove.HasDocumentsElsewhereAsync(store, cancellationToken);
            if (Place.IsInMongo(service) != isElsewhere)
            {
                throw new StartupException(isElsewhere
                    ? $"What {service} keeps is in MongoDB, and no address of it is given: copying the folder alone would leave it behind."
                    : $"What {service} keeps is in its data folder and not in MongoDB: give the addresses of the other services by their names.");
            }

            if (isElsewhere)
            {
                await MoveOf(service).SettleAsync(cancellationToken);
            }

            if (store is ModuleDatabase files)
            {
                await files.SettleAsync(SettleTime, cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
