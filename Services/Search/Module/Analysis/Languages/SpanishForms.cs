namespace MemoryMesh.Search.Analysis.Languages;

/// <summary>What the forms of a Spanish word have in common.</summary>
internal static class SpanishForms
{
    // Stems of irregular verbs after the rules below, and the stem of the infinitive; with any prefix (detener, componer).
    private static readonly (string Form, string Stem)[] Verbs =
    [
        ("estuv", "est"), ("tuv", "ten"), ("teng", "ten"), ("tendr", "ten"), ("anduv", "and"), ("hic", "hac"), ("hag", "hac"), ("hech", "hac"), ("hiz", "hac"),
        ("pud", "pod"), ("podr", "pod"), ("pus", "pon"), ("pong", "pon"), ("post", "pon"), ("puest", "pon"), ("pondr", "pon"), ("quis", "quer"), ("querr", "quer"),
        ("veng", "ven"), ("vin", "ven"), ("vendr", "ven"), ("dij", "dec"), ("dig", "dec"), ("dich", "dec"), ("dir", "dec"), ("dic", "dec"), ("trag", "tra"), ("traj", "tra"), ("traig", "tra"),
        ("sup", "sab"), ("sep", "sab"), ("sabr", "sab"), ("dug", "duc"), ("duj", "duc"), ("duzc", "duc"), ("volt", "volv"), ("vuelt", "volv"), ("pid", "ped"), ("sirv", "serv"),
        ("sig", "seg"), ("repit", "repet"), ("vist", "vest"), ("durm", "dorm"), ("mur", "mor"), ("sint", "sent"), ("mint", "ment"), ("prefir", "prefer"),
        ("elig", "eleg"), ("elij", "eleg"), ("consig", "conseg"), ("cubert", "cubr"), ("jog", "jug"), ("salg", "sal"), ("saldr", "sal"), ("conozc", "conoc"), ("conozk", "conoc"),
        ("cay", "ca"), ("caig", "ca"), ("oy", "o"), ("ley", "le"), ("cre", "cre"), ("crey", "cre"), ("construy", "constru"), ("ri", "re"), ("sonri", "sonre"), ("frei", "fre"),
    ];

    /// <summary>The stem, folded, without diphthongs, changed consonants and a last vowel.</summary>
    /// <param name="word">Lower case, with its accents.</param>
    public static string Key(string word)
    {
        var stem = CharacterFolding.Fold(Stemmers.Spanish(word));
        stem = stem.Replace("gue", "g\u0001", StringComparison.Ordinal).Replace("que", "q\u0001", StringComparison.Ordinal)
            .Replace("ue", "o", StringComparison.Ordinal).Replace("ie", "e", StringComparison.Ordinal)
            .Replace("g\u0001", "gue", StringComparison.Ordinal).Replace("q\u0001", "que", StringComparison.Ordinal);
        if (stem.Length > 3 && stem[^1] is 'a' or 'e' or 'i' or 'o' && !stem.EndsWith("qu", StringComparison.Ordinal))
        {
            stem = stem[..^1];
        }

        if (stem.Length >= 5 && (stem.EndsWith("it", StringComparison.Ordinal) || stem.EndsWith("id", StringComparison.Ordinal) || stem.EndsWith("ad", StringComparison.Ordinal)))
        {
            stem = stem[..^2];
        }

        stem = stem switch
        {
            [.., 'z', 'c'] when stem.Length > 3 => stem[..^2] + "c",
            [.., 'q', 'u'] when stem.Length > 3 => stem[..^2] + "c",
            [.., 'g', 'u'] when stem.Length > 3 => stem[..^1],
            [.., 'z'] when stem.Length > 2 => stem[..^1] + "c",
            [.., 'j'] when stem.Length > 3 => stem[..^1] + "g",
            _ => stem,
        };
        foreach (var (form, replacement) in Verbs)
        {
            if (stem == form || (stem.Length > form.Length && form.Length >= 3 && stem.EndsWith(form, StringComparison.Ordinal) && IsPrefix(stem.AsSpan(0, stem.Length - form.Length))))
            {
                return string.Concat(stem.AsSpan(0, stem.Length - form.Length), replacement);
            }
        }

        return stem;
    }

    private static bool IsPrefix(ReadOnlySpan<char> start)
        => start is "de" or "re" or "con" or "com" or "man" or "ob" or "pro" or "in" or "im" or "inter" or "ante" or "des" or "dis" or "es" or "ex" or "su" or "en" or "em" or "a" or "tra" or "intro";
}
