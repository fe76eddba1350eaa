namespace MemoryMesh.ServiceDefaults.Configuration;

/// <summary>Which services can keep their documents in MongoDB.</summary>
internal static class DocumentStores
{
    public static readonly IReadOnlyList<string> InMongo = ["chat", "memory"];
}
