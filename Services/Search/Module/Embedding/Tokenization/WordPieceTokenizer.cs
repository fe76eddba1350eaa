using System.Buffers;
using System.Text;

namespace MemoryMesh.Search.Embedding.Tokenization;

/// <summary>Splits a text into the tokens of an uncased BERT model.</summary>
/// <remarks>
/// Control characters are dropped, ideographs and punctuation are words of their own, letters lose case and accents; each word is then cut
/// greedily into the longest tokens that fit, and is one unknown token when some part has none or it is over 100 characters.
/// Devlin et al., "BERT", 2019, and the reference implementation's uncased settings.
/// </remarks>
internal sealed class WordPieceTokenizer(Vocabulary vocabulary)
{
    private const int LongestWord = 100;

    // Up to 100 characters, each a surrogate pair; what is longer only has to be known to be longer.
    private const int WordCapacity = 2 * (LongestWord + 4);

    private readonly CharacterTable _characters = new();

    public Vocabulary Vocabulary => vocabulary;

    /// <summary>Adds a text's tokens to a list, without the marks of start and end.</summary>
    /// <param name="text">Any text; lone surrogates are dropped.</param>
    /// <param name="tokens">Is appended to.</param>
    /// <param name="limit">Most tokens to add; the rest of the text is not looked at.</param>
    public void Append(ReadOnlySpan<char> text, TokenBuffer tokens, int limit)
    {
        var end = Math.Min((long)tokens.Count + limit, int.MaxValue);
        while (!text.IsEmpty && tokens.Count < end)
        {
            var (at, length, id) = NextSpecial(text);
            AppendPlain(text[..at], tokens, (int)end);
            if (length > 0 && tokens.Count < end)
            {
                tokens.Add(id);
            }

            text = text[(at + length)..];
        }
    }

    private (int At, int Length, int Id) NextSpecial(ReadOnlySpan<char> text)
    {
        var at = 0;
        while (text[at..].IndexOf('[') is var found and >= 0)
        {
            at += found;
            foreach (var (special, id) in vocabulary.Specials)
            {
                if (text[at..].StartsWith(special, StringComparison.Ordinal))
                {
                    return (at, special.Length, id);
                }
            }

            at++;
        }

        return (text.Length, 0, 0);
    }

    private void AppendPlain(ReadOnlySpan<char> text, TokenBuffer tokens, int end)
    {
        Span<char> folding = stackalloc char[8];
        Span<char> word = stackalloc char[WordCapacity];
        var length = 0;
        var characters = 0;
        while (!text.IsEmpty && tokens.Count < end)
        {
            var status = Rune.DecodeFromUtf16(text, out var rune, out var used);
            text = text[used..];
            var kind = status == OperationStatus.Done ? _characters.Kind(rune.Value) : CharacterKind.Dropped;
            if (kind == CharacterKind.Dropped)
            {
                continue;
            }

            if (kind != CharacterKind.Word)
            {
                AppendWord(word[..length], characters, tokens, end);
                (length, characters) = (0, 0);
                if (kind == CharacterKind.Single)
                {
                    var single = _characters.Folded(rune.Value, folding);
                    AppendWord(single, 1, tokens, end);
                }

                continue;
            }

            var folded = _characters.Folded(rune.Value, folding);
            while (!folded.IsEmpty)
            {
                Rune.DecodeFromUtf16(folded, out var part, out var width);
                if (CharacterTable.IsPunctuation(part.Value))
                {
                    AppendWord(word[..length], characters, tokens, end);
                    AppendWord(folded[..width], 1, tokens, end);
                    (length, characters) = (0, 0);
                }
                else
                {
                    characters++;
                    if (characters <= LongestWord)
                    {
                        folded[..width].CopyTo(word[length..]);
                        length += width;
                    }
                }

                folded = folded[width..];
            }
        }

        AppendWord(word[..length], characters, tokens, end);
    }

    private void AppendWord(ReadOnlySpan<char> word, int characters, TokenBuffer tokens, int end)
    {
        if (word.IsEmpty || tokens.Count >= end)
        {
            return;
        }

        if (characters > LongestWord)
        {
            tokens.Add(vocabulary.Unknown);
            return;
        }

        var first = tokens.Count;
        var at = 0;
        while (at < word.Length)
        {
            var length = Math.Min(word.Length - at, vocabulary.LongestToken);
            int id;
            while (!vocabulary.TryFind(word.Slice(at, length), at > 0, out id))
            {
                length--;
                if (length == 0)
                {
                    tokens.Cut(first);
                    tokens.Add(vocabulary.Unknown);
                    return;
                }
            }

            tokens.Add(id);
            at += length;
        }

        tokens.Cut(Math.Min(tokens.Count, end));
    }
}
