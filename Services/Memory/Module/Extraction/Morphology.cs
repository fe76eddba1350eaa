using System.Collections.Frozen;
using System.Text;

namespace MemoryMesh.Memory.Extraction;

/// <summary>Turns what the user says about themselves into a third-person sentence.</summary>
internal static class Morphology
{
    private static readonly FrozenSet<string> Unchanged = FrozenSet.ToFrozenSet(
    [
        "can", "could", "will", "would", "should", "must", "may", "might", "was", "were", "had", "did", "got", "went", "bought", "sold", "quit", "left", "grew", "became", "met", "ran", "began",
        "built", "won", "lost", "took", "gave", "made", "came", "found", "wrote", "broke", "taught", "spent", "kept", "sat", "has", "is", "does", "swapped", "born", "used", "gone", "done", "seen", "taken", "eaten", "given", "known", "grown", "worn", "written", "spoken", "driven", "chosen", "begun", "drunk", "sung", "swum", "never", "always", "always", "no", "not", "swam", "drank", "drove", "flew", "rode", "slept", "spoke", "stood", "threw", "told", "thought", "woke", "wore", "brought", "caught", "drew", "fell", "fought", "forgot", "heard", "held", "knew", "led", "lent", "paid", "rang", "rose", "said", "saw", "sent", "shot", "sang", "stole", "tore", "felt", "ate", "froze", "hid", "shook", "based", "been", "split", "learnt", "dreamt", "burnt", "handed", "put", "cut", "ordered",
    ]);

    private static readonly FrozenDictionary<string, string> Pronouns = new Dictionary<string, string>
    {
        ["i"] = "they", ["we"] = "they", ["me"] = "them", ["us"] = "them", ["my"] = "their", ["our"] = "their", ["mine"] = "theirs", ["ours"] = "theirs", ["myself"] = "themselves", ["ourselves"] = "themselves", ["am"] = "are",
    }.ToFrozenDictionary();

    /// <summary>The third-person singular of a present-tense verb; other forms stay.</summary>
    public static string ThirdPerson(string verb)
    {
        switch (verb)
        {
            case "am" or "are":
                return "is";
            case "have":
                return "has";
            case "was" or "were":
                return "was";
        }

        if (verb.Length < 2 || Unchanged.Contains(verb) || verb.EndsWith("ed", StringComparison.Ordinal) && verb != "need" && verb != "feed" && verb != "breed"
            || verb.EndsWith("ing", StringComparison.Ordinal) && verb is not ("sing" or "bring" or "ring" or "swing"))
        {
            return verb;
        }

        if (verb[^1] == 's' && verb is not ("pass" or "miss" or "discuss" or "focus" or "press" or "process" or "dress"))
        {
            return verb;
        }

        if (verb[^1] == 'y' && !"aeiou".Contains(verb[^2], StringComparison.Ordinal))
        {
            return verb[..^1] + "ies";
        }

        return verb[^1] is 's' or 'x' or 'z' or 'o' || verb.EndsWith("ch", StringComparison.Ordinal) || verb.EndsWith("sh", StringComparison.Ordinal) ? verb + "es" : verb + "s";
    }

    /// <summary>Writes tokens as they stood in the message, with the first person made the third.</summary>
    /// <param name="text">The message.</param>
    /// <param name="tokens">Its tokens.</param>
    /// <param name="first">First token to write.</param>
    /// <param name="end">Index behind the last.</param>
    /// <param name="isVerbPhrase">Whether the first word is the verb of the user.</param>
    /// <returns>The words, without a closing mark.</returns>
    public static string Render(ReadOnlySpan<char> text, List<Token> tokens, int first, int end, bool isVerbPhrase = false)
    {
        StringBuilder output = new();
        var verbPending = isVerbPhrase;
        for (var i = first; i < end; i++)
        {
            var token = tokens[i];
            if (i > first && token.Lower == "not" && tokens[i - 1].Lower == "can")
            {
                output.Append("not");
                continue;
            }

            if (i > first && token.Lower == "not" && tokens[i - 1].Text.EndsWith('\''))
            {
                // "won't" is cut into "will" and "not" without a gap.
                output.Append(" not");
                continue;
            }

            if (i > first && token.Lower == "was" && tokens[i - 1].Lower == "i")
            {
                output.Append(" were");
                continue;
            }

            if (i > first)
            {
                AppendGap(output, text, tokens[i - 1], token);
            }
            else if (token.Start > 0 && text[token.Start - 1] is '$' or '\u20AC' or '\u00A3')
            {
                output.Append(text[token.Start - 1]);
            }

            if (verbPending && token.Kind == TokenKind.Word)
            {
                if (Lexicon.Adverbs.Contains(token.Lower) || token.Lower is "never" or "always" or "rarely" or "hardly" or "seldom" or "scarcely" or "barely")
                {
                    output.Append(token.Lower);
                    continue;
                }

                verbPending = false;
                output.Append(ThirdPerson(token.Lower));
            }
            else
            {
                output.Append(Pronouns.TryGetValue(token.Lower, out var pronoun) && !token.IsAcronym && token.Kind == TokenKind.Word ? pronoun : Written(token));
            }
        }

        return output.ToString();
    }

    /// <summary>Adds the article a noun phrase lacks.</summary>
    public static string WithArticle(string phrase)
    {
        var first = phrase.Split(' ', 2)[0].ToLowerInvariant();
        if (phrase.Length == 0 || Lexicon.Determiners.Contains(first) || first is "head" or "co-owner" or "vice" or "professor" or "chief" or "ceo" or "cto" or "cfo")
        {
            return phrase;
        }

        var vowel = "aeiou".Contains(char.ToLowerInvariant(phrase[0]), StringComparison.Ordinal) && !first.StartsWith("uni", StringComparison.Ordinal) && !first.StartsWith("eu", StringComparison.Ordinal) && first is not ("ux" or "ui" or "one");
        return (vowel || first is "hr" or "mri" or "nhs" or "sre" or "ml" or "honest" or "x-ray" ? "an " : "a ") + phrase;
    }

    private static string Written(Token token) => token.Text.EndsWith('\'') && token.Lower is "will" or "can" or "shall" ? token.Lower : token.Lower is "b4" or "because" or "before" or "please" or "and" or "with" or "without" && token.Text.Length < 4 ? token.Lower : token.Text;

    private static void AppendGap(StringBuilder output, ReadOnlySpan<char> text, Token previous, Token token)
    {
        var gap = text[previous.End..token.Start];
        if (gap.IsEmpty)
        {
            if (token.Kind == TokenKind.Word && previous.IsWord && token.Lower != "'s" && !previous.Text.EndsWith('\''))
            {
                output.Append(' ');
            }

            return;
        }

        output.Append(' ');
        foreach (var c in gap)
        {
            if (c is '$' or '\u20AC' or '\u00A3' or '#' or '~')
            {
                output.Append(c);
            }
        }
    }
}
