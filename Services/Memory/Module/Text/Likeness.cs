using System.Collections.Frozen;

namespace MemoryMesh.Memory.Text;

/// <summary>What the words of two texts say about each other.</summary>
internal enum Likeness
{
    /// <summary>They say different things, as far as words tell.</summary>
    None,

    /// <summary>The new text says nothing that the known one does not say.</summary>
    SaysNoMore,

    /// <summary>The new text says all that the known one says, and a little more.</summary>
    SaysMore,
}

/// <summary>The content words of a text, folded and stemmed, in their order.</summary>
/// <remarks>
/// Two texts are near duplicates when the words of one are all among those of the other, in the same order, and the Jaccard index of the two sets
/// is at least <see cref="Threshold"/>. A word on each side that the other lacks (tea, coffee), a number or a word of ending or negation makes two facts.
/// </remarks>
internal sealed class ContentWords
{
    /// <summary>Least Jaccard index of near duplicates.</summary>
    public const double Threshold = 0.8;

    private static readonly FrozenSet<string> Empty = FrozenSet.Create(
        StringComparer.Ordinal,
        "a", "an", "the", "is", "are", "am", "be", "and", "that", "user", "users", "i", "my", "me", "s", "m", "t", "really", "very", "much", "truly", "absolutely", "also", "too");

    private static readonly FrozenSet<string> Turning = FrozenSet.Create(
        StringComparer.Ordinal,
        "not", "no", "never", "none", "without", "don", "doesn", "didn", "isn", "aren", "can", "cannot", "won", "longer", "anymore", "stopped", "stop", "quit", "sold", "sell",
        "former", "formerly", "ex", "was", "were", "used", "once", "until", "unless", "except", "only", "hardly", "if");

    private static readonly FrozenDictionary<string, string> Same = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["love"] = "like",
        ["enjoy"] = "like",
        ["adore"] = "like",
        ["hate"] = "dislike",
        ["loathe"] = "dislike",
        ["favourite"] = "favorite",
        ["colour"] = "color",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Words that place others and say nothing of their own: two texts may say the same with and without them.</summary>
    private static readonly FrozenSet<string> Placing = FrozenSet.Create(
        StringComparer.Ordinal,
        "as", "of", "in", "on", "at", "to", "for", "with", "by", "from", "has", "have", "it", "its", "this", "who", "he", "she", "they", "his", "her", "their", "currently", "now");

    /// <summary>Words that tell which of two is which: with them, another order says another thing.</summary>
    private static readonly FrozenSet<string> Directing = FrozenSet.Create(
        StringComparer.Ordinal,
        "over", "than", "from", "to", "into", "before", "after", "instead", "rather", "more", "less", "better", "worse", "versus", "vs", "but", "because", "for", "by");

    private readonly string[] _words;
    private readonly string _subject;
    private HashSet<string>? _bare;

    public ContentWords(string text)
    {
        List<string> all = [.. Split(MemoryText.Fold(text))];
        _subject = all is [var first, "s", ..] ? first + "'s" : all.FirstOrDefault() ?? "";
        _words = [.. all.Where(word => !Empty.Contains(word)).Select(Stem)];
    }

    /// <summary>Whether a negation, an ending or a condition stands in one text and not in the other.</summary>
    public bool TurnsAgainst(ContentWords other)
        => _words.Except(other._words).Concat(other._words.Except(_words)).Any(word => Turning.Contains(word));

    /// <summary>How many words the two have in common.</summary>
    public int Shared(ContentWords other) => _words.Intersect(other._words).Count();

    /// <summary>How many words there are.</summary>
    public int Count => _words.Length;

    /// <summary>What tells quickly that this text and another cannot be alike.</summary>
    public TextOutline Outline
    {
        get
        {
            var bits = 0UL;
            foreach (var word in _words)
            {
                bits |= 1UL << (word.GetHashCode(StringComparison.Ordinal) & 63);
            }

            return new TextOutline(_words.Distinct(StringComparer.Ordinal).Count(), bits);
        }
    }

