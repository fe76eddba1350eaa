using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MemoryMesh.Tests.Unit.Deployment;

/// <summary>aspire-manifest.json, held against the code.</summary>
public partial class ManifestTests
{
    private static IEnumerable<KeyValuePair<string, JsonNode?>> Projects => AppModel.Manifest.Where(resource => (string?)resource.Value!["type"] == "project.v1");

    [Test]
    public void It_runs_every_service_by_its_project()
        => Assert.Multiple(() =>
        {
            Assert.That(Projects.Select(project => project.Key), Is.EquivalentTo(AppModel.Programs));
            foreach (var (name, project) in Projects)
            {
                Assert.That((string?)project!["path"], Is.EqualTo($"Services/{AppModel.FolderOf(name)}/Api/MemoryMesh.{AppModel.FolderOf(name)}.Api.csproj"));
                Assert.That(Path.Combine(AppModel.Root, (string)project["path"]!), Does.Exist);
            }
        });

    [Test]
    public void A_service_is_told_the_addresses_that_it_reads_and_no_other()
        => Assert.Multiple(() =>
        {
            foreach (var (name, project) in Projects)
            {
                var names = Names(project!);
                Assert.That(
                    names.Where(variable => variable.StartsWith("services__", StringComparison.Ordinal)),
                    Is.EquivalentTo(AppModel.CallsOf(name).Select(other => $"services__{other}__http__0")),
                    name);
                Assert.That(
                    names.Where(variable => variable.StartsWith("ConnectionStrings__", StringComparison.Ordinal)),
                    Is.EquivalentTo(AppModel.ConnectionsOf(name).Select(connection => $"ConnectionStrings__{connection}")),
                    name);
            }
        });

    [Test]
    public void Every_other_name_is_a_setting_or_a_property_of_a_connection()
        => Assert.Multiple(() =>
        {
            foreach (var (name, project) in Projects)
            {
                var properties = AppModel.ConnectionsOf(name).Select(connection => connection.ToUpperInvariant() + "_").ToList();
                foreach (var variable in Names(project!).Where(variable => !Address().IsMatch(variable) && !properties.Any(start => variable.StartsWith(start, StringComparison.Ordinal))))
                {
                    Assert.That(AppModel.IsSetting(variable), $"{name}: {variable}");
                }
            }
        });

    [Test]
    public void Embedders_know_no_key_of_the_data_and_no_store()
    {
        var names = Names(AppModel.Manifest[AppModel.Embedders]!);
        Assert.That(names, Does.Contain("Search__Role").And.Contain("Search__Embedders__Key"));
        Assert.That(names, Has.None.EqualTo("ENCRYPTION_KEY").And.None.EqualTo("MEMORY_INDEX_KEY").And.None.EqualTo("MEMORY_DATA_DIR").And.None.StartsWith("ConnectionStrings__"));
        Assert.That((string?)AppModel.Manifest["search"]!["env"]!["Search__Embedders__Key"], Is.EqualTo((string?)AppModel.Manifest[AppModel.Embedders]!["env"]!["Search__Embedders__Key"]));
    }

    [TestCase(AppModel.Searchers, "Search__Role", "searcher")]
    [TestCase(AppModel.Readers, "Memory__Role", "reader")]
    public void Searchers_and_readers_check_who_asks_and_keep_nothing(string program, string setting, string role)
    {
        var names = Names(AppModel.Manifest[program]!);
        Assert.That(names, Does.Contain(setting).And.Contain("ENCRYPTION_KEY").And.Contain("MEMORY_INDEX_KEY").And.Contain("ConnectionStrings__redis"));
        Assert.That(
            names,
            Has.None.EqualTo("MEMORY_DATA_DIR").And.None.EqualTo("Search__Embedders__Key").And.None.EqualTo("ConnectionStrings__rabbitmq").And.None.EqualTo("ConnectionStrings__qdrant").And.None.EqualTo("ConnectionStrings__memory"));
        Assert.That((string?)AppModel.Manifest[program]!["env"]![setting], Is.EqualTo(role));
    }

    [Test]
    public void Every_reference_leads_to_a_resource()
    {
        var references = Reference().Matches(AppModel.Manifest.ToJsonString()).Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.That(references, Has.Count.GreaterThan(10));
        Assert.That(references, Is.SubsetOf(AppModel.Manifest.Select(resource => resource.Key)));
    }

    [Test]
    public void No_secret_has_a_value()
        => Assert.Multiple(() =>
        {
            var secrets = AppModel.Manifest.Where(resource => (bool?)resource.Value!["inputs"]?["value"]?["secret"] == true).ToList();
            Assert.That(secrets.Select(secret => secret.Key), Is.SupersetOf((string[])["encryption-key", "index-key", "monitoring-token", "embedders-key", "llm-api-key"]));
            foreach (var (name, secret) in secrets)
            {
                Assert.That(secret!["inputs"]!["value"]!["default"]?["value"], Is.Null, name);
            }

            foreach (var (name, resource) in AppModel.Manifest)
            {
                foreach (var (variable, value) in resource!["env"]?.AsObject() ?? [])
                {
                    if (SecretName().IsMatch(variable))
                    {
                        Assert.That((string?)value, Does.Match("^\\{[a-z-]+\\.value\\}$"), $"{name}: {variable}");
                    }
                }
            }
        });

    [Test]
    public void Only_the_gateway_is_seen_from_outside()
        => Assert.That(
            AppModel.Manifest.Where(resource => resource.Value!["bindings"]?.AsObject().Any(binding => (bool?)binding.Value!["external"] == true) == true).Select(resource => resource.Key),
            Is.EqualTo((string[])[AppModel.Gateway]));

    [Test]
    public void Every_engine_keeps_its_data_in_a_named_volume()
        => Assert.Multiple(() =>
        {
            var engines = AppModel.Manifest.Where(resource => (string?)resource.Value!["type"] == "container.v1").ToList();
            Assert.That(engines, Is.Not.Empty);
            foreach (var (name, engine) in engines)
            {
                Assert.That((string?)engine!["volumes"]?.AsArray().Single()!["name"], Is.EqualTo($"memorymesh-{name}"));
                Assert.That((string?)engine["image"], Does.Match(":v?[0-9]").And.Not.Contain("latest"), name);
            }
        });

    [Test]
    public void Every_host_says_where_it_listens_in_development()
        => Assert.Multiple(() =>
        {
            var addresses = AppModel.Services.Select(service => JsonNode.Parse(File.ReadAllText(
                Path.Combine(AppModel.Root, "Services", AppModel.FolderOf(service), "Api", "Properties", "launchSettings.json")))!["profiles"]!["http"]!["applicationUrl"]!.GetValue<string>()).ToList();
            Assert.That(addresses, Is.Unique);
            Assert.That(addresses, Is.All.Matches<string>(address => new Uri(address).Scheme == "http"));
        });

    private static List<string> Names(JsonNode project) => [.. project["env"]!.AsObject().Select(variable => variable.Key)];

    [GeneratedRegex("^(services|ConnectionStrings)__")]
    private static partial Regex Address();

    [GeneratedRegex(@"\{([a-z][a-z0-9-]*)\.[A-Za-z.]+\}")]
    private static partial Regex Reference();

    [GeneratedRegex("(PASSWORD|PASS|_KEY|ApiKey|Token)$")]
    private static partial Regex SecretName();
}
