using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MemoryMesh.AppHost.Docs;
using MemoryMesh.Memory;
using MemoryMesh.Search;
using MemoryMesh.ServiceDefaults.Configuration;
using MemoryMesh.ServiceDefaults.Internal;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Redis;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Unit.Deployment;

/// <summary>What the code of the services reads, which the published app model is held against.</summary>
internal static partial class AppModel
{
    public const string Gateway = "gateway";

    /// <summary>The Search program in its role without data.</summary>
    public const string Embedders = SearchModule.Embedders;

    /// <summary>The Search program in its role that searches and keeps nothing.</summary>
    public const string Searchers = SearchModule.Searchers;

    /// <summary>The Memory program in its role that answers contexts and keeps nothing.</summary>
    public const string Readers = MemoryModule.Readers;

    /// <summary>Who has others search for it; the other services' clients of Search ask what only the process with the index knows.</summary>
    private static readonly string[] Searching = ["memory", Readers];

    public static readonly string Root = TestHost.RepositoryRoot();

    /// <summary>The manifest's resources.</summary>
    public static JsonObject Manifest { get; } = JsonNode.Parse(File.ReadAllText(Path.Combine(Root, "aspire-manifest.json")))!["resources"]!.AsObject();

    /// <summary>Names of the services, by their folders.</summary>
    public static IReadOnlyList<string> Services { get; } =
        [.. Directory.GetDirectories(Path.Combine(Root, "Services")).Where(folder => Directory.Exists(Path.Combine(folder, "Api"))).Select(folder => Path.GetFileName(folder).ToLowerInvariant()).Order()];

    /// <summary>All that runs a project of the product: the services, the embedders, the searchers and the readers.</summary>
    public static IReadOnlyList<string> Programs { get; } = [.. Services, Embedders, Searchers, Readers];

    /// <summary>What keeps nothing and is scaled.</summary>
    public static IReadOnlyList<string> Scaled { get; } = [Gateway, Embedders, Searchers, Readers];

    /// <summary>The services that a service calls, by the clients that its host registers.</summary>
    public static IReadOnlyList<string> CallsOf(string service)
    {
        if (service == Embedders)
        {
            return [];
        }

        var program = File.ReadAllText(Path.Combine(Root, "Services", FolderOf(service), "Api", "Program.cs"));
        foreach (var (role, begins, ends) in ((string, string, string)[])[(Searchers, "SearchModule.IsSearcher(", "return searcher;"), (Readers, "MemoryModule.IsReader(", "return reader;")])
        {
            if (program.IndexOf(begins, StringComparison.Ordinal) is >= 0 and var begin)
            {
                // The program has both roles.
                var end = program.IndexOf(ends, StringComparison.Ordinal);
                program = service == role ? program[begin..end] : program[..begin] + program[end..];
            }
        }

        return program.Contains(".AddGatewayForwarding()", StringComparison.Ordinal)
            ? [.. ServiceAddresses.All, Searchers, Readers]
            : [.. HttpClient().Matches(program).Select(match => match.Groups[1].Value.ToLowerInvariant()), .. program.Contains(".AddSearchModule()", StringComparison.Ordinal) ? (string[])[Embedders] : [], .. Searching.Contains(service) ? (string[])[Searchers] : []];
    }

    /// <summary>The connection strings that a service reads.</summary>
    public static IReadOnlyList<string> ConnectionsOf(string service)
        => service == Embedders ? [] : service is Searchers or Readers ? [RedisExtensions.Name] : [RabbitMqBusExtensions.Name, RedisExtensions.Name, .. service switch
        {
            _ when StoreEngines.OnPostgres.Contains(service) || CanBeInMongo(service) => [service],
            "search" => [QdrantAddress.Name, QdrantAddress.HttpName],
            _ => Array.Empty<string>(),
        }];

    /// <summary>Whether a service has stores of documents in the build that the app model runs. The build of the tests may be the one without them.</summary>
    private static bool CanBeInMongo(string service)
        => StoreEngines.WithDocuments.Contains(service) && Directory.Exists(Path.Combine(Root, "Services", FolderOf(service), "Module", "Storage", "Mongo"));

    /// <summary>Whether an environment name is a setting of the product or of .NET that has an effect.</summary>
    public static bool IsSetting(string name)
        => name is "HTTP_PORTS" || name.StartsWith("OTEL_", StringComparison.Ordinal)
            || EnvironmentNames.All.Any(known => known.Name == name)
            || Settings.Contains(ListItem().Replace(name, ""));

    private static readonly HashSet<string> Settings =
        [.. ConfigurationPage.FindOptions().SelectMany(options => ConfigurationPage.Settings(options.Section, options.Type, Activator.CreateInstance(options.Type)))
            .Select(setting => ListItem().Replace(setting.Key.Replace(":", "__", StringComparison.Ordinal), ""))];

    /// <summary>Folder of a program's project.</summary>
    public static string FolderOf(string service) => service is Embedders or Searchers ? "Search" : service == Readers ? "Memory" : char.ToUpperInvariant(service[0]) + service[1..];

    [GeneratedRegex(@"\.Add(\w+)HttpClient\(\)")]
    private static partial Regex HttpClient();

    [GeneratedRegex(@"__0$")]
    private static partial Regex ListItem();
}
