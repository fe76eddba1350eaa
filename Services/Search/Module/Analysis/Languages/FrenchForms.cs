namespace MemoryMesh.Search.Analysis.Languages;

/// <summary>What the forms of a French word have in common.</summary>
internal static class FrenchForms
{
    // chanteur, chanteuse; actrice; achetons; boulangère
    private static readonly string[] Endings = ["eur", "eux", "eus", "ric", "on", "er"];

    /// <summary>The stem, folded, without a last e, doubled consonants and the e that keeps a g or c soft.</summary>
    /// <param name="word">Lower case, with its accents.</param>
    public static string Key(string word)
    {
        var stem = CharacterFolding.Fold(Stemmers.French(word)).ToLowerInvariant();
        while (stem.Length > 3 && stem[^1] == 'e')
        {
            stem = stem[..^1];
        }

        foreach (var ending in Endings)
        {
            if (stem.Length >= ending.Length + 3 && stem.EndsWith(ending, StringComparison.Ordinal))
            {
                stem = stem[..^ending.Length];
                break;
            }
        }

        // rendre, rendu; bijou, bijoux; sportif, sportive
        stem = stem switch
        {
            [.., 'd' or 't' or 'v', 'r'] when stem.Length > 3 => stem[..^1],
            [.., 'u', 'x'] => stem[..^1],
            [.., 'f'] => stem[..^1] + 'v',
            [.., 'u'] when stem.Length > 4 => stem[..^1],
            _ => stem,
        };
        if (stem.Length > 3 && stem[^1] is 'l' or 't' or 'n' or 's' && stem[^1] == stem[^2])
        {
            stem = stem[..^1];
        }

        // nettoie, nettoyer; emploi, employer
        if (stem.Length > 3 && stem[^1] is 'y' or 'i' && stem[^2] is 'o' or 'a' or 'u')
        {
            stem = stem[..^1];
        }

        return stem;
    }
}
