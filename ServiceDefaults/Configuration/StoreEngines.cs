using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Configuration;

namespace MemoryMesh.ServiceDefaults.Configuration;

/// <summary>Finds out whether the settings ask for a store that this build does not have.</summary>
/// <remarks>
/// Whoever says where the data is kept must not find it elsewhere, so that stops the start. What only makes things faster is warned of. Both names may
/// be in the environment for another program: <c>Storage:Engine</c> then says that the embedded stores are meant, and nothing is said any more.
/// </remarks>
internal static class StoreEngines
{
    private const string EngineKey = $"{StorageOptions.Section}:{nameof(StorageOptions.Engine)}";
    private const string EngineName = $"{StorageOptions.Section}__{nameof(StorageOptions.Engine)}";

    /// <summary>Adds what there is to say about the settings.</summary>
    public static void Check(
        IConfiguration configuration, IReadOnlyDictionary<string, string> environment, List<string> problems, List<string> warnings)
    {
        if (configuration[EngineKey] is { Length: > 0 } engine)
        {
            if (!engine.Equals(StoreAddresses.Embedded, StringComparison.OrdinalIgnoreCase))
            {
                problems.Add($"{EngineKey} (as an environment name {EngineName}) can only be `{StoreAddresses.Embedded}` in this build.");
            }

            return;
        }

        foreach (var (key, store, keepsData) in new[] { ("postgres", "PostgreSQL", true), ("mongodb", "MongoDB", true), ("redis", "Redis", false) })
        {
            if (configuration.GetConnectionString(key) is not { Length: > 0 } address || address == StoreAddresses.Embedded)
            {
                continue;
            }

            var name = NameOf($"ConnectionStrings:{key}", environment) ?? $"ConnectionStrings__{key}";
            if (keepsData)
            {
                problems.Add(
                    $"{name} asks for {store}, which this build does not have: it keeps everything in embedded stores in the data folder. Remove the name; or, if it is "
                    + $"another program's, set {EngineName}={StoreAddresses.Embedded}.");
            }
            else
            {
                warnings.Add($"{name} has no effect: this build needs no {store}. {EngineName}={StoreAddresses.Embedded} says that it is another program's.");
            }
        }

        if (Given("MONGODB_DATABASE"))
        {
            warnings.Add($"MONGODB_DATABASE has no effect: this build has no MongoDB. {EngineName}={StoreAddresses.Embedded} says that it is another program's.");
        }

        foreach (var name in EnvironmentNames.All.Where(name => name.Value == EnvironmentValue.PostgresAddress && Given(name.Name)))
        {
            if (StoreAddresses.NamesFile(environment[name.Name]))
            {
                warnings.Add($"The file that {name.Name} names is not used: everything is kept in the data folder, --data or MEMORY_DATA_DIR.");
            }
        }

        bool Given(string name) => environment.TryGetValue(name, out var value) && !string.IsNullOrWhiteSpace(value);
    }

    private static string? NameOf(string key, IReadOnlyDictionary<string, string> environment)
        => EnvironmentNames.All.FirstOrDefault(
            name => name.Key == key && environment.TryGetValue(name.Name, out var value) && !string.IsNullOrWhiteSpace(value))?.Name;
}
