namespace MemoryMesh.Search.Analysis.Languages;

/// <summary>Reads the word lists beside this file.</summary>
internal static class LanguageResource
{
    /// <summary>Lines of a list, without its comments.</summary>
    /// <param name="name">File name.</param>
    public static IEnumerable<string> ReadLines(string name)
    {
        using var stream = typeof(LanguageResource).Assembly.GetManifestResourceStream("MemoryMesh.Search.Analysis." + name)!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
            {
                yield return line;
            }
        }
    }
}
