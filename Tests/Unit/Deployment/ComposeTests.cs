using System.Text.RegularExpressions;
using MemoryMesh.AppHost.Docs;
using MemoryMesh.ServiceDefaults.Configuration;
using MemoryMesh.ServiceDefaults.Internal;
using MemoryMesh.Tests.Shared;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace MemoryMesh.Tests.Unit.Deployment;

/// <summary>docker-compose.yml and .env.example, held against the code.</summary>
public partial class ComposeTests
{
    private const string Broker = "rabbitmq";
    private static readonly string Root = TestHost.RepositoryRoot();
    private static readonly string Text = File.ReadAllText(Path.Combine(Root, "docker-compose.yml"));
    private static readonly Compose Document = new DeserializerBuilder().IgnoreUnmatchedProperties().Build().Deserialize<Compose>(new MergingParser(new Parser(new StringReader(Text))));

    private static IEnumerable<KeyValuePair<string, Service>> Ours => Document.Services.Where(service => service.Key != Broker);

    [Test]
    public void It_runs_every_service_and_the_broker()
        => Assert.That(Document.Services.Keys, Is.EquivalentTo((string[])[.. ServiceAddresses.All, "gateway", Broker]));

    [Test]
    public void Every_service_is_built_from_its_Dockerfile_and_keeps_its_data()
        => Assert.Multiple(() =>
        {
            foreach (var (name, service) in Ours)
            {
                Assert.That(Path.Combine(Root, service.Build!.Dockerfile), Does.Exist, name);
                Assert.That(service.Build.Dockerfile.ToLowerInvariant(), Does.Contain($"/{name}/"));
                Assert.That(service.Volumes, Is.EqualTo((string[])[$"{name}:/data"]));
                Assert.That(Document.Volumes.Keys, Does.Contain(name));
                Assert.That(service.ReadOnly, Is.True, name);
                Assert.That(service.DependsOn.Keys, Does.Contain(Broker), name);
            }
        });

    [Test]
    public void Only_the_gateway_is_published_on_the_port_of_its_image()
    {
        Assert.That(Document.Services.Where(service => service.Value.Ports.Count > 0).Select(service => service.Key), Is.EqualTo((string[])["gateway"]));
        Assert.That(Document.Services["gateway"].Ports.Single(), Does.EndWith(":" + Image("gateway").Port));
    }

    [Test]
    public void Every_service_finds_every_other_and_the_broker()
        => Assert.Multiple(() =>
        {
            foreach (var (name, service) in Ours)
            {
                foreach (var other in ServiceAddresses.All)
                {
                    Assert.That(service.Environment[$"services__{other}__http__0"], Is.EqualTo($"http://{other}:{Image(other).Port}"), name);
                }

                Assert.That(service.Environment["ConnectionStrings__rabbitmq"], Does.EndWith($"@{Broker}:5672"));
            }
        });

    [Test]
    public void Secrets_have_no_value_and_what_is_needed_is_asked_for()
    {
        var example = File.ReadAllLines(Path.Combine(Root, ".env.example"));
        var needed = Variables().Matches(Text).Where(match => match.Groups[2].Value == ":?").Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.Multiple(() =>
        {
            Assert.That(needed, Is.EquivalentTo((string[])["ENCRYPTION_KEY", "MEMORY_INDEX_KEY", "RABBITMQ_PASSWORD"]));
            Assert.That(example.Where(line => line.Length > 0 && line[0] != '#'), Is.EquivalentTo(needed.Select(name => name + "=")));
            foreach (Match match in Variables().Matches(Text))
            {
                Assert.That(example, Has.Some.Matches<string>(line => line.TrimStart('#', ' ').StartsWith(match.Groups[1].Value + "=", StringComparison.Ordinal)), match.Value);
            }
        });
    }

    [Test]
    public void Every_name_of_the_example_has_an_effect()
    {
        var settings = ConfigurationPage.FindOptions()
            .SelectMany(options => ConfigurationPage.Settings(options.Section, options.Type, Activator.CreateInstance(options.Type)))
            .Select(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal));
        var known = EnvironmentNames.All.Select(name => name.Name).Concat(settings)
            .Concat(Variables().Matches(Text).Select(match => match.Groups[1].Value)).Append("OTEL_EXPORTER_OTLP_ENDPOINT").ToHashSet();
        var names = ExampleLine().Matches(File.ReadAllText(Path.Combine(Root, ".env.example"))).Select(match => match.Groups[1].Value).ToList();
        Assert.That(names, Has.Count.GreaterThan(EnvironmentNames.All.Count));
        Assert.That(names, Is.All.Matches<string>(known.Contains));
    }

    private static ImageTests.Dockerfile Image(string service) => ImageTests.Dockerfile.Read(Path.Combine(Root, Document.Services[service].Build!.Dockerfile));

    [GeneratedRegex(@"\$\{([A-Za-z_]+)(:[?-])?[^}]*\}")]
    private static partial Regex Variables();

    [GeneratedRegex(@"^(?:# )?([A-Za-z_]+)=", RegexOptions.Multiline)]
    private static partial Regex ExampleLine();

    private sealed class Compose
    {
        // Read for their anchors, which the services refer to.
        [YamlMember(Alias = "x-service")]
        public Dictionary<string, object> SharedService { get; set; } = [];

        [YamlMember(Alias = "x-environment")]
        public Dictionary<string, string> SharedEnvironment { get; set; } = [];

        [YamlMember(Alias = "services")]
        public Dictionary<string, Service> Services { get; set; } = [];

        [YamlMember(Alias = "volumes")]
        public Dictionary<string, object?> Volumes { get; set; } = [];
    }

    private sealed class Service
    {
        [YamlMember(Alias = "build")]
        public Build? Build { get; set; }

        [YamlMember(Alias = "environment")]
        public Dictionary<string, string> Environment { get; set; } = [];

        [YamlMember(Alias = "ports")]
        public List<string> Ports { get; set; } = [];

        [YamlMember(Alias = "volumes")]
        public List<string> Volumes { get; set; } = [];

        [YamlMember(Alias = "read_only")]
        public bool ReadOnly { get; set; }

        [YamlMember(Alias = "depends_on")]
        public Dictionary<string, object> DependsOn { get; set; } = [];
    }

    private sealed class Build
    {
        [YamlMember(Alias = "dockerfile")]
        public string Dockerfile { get; set; } = "";
    }
}
