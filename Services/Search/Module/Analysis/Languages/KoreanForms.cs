namespace MemoryMesh.Search.Analysis.Languages;

/// <summary>Takes particles and endings off Korean words.</summary>
internal static class KoreanForms
{
    private const char FirstSyllable = '가';
    private const char LastSyllable = '힣';
    private const int Finals = 28;
    private const int Vowels = 21;
    private const int FinalBieup = 17;
    private const int FinalSsangSiot = 20;
    private const int FinalDigeut = 7;
    private const int FinalRieul = 8;
    private const int InitialRieul = 5;
    private const int InitialIeung = 11;
    private const int InitialHieut = 18;
    private const int MostEndings = 3;

    // Particles and endings, the longest first.
    private static readonly string[] Endings =
    [
        .. """
            에서는 에서도 에게서 에게는 한테서 으로는 으로도 이라는 이라고 이에요 이었어 이었다 습니다 습니까 었습니 았습니 으려고 으면서 었는데 았는데 는데요 거예요 나요 는지 는데 은데 던데 지만 니까
            으니 려고 면서 라는 라고 이랑 하고 에서 에게 한테 께서 까지 부터 처럼 보다 마다 이나 으로 에는 에도 들이 들은 들을 들의 니다 니까 었던 았던 어요 아요 여요 에요 예요 세요 네요 군요 지요 었어 았어
            었다 았다 었니 았니 었고 았고 으면 어서 아서 을까 을게 는 은 이 가 을 를 에 의 도 만 와 과 랑 로 들 요 어 아 다 고 지 게 면 러 니 자 네 죠 던 기 었 았 였 겠
            """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).OrderByDescending(ending => ending.Length),
    ];

    /// <summary>A word without its particles and endings; at least one syllable stays.</summary>
    public static string Stem(string word)
    {
        for (var i = 0; i < MostEndings; i++)
        {
            var ending = Array.Find(Endings, ending => word.Length > ending.Length && word.EndsWith(ending, StringComparison.Ordinal));
            if (ending is null)
            {
                return word;
            }

            word = word[..^ending.Length];
        }

        return word;
    }

    /// <summary>
    /// What the dictionary may have for a stem before a past or polite ending: 배웠 and 배워 for 배우, 갔 for 가, 합 for 하, 썼 for 쓰, 불렀 for 부르, 추웠 for 춥, 들었 for 듣.
    /// </summary>
    public static IEnumerable<string> Variants(string stem)
    {
        const int Eo = 4;
        const int Eu = 18;
        if (stem[^1] is < FirstSyllable or > LastSyllable)
        {
            yield break;
        }

        var (initial, vowel, final) = Take(stem[^1]);
        if (final == FinalRieul)
        {
            yield return stem[..^1] + Put(initial, vowel, FinalDigeut);
        }

        if (final is not (0 or FinalBieup or FinalSsangSiot))
        {
            yield break;
        }

        var plain = vowel switch
        {
            1 when initial == InitialHieut => 0, // 해, 하
            9 => 8, // ㅘ, ㅗ
            14 => 13, // ㅝ, ㅜ
            6 => 20, // ㅕ, ㅣ
            10 => 11, // ㅙ, ㅚ
            _ => vowel,
        };
        if (plain != vowel || final != 0)
        {
            yield return stem[..^1] + Put(initial, plain, 0);
        }

        if (vowel == Eo)
        {
            yield return stem[..^1] + Put(initial, Eu, 0);
        }

        if (stem.Length < 2 || stem[^2] is < FirstSyllable or > LastSyllable)
        {
            yield break;
        }

        var before = Take(stem[^2]);
        if (before.Final == FinalRieul && initial == InitialRieul)
        {
            yield return stem[..^2] + Put(before.Initial, before.Vowel, 0) + '르';
        }
        else if (before.Final == 0 && initial == InitialIeung && vowel is 9 or 14)
        {
            yield return stem[..^2] + Put(before.Initial, before.Vowel, FinalBieup);
        }
    }

    private static (int Initial, int Vowel, int Final) Take(char syllable)
    {
        var index = syllable - FirstSyllable;
        return (index / (Vowels * Finals), index / Finals % Vowels, index % Finals);
    }

    private static char Put(int initial, int vowel, int final) => (char)(FirstSyllable + (((initial * Vowels) + vowel) * Finals) + final);
}
