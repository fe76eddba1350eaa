namespace MemoryMesh.Memory.Extraction;

/// <param name="First">Index of the first token.</param>
/// <param name="End">Index behind the last token, the closing mark not included.</param>
/// <param name="IsQuestion">Whether it closes with a question mark.</param>
/// <param name="IsBullet">Whether it is an item of a list.</param>
/// <param name="AfterIntroduction">Whether it is an item of a list the user introduced as being about themselves.</param>
/// <param name="OfProfile">Whether that list was introduced as telling who the user is, so that every item does.</param>
internal readonly record struct Sentence(int First, int End, bool IsQuestion, bool IsBullet, bool AfterIntroduction, bool OfProfile = false);

internal static class SentenceSplitter
{
    /// <summary>Longest sentence; it keeps the reading of a message linear in its length.</summary>
    private const int MaxTokens = 150;

    public static List<Sentence> Split(List<Token> tokens)
    {
        List<Sentence> sentences = [];
        var first = 0;
        var introduced = false;
        var numbered = false;
        var profile = false;
        for (var i = 0; i <= tokens.Count; i++)
        {
            var atEnd = i == tokens.Count;
            var isOverlong = i - first >= MaxTokens;
            if (!atEnd && !isOverlong && tokens[i].Kind is not (TokenKind.NewLine or TokenKind.Terminator or TokenKind.Symbol or TokenKind.Masked))
            {
                continue;
            }

            if (!atEnd && i == first + 1 && tokens[i].Text == "." && tokens[first].Kind == TokenKind.Number && (first == 0 || tokens[first - 1].Kind == TokenKind.NewLine))
            {
                // "1. vegetarian": the number counts the items.
                (first, numbered) = (i + 1, true);
                continue;
            }

            if (i > first)
            {
                var start = first;
                var bullet = IsBulletMark(tokens[start]);
                if (bullet)
                {
                    start++;
                }
                else if (start + 2 < i && tokens[start].Kind == TokenKind.Number && tokens[start + 1].Text == ")" && (start == 0 || tokens[start - 1].Kind == TokenKind.NewLine))
                {
                    // "2) twin".
                    (bullet, start) = (true, start + 2);
                }

                bullet |= numbered;
                numbered = false;

                if (i > start)
                {
                    var listed = ListAfterIntroduction(tokens, start, i);
                    sentences.Add(new Sentence(listed > 0 ? listed : start, i, !atEnd && tokens[i].Text == "?", bullet, (bullet && introduced) || listed > 0, bullet && introduced && profile));
                    if (!bullet)
                    {
                        introduced = (tokens[i - 1].Text == ":" || (i + 1 < tokens.Count && tokens[i].Kind == TokenKind.NewLine && IsBulletMark(tokens[i + 1]))) && IntroducesSelf(tokens, start, i);
                        profile = introduced && IntroducesProfile(tokens, start, i);
                    }
                }
            }

            first = isOverlong ? i : i + 1;
        }

        return sentences;
    }

    /// <summary>"About me: 34, Glasgow, two kids": where the list begins that the user introduced in the same sentence; -1 when there is none.</summary>
    private static int ListAfterIntroduction(List<Token> tokens, int first, int end)
    {
        for (var i = first + 1; i < end - 1 && i < first + 8; i++)
        {
            if (tokens[i].Text is ":" or "-" or "\u2014" or "\u2013")
            {
                return tokens[i - 1].Lower is "me" or "myself" or "nutshell" or "bio" or "intro" or "background" or "context" or "words" && (tokens[first].Lower is "about" or "quick" or "a" or "some" or "bit" or "me" or "little" or "few" or "short" or "bio" or "intro" or "my" or "background" or "hi" or "hey") ? i + 1 : -1;
            }
        }

        return -1;
    }

    /// <summary>"So you know who you're talking to:", "For context:".</summary>
    private static readonly string[][] Introductions = [["you", "are", "talking", "to"], ["you", "are", "talking", "with"], ["you", "are", "dealing", "with"], ["you", "are", "speaking", "to"], ["you", "are", "chatting", "with"], ["you", "are", "working", "with"], ["for", "context"], ["some", "context"], ["bit", "of", "context"], ["some", "background"], ["for", "background"], ["bit", "of", "background"], ["for", "the", "record"], ["for", "your", "notes"], ["for", "reference"], ["basics"], ["key", "facts"], ["quick", "facts"]];

    private static readonly string[][] Profiles = [.. Introductions, ["about", "me"], ["about", "myself"], ["about", "us"], ["on", "me"], ["me", "in"], ["to", "know"], ["should", "know"], ["worth", "knowing"], ["know", "me"], ["know", "about"], ["profile"], ["who", "i", "am"], ["facts"]];

    private static bool IsBulletMark(Token token) => token.Text is "-" or "\u2022" or "\u2013" or "\u2014";

    /// <summary>"About me:", "Four things to know:", "Profile, since you asked:", and not "my shopping list:".</summary>
    private static bool IntroducesProfile(List<Token> tokens, int first, int end)
        => end - first <= 12 && !Lexicon.TaskVerbs.Contains(tokens[first].Lower) && Gate.Contains(tokens, first, end, Profiles) >= 0 && tokens.FindIndex(first, end - first, token => token.Lower is "my" or "need" or "trip" or "recipe" or "recipes" or "list" or "code" or "project" or "meeting" or "them" or "before" or "when" or "plan" or "planning" or "booking") < 0
            && !Enumerable.Range(first, end - first - 1).Any(at => tokens[at].Lower is "about" or "for" or "on" or "of" && !(tokens[at + 1].Lower is "me" or "myself" or "us" or "you" or "your" or "context" or "background" or "reference" or "later" or "who" or "fun" or "record" or "how" or "info" or "what" or "it" || at + 2 < end && tokens[at + 2].Lower is "record"));

    private static bool IntroducesSelf(List<Token> tokens, int first, int end)
    {
        if (tokens[end - 1].Text == ":" && tokens.FindIndex(first, end - first, token => token.Lower is "know" or "knowing") is var know and >= 0 && end - know <= 2 && !Lexicon.Questions.Contains(tokens[first].Lower) | tokens[first].Lower is "what")
        {
            // "What you should know:".
            return true;
        }

        if (tokens[first].Lower is "profile" or "quick" or "short" or "little" && tokens.FindIndex(first, Math.Min(3, end - first), token => token.Lower == "profile") >= 0 && Gate.Contains(tokens, first, end, [["for", "the"], ["for", "a"], ["of"], ["picture"], ["his"], ["her"], ["their"]]) < 0)
        {
            return true;
        }

        if (tokens[end - 1].Text == ":" && Gate.Contains(tokens, first, end, Introductions) >= 0 && !Lexicon.TaskVerbs.Contains(tokens[first].Lower))
        {
            return true;
        }

        for (var i = first; i < end; i++)
        {
            if (tokens[i].Lower.EndsWith("-me", StringComparison.Ordinal) || tokens[i].Lower is "me" or "myself" or "i" or "my" or "mich" or "mí" or "moi")
            {
                return !Lexicon.TaskVerbs.Contains(tokens[first].Lower);
            }
        }

        return false;
    }
}
