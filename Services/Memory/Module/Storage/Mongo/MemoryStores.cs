using MemoryMesh.Contracts.Analytics;
using MemoryMesh.Contracts.Events;
using MemoryMesh.Memory.Consolidation;
using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Storage.Mongo;
using MemoryMesh.Memory.Storage.Sqlite;
using MemoryMesh.ServiceDefaults.Erasure;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Memory.Storage;

/// <summary>Chooses where memories are kept: in MongoDB where <c>ConnectionStrings:memory</c> is a MongoDB URL, else in the service's own file.</summary>
internal static class MemoryStores
{
    public static IServiceCollection AddMemoryStores(this IServiceCollection services)
    {
        services.AddMongoStore(MemoryModule.Name, MemoryCollections.All);
        services.AddDocumentMove(MemoryModule.Name, MovedMemories.Tables);
        services.AddSubjectEraser<SqliteMemoryEraser>(Subscriptions.MemoryErasure);
        return services
            .AddSingleton<OwnerOutlines>()
            .AddEither<IMemoryStore, MongoMemoryStore, SqliteMemoryStore>(MemoryModule.Name)
            .AddEither<IExtractionLedger, MongoExtractionLedger, SqliteExtractionLedger>(MemoryModule.Name)
            .AddEither<IMemoryPolicies, MongoMemoryPolicies, SqliteMemoryPolicies>(MemoryModule.Name)
            .AddEither<ICoreBlockStore, MongoCoreBlockStore, SqliteCoreBlockStore>(MemoryModule.Name)
            .AddEither<IProfileStore, MongoProfileStore, SqliteProfileStore>(MemoryModule.Name)
            .AddEither<IPreferenceStore, MongoPreferenceStore, SqlitePreferenceStore>(MemoryModule.Name)
            .AddEither<ISummaryStore, MongoSummaryStore, SqliteSummaryStore>(MemoryModule.Name)
            .AddEither<IConsolidationStore, MongoConsolidationStore, SqliteConsolidationStore>(MemoryModule.Name)
            .AddEither<ILlmUsageStore, MongoLlmStore, SqliteLlmStore>(MemoryModule.Name)
            .AddEither<IExtractionSettingsStore, MongoLlmStore, SqliteLlmStore>(MemoryModule.Name)
            .AddEither<ILlmUsage, MongoLlmStore, SqliteLlmStore>(MemoryModule.Name)
            .AddEither<IMemoryUsage, MongoMemoryUsage, SqliteMemoryUsage>(MemoryModule.Name)
            .AddEither<SqliteMemoryEraser, MongoMemoryEraser, SqliteMemoryEraser>(MemoryModule.Name);
    }
}
