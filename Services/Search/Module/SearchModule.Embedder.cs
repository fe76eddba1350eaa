using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Embedding.Replicas;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search;

/// <content>The role in which the program computes for Search and keeps nothing.</content>
public static partial class SearchModule
{
    /// <summary>Role of a process that keeps the index and answers searches; one for an installation.</summary>
    public const string SearchRole = "search";

    /// <summary>Role of a process that computes vectors for Search and keeps nothing; any number.</summary>
    public const string EmbedderRole = "embedder";

    /// <summary>Name of embedders in addresses and telemetry.</summary>
    public const string Embedders = "embedders";

    /// <summary>Whether the settings make this process an embedder.</summary>
    public static bool IsEmbedder(IConfiguration configuration) => HasRole(configuration, EmbedderRole);

    /// <summary>Registers an embedder in a bare host.</summary>
    public static IServiceCollection AddEmbedderModule(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<LocalEmbedderOptions, LocalEmbedderOptionsValidator>().BindConfiguration(LocalEmbedderOptions.Section);
        services.TryAddSingleton<LocalTextEmbedder>();
        services.AddEmbedder();
        return services;
    }

    /// <summary>Maps the route of an embedder.</summary>
    public static void MapEmbedderCalls(this IEndpointRouteBuilder routes) => EmbedderDoor.Map(routes);
}

/// <summary>Keeps a host of the whole service from being made a searcher or an embedder: only the Search program can be one.</summary>
internal sealed class SearchRoleValidator : IValidateOptions<SearchOptions>
{
    public ValidateOptionsResult Validate(string? name, SearchOptions options)
        => string.Equals(options.Role, SearchModule.SearchRole, StringComparison.OrdinalIgnoreCase)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{SearchOptions.Section}:{nameof(SearchOptions.Role)} must be {SearchModule.SearchRole} here; {SearchModule.SearcherRole} and {SearchModule.EmbedderRole} are roles of the Search program started alone.");
}
