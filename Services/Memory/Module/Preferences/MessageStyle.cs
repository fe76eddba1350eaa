using System.Collections.Frozen;
using System.Text;
using System.Text.RegularExpressions;

namespace MemoryMesh.Memory.Preferences;

/// <summary>Reads in a message how its author writes, and which kind of answer it asks for.</summary>
/// <remarks>
/// The reading level goes by the automated readability index (Senter and Smith, Automated Readability Index, AMRL-TR-66-220, 1967):
/// 4.71 · letters / words + 0.5 · words / sentences - 21.43, about the school grade that reads it with ease.
/// </remarks>
internal static partial class MessageStyle
{
    private const int MaxLength = 20_000;
    private const int FewWords = 6;
    private const int ManyWords = 60;
    private const int LeastWordsForLevel = 25;
    private const double SimpleIndex = 5;
    private const double ExpertIndex = 13;
    private const double Hint = 0.2;
    private const double Habit = 0.4;
    private const double Asked = 1;

    private static readonly (string Language, FrozenSet<string> Words)[] Function =
    [
        ("en", Words("the and is are you what how to of in that it for my can with this do not have was on")),
        ("de", Words("der die das und ist ich nicht ein eine wie zu mit du sie wir auf für kann mir bitte was den")),
        ("es", Words("el la los las y es de que en un una por para cómo qué no con mi puedes está lo se del")),
        ("fr", Words("le la les et est de que je un une pour dans comment pas vous mon avec des ce du sur qui")),
        ("it", Words("il la che di è e un una per non come con mi sono del questo gli della puoi cosa")),
        ("pt", Words("o a os as e é de que em um uma para como não com meu você por está do da")),
        ("nl", Words("de het een en is ik niet van hoe dat wat je met voor op mijn kan zijn te")),
        ("pl", Words("i w nie na jest się że do jak to co czy z mam proszę mi dla")),
        ("sv", Words("och är det att en som jag inte på för med hur kan du vad ett av min")),
        ("tr", Words("ve bir bu için ne nasıl ben mi de da var çok ile bana lütfen")),
    ];

    private static readonly (string Trait, string Value, string[] Phrases)[] Requests =
    [
        (PreferenceTraits.Verbosity, PreferenceTraits.Concise, ["tl;dr", "tldr", "in short", "in brief", "be brief", "keep it short", "shorter please", "too long", "in one sentence", "just the answer", "get to the point", "summarize briefly", "kurz und knapp", "in kürze", "zu lang", "en resumen", "más corto", "en bref", "trop long"]),
        (PreferenceTraits.Verbosity, PreferenceTraits.Detailed, ["in detail", "more detail", "elaborate", "in depth", "in-depth", "walk me through", "step by step", "explain thoroughly", "tell me more", "too short", "ausführlich", "im detail", "con detalle", "más detalle", "en détail", "plus de détails"]),
        (PreferenceTraits.Lists, PreferenceTraits.Prefer, ["bullet points", "as a list", "as bullets", "in bullets", "bulleted list", "numbered list", "as a table", "in a table", "stichpunkte", "als liste", "en una lista", "sous forme de liste"]),
        (PreferenceTraits.Lists, PreferenceTraits.Avoid, ["no bullet", "no lists", "without bullet", "without lists", "in prose", "as prose", "stop using bullet", "not as a list"]),
        (PreferenceTraits.Code, PreferenceTraits.Prefer, ["show me the code", "code example", "code sample", "with code", "just the code", "code snippet", "beispielcode", "ejemplo de código", "exemple de code"]),
        (PreferenceTraits.Code, PreferenceTraits.Avoid, ["no code", "without code", "not code"]),
        (PreferenceTraits.Emoji, PreferenceTraits.Avoid, ["no emoji", "without emoji", "stop using emoji", "drop the emoji", "keine emojis", "sin emojis", "sans emoji"]),
        (PreferenceTraits.ReadingLevel, PreferenceTraits.Simple, ["in simple terms", "in plain english", "eli5", "like i'm five", "like i'm 5", "layman", "simple words", "too technical", "einfach erklärt", "in einfachen worten", "en palabras sencillas", "en termes simples"]),
        (PreferenceTraits.ReadingLevel, PreferenceTraits.Expert, ["in technical terms", "skip the basics", "i know the basics", "more technical", "assume i'm an expert", "assume expert"]),
        (PreferenceTraits.Formality, PreferenceTraits.Formal, ["more formal", "too casual", "förmlicher", "más formal", "plus formel"]),
        (PreferenceTraits.Formality, PreferenceTraits.Casual, ["less formal", "too formal", "more casual", "be casual"]),
    ];

    private static readonly FrozenSet<string> Slang = Words("lol lmao gonna wanna gotta u ur pls plz thx omg btw idk imo yeah yep nope hey hiya dude bro haha hehe kinda sorta cuz tbh ngl mega krass moin mdr ptdr jaja vale");
    private static readonly FrozenSet<string> Courtesy = Words("kindly sincerely regards dear madam sir would herewith furthermore moreover therefore regarding geehrte geehrter freundlichen grüßen usted estimado estimada cordialement veuillez madame monsieur");

