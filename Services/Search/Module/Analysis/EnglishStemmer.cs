using System.Buffers;

namespace MemoryMesh.Search.Analysis;

/// <summary>Takes the endings off English words, so that "programming" and "programs" meet: the Porter2 algorithm (https://snowballstem.org/algorithms/english/stemmer.html).</summary>
internal static class EnglishStemmer
{
    private const int LongestWord = 64;

    private static readonly Dictionary<string, string> Exceptions = new(StringComparer.Ordinal)
    {
        ["skis"] = "ski", ["skies"] = "sky", ["dying"] = "die", ["lying"] = "lie", ["tying"] = "tie", ["idly"] = "idl", ["gently"] = "gentl",
        ["ugly"] = "ugli", ["early"] = "earli", ["only"] = "onli", ["singly"] = "singl", ["sky"] = "sky", ["news"] = "news", ["howe"] = "howe",
        ["atlas"] = "atlas", ["cosmos"] = "cosmos", ["bias"] = "bias", ["andes"] = "andes",
    };

    // Each list is in the order of length: the longest ending decides, even when its condition then fails.
    private static readonly (string Ending, string Replacement)[] Step2 =
    [
        ("ational", "ate"), ("fulness", "ful"), ("iveness", "ive"), ("ization", "ize"), ("ousness", "ous"),
        ("biliti", "ble"), ("lessli", "less"), ("tional", "tion"),
        ("alism", "al"), ("aliti", "al"), ("ation", "ate"), ("entli", "ent"), ("fulli", "ful"), ("iviti", "ive"), ("ousli", "ous"),
        ("abli", "able"), ("alli", "al"), ("anci", "ance"), ("ator", "ate"), ("enci", "ence"), ("izer", "ize"),
        ("bli", "ble"), ("ogi", "og"), ("li", ""),
    ];

    private static readonly (string Ending, string Replacement)[] Step3 =
    [
        ("ational", "ate"), ("tional", "tion"), ("alize", "al"), ("ative", ""), ("icate", "ic"), ("iciti", "ic"), ("ical", "ic"), ("ness", ""), ("ful", ""),
    ];

    private static readonly string[] Step4 =
    [
        "ement", "able", "ance", "ence", "ible", "ment", "ant", "ate", "ent", "ion", "ism", "iti", "ive", "ize", "ous", "al", "er", "ic",
    ];

    /// <summary>The stem of a word.</summary>
    /// <param name="word">Lower-case letters a to z and apostrophes; a word with anything else is its own stem.</param>
    public static string Stem(string word)
    {
        if (word.Length is <= 2 or > LongestWord || word.AsSpan().ContainsAnyExcept(Letters))
        {
            return word;
        }

        if (Exceptions.TryGetValue(word, out var exception))
        {
            return exception;
        }

        var stemmer = new Run(stackalloc char[LongestWord + 1], word);
        return stemmer.Stem();
    }

    private static readonly SearchValues<char> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz'");
    private static readonly SearchValues<char> Vowels = SearchValues.Create("aeiouy");

    private static bool IsVowel(char c) => c is 'a' or 'e' or 'i' or 'o' or 'u' or 'y';

