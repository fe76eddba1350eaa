using System.Collections.Frozen;
using System.Numerics;

namespace MemoryMesh.Memory.Extraction;

/// <summary>Knows what is stored with consent only, and what is never stored.</summary>
internal static class SensitiveText
{
    private static readonly FrozenSet<string> Credentials = FrozenSet.ToFrozenSet((
        "password passwort passphrase passcode contraseña pwd pin cvv cvc api-key apikey secret token ssn iban credential credentials login licence-number 2fa otp pincode sort-code " +
        "密码 kennwort pass-phrase mot-de-passe").Split(' '));

    private static readonly string[] KeyPrefixes = ["sk-", "sk_", "pk_", "rk_", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "xoxa-", "akia", "asia", "aiza", "eyj", "ya29.", "npm_", "hf_", "xapp-", "glrt-", "sq0atp-", "sq0csp-", "whsec_", "rk_live_", "dapi", "lin_api_", "figd_", "tfp_", "age-secret-key-", "ssh-rsa", "aws_", "ghu_", "ghr_", "atatt", "sntrys_", "r8_", "dop_v1_", "shpat_", "sg.", "pypi-"];

    /// <summary>Whether tokens touch health, faith, politics, orientation or the law.</summary>
    public static bool IsPrivate(List<Token> tokens, int first, int end)
    {
        if (Gate.Contains(tokens, first, end, SensitiveTopics.Phrases) >= 0)
        {
            return true;
        }

        for (var i = first; i < end; i++)
        {
            var word = tokens[i].Lower;
            if (!SensitiveTopics.Words.Contains(word) || (word == "ms" && tokens[i].Text != "MS") || (word is "add" && tokens[i].Text != "ADD") || (word is "bi" or "party's" && tokens[i].Text is "BI") || (word == "god" && tokens[i].Text == "god"))
            {
                continue;
            }

            if (word is "conservative" or "liberal" or "straight" or "union" or "temple" or "therapist" or "stroke" or "faith" or "church" or "labour" or "surgery" or "prison" or "orthodox" or "greens" or "aids" or "christian" or "lithium" or "democrat" or "straight" or "politics" or "political" or "therapy" or "disease"
                && IsHarmless(tokens, i, first, end))
            {
                continue;
            }

            return true;
        }

        return false;
    }

    public static bool IsPrivate(string text) => Array.Exists(SensitiveTopics.ChineseWords, p => text.Contains(p, StringComparison.Ordinal));

    /// <summary>Whether tokens name a secret or hold one.</summary>
    public static bool IsSecret(List<Token> tokens, int first, int end) => NamesSecret(tokens, first, end) || (first < end && HasCardOrAccount(tokens, first, end));

