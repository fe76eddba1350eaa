using System.Xml.Linq;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Unit.Architecture;

/// <summary>The two stacks: whole files for each, under one name, with the packages that belong to it.</summary>
public class StackTests
{
    private static readonly string Root = TestHost.RepositoryRoot();

    /// <summary>Files that stand in for packages of Aspire's stack, beside those that use them.</summary>
    private static IEnumerable<string> PortableFiles
        => ((string[])["ServiceDefaults", "Services"]).SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
            .Where(file => file.Contains("/Portable/", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    [TestCaseSource(nameof(PortableFiles))]
    public void What_a_stack_has_in_place_of_a_package_can_be_called_in_the_same_way(string file)
    {
        var name = Path.GetFileName(file);
        var place = Path.Combine(Root, file.Split('/')[0]);
        var others = Directory.EnumerateFiles(place, name, SearchOption.AllDirectories)
            .Where(other => Path.GetFullPath(other) != Path.GetFullPath(Path.Combine(Root, file)) && Path.GetFileName(Path.GetDirectoryName(other)) is "Aspire" or "Mongo" or "Grpc")
            .ToList();
        Assert.That(others, Has.Count.EqualTo(1), "a file of this name for the other stack");
        Assert.That(Members(Path.Combine(Root, file)), Is.EquivalentTo(Members(others[0])).And.Not.Empty);
    }

    [Test]
    public void Hosts_have_the_client_packages_of_Aspire_and_can_do_without_those_of_documents()
    {
        var project = XDocument.Load(Path.Combine(Root, "ServiceDefaults", "MemoryMesh.ServiceDefaults.csproj"));
        var packages = project.Descendants("PackageReference")
            .ToDictionary(package => (string)package.Attribute("Include")!, package => (string?)package.Parent!.Attribute("Condition") ?? "");
        Assert.Multiple(() =>
        {
            foreach (var name in (string[])["Aspire.Npgsql", "Aspire.StackExchange.Redis"])
            {
                Assert.That(packages[name], Is.EqualTo("'$(Stack)' == 'aspire'"), name);
            }

            foreach (var name in (string[])["Aspire.MongoDB.Driver", "Aspire.Qdrant.Client"])
            {
                Assert.That(packages[name], Is.EqualTo("'$(Stack)' == 'aspire' and '$(AspireDocumentClients)' == 'true'"), name);
            }
        });
        var versions = XDocument.Load(Path.Combine(Root, "Directory.Packages.Aspire.props")).Descendants("PackageVersion")
            .Where(version => ((string?)version.Attribute("Include"))?.StartsWith("Aspire.", StringComparison.Ordinal) == true).Select(version => (string)version.Attribute("Version")!);
        Assert.That(versions.Distinct().Where(version => !version.StartsWith('[')).ToList(), Has.Count.EqualTo(1), "Aspire's packages go together");
    }

    /// <summary>The static members of a file's class, without what they do.</summary>
    private static IEnumerable<string> Members(string file)
        => File.ReadLines(file).Where(line => line.StartsWith("    public static ", StringComparison.Ordinal))
            .Select(line => line.Split(" =", 2)[0].Trim());
}
