namespace MemoryMesh.Memory.Extraction;

/// <content>Corrections that name what is right and what is not, wherever in the message: "the 9th!! not the 8th", "34, not 43", "it's sixth, sorry".</content>
internal sealed partial class Conversation
{
    /// <summary>Farthest that the right value may stand from the wrong one, in tokens.</summary>
    private const int MostBetween = 8;

    private static readonly string[] OrdinalWords = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"];
    private static readonly string[] NumberWords = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

    /// <summary>"Not the 8th": an earlier fact that says so gets the value of the same kind that stands near it.</summary>
    private bool ReadSwap(Sentence sentence, List<MemoryCandidate> output)
    {
        if (_previous.Count == 0)
        {
            return false;
        }

        for (var not = sentence.First; not + 1 < sentence.End; not++)
        {
            if (Tokens[not].Lower != "not")
            {
                continue;
            }

            var wrong = not + 1;
            while (wrong + 1 < sentence.End && Tokens[wrong].Lower is "the" or "a" or "on" or "at" or "in" or "just" or "only")
            {
                wrong++;
            }

            if (ValueOf(Tokens[wrong].Lower) is { } value && RightOf(not, wrong, value) is { } right && Swapped(value, right, wrong) is { } swapped)
            {
                output.Add(swapped with { Operation = CandidateOperation.Update, Quote = _context.Quote(Math.Min(right, not), Math.Max(right, wrong) + 1), Confidence = 0.8 });
                return true;
            }
        }

        return false;
    }

    /// <summary>"Sixth, sorry": what is put right is the one earlier fact that counts so.</summary>
    private bool ReadRecount(Sentence sentence, List<MemoryCandidate> output)
    {
        if (_previous.Count == 0 || sentence.End - sentence.First > 6 || Gate.Contains(Tokens, sentence.First, sentence.End, CorrectionMarks) < 0)
        {
            return false;
        }

        for (var i = sentence.First; i < sentence.End; i++)
        {
            // "One second, sorry" counts nothing.
            if (ValueOf(Tokens[i].Lower) is not { Kind: ValueKind.Ordinal } right || (i > sentence.First && Tokens[i - 1].IsWord && Tokens[i - 1].Lower is not ("the" or "it" or "'s" or "is" or "be" or "mean" or "meant" or "that" or "on" or "actually" or "sorry" or "no")))
            {
                continue;
            }

            var told = Earlier.SelectMany(fact => fact.Text.TrimEnd('.').Split(' ')).Select(word => ValueOf(word.TrimEnd(',').ToLowerInvariant())).Where(value => value is { Kind: ValueKind.Ordinal } && value != right).Distinct().ToList();
            if (told is [{ } wrong] && Swapped(wrong, i, i) is { } swapped)
            {
                output.Add(swapped with { Operation = CandidateOperation.Update, Quote = _context.Quote(sentence.First, sentence.End), Confidence = 0.75 });
                return true;
            }
        }

        return false;
    }

    /// <summary>The value of the same kind that stands nearest to the wrong one.</summary>
    private int? RightOf(int not, int wrong, Value value)
    {
        for (var away = 1; away <= MostBetween; away++)
        {
            foreach (var at in (int[])[not - away, wrong + away])
            {
                if (at >= 0 && at < Tokens.Count && !_context.Blocked[at] && ValueOf(Tokens[at].Lower) is { } other && other.Kind == value.Kind && other != value)
                {
                    return at;
                }
            }
        }

        return null;
    }

    /// <summary>The newest fact that says the wrong value, with the right one in its place; null when none does.</summary>
    /// <param name="wrong">What is not.</param>
    /// <param name="right">Where what is stands.</param>
    /// <param name="said">Where what is not stands.</param>
    private MemoryCandidate? Swapped(Value wrong, int right, int said)
    {
        var token = Tokens[right];
        foreach (var fact in Enumerable.Reverse(Earlier))
        {
            var words = fact.Text.TrimEnd('.').Split(' ');
            for (var at = 1; at < words.Length; at++)
            {
                var word = words[at].TrimEnd(',', '\'');
                var isDay = wrong.Kind == ValueKind.Ordinal && word.All(char.IsAsciiDigit) && IsBesideMonth(words, at);
                if (word.Length == 0 || !(ValueOf(word.ToLowerInvariant()) == wrong || (isDay && ValueOf(word) is { } day && day.Number == wrong.Number)))
                {
                    continue;
                }

                // "Not the three cats, the four dogs": of what else something is counted, that is no correction.
                var counted = at + 1 < words.Length ? words[at + 1].TrimEnd(',') : "";
                if (!IsOf(right + 1, counted) || !IsOf(said + 1, counted))
                {
                    continue;
                }

                // "8 September" gets "9", "8th" gets "9th", and what has a capital keeps it.
                var text = isDay ? token.Text.TrimEnd('s', 't', 'n', 'd', 'r', 'h') : wrong.Kind is ValueKind.Day or ValueKind.Month ? char.ToUpperInvariant(token.Text[0]) + token.Lower[1..] : char.IsUpper(word[0]) ? token.Text : token.Lower;
                words[at] = text + words[at][word.Length..];
                return fact with { Text = string.Join(' ', words) + "." };
            }
        }

        return null;
    }

    /// <summary>Whether nothing is named there, or what the fact names.</summary>
    private bool IsOf(int at, string counted)
        => at >= Tokens.Count || !IsContentWord(Tokens[at]) || (counted.Length > 0 && HasWord(counted, Tokens[at].Text.TrimEnd('s'))) || Tokens[at].Lower is "actually" or "sorry" or "now" or "any" or "anymore" or "this" or "these";

    private static bool IsBesideMonth(string[] words, int at)
        => (at > 0 && Lexicon.Months.Contains(words[at - 1].ToLowerInvariant())) || (at + 1 < words.Length && Lexicon.Months.Contains(words[at + 1].TrimEnd(',').ToLowerInvariant()));

    private static Value? ValueOf(string word)
    {
        if (word.Length == 0)
        {
            return null;
        }

        if (char.IsAsciiDigit(word[0]))
        {
            var digits = word.TakeWhile(char.IsAsciiDigit).Count();
            return digits < 6 && int.TryParse(word.AsSpan(0, digits), System.Globalization.CultureInfo.InvariantCulture, out var number)
                ? digits == word.Length ? new Value(ValueKind.Number, number, "") : word[digits..] is "st" or "nd" or "rd" or "th" ? new Value(ValueKind.Ordinal, number, "") : null
                : null;
        }

        return Array.IndexOf(NumberWords, word) is var count and >= 0 ? new Value(ValueKind.Number, count + 1, "")
            : Array.IndexOf(OrdinalWords, word) is var place and >= 0 ? new Value(ValueKind.Ordinal, place + 1, "")
            : Lexicon.Days.Contains(word) || Lexicon.Days.Contains(word.TrimEnd('s')) ? new Value(ValueKind.Day, 0, word.TrimEnd('s'))
            : Lexicon.Months.Contains(word) ? new Value(ValueKind.Month, 0, word)
            : null;
    }

    private enum ValueKind
    {
        Number,
        Ordinal,
        Day,
        Month,
    }

    /// <summary>A value that another of its kind can take the place of.</summary>
    private readonly record struct Value(ValueKind Kind, int Number, string Name);
}
