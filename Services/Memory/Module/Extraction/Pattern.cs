namespace MemoryMesh.Memory.Extraction;

/// <summary>
/// A compiled pattern of the slot grammar. Elements are parted by spaces: <c>live|am_living</c> is one of some words or phrases,
/// <c>?a|an</c> an optional one, <c>{place}</c> or <c>{where:place}</c> a typed slot, <c>[in {place}]</c> an optional group.
/// Adverbs may stand before any element. A slot ends at the words that may follow it, so matching never backtracks.
/// </summary>
internal sealed class Pattern
{
    /// <summary>Most tokens from the start of a match to the first word behind its opening: the longest phrase, and the adverbs between.</summary>
    public const int LongestOpening = 10;

    private const int MaxAdverbs = 3;

    private readonly Element[] _elements;

    private Pattern(Element[] elements) => _elements = elements;

    /// <summary>The words the pattern can begin with; empty when it begins with a slot.</summary>
    public IReadOnlyList<string> FirstWords => _elements[0] is Literal literal ? literal.Words : [];

    /// <summary>Words one of which must stand behind the first element; null when it may end there or go on with a slot.</summary>
    public IReadOnlyCollection<string>? WordsAfterOpening => WordsFrom(1);

    /// <summary>As <see cref="WordsAfterOpening"/>, for text that leaves out the "am" the pattern begins with.</summary>
    public IReadOnlyCollection<string>? WordsWithoutAm
        => _elements[0] is not Literal literal ? null : !literal.IsAmAlone ? [.. literal.WordsAfterAm] : WordsFrom(1) is { } words ? [.. literal.WordsAfterAm, .. words] : null;

