using MemoryMesh.Contracts.Analytics;
using MemoryMesh.Contracts.Events;
using MemoryMesh.Memory.Consolidation;
using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Storage.Mongo;
using MemoryMesh.Memory.Storage.Sqlite;
using MemoryMesh.ServiceDefaults.Erasure;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Memory.Storage;

/// <summary>Chooses where memories are kept: in MongoDB where <c>ConnectionStrings:memory</c> is a MongoDB URL, else in the service's own file.</summary>
internal static class MemoryStores
{
    public static IServiceCollection AddMemoryStores(this IServiceCollection services)
    {
        services.AddMongoStore(MemoryModule.Name, MemoryCollections.All);
        services.AddSubjectEraser<SqliteMemoryEraser>(Subscriptions.MemoryErasure);
        return services
            .AddSingleton<OwnerOutlines>()
            .AddSingleton(Choose<IMemoryStore, MongoMemoryStore, SqliteMemoryStore>)
            .AddSingleton(Choose<IExtractionLedger, MongoExtractionLedger, SqliteExtractionLedger>)
            .AddSingleton(Choose<IMemoryPolicies, MongoMemoryPolicies, SqliteMemoryPolicies>)
            .AddSingleton(Choose<ICoreBlockStore, MongoCoreBlockStore, SqliteCoreBlockStore>)
            .AddSingleton(Choose<IProfileStore, MongoProfileStore, SqliteProfileStore>)
            .AddSingleton(Choose<IPreferenceStore, MongoPreferenceStore, SqlitePreferenceStore>)
            .AddSingleton(Choose<ISummaryStore, MongoSummaryStore, SqliteSummaryStore>)
            .AddSingleton(Choose<IConsolidationStore, MongoConsolidationStore, SqliteConsolidationStore>)
            .AddSingleton(Choose<ILlmUsageStore, MongoLlmStore, SqliteLlmStore>)
            .AddSingleton(Choose<IExtractionSettingsStore, MongoLlmStore, SqliteLlmStore>)
            .AddSingleton(Choose<ILlmUsage, MongoLlmStore, SqliteLlmStore>)
            .AddSingleton(Choose<IMemoryUsage, MongoMemoryUsage, SqliteMemoryUsage>)
            .AddSingleton(Choose<SqliteMemoryEraser, MongoMemoryEraser, SqliteMemoryEraser>);
    }

    private static TStore Choose<TStore, TMongo, TSqlite>(IServiceProvider provider)
        where TStore : class
        where TMongo : class, TStore
        where TSqlite : class, TStore
        => provider.GetService<IConfiguration>().IsInMongo(MemoryModule.Name)
            ? ActivatorUtilities.CreateInstance<TMongo>(provider)
            : ActivatorUtilities.CreateInstance<TSqlite>(provider);
}
