namespace MemoryMesh.Memory.Extraction;

internal enum TokenKind
{
    Word,
    Number,
    Comma,
    Break,
    Terminator,
    NewLine,
    Symbol,
    Masked,
}

/// <param name="Start">Offset in the message.</param>
/// <param name="End">Offset behind the last code unit.</param>
/// <param name="Text">The words as written, with straight apostrophes.</param>
/// <param name="Lower">The canonical form that patterns are matched against: lower case, contractions and text speak resolved.</param>
/// <param name="Kind">What sort of token it is.</param>
internal readonly record struct Token(int Start, int End, string Text, string Lower, TokenKind Kind)
{
    public bool IsWord => Kind is TokenKind.Word or TokenKind.Number;

    public bool IsCapitalised => Kind == TokenKind.Word && Text.Length > 0 && char.IsUpper(Text[0]);

    public bool IsAcronym => Kind == TokenKind.Word && Text.Length is > 1 and < 8 && Text.All(c => char.IsUpper(c) || char.IsDigit(c));
}
