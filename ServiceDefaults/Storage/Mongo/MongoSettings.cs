using MongoDB.Driver;

namespace MemoryMesh.ServiceDefaults.Storage.Mongo;

/// <summary>How a service speaks to MongoDB, whatever its address says of it: durable writes, the primary, and bounded waits.</summary>
internal static class MongoSettings
{
    /// <summary>Database that is used when the address names none.</summary>
    public const string DefaultDatabase = "memorymesh";

    private static readonly TimeSpan Connect = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Statement = TimeSpan.FromSeconds(30);

    public static MongoClientSettings Of(MongoUrl url, string service)
    {
        var settings = MongoClientSettings.FromUrl(url);
        settings.ApplicationName = $"memorymesh {service}";
        settings.ConnectTimeout = Connect;
        settings.ServerSelectionTimeout = Connect;
        settings.WaitQueueTimeout = Connect;
        settings.SocketTimeout = Statement;

        // What the driver gives up a server for, with all that is under way: by default as short as connecting, which a machine that is merely busy may exceed.
        settings.HeartbeatTimeout = Heartbeat;
        return settings;
    }

    public static IMongoDatabase Database(IMongoClient client, MongoUrl url)
        => client.GetDatabase(url.DatabaseName ?? DefaultDatabase)
            .WithWriteConcern(WriteConcern.WMajority.With(journal: true, wTimeout: Statement))
            .WithReadPreference(ReadPreference.Primary);
}
