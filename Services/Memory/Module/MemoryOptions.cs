namespace MemoryMesh.Memory;

/// <summary>Settings of the Memory service, section <c>Memory</c>.</summary>
public sealed class MemoryOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Memory";
}
