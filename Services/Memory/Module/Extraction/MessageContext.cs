namespace MemoryMesh.Memory.Extraction;

/// <summary>One message, cut into tokens and sentences, with what each sentence may say.</summary>
internal sealed class MessageContext
{
    /// <param name="text">The message.</param>
    /// <param name="effort">Counts the work, when the text is part of another message.</param>
    public MessageContext(string text, Effort? effort = null)
    {
        Text = text;
        Effort = effort ?? new Effort();
        Tokens = Tokenizer.Tokenize(TextMask.Apply(text));
        Asides.Drop(Tokens);
        Sentences = SentenceSplitter.Split(Tokens);
        (Blocked, Muted) = Gate.Read(Tokens, Sentences);
        IsLowerCase = !Tokens.Exists(t => t.IsCapitalised && t.Text is not "I" && t.Text.Length > 1 && t.Start > 0);
    }

    public string Text { get; }

    /// <summary>What reading the message has cost.</summary>
    public Effort Effort { get; }

    public List<Token> Tokens { get; }

    public List<Sentence> Sentences { get; }

    /// <summary>Tokens that state no fact about the user.</summary>
    public bool[] Blocked { get; }

    /// <summary>Tokens that aren't the user's own words to the assistant, so that they hold no wish either.</summary>
    public bool[] Muted { get; }

    /// <summary>Whether something private was stated that is not kept, as nothing asks for it to be.</summary>
    public bool WithheldPrivate { get; set; }

    /// <summary>Whether the user writes without capitals, so that names can't be told by them.</summary>
    public bool IsLowerCase { get; }

    public string Render(int first, int end, bool isVerbPhrase = false) => Morphology.Render(Text, Tokens, first, end, isVerbPhrase);

    public QuotedSpan Quote(int first, int end) => new(Tokens[first].Start, Tokens[Math.Max(first, end - 1)].End - Tokens[first].Start);
}

/// <summary>The work of reading a message, by which tests see that it grows no faster than the message.</summary>
internal sealed class Effort
{
    /// <summary>Rules tried, tokens looked at as the end of a phrase, and earlier facts compared.</summary>
    public long Steps { get; set; }

    /// <summary>Receives the rules that matched, when a test asks which are of use; null otherwise.</summary>
    public ISet<Rule>? Matched { get; init; }
}
