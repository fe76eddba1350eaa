using System.Collections.Frozen;

namespace MemoryMesh.Search.Analysis.Languages;

/// <summary>Terms of scripts without spaces between words, and of Korean: pairs of neighbours, and the characters that carry a word alone.</summary>
/// <remarks>
/// In an index every character and every pair is a term. A query has the pairs that may be of a word: neither two characters that only join words nor a
/// particle with what stands beside it. A Chinese character before Hiragana is the stem of a Japanese verb or adjective (行く, 行った) and is looked up by itself.
/// A Korean word is looked up without its particle and ending.
/// </remarks>
internal static class UnspacedTerms
{
    private const string ChineseFunction = "的了吗呢吧啊呀么什怎哪那这是在我你他她它们有和与就都也不没很会要过着把被给让对从到个些谁多少几时候里为样可以您咱之其并而且但因所";
    private const string Particles = "をにはがとでのもへやか";

    private static readonly FrozenSet<string> KanaFunction = """
        です ます まし した して いる いた ある あっ って った ない なか かっ れる られ せる たい たら なら から まで より ので のに のは のが のを には では とは でも とか だっ どこ いつ なに なん だれ どの どん んな
        この その あの これ それ あれ ここ そこ あそ こと もの よう うな うに てい いま てき てく くれ もら らっ ださ さい くだ しま ませ せん んで でし しょ ょう うか すか とい いう ため など だけ しか ほど んだ ってい さん ちゃ ゃん
        たの るの いの たこ るこ きま りま いつ つで ぜ に なぜ どう うや やっ れま ちま みま びま えま
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Adds the terms of a run for the index.</summary>
    /// <param name="run">Folded characters, one or two UTF-16 units each.</param>
    /// <param name="terms">Takes the terms.</param>
    public static void AddIndexed(IReadOnlyList<string> run, List<string> terms)
    {
        for (var i = 0; i < run.Count; i++)
        {
            terms.Add(run[i]);
            if (i > 0)
            {
                terms.Add(run[i - 1] + run[i]);
            }
        }

        foreach (var word in KoreanWords(run))
        {
            foreach (var variant in KoreanForms.Variants(KoreanForms.Stem(word)))
            {
                terms.Add(variant[Math.Max(0, variant.Length - 2)..]);
            }
        }
    }

    /// <summary>Adds the terms of a run of a query.</summary>
    /// <param name="run">Folded characters, one or two UTF-16 units each.</param>
    /// <param name="terms">Takes what may be of a word.</param>
    /// <param name="others">Takes the other pairs.</param>
    public static void AddAsked(IReadOnlyList<string> run, List<string> terms, List<string> others)
    {
        if (run.Count == 1)
        {
            (IsHangul(run[0]) && FunctionWords.Korean.Contains(run[0]) ? others : terms).Add(run[0]);
            return;
        }

        for (var i = 0; i < run.Count; i++)
        {
            if (i > 0 && !(IsHangul(run[i - 1]) && IsHangul(run[i])))
            {
                (IsOfNoWord(run[i - 1], run[i]) ? others : terms).Add(run[i - 1] + run[i]);
            }

            if (i + 1 < run.Count && IsHan(run[i]) && IsKana(run[i + 1]) && !(i > 0 && IsHan(run[i - 1]) && Particles.Contains(run[i + 1], StringComparison.Ordinal)))
            {
                terms.Add(run[i]);
            }
        }

        foreach (var word in KoreanWords(run))
        {
            AddKorean(word, terms, others);
        }
    }

    private static void AddKorean(string word, List<string> terms, List<string> others)
    {
        var stem = KoreanForms.Stem(word);
        var forms = KoreanForms.Variants(stem).Prepend(stem).ToList();
        var target = FunctionWords.Korean.Contains(word) || forms.Exists(FunctionWords.Korean.Contains) ? others : terms;
        foreach (var form in forms)
        {
            if (form.Length == 1)
            {
                target.Add(form);
            }

            for (var i = 1; i < form.Length; i++)
            {
                target.Add(form.Substring(i - 1, 2));
            }
        }
    }

    private static IEnumerable<string> KoreanWords(IReadOnlyList<string> run)
    {
        for (var start = 0; start < run.Count; start++)
        {
            var end = start;
            while (end < run.Count && IsHangul(run[end]))
            {
                end++;
            }

            if (end > start)
            {
                yield return string.Concat(run.Skip(start).Take(end - start));
                start = end;
            }
        }
    }

    private static bool IsOfNoWord(string first, string second)
    {
        if (IsKana(first) && IsKana(second))
        {
            return first == "を" || second == "を" || KanaFunction.Contains(first + second);
        }

        if (IsHan(first) && IsHan(second))
        {
            return ChineseFunction.Contains(first, StringComparison.Ordinal) && ChineseFunction.Contains(second, StringComparison.Ordinal);
        }

        return Particles.Contains(first, StringComparison.Ordinal) || Particles.Contains(second, StringComparison.Ordinal);
    }

    private static bool IsHangul(string character) => character[0] is >= '\uAC00' and <= '\uD7A3';

    private static bool IsKana(string character) => character[0] is >= '\u3041' and <= '\u30FF';

    private static bool IsHan(string character) => character[0] is (>= '\u3400' and <= '\u9FFF') or (>= '\uD840' and <= '\uD888') or '\u3005';
}
