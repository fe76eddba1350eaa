using MongoDB.Driver;

namespace MemoryMesh.ServiceDefaults.Configuration;

/// <summary>Which services can keep their documents in MongoDB.</summary>
internal static class DocumentStores
{
    public static readonly IReadOnlyList<string> InMongo = ["chat", "memory"];

    /// <summary>Whether the driver can read an address: a URL may have options that it does not know, or values that it refuses.</summary>
    public static bool CanRead(string address)
    {
        try
        {
            MongoUrl.Create(address);
            return true;
        }
        catch (Exception exception) when (exception is MongoConfigurationException or ArgumentException or FormatException)
        {
            return false;
        }
    }
}
