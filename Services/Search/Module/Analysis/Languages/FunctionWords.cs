using System.Collections.Frozen;

namespace MemoryMesh.Search.Analysis.Languages;

/// <summary>Words that say nothing about what is looked for, in each language but English, which has <see cref="StopWords"/>.</summary>
internal static class FunctionWords
{
    private static readonly FrozenDictionary<string, FrozenSet<string>> Lists = LanguageResource.ReadLines("function-words.txt")
        .Select(line => line.Split(':', 2))
        .ToFrozenDictionary(
            parts => parts[0],
            parts => parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => CharacterFolding.Fold(word).ToLowerInvariant()).ToFrozenSet(StringComparer.Ordinal),
            StringComparer.Ordinal);

    private static readonly FrozenSet<string> German = Lists["de"];
    private static readonly FrozenSet<string> Spanish = Lists["es"];
    private static readonly FrozenSet<string> French = Lists["fr"];
    private static readonly FrozenSet<string> Chat = Lists["en"];

    /// <summary>Words of Russian.</summary>
    public static readonly FrozenSet<string> Russian = Lists["ru"];

    /// <summary>Words of Arabic.</summary>
    public static readonly FrozenSet<string> Arabic = Lists["ar"];

    /// <summary>Stems of Korean.</summary>
    public static readonly FrozenSet<string> Korean = Lists["ko"];

    /// <summary>Languages written in Latin letters that a word is a function word of.</summary>
    /// <param name="word">Folded, lower case.</param>
    public static TextLanguages LanguagesOf(string word)
        => (StopWords.Contains(word) || Chat.Contains(word) ? TextLanguages.English : 0)
            | (German.Contains(word) ? TextLanguages.German : 0)
            | (Spanish.Contains(word) ? TextLanguages.Spanish : 0)
            | (French.Contains(word) ? TextLanguages.French : 0);

    /// <summary>Whether a word of a query is left out.</summary>
    /// <param name="word">Folded, lower case.</param>
    /// <param name="languages">What the query may be written in.</param>
    public static bool IsLeftOut(string word, TextLanguages languages)
        => StopWords.Contains(word)
            || (languages.HasFlag(TextLanguages.German) && German.Contains(word))
            || (languages.HasFlag(TextLanguages.Spanish) && Spanish.Contains(word))
            || (languages.HasFlag(TextLanguages.French) && French.Contains(word))
            || (word.Length > 0 && !char.IsAscii(word[0]) && (Russian.Contains(word) || Arabic.Contains(word)));
}