    public static Pattern Parse(string pattern)
    {
        var words = pattern.Replace("[", "[ ", StringComparison.Ordinal).Replace("]", " ]", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var at = 0;
        var elements = ParseElements(words, ref at);
        SetStops(elements, []);
        return new Pattern(elements);
    }

    /// <summary>Matches the tokens from a position.</summary>
    /// <param name="context">The message.</param>
    /// <param name="position">Where the match begins.</param>
    /// <param name="end">Where the sentence ends.</param>
    /// <param name="lacksAm">Whether the user left out the "am" that the pattern begins with.</param>
    /// <param name="captures">Receives the slots.</param>
    /// <returns>The index behind the match, or -1.</returns>
    public int Match(MessageContext context, int position, int end, bool lacksAm, List<Capture> captures)
    {
        context.Effort.Steps++;
        if (!lacksAm)
        {
            return MatchElements(_elements, 0, context, position, end, captures);
        }

        var length = _elements[0] is Literal literal ? literal.LengthWithoutAm(context.Tokens, position, end) : -1;
        return length < 0 ? -1 : MatchElements(_elements, 1, context, position + length, end, captures);
    }

    private static int MatchElements(Element[] elements, int from, MessageContext context, int position, int end, List<Capture> captures)
    {
        for (var i = from; i < elements.Length; i++)
        {
            var next = MatchElement(elements[i], context, position, end, captures);
            if (next < 0)
            {
                return -1;
            }

            position = next;
        }

        return position;
    }

    private static int MatchElement(Element element, MessageContext context, int position, int end, List<Capture> captures)
    {
        switch (element)
        {
            case Literal literal:
                for (var i = position; i < end && i <= position + MaxAdverbs; i++)
                {
                    if (literal.Matches(context.Tokens, i, end, out var length))
                    {
                        return i + length;
                    }

                    if (!Lexicon.Adverbs.Contains(context.Tokens[i].Lower))
                    {
                        break;
                    }
                }

                return literal.IsOptional ? position : -1;

            case Slot slot:
                var slotEnd = SlotReader.Read(context, slot.Type, position, end, slot.Stops, out var slotStart);
                if (slotEnd < 0)
                {
                    return -1;
                }

                captures.Add(new Capture(slot.Name, slotStart, slotEnd));
                return slotEnd;

            default:
                var group = (Group)element;
                var count = captures.Count;
                var groupEnd = MatchElements(group.Elements, 0, context, position, end, captures);
                if (groupEnd >= 0)
                {
                    return groupEnd;
                }

                captures.RemoveRange(count, captures.Count - count);
                return position;
        }
    }

    private List<string>? WordsFrom(int from)
    {
        List<string> words = [];
        for (var i = from; i < _elements.Length; i++)
        {
            switch (_elements[i])
            {
                case Literal literal:
                    words.AddRange(literal.Words);
                    if (!literal.IsOptional)
                    {
                        return words;
                    }

                    break;
                case Group { Elements: [Literal { IsOptional: false } opening, ..] }:
                    words.AddRange(opening.Words);
                    break;
                default:
                    return null;
            }
        }

        return null;
    }

    private static Element[] ParseElements(string[] words, ref int at)
    {
        List<Element> elements = [];
        while (at < words.Length)
        {
            var word = words[at++];
            if (word == "]")
            {
                break;
            }

            if (word == "[")
            {
                elements.Add(new Group(ParseElements(words, ref at)));
            }
            else if (word[0] == '{')
            {
                var parts = word[1..^1].Split(':');
                elements.Add(new Slot(parts[0], parts[^1]));
            }
            else
            {
                elements.Add(new Literal(word.TrimStart('?').Split('|'), word[0] == '?' && word.Length > 1));
            }
        }

        return [.. elements];
    }

    /// <summary>Gives each slot the words that may follow it.</summary>
    private static void SetStops(Element[] elements, IReadOnlyList<string> after)
    {
        for (var i = elements.Length - 1; i >= 0; i--)
        {
            List<string> follow = [];
            var j = i + 1;
            for (; j < elements.Length; j++)
            {
                follow.AddRange(FirstOf(elements[j]));
                if (elements[j] is Slot or Literal { IsOptional: false })
                {
                    break;
                }
            }

            if (j == elements.Length)
            {
                follow.AddRange(after);
            }

            switch (elements[i])
            {
                case Slot slot:
                    slot.Stops = [.. follow];
                    break;
                case Group group:
                    SetStops(group.Elements, follow);
                    break;
            }
        }
    }

    private static IReadOnlyList<string> FirstOf(Element element) => element switch
    {
        Literal literal => literal.Words,
        Group group => FirstOf(group.Elements[0]),
        _ => [],
    };

    private abstract class Element;

    private sealed class Literal(string[] alternatives, bool isOptional) : Element
    {
        private readonly string[][] _phrases = [.. alternatives.Select(a => a.Split('_')).OrderByDescending(phrase => phrase.Length)];

        public string[] Words { get; } = [.. alternatives.Select(a => a.Split('_')[0])];

        public bool IsOptional => isOptional;

        /// <summary>Whether "am" is all of one of the phrases.</summary>
        public bool IsAmAlone => Array.Exists(_phrases, phrase => phrase is ["am"]);

        /// <summary>The second words of phrases that begin with "am".</summary>
        public IEnumerable<string> WordsAfterAm => _phrases.Where(phrase => phrase.Length > 1 && phrase[0] == "am").Select(phrase => phrase[1]);

        public bool Matches(List<Token> tokens, int at, int end, out int length)
        {
            foreach (var phrase in _phrases)
            {
                length = 0;
                foreach (var word in phrase)
                {
                    var step = at + length < end ? MatchWord(word, tokens, at + length, end) : 0;
                    if (step == 0)
                    {
                        length = 0;
                        break;
                    }

                    length += step;
                }

                if (length > 0)
                {
                    return true;
                }
            }

            length = 0;
            return false;
        }

        /// <summary>How many tokens match a phrase that begins with "am" when it is left out; -1 when none does.</summary>
        public int LengthWithoutAm(List<Token> tokens, int at, int end)
        {
            foreach (var phrase in _phrases)
            {
                if (phrase[0] != "am")
                {
                    continue;
                }

                var length = 1;
                while (length < phrase.Length && at + length - 1 < end && tokens[at + length - 1].Lower == phrase[length])
                {
                    length++;
                }

                if (length == phrase.Length)
                {
                    return length - 1;
                }
            }

            return -1;
        }

        private static int MatchWord(string word, List<Token> tokens, int at, int end)
        {
            var lower = tokens[at].Lower;
            if (lower == word || (lower == "'s" && word is "is" or "am") || (lower is "are" or "is" && word == "am") || (lower == "has" && word == "have") || (lower == "does" && word == "do"))
            {
                return 1;
            }

            return word == "am" && lower == "have" && at + 1 < end && tokens[at + 1].Lower == "been" ? 2 : 0;
        }
    }

    private sealed class Slot(string name, string type) : Element
    {
        public string Name => name;

        public string Type => type;

        public string[] Stops { get; set; } = [];
    }

    private sealed class Group(Element[] elements) : Element
    {
        public Element[] Elements => elements;
    }
}

/// <param name="Name">Name of the slot.</param>
/// <param name="First">First token.</param>
/// <param name="End">Index behind the last token.</param>
internal readonly record struct Capture(string Name, int First, int End);
