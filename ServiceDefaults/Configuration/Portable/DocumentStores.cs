namespace MemoryMesh.ServiceDefaults.Configuration;

/// <summary>Which services can keep their documents in MongoDB: in this build none.</summary>
internal static class DocumentStores
{
    public static readonly IReadOnlyList<string> InMongo = [];
}
