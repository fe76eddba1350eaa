using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.Tests.Integration.Storage;

namespace MemoryMesh.Tests.Integration.Chat;

/// <summary>The engines that this build has for Chat.</summary>
internal static class ChatEngines
{
    public static readonly StoreEngine[] All = [StoreEngine.Embedded];

    /// <summary>Settings that choose an engine, with nothing stored in it.</summary>
    public static Dictionary<string, string?> Choose(StoreEngine engine)
        => engine == StoreEngine.Embedded ? [] : throw new ArgumentOutOfRangeException(nameof(engine), engine, null);

    public static ChatEngine Create(StoreEngine engine, IServiceProvider services, ModuleDatabase database)
        => engine == StoreEngine.Embedded && services is not null ? new ChatEngine(database) : throw new ArgumentOutOfRangeException(nameof(engine), engine, null);
}
