using System.Reflection;
using System.Xml.Linq;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Unit.Architecture;

/// <summary>A service module as the repository has it.</summary>
/// <param name="Name">Name of the service, for example <c>Chat</c>.</param>
/// <param name="Project">Its project file.</param>
internal sealed record Module(string Name, string Project)
{
    public string AssemblyName => Path.GetFileNameWithoutExtension(Project);

    public string AssemblyPath => Path.Combine(AppContext.BaseDirectory, $"{AssemblyName}.dll");

    public Assembly Assembly => Assembly.Load(new AssemblyName(AssemblyName));

    /// <summary>The modules of the repository: found, not listed, so that a new one is under the rules by being there.</summary>
    public static IReadOnlyList<Module> All { get; } =
    [
        .. Directory.EnumerateDirectories(Path.Combine(TestHost.RepositoryRoot(), "Services"))
            .SelectMany(folder => Directory.Exists(Path.Combine(folder, "Module")) ? Directory.EnumerateFiles(Path.Combine(folder, "Module"), "*.csproj") : [])
            .Order(StringComparer.Ordinal)
            .Select(project => new Module(Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(project)))!, project)),
    ];

    public override string ToString() => Name;

    /// <summary>Names of the projects that a project file references.</summary>
    public static IReadOnlyList<string> ProjectReferences(XDocument project)
        => [.. project.Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/')))];
}
