using MemoryMesh.Contracts.Events;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Memory.Consolidation;
using MemoryMesh.Memory.Consumers;
using MemoryMesh.Memory.Context;
using MemoryMesh.Memory.Endpoints;
using MemoryMesh.Memory.Extraction;
using MemoryMesh.Memory.Features;
using MemoryMesh.Memory.Llm;
using MemoryMesh.Memory.Preferences;
using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Summaries;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Memory;

/// <summary>Entry points of the Memory service's module.</summary>
public static partial class MemoryModule
{
    /// <summary>Name of the service and of its store.</summary>
    public const string Name = "memory";

    /// <summary>
    /// A message that says nothing worth keeping leaves no row to ask for, so the ones read last are remembered: more than are read while a request
    /// goes from Chat to here.
    /// </summary>
    private const int RememberedMessages = 20_000;

    /// <summary>Registers the module's services.</summary>
    public static IServiceCollection AddMemoryModule(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<MemoryOptions, MemoryOptionsValidator>().BindConfiguration(MemoryOptions.Section);
        services.AddSingleton<IValidateOptions<MemoryOptions>, MemoryRoleValidator>();
        services.AddModuleDatabase<MemoryOptions>(Name);
        services.AddIdempotencyKeys();
        services.AddMemoryStores();
        services.AddOptionsWithValidateOnStart<LlmOptions, LlmOptionsValidator>().BindConfiguration(LlmOptions.Section);
        services.AddSingleton<IValidateOptions<LlmOptions>, LlmAddressValidator>();
        services.AddSingleton<LanguageModel>();
        services.AddSingleton<ExtractionGuide>();
        services.TryAddSingleton<IMemoryExtractor, LlmMemoryExtractor>();
        services.AddSingleton<MemoryKeys>();
        services.AddSingleton<FactProposals>();
        services.AddSingleton<MemoryRights>();
        services.AddSingleton<IMemoryClient, LocalMemoryClient>();
        services.AddSingleton<IMemoryTransfer, LocalMemoryTransfer>();
        services.AddSingleton<SubjectTransfer>();
        services.AddKeyedSingleton(Name, (_, _) => new MessageWaiters(RememberedMessages));
        services.AddSingleton<ProcessingBell>();
        services.AddHostedService<MemoryProcessor>();
        services.AddHostedService<ProfileKeeper>();
        services.AddOptionsWithValidateOnStart<ConsolidationOptions, ConsolidationOptionsValidator>().BindConfiguration(ConsolidationOptions.Section);
        services.AddSingleton<CarryOutConsolidation>();
        services.AddSingleton<ConsolidationWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<ConsolidationWorker>());
        services.AddSingleton<ReadProfile>();
        services.AddSingleton<SubjectStyle>();
        services.AddSingleton<ObservePreferences>();
        services.AddSingleton<ISummaryWriter, LlmSummaryWriter>();
        services.AddSingleton<RuleMemoryExtractor>();
        services.AddSingleton<SummariseConversation>();
        services.AddSingleton<ISummaryClient>(provider => provider.GetRequiredService<SummariseConversation>());
        services.AddSingleton<SummaryKeeper>();
        services.AddHostedService(provider => provider.GetRequiredService<SummaryKeeper>());
        services.AddScoped<MemoryDoor>();
        services.AddScoped<AddMemory>();
        services.AddScoped<UpdateMemory>();
        services.AddScoped<ForgetMemories>();
        services.AddScoped<LearnFromMessages>();
        services.AddScoped<ForgetMessages>();
        services.AddScoped<ChangeState>();
        services.AddSingleton<IContextKnowledge, ContextKnowledge>();
        services.AddContexts();
        services.AddSubscription<ExtractOnMessageEvents>(Subscriptions.MemoryExtraction);
        services.AddSubscription<CompleteOnMemoryIndexed>(Subscriptions.MemoryStatus);
        return services;
    }

    /// <summary>Maps the module's public routes.</summary>
    public static void MapMemoryEndpoints(this IEndpointRouteBuilder routes)
    {
        MemoryEndpoints.Map(routes);
        MemorySettingsEndpoints.Map(routes);
        MemoryTimeEndpoints.Map(routes);
        LearningEndpoints.Map(routes);
        ConsolidationEndpoints.Map(routes);
        ContextEndpoints.Map(routes);
        BundleEndpoints.Map(routes);
        ExtractionSettingsEndpoints.Map(routes);
        BlockEndpoints.Map(routes);
        SubjectEndpoints.Map(routes);
    }
}
