using System.Text.RegularExpressions;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Unit.Deployment;

/// <summary>The Dockerfiles: one for each host, with what an image must be.</summary>
public partial class ImageTests
{
    private static readonly string Root = TestHost.RepositoryRoot();

    private static IEnumerable<string> Hosts
        => Directory.GetDirectories(Path.Combine(Root, "Services")).Select(folder => Path.Combine(folder, "Api")).Where(Directory.Exists)
            .Select(folder => Path.GetRelativePath(Root, folder)).Order().Append("AppHost");

    [TestCaseSource(nameof(Hosts))]
    public void Every_host_has_an_image_that_runs_it_without_root_and_can_tell_its_health(string host)
    {
        var image = Dockerfile.Read(Path.Combine(Root, host, "Dockerfile"));
        var assembly = Path.GetFileNameWithoutExtension(Directory.GetFiles(Path.Combine(Root, host), "*.csproj").Single()) + ".dll";
        Assert.Multiple(() =>
        {
            Assert.That(image.Arguments("FROM"), Has.Length.EqualTo(2));
            Assert.That(image.Arguments("FROM")[^1], Does.Match("/aspnet:10\\.0-[a-z]+-chiseled$"), "no shell, no package manager, no root");
            Assert.That(image.Arguments("USER"), Is.EqualTo((string[])["$APP_UID"]));
            Assert.That(image.Arguments("RUN").Single(), Does.Contain($"dotnet publish {host.Replace('\\', '/')} -c Release"));
            Assert.That(image.Arguments("ENTRYPOINT").Single(), Is.EqualTo($"[\"dotnet\", \"{assembly}\"]"));
            Assert.That(image.Arguments("HEALTHCHECK").Single(), Does.EndWith($"CMD [\"dotnet\", \"{assembly}\", \"{HealthCheckCommand.Name}\"]"));
            Assert.That(image.Arguments("EXPOSE").Single(), Is.EqualTo(image.Port));
            Assert.That(image.Arguments("VOLUME").Single(), Is.EqualTo(image.Environment["MEMORY_DATA_DIR"]));
            Assert.That(image.Text, Does.Contain($"--chown=$APP_UID:$APP_UID {image.Environment["MEMORY_DATA_DIR"]} {image.Environment["MEMORY_DATA_DIR"]}"));
        });
    }

    [Test]
    public void An_orchestrator_can_give_a_service_another_port()
        => Assert.Multiple(() =>
        {
            // Addresses go before HTTP_PORTS, which Aspire's charts set.
            foreach (var host in Hosts.Where(host => host != "AppHost"))
            {
                Assert.That(Dockerfile.Read(Path.Combine(Root, host, "Dockerfile")).Environment.Keys, Does.Not.Contain("ASPNETCORE_URLS"), host);
            }
        });

    [Test]
    public void An_image_has_the_portable_stack_or_the_one_that_it_is_built_for()
        => Assert.Multiple(() =>
        {
            foreach (var host in Hosts)
            {
                var image = Dockerfile.Read(Path.Combine(Root, host, "Dockerfile"));
                Assert.That(image.Arguments("ARG"), Does.Contain("STACK=portable"), host);
                Assert.That(image.Arguments("RUN").Single(), Does.Contain(" -p:Stack=$STACK "), host);
            }

            // What the chart gives addresses of must be in them.
            var building = File.ReadAllLines(Path.Combine(Chart.Folder, "README.md")).Where(line => line.Contains("docker build ", StringComparison.Ordinal)).ToList();
            Assert.That(building, Is.Not.Empty.And.All.Contains(" --build-arg STACK=aspire "));
        });

    [Test]
    public void Nothing_of_a_build_or_of_data_goes_into_an_image()
        => Assert.That(File.ReadAllLines(Path.Combine(Root, ".dockerignore")), Is.SupersetOf((string[])["**/bin", "**/obj", "**/data", ".git"]));

    /// <summary>The instructions of a Dockerfile.</summary>
    internal sealed partial class Dockerfile
    {
        private readonly ILookup<string, string> _instructions;

        private Dockerfile(string text)
        {
            Text = Continuation().Replace(text, " ");
            _instructions = Text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')
                .ToLookup(line => line[..line.IndexOf(' ', StringComparison.Ordinal)], line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
            Environment = _instructions["ENV"].SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        }

        public string Text { get; }

        public IReadOnlyDictionary<string, string> Environment { get; }

        public string Port => Environment.TryGetValue("ASPNETCORE_HTTP_PORTS", out var port) ? port : Environment["ASPNETCORE_URLS"].Split(':')[^1];

        public static Dockerfile Read(string path) => new(File.ReadAllText(path));

        public string[] Arguments(string instruction) => [.. _instructions[instruction].Select(line => instruction == "FROM" ? FromImage().Match(line).Groups[1].Value : line)];

        [GeneratedRegex(@"\s*\\\n\s*")]
        private static partial Regex Continuation();

        [GeneratedRegex(@"^(?:--\S+\s+)*(\S+)")]
        private static partial Regex FromImage();
    }
}
