namespace MemoryMesh.Memory.Extraction;

/// <summary>Rules by the word they begin with, each list in the order of the table.</summary>
internal sealed class RuleIndex
{
    private readonly Dictionary<string, RuleList> _byWord = [];

    public RuleIndex(IReadOnlyCollection<Rule> rules)
    {
        foreach (var rule in rules)
        {
            if (rule.Pattern.FirstWords.Count == 0)
            {
                OpenedBySlot.Add(rule, rule.Pattern.WordsAfterOpening);
            }

            foreach (var word in rule.Pattern.FirstWords.Distinct())
            {
                if (!_byWord.TryGetValue(word, out var list))
                {
                    _byWord[word] = list = new RuleList(Pattern.LongestOpening);
                }

                list.Add(rule, rule.Pattern.WordsAfterOpening);
                if (word == "am")
                {
                    WithoutAm.Add(rule, rule.Pattern.WordsWithoutAm);
                }
            }
        }
    }

    /// <summary>Rules that begin with a slot; they are tried at the start of a clause only.</summary>
    public RuleList OpenedBySlot { get; } = new(SlotReader.LongestSlot);

    /// <summary>Rules that begin with "am", for text that leaves it out.</summary>
    public RuleList WithoutAm { get; } = new(Pattern.LongestOpening);

    /// <summary>Rules that begin with a word; null when there are none.</summary>
    public RuleList? For(string word) => _byWord.GetValueOrDefault(word);
}

/// <summary>
/// Rules found by a word that must stand behind their opening. A position tries the few that can match there, so that text made of openings
/// costs little more than other text.
/// </summary>
/// <param name="reach">How many tokens behind the start of a match that word may stand.</param>
internal sealed class RuleList(int reach)
{
    private readonly List<Rule> _rules = [];
    private readonly List<int> _unconditional = [];
    private readonly Dictionary<string, List<int>> _byWord = [];

    /// <summary>Adds a rule at the end of the list.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="words">Words one of which it needs; null when it needs none.</param>
    public void Add(Rule rule, IReadOnlyCollection<string>? words)
    {
        var index = _rules.Count;
        _rules.Add(rule);
        if (words is null)
        {
            _unconditional.Add(index);
            return;
        }

        foreach (var word in words.Distinct())
        {
            if (!_byWord.TryGetValue(word, out var list))
            {
                _byWord[word] = list = [];
            }

            list.Add(index);
        }
    }

    /// <summary>The rules that can match, in the order of the table.</summary>
    /// <param name="tokens">The message.</param>
    /// <param name="first">Where the match would begin.</param>
    /// <param name="end">Where the sentence ends.</param>
    public IEnumerable<Rule> At(List<Token> tokens, int first, int end)
    {
        SortedSet<int>? found = null;
        for (var i = first; i < end && i <= first + reach; i++)
        {
            var word = tokens[i].Lower;
            Select(word, ref found);
            switch (word)
            {
                case "'s":
                    Select("is", ref found);
                    Select("am", ref found);
                    break;
                case "are" or "have" or "is":
                    Select("am", ref found);
                    break;
                case "has":
                    Select("have", ref found);
                    break;
                case "does":
                    Select("do", ref found);
                    break;
            }
        }

        if (found is null)
        {
            return _unconditional.Select(index => _rules[index]);
        }

        found.UnionWith(_unconditional);
        return found.Select(index => _rules[index]);
    }

    private void Select(string word, ref SortedSet<int>? found)
    {
        if (_byWord.TryGetValue(word, out var list))
        {
            (found ??= []).UnionWith(list);
        }
    }
}
