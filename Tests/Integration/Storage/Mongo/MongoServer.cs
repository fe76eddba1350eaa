using MongoDB.Driver;

namespace MemoryMesh.Tests.Integration.Storage;

/// <summary>The MongoDB server that tests use: the one that <c>ConnectionStrings__mongo</c> has the address of. No package of Debian has one, so they are skipped without it.</summary>
internal static class MongoServer
{
    /// <summary>The address of a database that is not there yet.</summary>
    public static string NewDatabase()
    {
        if (Environment.GetEnvironmentVariable("ConnectionStrings__mongo") is not { Length: > 0 } address)
        {
            Assert.Ignore("ConnectionStrings__mongo names no MongoDB server.");
            return "";
        }

        return new MongoUrlBuilder(address) { DatabaseName = $"memorymesh_test_{Guid.NewGuid():N}" }.ToString();
    }

    /// <summary>Deletes a database.</summary>
    public static async Task DropAsync(string address)
    {
        using var client = new MongoClient(address);
        await client.DropDatabaseAsync(new MongoUrl(address).DatabaseName);
    }
}
