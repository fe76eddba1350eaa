namespace MemoryMesh.Benchmarks;

/// <summary>Chat messages made of invented words whose frequencies fall as in natural text (Zipf), the same at every run.</summary>
internal sealed class Corpus
{
    private const int Words = 20_000;
    private const int EnglishWords = 6_000;
    private readonly string[] _words;
    private readonly double[] _cumulative;
    private readonly Random _random = new(20_260_501);

    public Corpus()
    {
        string[] onsets = ["b", "br", "c", "ch", "d", "dr", "f", "g", "gr", "h", "k", "l", "m", "n", "p", "pl", "r", "s", "st", "t", "tr", "v", "w", "z"];
        string[] vowels = ["a", "e", "i", "o", "u", "ai", "ea", "ou"];
        string[] codas = ["", "n", "r", "l", "t", "s", "m", "ck", "nd", "rt"];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (seen.Count < Words)
        {
            seen.Add(string.Concat(Enumerable.Range(0, 1 + _random.Next(3)).Select(_ => Pick(onsets) + Pick(vowels) + Pick(codas))));
        }

        _words = [.. seen];
        _cumulative = Frequencies(Words);
    }

    private Corpus(string[] words) => (_words, _cumulative) = (words, Frequencies(words.Length));

    /// <summary>Messages of English words as common as they are: what a language model is made for, with a token a word.</summary>
    public static Corpus OfEnglish()
        => new([.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "models", "bge-small-en-v1.5", "vocab.txt"))
            .Where(word => word.Length > 2 && word.All(char.IsAsciiLetterLower)).Take(EnglishWords)]);

    /// <summary>A message of 8 to 40 words.</summary>
    public string Message() => string.Join(' ', Enumerable.Range(0, 8 + _random.Next(33)).Select(_ => Word(0)));

    /// <summary>A question of 3 to 6 words, none of them among the 50 commonest.</summary>
    public string Query() => string.Join(' ', Enumerable.Range(0, 3 + _random.Next(4)).Select(_ => Word(50)));

    private string Word(int atLeast)
    {
        while (true)
        {
            var at = Array.BinarySearch(_cumulative, _random.NextDouble() * _cumulative[^1]);
            at = at < 0 ? ~at : at;
            if (at >= atLeast && at < _words.Length)
            {
                return _words[at];
            }
        }
    }

    private static double[] Frequencies(int words)
    {
        var cumulative = new double[words];
        var sum = 0.0;
        for (var i = 0; i < words; i++)
        {
            cumulative[i] = sum += 1.0 / (i + 1);
        }

        return cumulative;
    }

    private string Pick(string[] from) => from[_random.Next(from.Length)];
}
