namespace MemoryMesh.Gateway;

/// <summary>Settings of the Gateway service, section <c>Gateway</c>.</summary>
public sealed class GatewayOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Gateway";
}
