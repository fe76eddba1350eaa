namespace MemoryMesh.Tests.Integration.Storage;

/// <summary>Engines that a contract is tested on.</summary>
public enum StoreEngine
{
    /// <summary>Files of the process.</summary>
    Embedded,

    /// <summary>A real PostgreSQL server.</summary>
    Postgres,

    /// <summary>A MongoDB server, at the address that <c>ConnectionStrings__mongo</c> has.</summary>
    Mongo,
}
