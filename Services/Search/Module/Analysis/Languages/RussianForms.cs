namespace MemoryMesh.Search.Analysis.Languages;

/// <summary>What the forms of a Russian word have in common.</summary>
internal static class RussianForms
{
    private const string Vowels = "аеиоуыэюяй";

    private static readonly string[] Prefixes = ["пере", "при", "про", "раз", "рас", "под", "по", "на", "за", "вы", "об", "от", "из", "ис", "со", "до", "с", "у", "о"];

    private static readonly string[] PastAndInfinitive = ["ться", "ть", "лся", "лась", "лось", "лись", "ла", "ло", "ли", "л"];

    /// <summary>The stem without last vowels and soft signs, a vowel that comes and goes (подарок, подарка), and with the last consonant brought to the
    /// one of those it changes with (писать, пишу).</summary>
    /// <param name="word">Lower case.</param>
    public static string Key(string word)
    {
        var stem = Stemmers.Russian(word.Replace('ё', 'е')).Replace("ь", "", StringComparison.Ordinal).Replace("ъ", "", StringComparison.Ordinal);
        while (stem.Length > 2 && Vowels.Contains(stem[^1]))
        {
            stem = stem[..^1];
        }

        // купить, куплю
        if (stem.Length >= 4 && stem[^1] == 'л' && stem[^2] is 'б' or 'п' or 'в' or 'м' or 'ф')
        {
            stem = stem[..^1];
        }

        // рисовать, рисую
        if (stem.Length >= 5 && stem[^1] == 'в' && stem[^2] is 'о' or 'е')
        {
            stem = stem[..^2];
        }

        if (stem.Length >= 4 && stem[^1] is 'к' or 'ц' or 'н' or 'л' or 'р' or 'м' && stem[^2] is 'о' or 'е' && !Vowels.Contains(stem[^3]))
        {
            stem = string.Concat(stem.AsSpan(0, stem.Length - 2), stem.AsSpan(stem.Length - 1));
        }

        if (stem.Length < 3)
        {
            return CharacterFolding.Fold(stem);
        }

        stem = stem switch
        {
            [.., 'с', 'т' or 'к'] when stem.Length > 3 => stem[..^2] + 'ч',
            [.., 'д' or 'ж' or 'з' or 'г'] => stem[..^1] + 'ж',
            [.., 'с' or 'ш' or 'х'] => stem[..^1] + 'ш',
            [.., 'т' or 'ч' or 'щ' or 'к' or 'ц'] => stem[..^1] + 'ч',
            _ => stem,
        };
        return CharacterFolding.Fold(stem);
    }

    /// <summary>Adds the forms of a word.</summary>
    /// <param name="word">Lower case.</param>
    /// <param name="forms">Takes the forms.</param>
    public static void Add(string word, WordTerms forms)
    {
        const int ShortestWithEnding = 5;
        forms.Add(Key(word));
        var plain = word.Replace('ё', 'е');
        if (plain.Length >= ShortestWithEnding && Stemmers.Russian(plain).Length >= plain.TrimEnd('ь').Length && WithoutEnding(plain) is var verb && verb != plain)
        {
            forms.Add(Key(verb));
        }

        AddWithoutPrefix(plain, forms);
    }

    // Snowball leaves these to видеть, напишет and летел; a noun may end so too (билет), so the whole word has its own form.
    private static string WithoutEnding(string word) => word switch
    {
        [.., 'е', 'т', 'ь'] or [.., 'и', 'т', 'ь'] => word[..^3],
        [.., 'е', 'т' or 'м' or 'л'] or [.., 'и', 'т' or 'м' or 'л'] or [.., 'у' or 'ю' or 'я' or 'а', 'т'] => word[..^2],
        _ => word,
    };

    /// <summary>Adds the form of a verb without its prefix: готовил and приготовил tell of one thing.</summary>
    /// <param name="word">Lower case.</param>
    /// <param name="forms">Takes the form.</param>
    private static void AddWithoutPrefix(string word, WordTerms forms)
    {
        const int ShortestRest = 2;
        if (!Array.Exists(PastAndInfinitive, ending => word.EndsWith(ending, StringComparison.Ordinal)))
        {
            return;
        }

        foreach (var prefix in Prefixes)
        {
            if (word.StartsWith(prefix, StringComparison.Ordinal) && word.Length >= prefix.Length + 4 && !(prefix == "под" && Vowels.Contains(word[prefix.Length])) && Key(Beginning(word[prefix.Length..])) is { Length: >= ShortestRest } rest)
            {
                forms.Add(rest);
                var verb = WithoutEnding(word[prefix.Length..]);
                if (verb.Length >= 3)
                {
                    forms.Add(Key(verb));
                }

                return;
            }
        }
    }

    // играть, сыграть
    private static string Beginning(string rest) => rest[0] == 'ы' ? 'и' + rest[1..] : rest;
}
