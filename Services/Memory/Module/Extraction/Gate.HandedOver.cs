using System.Collections.Frozen;

namespace MemoryMesh.Memory.Extraction;

/// <content>What is handed over or played: texts to work on, parts given to the assistant, riddles.</content>
internal static partial class Gate
{
    /// <summary>"Translate this: ..." hands over text that is not the user speaking about themselves.</summary>
    private static bool OpensPayload(List<Token> tokens, Sentence sentence)
    {
        // "In Swedish please: ..."
        var language = SkipFillers(tokens, sentence.First, sentence.End);
        if (language + 2 < sentence.End && tokens[language].Lower is "in" or "into" or "to" && Lexicon.Languages.Contains(tokens[language + 1].Lower) && tokens.FindIndex(language + 2, Math.Min(3, sentence.End - language - 2), token => token.Text == ":") > 0)
        {
            return true;
        }

        // "Pull the strongest points out of this CV:", and the CV below it.
        if (tokens[sentence.End - 1].Text == ":" && IsFollowedByNewLine(tokens, sentence) && tokens.FindIndex(sentence.First, sentence.End - sentence.First, token => Documents.Contains(token.Lower)) is var document and > 0 && PointsAtText(tokens, Math.Max(sentence.First, document - 3), document))
        {
            return true;
        }

        // "Make a table from this:", and rows below it.
        if (tokens[sentence.End - 1].Text == ":" && IsFollowedByNewLine(tokens, sentence) && sentence.End - sentence.First > 3 && tokens[sentence.End - 2].Lower is "this" or "these" or "following" or "data" or "rows" or "lines" or "list" or "csv" or "below"
            && tokens.FindIndex(sentence.First, sentence.End - sentence.First, token => Makers.Contains(token.Lower)) >= 0 && OpensTask(tokens, sentence))
        {
            return true;
        }

        // "Sort these by age", and rows below it.
        if (IsFollowedByNewLine(tokens, sentence) && tokens.FindIndex(sentence.First, sentence.End - sentence.First, token => token.Lower is "this" or "these" or "following" or "below") > sentence.First
            && tokens.FindIndex(sentence.First, sentence.End - sentence.First, token => Makers.Contains(token.Lower)) >= 0 && OpensTask(tokens, sentence) && HoldsRows(tokens, sentence.End))
        {
            return true;
        }

        for (var i = sentence.First; i < sentence.End; i++)
        {
            if (Lexicon.PayloadVerbs.Contains(tokens[i].Lower) && OpensTask(tokens, sentence))
            {
                for (var j = i + 1; j < sentence.End; j++)
                {
                    if (tokens[j].Text is ":" or "\uFF1A")
                    {
                        return true;
                    }
                }
            }

            if (Lexicon.PayloadVerbs.Contains(tokens[i].Lower) && OpensTask(tokens, sentence) && i + 1 < sentence.End && PointsAtText(tokens, i + 1, sentence.End) && IsFollowedByNewLine(tokens, sentence))
            {
                return true;
            }

            // "Reply to this for me:" hands over somebody's letter as well.
            var isReply = tokens[i].Lower is "reply" or "respond" or "answer" && i + 2 < sentence.End && PointsAtText(tokens, i + 1, Math.Min(i + 4, sentence.End));
            if ((isReply || tokens[i].Lower is "cover" or "bio" or "caption" or "lyrics") && OpensTask(tokens, sentence) && tokens[sentence.End - 1].Text == ":")
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>"I restore pianos for a living and need this advert shortened:": what is said before the request is the user's own.</summary>
    private static int StartOfHandingOver(List<Token> tokens, Sentence sentence)
    {
        var first = SkipFillers(tokens, sentence.First, sentence.End);
        if (OpensTask(tokens, sentence) || !(tokens[first].Lower is "i" or "my" or "as" or "we"))
        {
            return sentence.First;
        }

        for (var i = first + 3; i + 1 < sentence.End; i++)
        {
            if (tokens[i].Lower is "and" or "so" or "," or "but" && tokens[i + 1].Lower is "need" or "want" or "please" or "can" or "could" or "i" or "here" or "this")
            {
                return i;
            }
        }

        return sentence.First;
    }

    /// <summary>Whether each of the next two lines holds a comma, so that they are rows of a table.</summary>
    private static bool HoldsRows(List<Token> tokens, int from)
    {
        var lines = 0;
        var commas = 0;
        for (var i = from; i <= tokens.Count && lines < 2; i++)
        {
            if (i < tokens.Count && tokens[i].Kind != TokenKind.NewLine)
            {
                commas += tokens[i].Text is "," or ";" or "|" ? 1 : 0;
                continue;
            }

            if (i > from && tokens[i - 1].Kind != TokenKind.NewLine)
            {
                if (commas == 0)
                {
                    return false;
                }

                lines++;
                commas = 0;
            }
        }

        return lines == 2;
    }

    /// <summary>"Reply to the client in German please: I live in Bonn": what follows a wish about the reply says why, and is no text to reply with.</summary>
    private static bool GivesReason(List<Token> tokens, Sentence sentence, int colon)
    {
        var first = SkipFillers(tokens, sentence.First, sentence.End);
        return colon > first && colon + 2 < sentence.End && tokens[colon + 1].Lower is "i" or "we" or "my" or "our" && tokens.FindIndex(first, Math.Min(3, colon - first), token => token.Lower is "reply" or "respond" or "answer") >= 0
            && Contains(tokens, first, colon, [["with"], ["saying"], ["say"], ["that"], ["this"], ["following"], ["below"]]) < 0;
    }

    /// <summary>Verbs that make something out of what is handed over.</summary>
    private static readonly HashSet<string> Makers = ["make", "create", "build", "generate", "draw", "produce", "render", "sort", "count", "plot", "format", "turn", "convert", "put", "order", "group", "alphabetise", "alphabetize", "rank", "list", "merge", "parse", "import", "clean", "tidy", "transform"];

    private static readonly HashSet<string> Documents = ["cv", "resume", "email", "mail", "letter", "text", "article", "page", "post", "review", "listing", "paragraph", "thread", "note", "message", "abstract", "ad", "advert", "transcript", "minutes", "poem", "passage", "bio", "statement", "report", "log", "chat", "conversation"];

    /// <summary>"shorten this email", "proofread the text below": the text stands in the lines after it.</summary>
    private static bool PointsAtText(List<Token> tokens, int first, int end)
    {
        for (var i = first; i < end; i++)
        {
            if (tokens[i].Lower is "this" or "below" or "following" or "it" or "these" or "my" or "the")
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsFollowedByNewLine(List<Token> tokens, Sentence sentence)
    {
        for (var i = sentence.End; i < tokens.Count && i <= sentence.End + 1; i++)
        {
            if (tokens[i].Kind == TokenKind.NewLine)
            {
                return true;
            }
        }

        return false;
    }

    private static bool AsksAboutTheAbove(List<Token> tokens, Sentence sentence)
    {
        var i = SkipFillers(tokens, sentence.First, sentence.End);
        while (i < sentence.End - 1 && tokens[i].Lower is "can" or "could" or "you" or "please" or "now")
        {
            i++;
        }

        if (tokens[i].Lower is "is" or "are" && i + 2 < sentence.End && tokens[i + 1].Lower is "this" or "these" or "it" && tokens[i + 2].Lower is "valid" or "correct" or "yaml" or "json" or "csv" or "xml" or "grammatical")
        {
            return true;
        }

        return i + 1 < sentence.End && tokens[i].Lower is "translate" or "proofread" or "rephrase" or "paraphrase" or "rewrite" or "summarise" or "summarize" or "traduce" or "traduis"
            && tokens[i + 1].Lower is "this" or "that" or "the" or "it" or "into" or "to" or "both" or "them" or "these" or "those" or "esto" or "ça";
    }

    private static readonly FrozenSet<string> Praise = FrozenSet.Create(
        StringComparer.Ordinal, "star", "legend", "genius", "lifesaver", "gem", "great", "best", "one", "only", "first", "real", "absolute", "man", "boss", "champion", "treasure", "angel", "hero", "expert");

    /// <summary>"You are Clara, a baker from Lyon": the assistant is given a part, and what follows belongs to it.</summary>
    private static bool CastsAssistant(List<Token> tokens, Sentence sentence)
    {
        var first = SkipFillers(tokens, sentence.First, sentence.End);
        if (Contains(tokens, first, sentence.End, [["you", "are", "the"], ["you", "are", "a"], ["you", "are", "my"]]) is var cast and >= 0 && Contains(tokens, cast, sentence.End, [["and", "i", "am"]]) > 0)
        {
            return true;
        }

        if (first + 2 < sentence.End && tokens[first].Lower == "be" && tokens[first + 1].Lower is "my" or "a" or "an" or "the" && tokens[first + 2].Lower is not ("bit" or "little" or "lot"))
        {
            return true;
        }

        return first + 2 < sentence.End && tokens[first].Lower == "you" && tokens[first + 1].Lower is "are" && !sentence.IsQuestion && (tokens[first + 2].IsCapitalised || tokens[first + 2].Lower is "a" or "an" or "my" or "the" && !(first + 3 < sentence.End && Praise.Contains(tokens[first + 3].Lower)));
    }

    /// <summary>"Oh great, I just love waiting on hold".</summary>
    private static bool IsSarcastic(List<Token> tokens, Sentence sentence) =>
        sentence.First + 2 < sentence.End && tokens[sentence.First].Lower is "oh" or "yeah" or "wow" or "ah" or "ha" or "sure" && tokens[sentence.First + 1].Lower is "great" or "joy" or "wonderful" or "fantastic" or "lovely" or "brilliant" or "perfect" or "right" or "sure" or "yes" or "totally" or "obviously" or "absolutely" or "clearly" or "naturally" && !tokens[sentence.First + 2].IsWord
        || sentence.First + 3 < sentence.End && tokens[sentence.First].Lower is "oh" or "ah" && tokens[sentence.First + 1].Lower == "i" && tokens[sentence.First + 2].Lower is "just" or "simply" or "absolutely" or "do" && tokens[sentence.First + 3].Lower is "love" or "adore" or "enjoy" or "like";

    /// <summary>"What number am I?"</summary>
    private static bool AsksWhoIAm(List<Token> tokens, Sentence sentence) =>
        sentence.End - sentence.First is >= 3 and <= 5 && tokens[sentence.First].Lower is "what" or "who" && tokens[sentence.End - 2].Lower == "am" && tokens[sentence.End - 1].Lower == "i";
}
