using System.Security.Cryptography;
using MemoryMesh.Contracts.Events;
using MemoryMesh.Memory;
using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Storage.Sqlite;
using MemoryMesh.ServiceDefaults.Erasure;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.Tests.Integration.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Tests.Integration.Memory;

/// <summary>The stores of Memory over an engine, as the module chooses them, with real files and keys of their own.</summary>
internal sealed class MemoryStorage : IAsyncDisposable
{
    private readonly ServiceProvider _provider;

    /// <summary>Opens it.</summary>
    /// <param name="engine">Where memories are kept.</param>
    /// <param name="clock">The time of writes.</param>
    /// <param name="before">One that was closed and kept: its folder, settings and keys are gone on with.</param>
    public MemoryStorage(StoreEngine engine, TimeProvider clock, MemoryStorage? before = null)
    {
        Settings = before?.Settings ?? MemoryEngines.Choose(engine);
        Folder = before?.Folder ?? Directory.CreateTempSubdirectory("memorymesh-memory-").FullName;
        Ring = before?.Ring ?? new KeyRing(RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([.. Settings, new("Storage:DataDirectory", Folder)]).Build());
        services.AddSingleton(clock);
        services.AddSingleton(Ring);
        services.AddSingleton<KeyedNames>();
        services.AddSingleton<MemoryKeys>();
        services.AddModuleDatabase<MemoryOptions>(MemoryModule.Name);
        services.AddMemoryStores();
        _provider = services.BuildWithOpenStores();
        Engine = MemoryEngines.Create(engine, _provider, Database);
    }

    public Dictionary<string, string?> Settings { get; }

    public string Folder { get; }

    public KeyRing Ring { get; }

    public MemoryEngine Engine { get; }

    public ModuleDatabase Database => _provider.GetRequiredKeyedService<ModuleDatabase>(MemoryModule.Name);

    public T Get<T>()
        where T : notnull => _provider.GetRequiredService<T>();

    /// <summary>A service of the container by its name.</summary>
    public T GetKeyed<T>(string name)
        where T : notnull => _provider.GetRequiredKeyedService<T>(name);

    /// <summary>A store of the same memories, with outlines of its own.</summary>
    public IMemoryStore StoreWith(OwnerOutlines outlines) => (IMemoryStore)ActivatorUtilities.CreateInstance(_provider, Get<IMemoryStore>().GetType(), outlines);

    /// <summary>Events of a type that were published, in their order.</summary>
    public async Task<List<string>> EventsAsync<TEvent>()
    {
        await Engine.SettleAsync();
        return await Database.Data.ReadAsync(
            session => session.Query("SELECT body FROM outbox WHERE type = $1 ORDER BY seq", row => row.Text(0), typeof(TEvent).FullName), default);
    }

    /// <summary>Carries out an order to erase.</summary>
    public Task EraseAsync(SubjectErasureRequested order)
        => ActivatorUtilities.CreateInstance<EraseSubjects<SqliteMemoryEraser>>(_provider)
            .ConsumeAsync([new EventEnvelope<SubjectErasureRequested>(Guid.NewGuid(), Get<TimeProvider>().GetUtcNow(), order)], default);

    /// <summary>Announces anew what was written for a subject after it was erased.</summary>
    public Task AnnounceAsync(SubjectErased erased)
        => ActivatorUtilities.CreateInstance<EraseSubjects<SqliteMemoryEraser>>(_provider)
            .ConsumeAsync([new EventEnvelope<SubjectErased>(Guid.NewGuid(), Get<TimeProvider>().GetUtcNow(), erased)], default);

    /// <summary>Closes it and keeps what it stored.</summary>
    public ValueTask CloseAsync() => _provider.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await Engine.DropAsync();
        await _provider.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
