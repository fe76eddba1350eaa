using MemoryMesh.Contracts.Analytics;
using MemoryMesh.Contracts.Events;
using MemoryMesh.Memory.Consolidation;
using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Storage.Sqlite;
using MemoryMesh.ServiceDefaults.Erasure;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Memory.Storage;

/// <summary>Chooses where memories are kept: in this build in the service's own file.</summary>
internal static class MemoryStores
{
    public static IServiceCollection AddMemoryStores(this IServiceCollection services)
        => services
            .AddSingleton<OwnerOutlines>()
            .AddSingleton<IMemoryStore, SqliteMemoryStore>()
            .AddSingleton<IExtractionLedger, SqliteExtractionLedger>()
            .AddSingleton<IMemoryPolicies, SqliteMemoryPolicies>()
            .AddSingleton<ICoreBlockStore, SqliteCoreBlockStore>()
            .AddSingleton<IProfileStore, SqliteProfileStore>()
            .AddSingleton<IPreferenceStore, SqlitePreferenceStore>()
            .AddSingleton<ISummaryStore, SqliteSummaryStore>()
            .AddSingleton<IConsolidationStore, SqliteConsolidationStore>()
            .AddSingleton<ILlmUsageStore, SqliteLlmStore>()
            .AddSingleton<IExtractionSettingsStore, SqliteLlmStore>()
            .AddSingleton<ILlmUsage, SqliteLlmStore>()
            .AddSingleton<IMemoryUsage, SqliteMemoryUsage>()
            .AddSubjectEraser<SqliteMemoryEraser>(Subscriptions.MemoryErasure);
}
