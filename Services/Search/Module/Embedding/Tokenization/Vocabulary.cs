using System.Collections.Frozen;

namespace MemoryMesh.Search.Embedding.Tokenization;

/// <summary>The tokens of a WordPiece model; an id is the number of a token's line, from 0.</summary>
internal sealed class Vocabulary
{
    /// <summary>What a token that continues a word starts with.</summary>
    public const string ContinuationMark = "##";

    private static readonly string[] SpecialTokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    private readonly string[] _tokens;
    private readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _starts;
    private readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _continuations;

    /// <exception cref="InvalidDataException">One of the tokens every such model has is missing.</exception>
    public Vocabulary(IEnumerable<string> lines)
    {
        _tokens = lines.ToArray();
        var starts = new Dictionary<string, int>(_tokens.Length, StringComparer.Ordinal);
        var continuations = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var id = 0; id < _tokens.Length; id++)
        {
            var token = _tokens[id];
            LongestToken = Math.Max(LongestToken, token.Length);
            starts[token] = id;
            if (token.StartsWith(ContinuationMark, StringComparison.Ordinal) && token.Length > ContinuationMark.Length)
            {
                continuations[token[ContinuationMark.Length..]] = id;
            }
        }

        Specials = SpecialTokens
            .Select(token => (token, starts.TryGetValue(token, out var id) ? id : throw new InvalidDataException($"The vocabulary has no {token}.")))
            .ToArray();
        Unknown = starts["[UNK]"];
        Start = starts["[CLS]"];
        End = starts["[SEP]"];
        _starts = starts.ToFrozenDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _continuations = continuations.ToFrozenDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public int Count => _tokens.Length;

    public int LongestToken { get; }

    public int Unknown { get; }

    public int Start { get; }

    public int End { get; }

    /// <summary>Tokens that are recognised as they are written, before anything else is done to a text.</summary>
    public (string Text, int Id)[] Specials { get; }

    public string this[int id] => (uint)id < (uint)_tokens.Length ? _tokens[id] : throw new ArgumentOutOfRangeException(nameof(id));

    public static Vocabulary Read(string path) => new(File.ReadLines(path));

    /// <summary>Id of the token that is the start of a word, or with <paramref name="continues"/> of one that goes on in it.</summary>
    public bool TryFind(ReadOnlySpan<char> piece, bool continues, out int id)
        => continues ? _continuations.TryGetValue(piece, out id) : _starts.TryGetValue(piece, out id);
}
