using System.Collections.Frozen;
using System.Text.RegularExpressions;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Memory.Text;
using MemoryMesh.ServiceDefaults.Text;

namespace MemoryMesh.Memory.Features;

/// <summary>Says in a few of their own sentences what messages were about, without a language model.</summary>
/// <remarks>
/// SumBasic (Vanderwende, Suzuki, Brockett and Nenkova, Information Processing &amp; Management 43, 2007): a sentence counts as much as the words in it on
/// average, a word as often as it occurs; the words of a chosen sentence are then squared, so that the next one speaks of something else. A sentence is
/// quoted whole and with its speaker, and never made up.
/// </remarks>
internal static partial class ConversationSummary
{
    private const int MaxSentences = 5;
    private const int MaxTokens = 200;
    private const int MaxCandidates = 1_000;
    private const int MinLength = 16;
    private const int MaxLength = 300;
    private const int MinWordLength = 3;

    private static readonly FrozenSet<string> Stopwords = FrozenSet.Create(
        StringComparer.Ordinal,
        "about", "after", "all", "also", "and", "any", "are", "because", "been", "but", "can", "could", "did", "does", "for", "from", "get", "had", "has", "have", "her", "here", "him", "his",
        "how", "into", "its", "just", "like", "more", "not", "now", "one", "our", "out", "please", "she", "should", "some", "such", "than", "thanks", "that", "the", "their", "them", "then",
        "there", "these", "they", "this", "too", "use", "very", "was", "were", "what", "when", "where", "which", "who", "why", "will", "with", "would", "you", "your");

    /// <summary>The lines of a summary, <c>speaker: sentence</c>, in the order they were said; none when nothing can be quoted.</summary>
    /// <param name="messages">Oldest first.</param>
    public static IReadOnlyList<string> Of(IEnumerable<ChatMessage> messages)
    {
        var candidates = messages.SelectMany(Sentences).TakeLast(MaxCandidates).ToList();
        var weights = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var word in candidates.SelectMany(candidate => candidate.Words))
        {
            weights[word] = weights.GetValueOrDefault(word) + 1;
        }

        var total = weights.Values.Sum();
        foreach (var word in weights.Keys)
        {
            weights[word] /= total;
        }

        var chosen = new List<int>();
        var tokens = 0;
        while (chosen.Count < MaxSentences)
        {
            var best = -1;
            var score = 0.0;
            for (var i = 0; i < candidates.Count; i++)
            {
                var value = candidates[i].Words.Average(word => weights[word]);
                if (value > score && tokens + candidates[i].Tokens <= MaxTokens && !chosen.Exists(known => candidates[known].Line == candidates[i].Line))
                {
                    (best, score) = (i, value);
                }
            }

            if (best < 0)
            {
                break;
            }

            chosen.Add(best);
            tokens += candidates[best].Tokens;
            foreach (var word in candidates[best].Words.Distinct())
            {
                weights[word] *= weights[word];
            }
        }

        return [.. chosen.Order().Select(index => candidates[index].Line)];
    }

    /// <summary>Sentences of a message that can be quoted, each on one line: what user and assistant say in words, neither too short nor too long.</summary>
    public static IEnumerable<string> SentencesOf(ChatMessage message)
        => message.Role is not ("user" or "assistant")
            ? []
            : SentenceEnd().Split(Code().Replace(message.Content, "\n"))
                .Select(MemoryText.OneLine)
                .Where(sentence => sentence.Length <= MaxLength && TokenEstimate.Count(sentence) * 4 >= MinLength);

    private static IEnumerable<Candidate> Sentences(ChatMessage message)
        => SentencesOf(message)
            .Select(sentence => new Candidate($"{message.Role}: {sentence}", [.. WordsOf(sentence)]))
            .Where(candidate => candidate.Words.Count > 0);

    /// <summary>Words that say what a sentence is about. A character of a writing without spaces is one.</summary>
    public static IEnumerable<string> WordsOf(string sentence)
        => Word().Matches(sentence).Select(match => match.Value.ToLowerInvariant())
            .Where(word => word.Length == 1 || (word.Length >= MinWordLength && !Stopwords.Contains(word)));

    [GeneratedRegex("```.*?(```|$)|`[^`\n]*`", RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"(?<=[.!?])\s+|(?<=[。！？])|\n+")]
    private static partial Regex SentenceEnd();

    [GeneratedRegex(@"[\p{IsCJKUnifiedIdeographs}\p{IsHiragana}\p{IsKatakana}]|[\p{L}\p{M}\p{N}-[\u3040-\u30ff\u4e00-\u9fff]]{2,}")]
    private static partial Regex Word();

    private sealed record Candidate(string Line, IReadOnlyList<string> Words)
    {
        public int Tokens { get; } = TokenEstimate.Count(Line) + 1;
    }
}
