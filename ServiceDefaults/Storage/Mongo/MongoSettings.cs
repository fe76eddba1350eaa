using Microsoft.Extensions.Logging.Abstractions;
using MongoDB.Driver;
using MongoDB.Driver.Core.Configuration;

namespace MemoryMesh.ServiceDefaults.Storage.Mongo;

/// <summary>How a service speaks to MongoDB, whatever its address says of it: durable writes, the primary, and bounded waits.</summary>
internal static class MongoSettings
{
    /// <summary>Database that is used when the address names none.</summary>
    public const string DefaultDatabase = "memorymesh";

    private static readonly TimeSpan Connect = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Statement = TimeSpan.FromSeconds(30);

    /// <summary>A client that is no one else's.</summary>
    public static MongoClient Open(string address, string service)
    {
        var settings = MongoClientSettings.FromConnectionString(address);
        Prepare(settings, service);
        return new MongoClient(settings);
    }

    /// <summary>What every client has, whoever makes it.</summary>
    public static void Prepare(MongoClientSettings settings, string service)
    {
        settings.ApplicationName = $"memorymesh {service}";
        settings.ConnectTimeout = Connect;
        settings.ServerSelectionTimeout = Connect;
        settings.WaitQueueTimeout = Connect;
        settings.SocketTimeout = Statement;

        // What the driver gives up a server for, with all that is under way: by default as short as connecting, which a machine that is merely busy may exceed.
        settings.HeartbeatTimeout = Heartbeat;

        // The driver's own lines hold addresses and commands. What there is to tell, the store tells.
        settings.LoggingSettings = new LoggingSettings(NullLoggerFactory.Instance);
    }

    /// <summary>The database that an address names, as stores write to it and read from it.</summary>
    public static IMongoDatabase Database(IMongoClient client, string address)
        => client.GetDatabase(MongoUrl.Create(address).DatabaseName ?? DefaultDatabase)
            .WithWriteConcern(WriteConcern.WMajority.With(journal: true, wTimeout: Statement))
            .WithReadPreference(ReadPreference.Primary);
}
