namespace MemoryMesh.Memory.Extraction;

/// <summary>Leaves out asides that stand in the middle of a clause, so that it is read on: "I've been fencing (épée) since I was nine".</summary>
internal static class Asides
{
    private const int MaxWords = 2;

    /// <summary>Drops short asides in round brackets. One with a name or a number stays: it tells something by itself.</summary>
    public static void Drop(List<Token> tokens)
    {
        var kept = 0;
        for (var i = 0; i < tokens.Count; i++)
        {
            if (i > 0 && tokens[i].Text == "(" && Close(tokens, i) is var close and > 0 && close + 1 < tokens.Count && tokens[close + 1].IsWord && tokens[i - 1].IsWord)
            {
                i = close;
                continue;
            }

            tokens[kept++] = tokens[i];
        }

        tokens.RemoveRange(kept, tokens.Count - kept);
    }

    private static int Close(List<Token> tokens, int open)
    {
        for (var i = open + 1; i < tokens.Count && i <= open + MaxWords + 1; i++)
        {
            if (tokens[i].Text == ")")
            {
                return i > open + 1 ? i : -1;
            }

            if (tokens[i].Kind != TokenKind.Word || tokens[i].IsCapitalised || Lexicon.Pronouns.Contains(tokens[i].Lower) || Lexicon.Family.Contains(tokens[i].Lower) || Lexicon.Pets.Contains(tokens[i].Lower))
            {
                return -1;
            }
        }

        return -1;
    }
}
