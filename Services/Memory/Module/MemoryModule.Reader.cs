using MemoryMesh.Memory.Context;
using MemoryMesh.Memory.Endpoints;
using MemoryMesh.Memory.Features;
using MemoryMesh.Memory.Readers;
using MemoryMesh.Memory.Summaries;
using MemoryMesh.ServiceDefaults.Internal;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Memory;

/// <content>The role in which the program answers contexts with what another process knows.</content>
public static partial class MemoryModule
{
    /// <summary>Role of the process that keeps the memories, one for an installation.</summary>
    public const string MemoryRole = Name;

    /// <summary>Role of a process that answers contexts and keeps nothing; any number.</summary>
    public const string ReaderRole = "reader";

    /// <summary>Name of readers in addresses and telemetry.</summary>
    public const string Readers = ReaderAddresses.Name;

    /// <summary>Whether the settings make this process a reader.</summary>
    public static bool IsReader(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return string.Equals(configuration[$"{MemoryOptions.Section}:{nameof(MemoryOptions.Role)}"], ReaderRole, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Registers a reader in a host without stores. It reaches Auth, Chat, Search and Memory.</summary>
    public static IServiceCollection AddReaderModule(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<MemoryOptions, MemoryOptionsValidator>().BindConfiguration(MemoryOptions.Section);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<MemoryRights>();
        services.AddSingleton<IContextKnowledge, RemoteContextKnowledge>();
        services.AddContexts();
        return services;
    }

    /// <summary>Maps what a reader answers.</summary>
    public static void MapReaderEndpoints(this IEndpointRouteBuilder routes)
    {
        ContextEndpoints.Map(routes);
        BundleEndpoints.Map(routes);
    }

    /// <summary>Maps what readers ask of the process with the store.</summary>
    public static void MapReaderCalls(this IEndpointRouteBuilder routes) => KnowledgeDoor.Map(routes);

    /// <summary>What puts contexts together, wherever the store is.</summary>
    private static void AddContexts(this IServiceCollection services)
    {
        services.AddSingleton<ContextSearch>();
        services.AddSingleton<ShowSummary>();
        services.AddSingleton<AssembleContext>();
        services.AddSingleton<AssembleBundle>();
    }
}

/// <summary>Where the store is, the process is no reader.</summary>
internal sealed class MemoryRoleValidator : IValidateOptions<MemoryOptions>
{
    public ValidateOptionsResult Validate(string? name, MemoryOptions options)
        => string.Equals(options.Role, MemoryModule.MemoryRole, StringComparison.OrdinalIgnoreCase)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{MemoryOptions.Section}:{nameof(MemoryOptions.Role)} must be {MemoryModule.MemoryRole} here; {MemoryModule.ReaderRole} is a role of the Memory program started alone.");
}