    /// <summary>The words that carry what is said, each once: without those that only place others ("works as" too), and a present participle as its verb.</summary>
    public IReadOnlySet<string> Bare => _bare ??= BareInOrder.ToHashSet(StringComparer.Ordinal);

    private IEnumerable<string> BareInOrder
        => _words.Where((word, at) => !Placing.Contains(word) && !(at + 1 < _words.Length && _words[at + 1] == "as" && WithoutParticiple(word) == "work")).Select(WithoutParticiple);

    /// <summary>
    /// Whether this text may say what the other one does in another order or with other words around: both speak of the same in the same words. A word that one of them
    /// has alone may make another fact of it (tea, iced tea), which their vectors would not tell; whether another order does, they have to.
    /// </summary>
    public bool MayRestate(ContentWords other)
        => Bare.Count > 0 && _subject == other._subject && Bare.SetEquals(other.Bare) && !TurnsAgainst(other)
            && (!_words.Any(word => Turning.Contains(word) || Directing.Contains(word)) || BareInOrder.SequenceEqual(other.BareInOrder));

    /// <summary>What this new text says beside a known one.</summary>
    public Likeness Compare(ContentWords known)
    {
        var (shorter, longer) = _words.Length <= known._words.Length ? (_words, known._words) : (known._words, _words);
        if (shorter.Length == 0 || !StandsInOrder(shorter, longer))
        {
            return Likeness.None;
        }

        var all = longer.ToHashSet(StringComparer.Ordinal);
        var shared = shorter.ToHashSet(StringComparer.Ordinal);
        if ((double)shared.Count / all.Count < Threshold || all.Except(shared).Any(word => Turning.Contains(word) || char.IsAsciiDigit(word[0])))
        {
            return Likeness.None;
        }

        return _words.Length <= known._words.Length ? Likeness.SaysNoMore : Likeness.SaysMore;
    }

    private static bool StandsInOrder(string[] shorter, string[] longer)
    {
        var at = 0;
        foreach (var word in longer)
        {
            if (at < shorter.Length && shorter[at] == word)
            {
                at++;
            }
        }

        return at == shorter.Length;
    }

    /// <summary>Runs of letters and digits; of Chinese, Japanese and Korean every character, as words are not told apart there.</summary>
    private static IEnumerable<string> Split(string text)
    {
        var start = -1;
        for (var i = 0; i <= text.Length; i++)
        {
            var inWord = i < text.Length && (char.IsLetterOrDigit(text[i]) || text[i] is '+' or '#' || char.IsSurrogate(text[i]) || char.GetUnicodeCategory(text[i]) == System.Globalization.UnicodeCategory.NonSpacingMark);
            var single = inWord && text[i] >= '\u2E80' && !char.IsSurrogate(text[i]);
            if (start >= 0 && (!inWord || single))
            {
                yield return text[start..i];
                start = -1;
            }

            if (single)
            {
                yield return text[i].ToString();
            }
            else if (inWord && start < 0)
            {
                start = i;
            }
        }
    }

    private static string WithoutParticiple(string word)
    {
        var verb = word.Length > 5 && word.EndsWith("ing", StringComparison.Ordinal) ? word[..^3] : word;
        return verb.Length > 3 && verb[^1] == 'e' ? verb[..^1] : verb;
    }

    private static string Stem(string word)
    {
        var stem = word switch
        {
            _ when Same.ContainsKey(word) || Turning.Contains(word) => word,
            { Length: > 4 } when word.EndsWith("ies", StringComparison.Ordinal) => word[..^3] + "y",
            { Length: > 4 } when word.EndsWith("sses", StringComparison.Ordinal) || word.EndsWith("ches", StringComparison.Ordinal) || word.EndsWith("shes", StringComparison.Ordinal) => word[..^2],
            { Length: > 3 } when word[^1] == 's' && word[^2] is not ('s' or 'u' or 'i') => word[..^1],
            _ => word,
        };
        return Same.GetValueOrDefault(stem, stem);
    }
}