    /// <summary>One word on its way to its stem. A <c>Y</c> is a y that sounds as a consonant.</summary>
    private ref struct Run
    {
        private readonly Span<char> _buffer;
        private int _length;
        private int _r1;
        private int _r2;

        public Run(Span<char> buffer, string word)
        {
            _buffer = buffer;
            var letters = word.AsSpan(word[0] == '\'' ? 1 : 0);
            letters.CopyTo(buffer);
            _length = letters.Length;
        }

        private readonly Span<char> Word => _buffer[.._length];

        public string Stem()
        {
            MarkConsonantY();
            FindRegions();
            RemoveApostrophe();
            RemovePlural();
            if (Word is not ("inning" or "outing" or "canning" or "herring" or "earring" or "proceed" or "exceed" or "succeed"))
            {
                RemovePastAndGerund();
                ReplaceFinalY();
                Derive2();
                Derive3();
                Derive4();
                RemoveFinalEOrL();
            }

            Word.Replace('Y', 'y');
            return Word.ToString();
        }

        private readonly void MarkConsonantY()
        {
            for (var i = 0; i < _length; i++)
            {
                if (_buffer[i] == 'y' && (i == 0 || IsVowel(_buffer[i - 1])))
                {
                    _buffer[i] = 'Y';
                }
            }
        }

        private void FindRegions()
        {
            var word = Word;
            _r1 = word.StartsWith("gener") || word.StartsWith("arsen") ? 5 : word.StartsWith("commun") ? 6 : AfterVowelAndConsonant(0);
            _r2 = AfterVowelAndConsonant(_r1);
        }

        private readonly int AfterVowelAndConsonant(int start)
        {
            for (var i = start + 1; i < _length; i++)
            {
                if (!IsVowel(_buffer[i]) && IsVowel(_buffer[i - 1]))
                {
                    return i + 1;
                }
            }

            return _length;
        }

        private void RemoveApostrophe()
        {
            foreach (var ending in (ReadOnlySpan<string>)["'s'", "'s", "'"])
            {
                if (Ends(ending))
                {
                    Cut(ending.Length);
                    return;
                }
            }
        }

        private void RemovePlural()
        {
            if (Ends("sses"))
            {
                Cut(2);
            }
            else if (Ends("ied") || Ends("ies"))
            {
                Cut(_length > 4 ? 2 : 1);
            }
            else if (Ends("s") && !Ends("us") && !Ends("ss") && HasVowel(_length - 2))
            {
                Cut(1);
            }
        }

        private void RemovePastAndGerund()
        {
            if (Ends("eedly") || Ends("eed"))
            {
                var size = Ends("eed") ? 3 : 5;
                if (InR1(size))
                {
                    Cut(size - 2);
                }

                return;
            }

            var ending = Ends("ingly") ? 5 : Ends("edly") ? 4 : Ends("ing") ? 3 : Ends("ed") ? 2 : 0;
            if (ending == 0 || !HasVowel(_length - ending))
            {
                return;
            }

            Cut(ending);
            if (Ends("at") || Ends("bl") || Ends("iz"))
            {
                Add('e');
            }
            else if (_length > 1 && _buffer[_length - 1] == _buffer[_length - 2] && _buffer[_length - 1] is 'b' or 'd' or 'f' or 'g' or 'm' or 'n' or 'p' or 'r' or 't')
            {
                Cut(1);
            }
            else if (_r1 >= _length && EndsInShortSyllable())
            {
                Add('e');
            }
        }

        private readonly void ReplaceFinalY()
        {
            if (_length > 2 && _buffer[_length - 1] is 'y' or 'Y' && !IsVowel(_buffer[_length - 2]))
            {
                _buffer[_length - 1] = 'i';
            }
        }

        private void Derive2()
        {
            foreach (var (ending, replacement) in Step2)
            {
                if (!Ends(ending))
                {
                    continue;
                }

                var before = _length > ending.Length ? _buffer[_length - ending.Length - 1] : '\0';
                var allowed = ending switch
                {
                    "ogi" => before == 'l',
                    "li" => before is 'c' or 'd' or 'e' or 'g' or 'h' or 'k' or 'm' or 'n' or 'r' or 't',
                    _ => true,
                };
                if (InR1(ending.Length) && allowed)
                {
                    Replace(ending.Length, replacement);
                }

                return;
            }
        }

        private void Derive3()
        {
            foreach (var (ending, replacement) in Step3)
            {
                if (!Ends(ending))
                {
                    continue;
                }

                if (ending == "ative" ? InR2(ending.Length) : InR1(ending.Length))
                {
                    Replace(ending.Length, replacement);
                }

                return;
            }
        }

        private void Derive4()
        {
            foreach (var ending in Step4)
            {
                if (!Ends(ending))
                {
                    continue;
                }

                if (InR2(ending.Length) && (ending != "ion" || (_length > 3 && _buffer[_length - 4] is 's' or 't')))
                {
                    Cut(ending.Length);
                }

                return;
            }
        }

        private void RemoveFinalEOrL()
        {
            if (Ends("e"))
            {
                if (InR2(1))
                {
                    Cut(1);
                }
                else if (InR1(1))
                {
                    _length--;
                    if (EndsInShortSyllable())
                    {
                        _length++;
                    }
                }
            }
            else if (Ends("ll") && InR2(1))
            {
                Cut(1);
            }
        }

        private readonly bool EndsInShortSyllable()
            => _length == 2
                ? IsVowel(_buffer[0]) && !IsVowel(_buffer[1])
                : _length > 2 && !IsVowel(_buffer[_length - 3]) && IsVowel(_buffer[_length - 2]) && !IsVowel(_buffer[_length - 1])
                    && _buffer[_length - 1] is not ('w' or 'x' or 'Y');

        private readonly bool HasVowel(int end) => end > 0 && _buffer[..end].ContainsAny(Vowels);

        private readonly bool Ends(string ending) => Word.EndsWith(ending);

        private readonly bool InR1(int ending) => _length - ending >= _r1;

        private readonly bool InR2(int ending) => _length - ending >= _r2;

        private void Cut(int count) => _length -= count;

        private void Add(char c) => _buffer[_length++] = c;

        private void Replace(int count, string replacement)
        {
            _length -= count;
            replacement.CopyTo(_buffer[_length..]);
            _length += replacement.Length;
        }
    }
}
