using MemoryMesh.ServiceDefaults.Configuration;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage.Postgres;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.ServiceDefaults.Storage;

/// <summary>Name of a store that is registered, for what must know of it without opening it.</summary>
internal sealed record ModuleStoreName(string Name);

/// <summary>Registers the stores of services, each as a keyed singleton (<c>[FromKeyedServices(name)]</c>) and in the list of all stores.</summary>
public static class ModuleStoreExtensions
{
    /// <summary>
    /// Registers the store of a module that has an embedded one only, as <see cref="ModuleDatabase"/>. Its migrations are the embedded resources
    /// <c>{assembly name}.Migrations.*.sql</c> of the assembly of <typeparamref name="TModule"/>.
    /// </summary>
    public static IServiceCollection AddModuleDatabase<TModule>(this IServiceCollection services, string name)
    {
        services.AddOptions<StorageOptions>().BindConfiguration(StorageOptions.Section);
        services.AddKeyedSingleton(name, (provider, _) => OpenEmbedded<TModule>(provider, name));
        services.AddKeyedSingleton<ModuleStore>(name, (provider, _) => provider.GetRequiredKeyedService<ModuleDatabase>(name));
        return services.AddToList(name);
    }

    /// <summary>
    /// Registers the store of a module that runs on either engine, as <see cref="ModuleStore"/>: Postgres where there is a connection string of the
    /// service's name, else the embedded one. The migrations for Postgres are the resources <c>{assembly name}.Postgres.Migrations.*.sql</c>.
    /// </summary>
    public static IServiceCollection AddModuleStore<TModule>(this IServiceCollection services, string name)
    {
        services.AddOptions<StorageOptions>().BindConfiguration(StorageOptions.Section);
        services.AddKeyedSingleton<ModuleStore>(name, (provider, _) =>
            PostgresOf(provider.GetService<IConfiguration>(), name) is { } connectionString
                ? new PostgresModuleStore(
                    name,
                    Migration.FromResources(typeof(TModule).Assembly, $"{typeof(TModule).Assembly.GetName().Name}.Postgres.Migrations."),
                    schema => PostgresClients.Connect(provider, connectionString, schema),
                    provider.GetRequiredService<KeyRing>(),
                    provider.GetRequiredService<ILoggerFactory>())
                : OpenEmbedded<TModule>(provider, name));
        return services.AddToList(name);
    }

    /// <summary>The address of a service's Postgres database in .NET's form; null when its store is the embedded one.</summary>
    internal static string? PostgresOf(IConfiguration? configuration, string name)
        => configuration?.GetConnectionString(name) is { Length: > 0 } address && !StoreEngines.AreEmbedded(configuration)
            && StoreAddresses.NormalizePostgres(address) is { } normal && normal != StoreAddresses.Embedded
            ? normal
            : null;

    private static ModuleDatabase OpenEmbedded<TModule>(IServiceProvider provider, string name) => new(
        name,
        Migration.FromResources(typeof(TModule).Assembly, $"{typeof(TModule).Assembly.GetName().Name}.Migrations."),
        provider.GetRequiredService<IOptions<StorageOptions>>().Value.DataDirectory,
        provider.GetRequiredService<KeyRing>(),
        provider.GetRequiredService<ILoggerFactory>());

    private static IServiceCollection AddToList(this IServiceCollection services, string name)
        => services.AddSingleton(provider => provider.GetRequiredKeyedService<ModuleStore>(name)).AddSingleton(new ModuleStoreName(name));
}
