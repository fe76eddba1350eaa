using System.Globalization;
using MemoryMesh.Memory.Text;

namespace MemoryMesh.Memory.Extraction;

/// <summary>What a message is weighed by when it is asked whether it ends, changes or takes back a fact that was told before.</summary>
/// <remarks>
/// Words that the message shares with the fact are all written alike, so that what was learned of "packed in the cornet" holds for every other thing that is packed in.
/// </remarks>
internal static class TurnFeatures
{
    private const int MostWords = 60;
    private const int Prefix = 5;

    /// <summary>The places of the weights.</summary>
    /// <param name="context">The message.</param>
    /// <param name="fact">A fact of an earlier one.</param>
    /// <param name="back">How many facts were told after it.</param>
    /// <param name="read">What was read from the message by itself.</param>
    public static HashSet<int> PlacesOf(MessageContext context, MemoryCandidate fact, int back, IReadOnlyList<MemoryCandidate> read)
    {
        HashSet<int> places = [];
        var told = WordsOf(fact);
        List<string> words = [];
        var (shared, numbers) = (0, 0);
        foreach (var sentence in context.Sentences)
        {
            words.Add(sentence.IsQuestion ? "?" : "^");
            for (var token = sentence.First; token < sentence.End && words.Count < MostWords; token++)
            {
                var (_, _, _, lower, kind) = context.Tokens[token];
                var isShared = Shares(told, lower);
                shared += isShared ? 1 : 0;
                numbers += kind == TokenKind.Number ? 1 : 0;
                words.Add(isShared ? "SAME" : UnreadFeatures.IsOwn(lower) ? "ME" : kind == TokenKind.Number ? "NUMBER" : lower);
            }
        }

        words.Add("$");
        var speaks = shared > 0 ? "same" : "other";
        for (var word = 0; word < words.Count; word++)
        {
            WordWeights.Add(places, "one", words[word]);
            WordWeights.Add(places, speaks, words[word]);
            if (word + 1 < words.Count)
            {
                WordWeights.Add(places, "two", words[word], words[word + 1]);
            }

            if (word + 2 < words.Count)
            {
                WordWeights.Add(places, "three", words[word], words[word + 1], words[word + 2]);
                WordWeights.Add(places, "round", words[word], words[word + 2]);
            }
        }

        var alike = read.Count == 0 ? "nothing" : read.Any(said => said.SlotKey == fact.SlotKey) ? "slot" : read.Any(said => said.Category == fact.Category) ? "category" : "other";
        WordWeights.Add(places, "shared", Count(shared, 3));
        WordWeights.Add(places, "category", fact.Category, speaks);
        WordWeights.Add(places, "read", alike, speaks);
        WordWeights.Add(places, "back", Count(back, 3), speaks);
        WordWeights.Add(places, "numbers", Count(numbers, 1), told.Exists(word => char.IsAsciiDigit(word[0])) ? "told" : "none");
        WordWeights.Add(places, "length", Count(words.Count / 5, 6));
        return places;
    }

    /// <summary>Whether a word stands in what a fact says, in that or in another form.</summary>
    public static bool Shares(List<string> told, string word)
        => IsTelling(word) && told.Exists(known => known == word || known.TrimEnd('s') == word.TrimEnd('s') || (known.Length >= Prefix && word.Length >= Prefix && known.AsSpan(0, Prefix).SequenceEqual(word.AsSpan(0, Prefix))));

    /// <summary>The words of a fact that tell what it is about.</summary>
    public static List<string> WordsOf(MemoryCandidate fact)
        => Tokenizer.Tokenize(fact.Text).ConvertAll(token => token.Lower).FindAll(word => IsTelling(word) && word is not ("user" or "said"));

    private static bool IsTelling(string word)
        => (word.Length > 2 || (word.Length > 0 && char.IsAsciiDigit(word[0]))) && !Lexicon.Pronouns.Contains(word) && !Lexicon.Determiners.Contains(word) && !Lexicon.Fillers.Contains(word) && !Lexicon.Auxiliaries.Contains(word)
            && word is not ("for" or "and" or "the" or "not" or "with" or "from" or "that" or "this" or "but" or "out" or "off" or "now" or "are" or "every" or "all" or "any" or "who" or "when" or "has" or "lives" or "named" or "wants" or "goes" or "got");

    private static string Count(int number, int most) => Math.Min(number, most).ToString(CultureInfo.InvariantCulture);
}
