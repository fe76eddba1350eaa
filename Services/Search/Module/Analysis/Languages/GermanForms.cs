using System.Collections.Frozen;

namespace MemoryMesh.Search.Analysis.Languages;

/// <summary>What the forms of a German word have in common, and the words that a compound is made of.</summary>
internal static class GermanForms
{
    private const int ShortestCompound = 7;
    private const int ShortestHead = 3;
    private const int ShortestTail = 4;

    private static readonly string[] SeparablePrefixes =
    [
        "zusammen", "zuruck", "vorbei", "weiter", "wieder", "heraus", "herein", "hinaus", "hinein", "unter", "durch", "fern", "fest", "kennen", "statt", "teil", "nach",
        "uber", "aus", "auf", "ein", "mit", "vor", "weg", "bei", "her", "hin", "los", "um", "ab", "an", "zu",
    ];

    private static readonly string[] FixedPrefixes = ["be", "ver", "er", "ent", "emp", "zer", "ge", "miss", "uber", "unter"];

    private static readonly string[] Links = ["s", "es", "n", "en", "er", "e"];

    // Stems of strong and mixed verbs after the rules below, and the stem of the infinitive.
    private static readonly FrozenDictionary<string, string> Verbs = Pairs("""
        vergess:vergess vergass:vergess vergiss:vergess schob:schieb mag:mog ass:ess gess:ess iss:ess trank:trink trunk:trink sprach:sprech sproch:sprech sprich:sprech traf:treff troff:treff triff:treff nahm:nehm nomm:nehm nimm:nehm
        gab:geb gib:geb las:les lies:les sah:seh sieh:seh fand:find fund:find kam:komm schrieb:schreib blieb:bleib stieg:steig lieh:leih schien:schein
        flog:flieg bog:bieg lor:lier zog:zieh schloss:schliess goss:giess half:helf holf:helf hilf:helf starb:sterb storb:sterb stirb:sterb warf:werf worf:werf wirf:werf
        brach:brech broch:brech brich:brech dach:denk dacht:denk bracht:bring kann:kenn nann:nenn rann:renn wuss:wiss weiss:wiss moch:mog
        hing:hang gang:geh ging:geh fing:fang liess:lass lief:lauf rief:ruf schlief:schlaf hiel:halt hielt:halt fiel:fall riet:rat schlug:schlag trug:trag wuchs:wachs wusch:wasch
        lud:lad fuhr:fahr sass:sitz sess:sitz lag:lieg stand:steh schwamm:schwimm schwomm:schwimm sang:sing sung:sing sprang:spring sprung:spring
        begann:beginn begonn:beginn gewann:gewinn gewonn:gewinn schnitt:schneid ritt:reit litt:leid griff:greif biss:beiss stahl:stehl stohl:stehl stiehl:stehl
        log:lug roch:riech kroch:kriech band:bind bund:bind sank:sink sunk:sink zwang:zwing zwung:zwing schwand:schwind schwund:schwind mied:meid schwieg:schweig trieb:treib
        wies:weis hob:heb mass:mess gass:gess giss:gess bot:biet fror:frier floss:fliess noss:niess schoss:schiess grub:grab schuf:schaff trat:tret tritt:tret stach:stech stoch:stech
        empfahl:empfehl empfohl:empfehl empfiehl:empfehl lernt:lern buk:back bat:bitt beten:bitt tan:tun tat:tun
        """);

    private static readonly Lazy<FrozenSet<string>> Parts = new(() => LanguageResource.ReadLines("german-parts.txt")
        .SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(word => Key(Plain(CharacterFolding.Fold(word))))
        .ToFrozenSet(StringComparer.Ordinal));

    /// <summary>Adds the forms of a word.</summary>
    /// <param name="folded">Folded and lower case: without umlauts, ss for ß.</param>
    /// <param name="isCertain">Whether the text is German: then one known part is enough to cut a compound.</param>
    /// <param name="forms">Takes the forms.</param>
    public static void Add(string folded, bool isCertain, WordTerms forms)
    {
        var word = Plain(folded);
        forms.Add(Key(word));
        AddVerb(word, forms);
        if (word.Length >= ShortestCompound)
        {
            AddParts(word, isCertain, forms);
        }
    }

    /// <summary>Umlauts that are spelled out become what the folding makes of umlauts. Where they are none, all forms of the word change alike.</summary>
    private static string Plain(string folded)
    {
        if (!folded.Contains('e', StringComparison.Ordinal))
        {
            return folded;
        }

        Span<char> plain = stackalloc char[folded.Length];
        var length = 0;
        for (var i = 0; i < folded.Length; i++)
        {
            var isUmlaut = folded[i] == 'e' && i > 0 && folded[i - 1] is 'a' or 'o' or 'u' && (i < 2 || folded[i - 2] is not ('q' or 'a' or 'e'));
            if (!(isUmlaut && folded[i] == 'e'))
            {
                plain[length++] = folded[i];
            }
        }

        return plain[..length].ToString();
    }

