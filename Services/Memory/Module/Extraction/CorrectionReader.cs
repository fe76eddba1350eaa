namespace MemoryMesh.Memory.Extraction;

/// <summary>Finds what a correction replaces in an earlier fact: a number by a number, a name by one spelled alike, what "not" names by what stands beside it.</summary>
internal static class CorrectionReader
{
    private const int MaxDistance = 3;

    /// <summary>The earlier fact with one word replaced, or null.</summary>
    /// <param name="context">The correcting message.</param>
    /// <param name="first">First token that may be the new value.</param>
    /// <param name="end">Index behind the last.</param>
    /// <param name="candidates">Earlier facts, newest first.</param>
    /// <returns>The fact and the text it gets.</returns>
    public static (MemoryCandidate Fact, string Text)? Find(MessageContext context, int first, int end, List<MemoryCandidate> candidates)
    {
        var isMeant = Gate.Contains(context.Tokens, first, end, [["meant"], ["typo"], ["autocorrect"]]) >= 0;
        for (var i = first; i < end; i++)
        {
            var token = context.Tokens[i];
            var isNumber = token.Kind == TokenKind.Number || SlotReader.NumberWord(token.Lower);
            if (!isNumber && !(token.Kind == TokenKind.Word && token.Text.Length > 2 && (token.IsCapitalised || context.IsLowerCase || (isMeant && token.Text.Length > 4))))
            {
                continue;
            }

            foreach (var candidate in candidates)
            {
                if ((isNumber ? ReplaceNumber(candidate.Text, token) : ReplaceAlike(candidate.Text, token, isMeant)) is { } text)
                {
                    return (candidate, text);
                }
            }
        }

        return null;
    }

    private static string? ReplaceNumber(string text, Token number)
    {
        var words = text.TrimEnd('.').Split(' ');
        var isYear = IsYear(number.Text) && Array.Exists(words, IsYear);
        for (var i = 1; i < words.Length; i++)
        {
            var word = words[i].TrimEnd(',').ToLowerInvariant();
            if (word.Length > 0 && word != number.Lower && (!isYear || IsYear(word)) && (char.IsDigit(word[0]) && word.All(char.IsLetterOrDigit) || SlotReader.NumberWord(word)))
            {
                words[i] = number.Text;
                return string.Join(' ', words) + ".";
            }
        }

        return null;
    }

    /// <summary>"1981" takes the place of a year, not of the day before it.</summary>
    private static bool IsYear(string word) => word.Length == 4 && word.All(char.IsAsciiDigit) && word[0] is '1' or '2';

    /// <summary>Only a word that is nearly the same is a spelling of it: "Sarah" and "Sara", "Kowalsky" and "Kowalski", "Porto" and "Portimão".</summary>
    private static string? ReplaceAlike(string text, Token name, bool isMeant)
    {
        var words = text.TrimEnd('.').Split(' ');
        for (var i = 1; i < words.Length; i++)
        {
            var word = words[i].Trim(',');
            if (word.Length > 2 && (isMeant || char.IsUpper(word[0]) | char.IsUpper(name.Text[0])) && !word.Equals(name.Text, StringComparison.Ordinal) && i > 1 && IsAlike(word.ToLowerInvariant(), name.Lower))
            {
                words[i] = name.Text;
                return string.Join(' ', words) + ".";
            }
        }

        return null;
    }

    private static bool IsAlike(string a, string b)
    {
        var allowed = Math.Min(MaxDistance, Math.Max(1, Math.Min(a.Length, b.Length) / 3));
        return a.Length > 2 && b.Length > 2 && a[0] == b[0] | a[^1] == b[^1] && (Distance(a, b) <= allowed || (a.Length > 4 && b.Length > 4 && a[..4] == b[..4]));
    }

    /// <summary>Levenshtein distance of two short words.</summary>
    private static int Distance(string a, string b)
    {
        if (a.Length > 24 || b.Length > 24)
        {
            return int.MaxValue;
        }

        Span<int> row = stackalloc int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
