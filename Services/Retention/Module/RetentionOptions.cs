namespace MemoryMesh.Retention;

/// <summary>Settings of the Retention service, section <c>Retention</c>.</summary>
public sealed class RetentionOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Retention";
}
