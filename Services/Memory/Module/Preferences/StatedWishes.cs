using System.Collections.Frozen;
using MemoryMesh.Memory.Storage;

namespace MemoryMesh.Memory.Preferences;

/// <summary>Reads traits in the wishes about answers that memories of the category style hold.</summary>
internal static class StatedWishes
{
    private static readonly FrozenSet<string> Negations = Words("not no never avoid without stop skip drop ditch spare don't fewer less nicht kein keine ohne sin nunca sans pas");

    private static readonly (string Trait, string Value, string Opposite, FrozenSet<string> Words)[] Cues =
    [
        (PreferenceTraits.Verbosity, PreferenceTraits.Concise, PreferenceTraits.Detailed, Words("short shorter brief briefly concise concisely terse succinct tl;dr tldr compact kurz knapp breve breves cortas courtes court concis")),
        (PreferenceTraits.Verbosity, PreferenceTraits.Detailed, PreferenceTraits.Concise, Words("detailed detail details long longer thorough in-depth elaborate verbose ausführlich detalladas détaillées walls")),
        (PreferenceTraits.Formality, PreferenceTraits.Casual, PreferenceTraits.Formal, Words("casual casually informal friendly relaxed first-name duze duzen tutéame tutoie locker")),
        (PreferenceTraits.Formality, PreferenceTraits.Formal, PreferenceTraits.Casual, Words("formal formally polite sieze siezen usted vous förmlich")),
        (PreferenceTraits.Lists, PreferenceTraits.Prefer, PreferenceTraits.Avoid, Words("bullet bullets list lists numbered table tables stichpunkte listas listes")),
        (PreferenceTraits.Code, PreferenceTraits.Prefer, PreferenceTraits.Avoid, Words("code snippets snippet one-liners")),
        (PreferenceTraits.Emoji, PreferenceTraits.Prefer, PreferenceTraits.Avoid, Words("emoji emojis emoticons smileys")),
        (PreferenceTraits.ReadingLevel, PreferenceTraits.Simple, PreferenceTraits.Expert, Words("simple simply plain beginner eli5 five layman einfach sencillo simplement")),
        (PreferenceTraits.ReadingLevel, PreferenceTraits.Expert, PreferenceTraits.Simple, Words("technical expert advanced jargon idioms basics handholding hand-holding")),
    ];

    private static readonly FrozenDictionary<string, string> LanguageNames = PreferenceTraits.Languages
        .ToDictionary(language => language.Value.ToLowerInvariant(), language => language.Key)
        .Concat(new Dictionary<string, string>
        {
            ["deutsch"] = "de", ["español"] = "es", ["castellano"] = "es", ["français"] = "fr", ["englisch"] = "en", ["inglés"] = "en", ["anglais"] = "en", ["中文"] = "zh", ["英文"] = "en", ["italiano"] = "it", ["português"] = "pt",
        }).ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The wishes of a subject, the newest first.</summary>
    /// <param name="memories">Memories of the category style, the newest first.</param>
    public static IReadOnlyList<StatedWish> Read(IReadOnlyList<ProfileFact> memories)
        => [.. memories.SelectMany(memory => Read(memory.Text).Select(wish => new StatedWish(wish.Trait, wish.Value, memory.Id, memory.UpdatedAt)))];

    /// <summary>The traits that one text asks for; of each trait the first that is found.</summary>
    public static IEnumerable<(string Trait, string Value)> Read(string text)
    {
        var words = text.ToLowerInvariant().Split([' ', ',', '.', '!', '?', '"', '(', ')', ':'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var found = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < words.Length; i++)
        {
            if (LanguageNames.TryGetValue(words[i], out var language) && !IsNegated(words, i) && found.Add(PreferenceTraits.Language))
            {
                yield return (PreferenceTraits.Language, language);
            }

            foreach (var (trait, value, opposite, cues) in Cues)
            {
                if (cues.Contains(words[i]) && found.Add(trait))
                {
                    // "Walls of text", "jargon", "basics" and "handholding" are things that people ask to be spared.
                    yield return (trait, IsNegated(words, i) ? opposite : value);
                }
            }
        }
    }

    /// <summary>Whether one of the few words before it turns it around; "but" and "instead" begin anew.</summary>
    private static bool IsNegated(string[] words, int index)
    {
        for (var i = index - 1; i >= 0 && i >= index - 6; i--)
        {
            if (words[i] is "but" or "instead" or "and" or "sondern" or "sino" or "mais")
            {
                return false;
            }

            if (Negations.Contains(words[i]))
            {
                return true;
            }
        }

        return false;
    }

    private static FrozenSet<string> Words(string words) => FrozenSet.ToFrozenSet(words.Split(' '), StringComparer.Ordinal);
}
