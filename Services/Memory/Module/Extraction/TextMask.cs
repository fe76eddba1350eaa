namespace MemoryMesh.Memory.Extraction;

/// <summary>
/// Blanks out what the user did not say about themselves: code, pasted data, quotations, markup comments, lines that
/// pretend to come from the system. Offsets stay those of the message.
/// </summary>
internal static class TextMask
{
    public const char Blank = '\u0001';

    private const int ShortQuote = 32;

    private static readonly string[] RolePrefixes =
        ["system", "assistant", "developer", "tool", "user", "admin", "ai", "bot", "human", "memory", "memory update", "system note", "system message", "note to ai", "note to assistant", "instruction", "instructions"];

    public static char[] Apply(string text)
    {
        var masked = text.ToCharArray();
        MaskFences(masked);
        MaskDelimited(masked, "<!--", "-->");
        MaskDelimited(masked, "`", "`");
        MaskLines(masked);
        MaskBrackets(masked);
        MaskQuotes(masked);
        return masked;
    }

    private static void MaskFences(char[] text)
    {
        foreach (var fence in (ReadOnlySpan<string>)["```", "~~~"])
        {
            var at = 0;
            while (IndexOf(text, fence, at) is var open and >= 0)
            {
                var close = IndexOf(text, fence, open + fence.Length);
                var end = close < 0 ? text.Length : close + fence.Length;
                Fill(text, open, end);
                at = end;
            }
        }
    }

    private static void MaskDelimited(char[] text, string opening, string closing)
    {
        var at = 0;
        while (IndexOf(text, opening, at) is var open and >= 0)
        {
            var close = IndexOf(text, closing, open + opening.Length);
            if (close < 0)
            {
                return;
            }

            Fill(text, open, close + closing.Length);
            at = close + closing.Length;
        }
    }

    private static void MaskLines(char[] text)
    {
        var start = 0;
        while (start < text.Length)
        {
            var length = Array.IndexOf(text, '\n', start) is var newLine and >= 0 ? newLine - start : text.Length - start;
            var line = text.AsSpan(start, length).Trim();
            if (line.Length > 0 && (line[0] == '>' || line.StartsWith("//") || IsRoleLine(line) || IsTerminalLine(line)))
            {
                Fill(text, start, start + length);
            }

            start += length + 1;
        }
    }

    private static bool IsRoleLine(ReadOnlySpan<char> line)
    {
        line = line.TrimStart("[<(#*|/- ");
        var end = line[..Math.Min(line.Length, 40)].IndexOfAny(":]>|)");
        if (end <= 0)
        {
            return false;
        }

        var prefix = line[..end].Trim("*#_ ");
        foreach (var role in RolePrefixes)
        {
            if (prefix.Equals(role, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsTerminalLine(ReadOnlySpan<char> line) =>
        line.StartsWith("$ ") || line.StartsWith("Traceback ") || line.StartsWith("PS C:")
        || (line.IndexOf('@') is var at and > 0 && line[at..].IndexOf(":~") > 0);

    /// <summary>Data in brackets: anything in braces that holds a quote, a colon or an equals sign, and bracketed lists of such.</summary>
    private static void MaskBrackets(char[] text)
    {
        var depth = 0;
        var open = -1;
        var isData = false;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '{' or '[':
                    if (depth++ == 0)
                    {
                        open = i;
                        isData = false;
                    }

                    break;
                case '}' or ']' when depth > 0:
                    if (--depth == 0 && isData)
                    {
                        Fill(text, open, i + 1);
                    }

                    break;
                case '"' or ':' or '=' when depth > 0:
                    isData = true;
                    break;
            }
        }

        if (depth > 0 && isData)
        {
            Fill(text, open, text.Length);
        }
    }

    private static void MaskQuotes(char[] text)
    {
        MaskPairs(text, '\u201C', '\u201D');
        MaskPairs(text, '\u201E', '\u201C');
        MaskPairs(text, '\u00AB', '\u00BB');
        MaskPairs(text, '\u300C', '\u300D');
        MaskPairs(text, '\u2018', '\u2019');
        MaskPairs(text, '"', '"');
        MaskPairs(text, '\'', '\'');
    }

    private static void MaskPairs(char[] text, char opening, char closing)
    {
        var open = -1;
        for (var i = 0; i < text.Length; i++)
        {
            if (open >= 0 && text[i] == closing && Closes(text, i, closing))
            {
                MaskQuotation(text, open, i + 1);
                open = -1;
            }
            else if (open < 0 && text[i] == opening && Opens(text, i, opening))
            {
                open = i;
            }
            else if (text[i] == '\n' && i + 1 < text.Length && text[i + 1] == '\n')
            {
                open = -1;
            }
        }
    }

    private static bool Opens(char[] text, int i, char mark) =>
        mark is not ('\'' or '\u2018' or '"')
        || ((i == 0 || !char.IsLetterOrDigit(text[i - 1])) && i + 1 < text.Length && !char.IsWhiteSpace(text[i + 1]));

    private static bool Closes(char[] text, int i, char mark) =>
        mark is not ('\'' or '\u2019') || i + 1 == text.Length || !char.IsLetterOrDigit(text[i + 1]);

    /// <summary>A word or two in quotes is a name or a title and stays readable; longer quotations are somebody's words.</summary>
    private static void MaskQuotation(char[] text, int start, int end)
    {
        var content = text.AsSpan(start + 1, end - start - 2);
        var spaces = content.Count(' ');
        if (content.Length <= ShortQuote && spaces <= 3 && char.IsUpper(content.Length > 0 ? content[0] : 'a') && !SpeaksInFirstPerson(content))
        {
            text[start] = ' ';
            text[end - 1] = ' ';
            return;
        }

        Fill(text, start, end);
    }

    private static bool SpeaksInFirstPerson(ReadOnlySpan<char> content)
    {
        foreach (var range in content.SplitAny(" ',.!?\u2019"))
        {
            if (content[range] is "I" or "i" or "my" or "My" or "me" or "Ich" or "Je" or "Yo" or "Soy" or "Me" or "Mi" or "Mein")
            {
                return true;
            }
        }

        return false;
    }

    private static void Fill(char[] text, int start, int end)
    {
        for (var i = start; i < end; i++)
        {
            if (text[i] != '\n')
            {
                text[i] = Blank;
            }
        }
    }

    private static int IndexOf(char[] text, string value, int from) =>
        from >= text.Length ? -1 : text.AsSpan(from).IndexOf(value) is var at and >= 0 ? from + at : -1;
}
