using System.Globalization;
using MemoryMesh.Memory.Text;

namespace MemoryMesh.Memory.Extraction;

/// <summary>What a sentence is weighed by when it is asked whether it states something lasting: its words, what stands together, kinds of words, and where it stands.</summary>
internal static class UnreadFeatures
{
    private const int Opening = 4;
    private const int Prefix = 4;
    private const int Suffix = 3;

    private static readonly (string Kind, IReadOnlySet<string> Words)[] Kinds =
    [
        ("FAMILY", Lexicon.Family), ("PET", Lexicon.Pets), ("TASK", Lexicon.TaskVerbs), ("ASK", Lexicon.Questions), ("MONTH", Lexicon.Months), ("DAY", Lexicon.Days), ("TRADE", Lexicon.Professions), ("TONGUE", Lexicon.Languages),
        ("VEHICLE", Lexicon.Vehicles), ("DEVICE", Lexicon.Devices), ("HOME", Lexicon.Homes), ("ADVERB", Lexicon.Adverbs), ("STANDING", Lexicon.StandingMarkers), ("AUX", Lexicon.Auxiliaries),
    ];

    /// <summary>Whether a word speaks of who says it.</summary>
    public static bool IsOwn(string word) => word is "i" or "me" or "my" or "mine" or "myself" or "we" or "our" or "us" or "ours";

    /// <summary>The places of the weights.</summary>
    /// <param name="context">The message.</param>
    /// <param name="at">Index of the sentence.</param>
    /// <param name="first">First token of what is weighed: the sentence, or a clause of it.</param>
    /// <param name="end">Index behind its last token.</param>
    /// <param name="earlier">How many messages the user wrote before.</param>
    public static HashSet<int> PlacesOf(MessageContext context, int at, int first, int end, int earlier)
    {
        var sentence = context.Sentences[at];
        HashSet<int> places = [];
        List<string> words = [first == sentence.First ? "^" : context.Tokens[first - 1].Lower];
        var (own, capitals, digits) = (false, 0, false);
        string? kindBefore = null;
        for (var token = first; token < end; token++)
        {
            var (_, _, _, lower, kind) = context.Tokens[token];
            var isOwn = IsOwn(lower);
            own |= isOwn;
            capitals += token > first && context.Tokens[token].IsCapitalised ? 1 : 0;
            digits |= kind == TokenKind.Number;
            words.Add(isOwn ? "ME" : kind == TokenKind.Number ? "NUMBER" : lower);
            if (lower.Length > Prefix + 1)
            {
                WordWeights.Add(places, "prefix", lower[..Prefix]);
                WordWeights.Add(places, "suffix", lower[^Suffix..]);
            }

            if (Array.Find(Kinds, named => named.Words.Contains(lower)).Kind is { } found)
            {
                WordWeights.Add(places, "kind", found);
                if (kindBefore is not null)
                {
                    WordWeights.Add(places, "kinds", kindBefore, found);
                }

                kindBefore = found;
            }
        }

        words.Add(end == sentence.End ? sentence.IsQuestion ? "?" : "$" : context.Tokens[end].Lower);
        for (var word = 0; word < words.Count; word++)
        {
            WordWeights.Add(places, "one", words[word]);
            if (word <= Opening)
            {
                WordWeights.Add(places, "opening", words[word]);
            }

            if (word + 1 < words.Count)
            {
                WordWeights.Add(places, "two", words[word], words[word + 1]);
            }

            if (word + 2 < words.Count)
            {
                WordWeights.Add(places, "three", words[word], words[word + 1], words[word + 2]);
            }
        }

        WordWeights.Add(places, own ? "own" : "not own", sentence.IsQuestion ? "question" : "statement");
        WordWeights.Add(places, "part", first == sentence.First ? "first" : "later", end == sentence.End ? "last" : "earlier", sentence.IsQuestion ? "question" : "statement");
        WordWeights.Add(places, "length", Count(words.Count / 5, 6));
        WordWeights.Add(places, "capitals", Count(capitals, 3), digits ? "digits" : "none");
        WordWeights.Add(places, "sentence", Count(at, 3));
        WordWeights.Add(places, "sentences", Count(context.Sentences.Count, 4));
        WordWeights.Add(places, "message", Count(earlier, 2));
        if (at > 0)
        {
            AddOpening(places, "before", context, context.Sentences[at - 1]);
        }

        if (at + 1 < context.Sentences.Count)
        {
            AddOpening(places, "after", context, context.Sentences[at + 1]);
        }

        if (context.Text.Contains('\n', StringComparison.Ordinal) && context.Text.Contains(':', StringComparison.Ordinal))
        {
            WordWeights.Add(places, "handed over");
        }

        return places;
    }

    /// <summary>How a sentence beside begins: "You are the innkeeper. I'm Sir Aldous. Begin."</summary>
    private static void AddOpening(HashSet<int> places, string where, MessageContext context, Sentence sentence)
    {
        var first = context.Tokens[sentence.First].Lower;
        WordWeights.Add(places, where, first);
        WordWeights.Add(places, where, first, sentence.First + 1 < sentence.End ? context.Tokens[sentence.First + 1].Lower : "$");
    }

    private static string Count(int number, int most) => Math.Min(number, most).ToString(CultureInfo.InvariantCulture);
}
