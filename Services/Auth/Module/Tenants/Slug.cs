namespace MemoryMesh.Auth.Tenants;

/// <summary>The name applications know a tenant by: lower-case letters, digits, <c>-</c> and <c>_</c>, 1 to 64 of them, and never mistaken for an id.</summary>
internal static class Slug
{
    public const int MaxLength = 64;
    public const string Rule = "Must be 1 to 64 lower-case letters a-z, digits, `-` or `_`, and not look like an id.";

    public static bool IsValid(string text)
        => text.Length is > 0 and <= MaxLength
            && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_')
            && !Guid.TryParse(text, out _);
}
