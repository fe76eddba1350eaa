using MemoryMesh.Contracts.Events;
using MemoryMesh.Retention.Consumers;
using MemoryMesh.Retention.Endpoints;
using MemoryMesh.Retention.Features;
using MemoryMesh.Retention.Receipts;
using MemoryMesh.Retention.Scheduling;
using MemoryMesh.Retention.Storage;
using MemoryMesh.Retention.Storage.Sql;
using MemoryMesh.Retention.Transfers;
using MemoryMesh.Retention.Transfers.Exports;
using MemoryMesh.Retention.Transfers.Imports;
using MemoryMesh.ServiceDefaults.Erasure;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MemoryMesh.Retention;

/// <summary>Entry points of the Retention service's module.</summary>
public static class RetentionModule
{
    /// <summary>Name of the service and of its store.</summary>
    public const string Name = "retention";

    /// <summary>Registers the module's services. It needs the clients of Auth, Chat and Memory.</summary>
    public static IServiceCollection AddRetentionModule(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<RetentionOptions, RetentionOptionsValidator>().BindConfiguration(RetentionOptions.Section);
        services.TryAddSingleton(TimeProvider.System);
        services.AddModuleStore<RetentionOptions>(Name);
        services.TryAddSingleton<IRetentionStore, SqlRetentionStore>();
        services.TryAddSingleton<PolicyInForce>();
        services.TryAddSingleton<StartRun>();
        services.TryAddSingleton<CarryOutRun>();
        services.TryAddSingleton<RunForEveryTenant>();
        services.TryAddSingleton<RunQueue>();
        services.AddHostedService<RunWorker>();
        services.AddHostedService<RunSchedule>();
        AddTransfers(services);
        services.AddIdempotencyKeys();
        services.TryAddSingleton<IErasureStore, SqlErasureStore>();
        services.TryAddSingleton<ReceiptSigner>();
        services.TryAddSingleton<ErasureWaiters>();
        services.TryAddSingleton<RequestErasure>();
        services.TryAddSingleton<CompleteErasure>();
        services.AddHostedService<ErasureWatch>();
        services.AddSubjectEraser<SqlRetentionEraser>(Subscriptions.RetentionErasure);
        services.AddSubscription<AdvanceErasures>(Subscriptions.ErasureProgress);
        services.AddSubscription<EraseDeletedTenants>(Subscriptions.DeletedTenants);
        return services;
    }

    /// <summary>Maps the module's public routes.</summary>
    public static void MapRetentionEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapRetention();
        routes.MapErasures();
        routes.MapExports();
        routes.MapImports();
    }

    private static void AddTransfers(IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<TransferOptions, TransferOptionsValidator>().BindConfiguration(TransferOptions.Section);
        services.TryAddSingleton<Patience>();
        services.TryAddSingleton<RunningJobs>();
        services.TryAddSingleton<TransferFiles>();
        services.TryAddSingleton<TransferRights>();
        services.TryAddSingleton<WithdrawTransfers>();
        services.TryAddSingleton<IExportStore, SqlExportStore>();
        services.TryAddSingleton<ExportLinks>();
        services.TryAddSingleton<ExportSources>();
        services.TryAddSingleton<CarryOutExport>();
        services.TryAddSingleton<JobSignal<ExportRecord>>();
        services.AddHostedService<ExportWorker>();
        services.TryAddSingleton<IImportStore, SqlImportStore>();
        services.TryAddSingleton<ReceiveUpload>();
        services.TryAddSingleton<CarryOutImport>();
        services.TryAddSingleton<JobSignal<ImportRecord>>();
        services.AddHostedService<ImportWorker>();
        services.AddHostedService<TransferSweeper>();
    }
}
