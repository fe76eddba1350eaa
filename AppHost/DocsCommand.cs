using MemoryMesh.AppHost.Docs;

namespace MemoryMesh.AppHost;

/// <summary><c>dotnet run --project AppHost -- docs</c>: writes the pages under docs/ that are made from the code.</summary>
public static class DocsCommand
{
    /// <summary>Name on the command line.</summary>
    public const string Name = "docs";

    /// <summary>How to write the pages, for messages.</summary>
    public const string CommandLine = $"dotnet run --project AppHost -- {Name}";

    /// <summary>The pages: path in the repository, and what makes the text.</summary>
    public static readonly IReadOnlyList<(string Path, Func<string> Render)> Pages =
    [
        ("docs/configuration.md", ConfigurationPage.Render),
        ("docs/problems.md", ProblemsPage.Render),
        ("docs/data-map.md", DataMapPage.Render),
        (".env.example", EnvironmentExample.Render),
    ];

    /// <summary>Writes the pages in the repository that holds the current folder.</summary>
    /// <returns>The exit code: 0, or 2 when the current folder is in no repository.</returns>
    public static async Task<int> RunAsync()
    {
        var root = new DirectoryInfo(Directory.GetCurrentDirectory());
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "MemoryMesh.sln")))
        {
            root = root.Parent;
        }

        if (root is null)
        {
            await Console.Error.WriteLineAsync("MemoryMesh.sln was not found: run this in a folder of the repository.");
            return 2;
        }

        foreach (var (path, render) in Pages)
        {
            var file = Path.Combine(root.FullName, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, render());
            await Console.Out.WriteLineAsync($"wrote {path}");
        }

        return 0;
    }
}