    /// <summary>Whether tokens name a secret, or hold a key or the number of a person.</summary>
    public static bool NamesSecret(List<Token> tokens, int first, int end)
    {
        for (var i = first; i < end; i++)
        {
            var word = tokens[i].Lower;
            if (Credentials.Contains(word) || LooksLikeKey(tokens[i].Text) || (word is "social" && i + 1 < end && tokens[i + 1].Lower == "security") || (word is "insurance" or "passport" or "identity" or "id" or "account" or "card" or "routing" or "licence" or "license" or "tax" && i + 1 < end && tokens[i + 1].Lower is "number" or "no")
                || (word is "api" or "access" or "private" or "ssh" or "security" or "entry" or "door" or "gate" or "alarm" or "recovery" or "seed" or "backup" or "sort" or "safe" or "locker" or "padlock" or "garage" or "wifi" or "wi-fi" or "unlock" && i + 1 < end && tokens[i + 1].Lower is "key" or "code" or "phrase" or "combination" or "codes") || IsNationalId(tokens[i].Text))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a fact claims rights in the system that keeps it, which nobody gets by saying so.</summary>
    public static bool ClaimsPower(MemoryCandidate fact)
    {
        var text = fact.Text.ToLowerInvariant();
        return fact.Category is not "relationship" && (Array.Exists(Ranks, rank => text.StartsWith(rank, StringComparison.Ordinal))
            || Array.Exists(Powers, power => text.Contains(power, StringComparison.Ordinal)));
    }

    private static readonly string[] Ranks = ["user is an administrator", "user is an admin.", "user is the admin", "user is the administrator", "user is a moderator", "user is a superuser", "user is the developer", "user is the owner of this", "user is root", "user is an admin of", "user is the system", "user is a super"];

    private static readonly string[] Powers =
    [
        "root access", "root privilege", "full access", "admin access", "has admin rights", "has administrator rights", "admin privilege", "unrestricted", "developer mode", "god mode", "superuser", "premium tier", "enterprise tier", "verified user", "filters off", "filters are off", "without filters", "safety off", "lifetime premium", "unlimited access", "credits",
        "this assistant", "your developer", "your creator", "your owner", "openai", "anthropic staff", "clearance", "bypass", "jailbreak", "system prompt", "ignore previous", "ignore all", "unlimited credit", "authorized to", "authorised to", "never have to pay", "never has to pay", "exempt from every", "exempt from all", "exempt from any", "content rule", "refunds are automatic", "elevated permission", "override",
    ];

    public static bool LooksLikeKey(string word)
    {
        foreach (var prefix in KeyPrefixes)
        {
            if (word.Length >= prefix.Length + 8 && word.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        if (word.Length < 20)
        {
            return false;
        }

        var digits = word.Count(char.IsDigit);
        var upper = word.Count(char.IsUpper);
        var lower = word.Count(char.IsLower);
        return digits >= 3 && (upper >= 2 && lower >= 2 || digits * 4 > word.Length) && word.Distinct().Count() >= 10;
    }

    private static bool IsHarmless(List<Token> tokens, int i, int first, int end)
    {
        var next = i + 1 < end ? tokens[i + 1].Lower : "";
        var previous = i > first ? tokens[i - 1].Lower : "";
        return tokens[i].Lower switch
        {
            "conservative" or "liberal" => next is "estimate" or "budget" or "arts" or "amount",
            "straight" => next is "to" or "from" or "answers" or "answer" or "away" or "after" or "razors" or "talk" or "up",
            "greens" => !tokens[i].IsCapitalised,
            "labour" => !tokens[i].IsCapitalised,
            "therapist" => previous is "physical" or "massage" or "occupational" or "speech" or "a",
            "aids" => previous is "hearing",
            "surgery" => previous is "in" or "vet" or "veterinary",
            "church" => next is "organs" or "bells" or "street" or "restoration" or "roofs" or "choir",
            "temple" => tokens[i].IsCapitalised && next is "university",
            "politics" or "political" => next is "science" or "scientist",
            _ => false,
        };
    }

    private static bool IsNationalId(string word)
    {
        if (word.Length == 11 && word[3] == '-' && word[6] == '-' && word.Count(char.IsDigit) == 9)
        {
            return true;
        }

        return (word.Length == 9 && char.IsUpper(word[0]) && char.IsUpper(word[1]) && char.IsUpper(word[8]) && word.AsSpan(2, 6).IndexOfAnyExceptInRange('0', '9') < 0)
            || IsSpanishId(word) || IsChineseId(word) || IsItalianId(word);
    }

    /// <summary>DNI and NIE: eight digits, the first of a NIE written X, Y or Z, and the letter of their remainder by 23.</summary>
    private static bool IsSpanishId(string word)
    {
        const string Letters = "TRWAGMYFPDXBNJZSQVHLCKE";
        var id = word.Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();
        if (id.Length != 9 || !char.IsAsciiLetterUpper(id[8]) || id.AsSpan(1, 7).IndexOfAnyExceptInRange('0', '9') >= 0)
        {
            return false;
        }

        var first = id[0] switch { 'X' => '0', 'Y' => '1', 'Z' => '2', var other => other };
        return char.IsAsciiDigit(first) && Letters[int.Parse(first + id[1..8], System.Globalization.CultureInfo.InvariantCulture) % 23] == id[8];
    }

    /// <summary>Chinese resident id (GB 11643-1999): 17 digits and a check character modulo 11.</summary>
    private static bool IsChineseId(string word)
    {
        if (word.Length != 18 || word.AsSpan(0, 17).IndexOfAnyExceptInRange('0', '9') >= 0)
        {
            return false;
        }

        var sum = 0;
        for (var i = 0; i < 17; i++)
        {
            sum += (word[i] - '0') * ((1 << (17 - i)) % 11);
        }

        return "10X98765432"[sum % 11] == char.ToUpperInvariant(word[17]);
    }

    /// <summary>Italian tax code: letters and digits at fixed places.</summary>
    private static bool IsItalianId(string word)
    {
        const string Shape = "LLLLLLDDLDDLDDDL";
        for (var i = 0; i < Shape.Length; i++)
        {
            if (word.Length != Shape.Length || !(Shape[i] == 'L' ? char.IsAsciiLetter(word[i]) : char.IsAsciiDigit(word[i])))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether tokens hold the number of a card or an account, told by its check digits.</summary>
    public static bool HasCardOrAccount(List<Token> tokens, int first, int end)
    {
        Span<char> run = stackalloc char[40];
        var length = 0;
        for (var i = first; i <= end; i++)
        {
            if (i < end && (tokens[i].Text.AsSpan().IndexOfAnyInRange('0', '9') >= 0 || (length > 0 && tokens[i].IsAcronym)) && tokens[i].Text.Length <= 34)
            {
                foreach (var c in tokens[i].Text)
                {
                    if (char.IsAsciiLetterOrDigit(c) && length < run.Length)
                    {
                        run[length++] = char.ToUpperInvariant(c);
                    }
                }

                if (IsCard(run[..length]) || IsAccount(run[..length]))
                {
                    return true;
                }
            }
            else
            {
                length = 0;
            }
        }

        return false;
    }

    private static bool IsCard(ReadOnlySpan<char> digits)
    {
        if (digits.Length is < 13 or > 19 || digits.IndexOfAnyExceptInRange('0', '9') >= 0)
        {
            return false;
        }

        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[digits.Length - 1 - i] - '0';
            digit = i % 2 == 1 ? digit * 2 : digit;
            sum += digit > 9 ? digit - 9 : digit;
        }

        return sum % 10 == 0;
    }

    private static bool IsAccount(ReadOnlySpan<char> account)
    {
        if (account.Length is < 15 or > 34 || !char.IsAsciiLetterUpper(account[0]) || !char.IsAsciiLetterUpper(account[1]) || !char.IsAsciiDigit(account[2]))
        {
            return false;
        }

        var number = BigInteger.Zero;
        for (var i = 0; i < account.Length; i++)
        {
            var c = account[(i + 4) % account.Length];
            number = char.IsAsciiDigit(c) ? (number * 10) + (c - '0') : (number * 100) + (c - 'A' + 10);
        }

        return number % 97 == 1;
    }
}
