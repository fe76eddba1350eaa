namespace MemoryMesh.Search;

/// <summary>Settings of the Search service, section <c>Search</c>.</summary>
public sealed class SearchOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Search";
}
