using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;

namespace MemoryMesh.Memory.Extraction;

/// <summary>Cuts a message into tokens whose canonical forms patterns can match: "I'm" is "i am", "dont" is "do not".</summary>
internal static class Tokenizer
{
    private const int WrappedLine = 50;

    private static readonly FrozenDictionary<string, string[]> Contractions = new Dictionary<string, string[]>
    {
        ["im"] = ["i", "am"], ["ive"] = ["i", "have"], ["ima"] = ["i", "will"], ["hes"] = ["he", "is"], ["shes"] = ["she", "is"], ["theyre"] = ["they", "are"], ["weve"] = ["we", "have"], ["youre"] = ["you", "are"],
        ["dont"] = ["do", "not"], ["doesnt"] = ["does", "not"], ["didnt"] = ["did", "not"], ["cant"] = ["can", "not"], ["cannot"] = ["can", "not"],
        ["wont"] = ["will", "not"], ["isnt"] = ["is", "not"], ["arent"] = ["are", "not"], ["havent"] = ["have", "not"],
        ["can't"] = ["can", "not"], ["won't"] = ["will", "not"], ["ain't"] = ["am", "not"], ["shan't"] = ["shall", "not"],
        ["imma"] = ["i", "will"], ["finna"] = ["going", "to"], ["hafta"] = ["have", "to"], ["gimme"] = ["give", "me"], ["lemme"] = ["let", "me"], ["outta"] = ["out", "of"], ["wouldnt"] = ["would", "not"], ["couldnt"] = ["could", "not"], ["shouldnt"] = ["should", "not"], ["wasnt"] = ["was", "not"], ["werent"] = ["were", "not"], ["hasnt"] = ["has", "not"], ["youve"] = ["you", "have"], ["theyve"] = ["they", "have"],
        ["gonna"] = ["going", "to"], ["tryna"] = ["trying", "to"], ["wanna"] = ["want", "to"], ["gotta"] = ["have", "to"],
        ["whats"] = ["what", "is"], ["hows"] = ["how", "is"], ["thats"] = ["that", "is"], ["theres"] = ["there", "is"], ["wheres"] = ["where", "is"],
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, string> Spellings = new Dictionary<string, string>
    {
        ["n"] = "and", ["&"] = "and", ["b4"] = "before", ["pls"] = "please", ["plz"] = "please", ["cuz"] = "because", ["cos"] = "because", ["coz"] = "because",
        ["bc"] = "because", ["'cause"] = "because", ["ur"] = "your", ["u"] = "you", ["thx"] = "thanks", ["favorite"] = "favourite", ["fave"] = "favourite", ["fav"] = "favourite",
        ["color"] = "colour", ["nite"] = "night", ["tho"] = "though", ["rn"] = "now", ["w/"] = "with", ["w/o"] = "without", ["bday"] = "birthday", ["luv"] = "love", ["b-day"] = "birthday", ["rly"] = "really", ["w"] = "with", ["hab"] = "habe", ["yr"] = "year", ["yday"] = "yesterday", ["tmrw"] = "tomorrow", ["tmr"] = "tomorrow", ["heyy"] = "hey", ["heyyy"] = "hey", ["hii"] = "hi", ["hiii"] = "hi", ["helloo"] = "hello", ["holaa"] = "hola", ["smth"] = "something", ["plsss"] = "please", ["plss"] = "please", ["@"] = "at", ["hav"] = "have", ["wrok"] = "work", ["alergic"] = "allergic", ["allergie"] = "allergy", ["vegeterian"] = "vegetarian", ["vegitarian"] = "vegetarian", ["freind"] = "friend",
        ["definately"] = "definitely", ["favorit"] = "favourite", ["favourtie"] = "favourite", ["programer"] = "programmer", ["enginer"] = "engineer", ["engeneer"] = "engineer", ["techer"] = "teacher", ["luve"] = "love", ["lvoe"] = "love", ["liek"] = "like", ["adn"] = "and", ["teh"] = "the", ["plumer"] = "plumber", ["caled"] = "called", ["calld"] = "called", ["wat"] = "what", ["wiht"] = "with", ["becuase"] = "because", ["becasue"] = "because", ["vegaterian"] = "vegetarian", ["beleive"] = "believe", ["recomend"] = "recommend", ["alergy"] = "allergy", ["dauhgter"] = "daughter", ["duaghter"] = "daughter", ["hubsand"] = "husband", ["carpentr"] = "carpenter", ["nusre"] = "nurse", ["acountant"] = "accountant", ["accountent"] = "accountant", ["electrition"] = "electrician", ["moter"] = "motor",
    }.ToFrozenDictionary();

    /// <summary>Words behind which "4" is written for "for".</summary>
    private static readonly FrozenSet<string> ForFour = FrozenSet.ToFrozenSet("work works working job time thanks thank good great best better fine perfect looking saving training allergic waiting ready made fun hard easy bad".Split(' '));

    private static readonly SearchValues<char> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyzä");

    private static readonly FrozenSet<string> Elisions = FrozenSet.ToFrozenSet(["j", "m", "l", "d", "qu", "n", "s", "c", "t"]);

    private static readonly FrozenSet<string> Abbreviations =
        FrozenSet.ToFrozenSet(["mr", "mrs", "ms", "dr", "prof", "st", "vs", "approx", "ca", "etc", "eg", "ie", "e.g", "i.e", "z.b", "inc", "ltd", "jr", "sr", "no"]);

    public static List<Token> Tokenize(ReadOnlySpan<char> text)
    {
        List<Token> tokens = new(text.Length / 5 + 4);
        var i = 0;
        var lineStart = 0;
        bool? isGerman = null;
        while (i < text.Length)
        {
            var c = text[i];
            if (c == '\n')
            {
                if (!IsWrap(text, i, lineStart))
                {
                    tokens.Add(new Token(i, i + 1, "\n", "\n", TokenKind.NewLine));
                }

                lineStart = ++i;
            }
            else if (char.IsWhiteSpace(c))
            {
                i++;
            }
            else if (c == TextMask.Blank)
            {
                var start = i;
                while (i < text.Length && text[i] == TextMask.Blank)
                {
                    i++;
                }

                tokens.Add(new Token(start, i, "\u0001", "\u0001", TokenKind.Masked));
            }
            else if (char.IsLetterOrDigit(c) || (c == '\'' && i + 1 < text.Length && char.IsLetter(text[i + 1])))
            {
                i = ReadWord(text, i, tokens, ref isGerman);
            }
            else
            {
                i = ReadMark(text, i, tokens);
            }
        }

        return tokens;
    }

    /// <summary>Whether a line break only wraps a long line of prose.</summary>
    private static bool IsWrap(ReadOnlySpan<char> text, int newLine, int lineStart) =>
        newLine - lineStart > WrappedLine && newLine + 1 < text.Length && char.IsLower(text[newLine + 1]) && char.IsLetterOrDigit(text[newLine - 1]) | text[newLine - 1] == ',';

    private static int ReadWord(ReadOnlySpan<char> text, int start, List<Token> tokens, ref bool? isGerman)
    {
        var i = start + 1;
        while (i < text.Length && (IsWordPart(text[i]) || IsInnerMark(text, i)))
        {
            i++;
        }

        while (i < text.Length && text[i] is '+' or '#' or '%' && (char.IsLetterOrDigit(text[i - 1]) || text[i - 1] == '+'))
        {
            i++;
        }

        var word = text[start..i].ToString().Replace('\u2019', '\'');
        var lower = word.ToLowerInvariant();
        if (tokens.Count > 0 && lower is "uh" or "uhm" or "umm" or "uhh" or "erm")
        {
            return i;
        }

        if (i < text.Length && text[i] == '.' && Abbreviations.Contains(lower) && (lower != "no" || (i + 2 < text.Length && char.IsDigit(text[i + 2]))))
        {
            i++;
        }

        if (lower == "im" && (isGerman ??= IsGerman(text)))
        {
            tokens.Add(new Token(start, i, word, lower, TokenKind.Word));
            return i;
        }

        Add(tokens, start, i, word, lower);
        return i;
    }

    /// <summary>Whether "im" is the German preposition and no "I'm" without its apostrophe.</summary>
    private static bool IsGerman(ReadOnlySpan<char> text)
    {
        foreach (var word in (ReadOnlySpan<string>)["ich ", " ich ", " und ", " ist ", " eine ", " habe ", " meine ", " spiele ", " gehe "])
        {
            if (word[0] == ' ' ? text.Contains(word, StringComparison.OrdinalIgnoreCase) : text.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsWordPart(char c) =>
        char.IsLetterOrDigit(c) || c == '_' || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    private static bool IsInnerMark(ReadOnlySpan<char> text, int i)
    {
        if (i + 1 >= text.Length || !char.IsLetterOrDigit(text[i + 1]) || !(char.IsLetterOrDigit(text[i - 1]) || text[i - 1] is '+' or '#'))
        {
            return false;
        }

        return text[i] switch
        {
            '\'' or '\u2019' or '-' or '\u2010' or '\u2011' or '.' or '&' or '@' => true,
            '/' => true,
            ':' or ',' => char.IsDigit(text[i - 1]) && char.IsDigit(text[i + 1]),
            '+' => char.IsDigit(text[i + 1]),
            ';' => i > 1 && i + 2 < text.Length && text[(i - 2)..i].Equals("tl", StringComparison.OrdinalIgnoreCase) && text[(i + 1)..(i + 3)].Equals("dr", StringComparison.OrdinalIgnoreCase),
            _ => false,
        };
    }

    private static void Add(List<Token> tokens, int start, int end, string word, string lower)
    {
        if (Contractions.TryGetValue(lower, out var parts))
        {
            var cut = start + Math.Min(parts[0].Length, end - start - 1);
            tokens.Add(new Token(start, cut, lower.StartsWith(parts[0], StringComparison.Ordinal) || lower.EndsWith("n't", StringComparison.Ordinal) ? word[..(cut - start)] : parts[0], parts[0], TokenKind.Word));
            tokens.Add(new Token(cut, end, parts[1], parts[1], TokenKind.Word));
            return;
        }

        var apostrophe = lower.IndexOf('\'', StringComparison.Ordinal);
        if (apostrophe > 0)
        {
            var head = lower[..apostrophe];
            var tail = lower[(apostrophe + 1)..];
            if (tail == "t" && head.EndsWith('n') && head.Length > 2)
            {
                tokens.Add(new Token(start, start + apostrophe - 1, word[..(apostrophe - 1)], head[..^1], TokenKind.Word));
                tokens.Add(new Token(start + apostrophe - 1, end, "not", "not", TokenKind.Word));
                return;
            }

            var suffix = tail switch { "m" => "am", "re" => "are", "ve" => "have", "ll" => "will", "d" => "would", "s" => "'s", _ => null };
            if (suffix is not null && !(tail == "s" && head.Length == 1 && head != "i"))
            {
                Add(tokens, start, start + apostrophe, word[..apostrophe], head);
                tokens.Add(new Token(start + apostrophe, end, suffix, suffix, TokenKind.Word));
                return;
            }

            if (Elisions.Contains(head) && tail.Length > 0)
            {
                tokens.Add(new Token(start, start + apostrophe + 1, word[..(apostrophe + 1)], head + "'", TokenKind.Word));
                tokens.Add(new Token(start + apostrophe + 1, end, word[(apostrophe + 1)..], tail, TokenKind.Word));
                return;
            }
        }

        if (tokens is [.., { Lower: "me" }] && lower is "mum" or "mam" or "dad" or "nan" or "gran" or "missus" or "gaff" or "mates" or "brother" or "sister")
        {
            // "Me mum lives in Cork".
            tokens[^1] = tokens[^1] with { Lower = "my" };
        }

        if (word == "4" && tokens is [.., { Kind: TokenKind.Word } before] && ForFour.Contains(before.Lower))
        {
            // "Works 4 me".
            tokens.Add(new Token(start, end, "for", "for", TokenKind.Word));
            return;
        }

        if (word == "r" && tokens is [.., { Kind: TokenKind.Word } several] && (several.Lower is "we" or "you" or "they" or "u" || several.Lower.Length > 4 && several.Lower.EndsWith('s')))
        {
            lower = "are";
        }

        var kind = char.IsDigit(word[0]) ? TokenKind.Number : TokenKind.Word;
        tokens.Add(new Token(start, end, word, Spellings.GetValueOrDefault(lower, lower), kind));
    }

    /// <summary>"3. Mai": the full stop of a German date ends no sentence.</summary>
    private static bool IsOrdinalOfDate(ReadOnlySpan<char> text, int stop)
    {
        if (stop == 0 || !char.IsAsciiDigit(text[stop - 1]) || stop + 3 >= text.Length || text[stop + 1] != ' ' || !char.IsUpper(text[stop + 2]))
        {
            return false;
        }

        var month = text[(stop + 2)..];
        var end = month.IndexOfAnyExcept(Letters);
        return (end < 0 ? month : month[..end]) is "Januar" or "Jänner" or "Februar" or "März" or "April" or "Mai" or "Juni" or "Juli" or "August" or "September" or "Oktober" or "November" or "Dezember";
    }

    /// <summary>"work = crane operator": one or two words of a line stand before it.</summary>
    private static bool IsBehindLabel(ReadOnlySpan<char> text, int at)
    {
        var line = text[(text[..at].LastIndexOf('\n') + 1)..at];
        return line.Length is > 2 and < 20 && line[^1] == ' ' && line.TrimEnd().IndexOfAnyExcept(Letters) is var gap && (gap < 0 || line[gap] == ' ' && line[(gap + 1)..].TrimEnd().IndexOfAnyExcept(Letters) < 0);
    }

    private static int ReadMark(ReadOnlySpan<char> text, int i, List<Token> tokens)
    {
        var c = text[i];
        var start = i++;
        switch (c)
        {
            case ',' or '\uFF0C' or '\u3001' or '\u060C':
                tokens.Add(new Token(start, i, ",", ",", TokenKind.Comma));
                return i;
            case '.' when IsOrdinalOfDate(text, start):
                return i;
            case '.' or '!' or '?' or '\u2026' or '\u3002' or '\uFF01' or '\uFF1F' or '\u00BF' or '\u00A1':
                while (i < text.Length && text[i] is '.' or '!' or '?' or '\u2026' or '\uFF1F' or '\uFF01')
                {
                    i++;
                }

                if (c is '\u00BF' or '\u00A1')
                {
                    tokens.Add(new Token(start, i, c.ToString(), c.ToString(), TokenKind.Break));
                    return i;
                }

                var mark = text[start..i].IndexOfAny('?', '\uFF1F') >= 0 ? "?" : text[start..i].IndexOf('!') >= 0 ? "!" : ".";
                tokens.Add(new Token(start, i, mark, mark, TokenKind.Terminator));
                return i;
            case '@' when i < text.Length && text[i] == ' ':
                tokens.Add(new Token(start, i, "at", "at", TokenKind.Word));
                return i;
            case '>' when start > 0 && text[start - 1] == ' ' && i + 1 < text.Length && text[i] == ' ' && char.IsLetter(text[i + 1]) && tokens is [.., { Kind: TokenKind.Word }]:
                tokens.Add(new Token(start, i, "over", "over", TokenKind.Word));
                return i;
            case '&' or '+':
                tokens.Add(new Token(start, i, c.ToString(), "and", TokenKind.Word));
                return i;
            case '*' when i < text.Length && text[i] == ' ' && text[..start].TrimEnd(' ') is [] or [.., '\n']:
                tokens.Add(new Token(start, i, "\u2022", "\u2022", TokenKind.Break));
                return i;
            case '$' or '\u20AC' or '\u00A3' or '~' or '#' or '*' or '_' or '"' or '\'' or '\u2018' or '\u2019':
                return i;
            case ';' or ':' or '(' or ')' or '-' or '\u2013' or '\u2014' or '/' or '|' or '[' or ']' or '{' or '}' or '\u2022' or '\uFF1A' or '\uFF1B':
                tokens.Add(new Token(start, i, c.ToString(), c.ToString(), TokenKind.Break));
                return i;
            case '=' when i < text.Length && text[i] == ' ' && IsBehindLabel(text, start):
                tokens.Add(new Token(start, i, "=", "=", TokenKind.Break));
                return i;
            default:
                while (i < text.Length && !char.IsLetterOrDigit(text[i]) && !char.IsWhiteSpace(text[i]) && text[i] > 127)
                {
                    i++;
                }

                tokens.Add(new Token(start, i, "\u0002", "\u0002", TokenKind.Symbol));
                return i;
        }
    }
}