    /// <summary>The stem without the endings of conjugation that Snowball leaves, and of the infinitive where the verb is strong.</summary>
    private static string Key(string word)
    {
        var stem = Stemmers.German(word);

        // Ärztin, Lehrerinnen
        if ((stem.Length >= 5 && stem.EndsWith("in", StringComparison.Ordinal)) || (stem.Length >= 7 && stem.EndsWith("inn", StringComparison.Ordinal)))
        {
            stem = Stemmers.German(stem[..stem.LastIndexOf("in", StringComparison.Ordinal)]);
        }

        if (stem.Length >= 6 && stem.EndsWith("et", StringComparison.Ordinal))
        {
            stem = stem[..^2];
        }

        if (Verbs.TryGetValue(stem, out var strong))
        {
            return Ending(strong);
        }

        if (stem.Length >= 4 && stem[^1] == 't' && !IsVowel(stem[^2]))
        {
            stem = stem[..^1];
        }

        if (Verbs.TryGetValue(stem, out strong))
        {
            return Ending(strong);
        }

        foreach (var prefix in FixedPrefixes)
        {
            if (stem.Length >= prefix.Length + 3 && stem.StartsWith(prefix, StringComparison.Ordinal) && Verbs.TryGetValue(stem[prefix.Length..], out strong))
            {
                return Ending(prefix + strong);
            }
        }

        return Ending(stem);
    }

    // studieren, studiert; reparieren, Reparatur
    private static string Ending(string stem) => stem switch
    {
        [.., 'i', 'e', 'r'] => stem[..^2],
        [.., 'a', 't', 'u', 'r'] or [.., 't', 'i', 'o', 'n'] when stem.Length > 6 => stem.EndsWith("ation", StringComparison.Ordinal) ? stem[..^5] + "i" : stem.EndsWith("atur", StringComparison.Ordinal) ? stem[..^4] + "i" : stem,
        _ => stem,
    };

    /// <summary>Adds the verb of a participle or infinitive: gekauft, eingekauft and einzukaufen to kaufen, and einkaufen to both.</summary>
    private static void AddVerb(string word, WordTerms forms)
    {
        var isParticiple = word[^1] == 't' || word.EndsWith("en", StringComparison.Ordinal);
        if (word.Length >= 6 && word.StartsWith("ge", StringComparison.Ordinal) && (isParticiple || word.EndsWith("te", StringComparison.Ordinal) || word.EndsWith("ter", StringComparison.Ordinal)))
        {
            forms.Add(Key(word[2..]));
            return;
        }

        if (!isParticiple && !word.EndsWith("te", StringComparison.Ordinal))
        {
            return;
        }

        foreach (var prefix in SeparablePrefixes)
        {
            if (word.Length < prefix.Length + 5 || !word.StartsWith(prefix, StringComparison.Ordinal))
            {
                continue;
            }

            var rest = word[prefix.Length..];
            if (rest.Length >= 6 && (rest.StartsWith("ge", StringComparison.Ordinal) || rest.StartsWith("zu", StringComparison.Ordinal)))
            {
                var verb = Key(rest[2..]);
                forms.Add(prefix + verb);
                forms.Add(verb);
            }
            else
            {
                var verb = Key(rest);
                forms.Add(prefix + verb);
                forms.Add(verb);
            }

            return;
        }
    }

    private static void AddParts(string word, bool isCertain, WordTerms forms)
    {
        // The longest tail that is a word: what a compound is, stands at its end.
        for (var cut = ShortestHead; cut <= word.Length - ShortestHead; cut++)
        {
            var tail = Key(word[cut..]);
            if (Parts.Value.Contains(tail) && ((isCertain && word.Length - cut >= ShortestTail) || FindHead(word[..cut]) is not null))
            {
                forms.Add(tail);
                AddHead(word[..cut], forms);
                return;
            }
        }

        for (var cut = word.Length - ShortestTail; isCertain && cut >= ShortestTail; cut--)
        {
            if (FindHead(word[..cut]) is { } head)
            {
                forms.Add(head);
                forms.Add(Key(word[cut..]));
                return;
            }
        }
    }

    private static void AddHead(string head, WordTerms forms)
    {
        if (FindHead(head) is { } known)
        {
            forms.Add(known);
        }
        else
        {
            forms.Add(Key(head));
            if (head.Length > ShortestTail && head[^1] == 's')
            {
                forms.Add(Key(head[..^1]));
            }

            if (head.Length >= ShortestCompound)
            {
                AddParts(head, isCertain: true, forms);
            }
        }
    }

    private static string? FindHead(string head)
    {
        if (Parts.Value.Contains(Key(head)))
        {
            return Key(head);
        }

        foreach (var link in Links)
        {
            if (head.Length >= link.Length + ShortestHead && head.EndsWith(link, StringComparison.Ordinal) && Key(head[..^link.Length]) is var stem && Parts.Value.Contains(stem))
            {
                return stem;
            }
        }

        // Schule, Schultasche: a last e is dropped.
        return Key(head + "e") is var full && Parts.Value.Contains(full) ? full : null;
    }

    private static bool IsVowel(char c) => c is 'a' or 'e' or 'i' or 'o' or 'u';

    private static FrozenDictionary<string, string> Pairs(string text)
        => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split(':'))
            .DistinctBy(pair => pair[0])
            .ToFrozenDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
}
