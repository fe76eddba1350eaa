namespace MemoryMesh.Auth;

/// <summary>Settings of the Auth service, section <c>Auth</c>.</summary>
public sealed class AuthOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Auth";
}
