namespace MemoryMesh.Memory.Extraction;

/// <summary>One message, cut into tokens and sentences, with what each sentence may say.</summary>
internal sealed class MessageContext
{
    public MessageContext(string text)
    {
        Text = text;
        Tokens = Tokenizer.Tokenize(TextMask.Apply(text));
        Sentences = SentenceSplitter.Split(Tokens);
        (Blocked, Muted) = Gate.Read(Tokens, Sentences);
        IsLowerCase = !Tokens.Exists(t => t.IsCapitalised && t.Text is not "I" && t.Text.Length > 1 && t.Start > 0);
    }

    public string Text { get; }

    public List<Token> Tokens { get; }

    public List<Sentence> Sentences { get; }

    /// <summary>Tokens that state no fact about the user.</summary>
    public bool[] Blocked { get; }

    /// <summary>Tokens that aren't the user's own words to the assistant, so that they hold no wish either.</summary>
    public bool[] Muted { get; }

    /// <summary>Whether the user writes without capitals, so that names can't be told by them.</summary>
    public bool IsLowerCase { get; }

    public string Render(int first, int end, bool isVerbPhrase = false) => Morphology.Render(Text, Tokens, first, end, isVerbPhrase);

    public QuotedSpan Quote(int first, int end) => new(Tokens[first].Start, Tokens[Math.Max(first, end - 1)].End - Tokens[first].Start);
}
