namespace MemoryMesh.Benchmarks;

/// <summary>Finds programs of other projects as they were built.</summary>
internal static class BuiltProgram
{
    /// <summary>The path of a program, of the same stack and configuration as this one.</summary>
    /// <param name="project">Folder of its project, from the root of the repository.</param>
    /// <param name="program">Its file name.</param>
    public static string PathOf(string project, string program)
    {
        var bin = new DirectoryInfo(AppContext.BaseDirectory);
        while (bin.Name != "bin")
        {
            bin = bin.Parent ?? throw new InvalidOperationException("This program is in no folder `bin`.");
        }

        return Path.Combine(bin.Parent!.Parent!.FullName, project, "bin", Path.GetRelativePath(bin.FullName, AppContext.BaseDirectory), program);
    }
}