    /// <summary>What a message tells.</summary>
    public static IReadOnlyList<Observation> Read(string text)
    {
        var observations = new List<Observation>();
        var plain = text.Length > MaxLength ? text[..MaxLength] : text;
        if (Fence().IsMatch(plain))
        {
            observations.Add(new(PreferenceTraits.Code, PreferenceTraits.Prefer, Hint));
            plain = Fence().Replace(plain, " ");
        }

        var lower = plain.ToLowerInvariant().Replace('’', '\'');
        var asked = new HashSet<string>(StringComparer.Ordinal);

        // The refusals stand behind: "no bullet points" holds "bullet points" too.
        foreach (var (trait, value, phrases) in Requests.Reverse())
        {
            if (Array.Exists(phrases, phrase => Holds(lower, phrase)) && asked.Add(trait))
            {
                observations.Add(new(trait, value, Asked));
            }
        }

        var words = lower.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(word => word.Trim('.', ',', '!', '?', ';', ':', '"', '(', ')', '*', '-')).Where(word => word.Length > 0).ToList();
        if (ReadLanguage(plain, words) is { } language)
        {
            observations.Add(new(PreferenceTraits.Language, language, Habit));
        }

        if (asked.Add(PreferenceTraits.Verbosity) && words.Count > 0)
        {
            // Who writes much reads much: a hint that a few requests outweigh.
            if (words.Count <= FewWords || words.Count >= ManyWords)
            {
                observations.Add(new(PreferenceTraits.Verbosity, words.Count <= FewWords ? PreferenceTraits.Concise : PreferenceTraits.Detailed, Hint / 4));
            }
        }

        if (asked.Add(PreferenceTraits.Emoji) && plain.EnumerateRunes().Any(IsEmoji))
        {
            observations.Add(new(PreferenceTraits.Emoji, PreferenceTraits.Prefer, Habit));
        }

        if (asked.Add(PreferenceTraits.Lists) && ListLine().Count(plain) >= 2)
        {
            observations.Add(new(PreferenceTraits.Lists, PreferenceTraits.Prefer, Hint));
        }

        if (asked.Add(PreferenceTraits.Formality))
        {
            var (casual, formal) = (words.Count(Slang.Contains), words.Count(Courtesy.Contains));
            if (casual != formal)
            {
                observations.Add(new(PreferenceTraits.Formality, casual > formal ? PreferenceTraits.Casual : PreferenceTraits.Formal, Habit));
            }
        }

        if (asked.Add(PreferenceTraits.ReadingLevel) && words.Count >= LeastWordsForLevel && char.IsAscii(words[0][0]))
        {
            var index = (4.71 * words.Sum(word => word.Count(char.IsLetterOrDigit)) / words.Count) + (0.5 * words.Count / Math.Max(1, SentenceEnd().Count(plain))) - 21.43;
            observations.Add(new(
                PreferenceTraits.ReadingLevel, index < SimpleIndex ? PreferenceTraits.Simple : index > ExpertIndex ? PreferenceTraits.Expert : PreferenceTraits.General, Hint));
        }

        return observations;
    }

    /// <summary>The language of a text by its writing, or by the small words in it; null when it can't be told.</summary>
    private static string? ReadLanguage(string text, List<string> words)
    {
        var letters = text.EnumerateRunes().Where(Rune.IsLetter).Take(500).Select(rune => rune.Value).ToList();
        if (letters.Count == 0)
        {
            return null;
        }

        var script = letters.GroupBy(ScriptLanguage).MaxBy(group => group.Count())!;
        if (letters.Exists(value => value is >= 0x3040 and <= 0x30FF) && script.Key is "ja" or "zh")
        {
            return "ja";
        }

        if (script.Key is { } language)
        {
            return language == "ru" && letters.Exists(value => value is 0x456 or 0x457 or 0x454 or 0x491) ? "uk" : language;
        }

        var counts = Function.Select(known => (known.Language, Count: words.Count(known.Words.Contains))).OrderByDescending(known => known.Count).ToList();
        return counts[0].Count >= 2 && counts[0].Count > counts[1].Count ? counts[0].Language : null;
    }

    private static string? ScriptLanguage(int letter) => letter switch
    {
        >= 0x370 and <= 0x3FF => "el",
        >= 0x400 and <= 0x4FF => "ru",
        >= 0x590 and <= 0x5FF => "he",
        >= 0x600 and <= 0x6FF => "ar",
        >= 0x900 and <= 0x97F => "hi",
        >= 0xE00 and <= 0xE7F => "th",
        >= 0x3040 and <= 0x30FF => "ja",
        >= 0x4E00 and <= 0x9FFF => "zh",
        >= 0xAC00 and <= 0xD7AF => "ko",
        _ => null,
    };

    private static bool IsEmoji(Rune rune) => rune.Value is (>= 0x1F300 and <= 0x1FAFF) or (>= 0x2600 and <= 0x27BF);

    private static bool Holds(string text, string phrase)
    {
        for (var at = text.IndexOf(phrase, StringComparison.Ordinal); at >= 0; at = text.IndexOf(phrase, at + 1, StringComparison.Ordinal))
        {
            if (at == 0 || !char.IsLetterOrDigit(text[at - 1]))
            {
                return true;
            }
        }

        return false;
    }

    private static FrozenSet<string> Words(string words) => FrozenSet.ToFrozenSet(words.Split(' '), StringComparer.Ordinal);

    [GeneratedRegex("```.*?(```|$)", RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^\s*([-*•]|\d+[.)])\s+\S", RegexOptions.Multiline)]
    private static partial Regex ListLine();

    [GeneratedRegex(@"[.!?]+(\s|$)")]
    private static partial Regex SentenceEnd();
}
