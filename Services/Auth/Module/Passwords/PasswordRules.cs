using System.Text;
using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Auth.Passwords;

/// <summary>Which passwords a new account may have: any characters, 8 to 256 of them, none of the commonest.</summary>
/// <remarks>No rules of composition (NIST SP 800-63B, 5.1.1.2). A password is taken as it is, not normalized: what a client sends at login must be equal.</remarks>
internal static class PasswordRules
{
    public const int MinCharacters = 8;
    public const int MaxCharacters = 256;

    /// <summary>Most bytes of UTF-8 that <see cref="MaxCharacters"/> can take.</summary>
    public const int MaxBytes = MaxCharacters * 4;

    // The commonest passwords of at least 8 characters in published leaks.
    private static readonly HashSet<string> Commonest = new(StringComparer.OrdinalIgnoreCase)
    {
        "00000000", "000000000", "0000000000", "0123456789", "11111111", "111111111", "1111111111", "11223344", "1122334455", "12121212",
        "123123123", "1234512345", "12341234", "12344321", "12345678", "123456789", "1234567890", "12345678910", "123456789a", "1234567a",
        "123456abc", "1234qwer", "123qweasd", "12qwaszx", "147258369", "1q2w3e4r", "1q2w3e4r5t", "1q2w3e4r5t6y", "1qaz2wsx", "1qaz2wsx3edc",
        "1qazxsw2", "22222222", "55555555", "66666666", "77777777", "87654321", "88888888", "98765432", "987654321", "9876543210",
        "99999999", "a1234567", "a12345678", "a123456789", "aa123456", "aa12345678", "aaaaaaaa", "abc12345", "abcd1234", "abcdefgh",
        "abcdefghi", "administrator", "admin123", "admin1234", "alexander", "asdasdasd", "asdf1234", "asdfasdf", "asdfghjk", "asdfghjkl",
        "baseball", "basketball", "birthday", "blink182", "butterfly", "changeme", "charlie1", "chocolate", "christian", "computer",
        "corvette", "danielle", "dragon123", "elephant", "facebook", "football", "football1", "freedom1", "garfield", "hello123",
        "helloworld", "iloveyou", "iloveyou1", "iloveyou2", "internet", "jennifer", "jessica1", "jonathan", "jordan23", "justinbieber",
        "letmein1", "letmein123", "liverpool", "lovelove", "loveyou1", "master123", "maverick", "michael1", "michelle", "midnight",
        "mercedes", "monkey123", "motherlode", "mynoob123", "nicholas", "p@ssw0rd", "p@ssword", "passw0rd", "password", "password!",
        "password1", "password1!", "password12", "password123", "password1234", "password2", "password@123", "passpass", "patricia", "pokemon1",
        "princess", "princess1", "q1w2e3r4", "q1w2e3r4t5", "qazwsxedc", "qwaszx12", "qwer1234", "qwert123", "qwerty12", "qwerty123",
        "qwerty1234", "qwerty12345", "qwerty123456", "qwertyui", "qwertyuiop", "rootroot", "samantha", "scorpion", "secret123", "spiderman",
        "starwars", "steelers", "sunshine", "sunshine1", "superman", "superman1", "swordfish", "test1234", "testtest", "thunder1",
        "trustno1", "victoria", "welcome1", "welcome123", "whatever", "william1", "zaq12wsx", "zaq1zaq1", "zxcvbnm1", "zxcvbnm123",
    };

    /// <summary>What is wrong with a password, or null.</summary>
    /// <param name="password">The password.</param>
    /// <param name="email">The account's e-mail address.</param>
    /// <param name="username">The account's user name.</param>
    public static string? Check(string password, string email, string username)
    {
        if (TextRules.Check(password, MaxBytes, allowBlank: true, allowControl: true) is { } message)
        {
            return message;
        }

        var characters = password.EnumerateRunes().Count();
        if (characters is < MinCharacters or > MaxCharacters)
        {
            return $"Must have {MinCharacters} to {MaxCharacters} characters.";
        }

        return Commonest.Contains(password)
            ? "Is one of the commonest passwords: choose another."
            : password.Equals(email, StringComparison.OrdinalIgnoreCase) || password.Equals(username, StringComparison.OrdinalIgnoreCase)
                ? "Must not be the e-mail address or the user name."
                : null;
    }
}
