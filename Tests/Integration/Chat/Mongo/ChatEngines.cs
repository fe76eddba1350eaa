using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.Tests.Integration.Storage;

namespace MemoryMesh.Tests.Integration.Chat;

/// <summary>The engines that this build has for Chat. MongoDB is skipped where <c>ConnectionStrings__mongo</c> names no server.</summary>
internal static class ChatEngines
{
    public static readonly StoreEngine[] All = [StoreEngine.Embedded, StoreEngine.Mongo];

    /// <summary>Settings that choose an engine, with nothing stored in it.</summary>
    public static Dictionary<string, string?> Choose(StoreEngine engine)
        => engine == StoreEngine.Embedded ? [] : new() { ["ConnectionStrings:chat"] = MongoServer.NewDatabase() };

    public static ChatEngine Create(StoreEngine engine, IServiceProvider services, ModuleDatabase database)
        => engine == StoreEngine.Embedded ? new ChatEngine(database) : new MongoChatEngine(services, database);
}
