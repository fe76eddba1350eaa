namespace MemoryMesh.Auth.Accounts;

/// <summary>Rules for e-mail addresses and user names, beyond those of every text.</summary>
internal static class AccountNames
{
    /// <summary>Longest e-mail address (RFC 5321, 4.5.3.1), in bytes.</summary>
    public const int MaxEmailBytes = 254;

    /// <summary>Longest user name, in bytes.</summary>
    public const int MaxUsernameBytes = 128;

    private const int MaxLocalPart = 64;

    /// <summary>What is wrong with an e-mail address, or null. Only its form is looked at: whether it exists, only a message to it could tell.</summary>
    public static string? CheckEmail(string email)
    {
        var at = email.LastIndexOf('@');
        return at is > 0 and <= MaxLocalPart
            && at < email.Length - 1
            && email.IndexOf('@', StringComparison.Ordinal) == at
            && !email.Any(char.IsWhiteSpace)
            && email[at + 1] != '.'
            && email[^1] != '.'
            && !email.Contains("..", StringComparison.Ordinal)
            ? null
            : "Must be an e-mail address, for example `ada@example.com`.";
    }

    /// <summary>What is wrong with a user name, or null.</summary>
    public static string? CheckUsername(string username)
        => char.IsWhiteSpace(username[0]) || char.IsWhiteSpace(username[^1])
            ? "Must not start or end with white space."
            : username.Contains('@', StringComparison.Ordinal) ? "Must not contain `@`." : null;
}
