using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.Tests.Integration.Storage;

namespace MemoryMesh.Tests.Integration.Memory;

/// <summary>The engines that this build has for Memory. MongoDB is skipped where <c>ConnectionStrings__mongo</c> names no server.</summary>
internal static class MemoryEngines
{
    public static readonly StoreEngine[] All = [StoreEngine.Embedded, StoreEngine.Mongo];

    /// <summary>Settings that choose an engine, with nothing stored in it.</summary>
    public static Dictionary<string, string?> Choose(StoreEngine engine)
        => engine == StoreEngine.Embedded ? [] : new() { ["ConnectionStrings:memory"] = MongoServer.NewDatabase() };

    public static MemoryEngine Create(StoreEngine engine, IServiceProvider services, ModuleDatabase database)
        => engine == StoreEngine.Embedded ? new MemoryEngine(database) : new MongoMemoryEngine(services, database);
}
