using Lucene.Net.Tartarus.Snowball;
using Lucene.Net.Tartarus.Snowball.Ext;

namespace MemoryMesh.Search.Analysis.Languages;

/// <summary>The Snowball stemmers of Lucene.Net (https://snowballstem.org/algorithms/). Loaded when a text first asks for one.</summary>
/// <remarks>A stemmer keeps the word it works on, so each thread has its own.</remarks>
internal static class Stemmers
{
    [ThreadStatic]
    private static GermanStemmer? _german;

    [ThreadStatic]
    private static SpanishStemmer? _spanish;

    [ThreadStatic]
    private static FrenchStemmer? _french;

    [ThreadStatic]
    private static RussianStemmer? _russian;

    /// <summary>The stem of a German word, lower case.</summary>
    public static string German(string word) => Stem(_german ??= new GermanStemmer(), word);

    /// <summary>The stem of a Spanish word, lower case, with its accents.</summary>
    public static string Spanish(string word) => Stem(_spanish ??= new SpanishStemmer(), word);

    /// <summary>The stem of a French word, lower case, with its accents.</summary>
    public static string French(string word) => Stem(_french ??= new FrenchStemmer(), word);

    /// <summary>The stem of a Russian word, lower case, without ё.</summary>
    public static string Russian(string word) => Stem(_russian ??= new RussianStemmer(), word);

    private static string Stem(SnowballProgram program, string word)
    {
        program.SetCurrent(word.ToCharArray(), word.Length);
        program.Stem();
        return program.Current;
    }
}
