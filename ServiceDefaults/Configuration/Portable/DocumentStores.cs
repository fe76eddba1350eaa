namespace MemoryMesh.ServiceDefaults.Configuration;

/// <summary>Which services can keep their documents in MongoDB: in this build none.</summary>
internal static class DocumentStores
{
    public static readonly IReadOnlyList<string> InMongo = [];

    /// <summary>Whether the driver can read an address: there is none.</summary>
    public static bool CanRead(string address) => false;
}
