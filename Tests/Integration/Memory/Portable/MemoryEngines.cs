using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.Tests.Integration.Storage;

namespace MemoryMesh.Tests.Integration.Memory;

/// <summary>The engines that this build has for Memory.</summary>
internal static class MemoryEngines
{
    public static readonly StoreEngine[] All = [StoreEngine.Embedded];

    /// <summary>Settings that choose an engine, with nothing stored in it.</summary>
    public static Dictionary<string, string?> Choose(StoreEngine engine)
        => engine == StoreEngine.Embedded ? [] : throw new ArgumentOutOfRangeException(nameof(engine), engine, null);

    public static MemoryEngine Create(StoreEngine engine, IServiceProvider services, ModuleDatabase database)
        => engine == StoreEngine.Embedded && services is not null ? new MemoryEngine(database) : throw new ArgumentOutOfRangeException(nameof(engine), engine, null);
}
