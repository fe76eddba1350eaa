namespace MemoryMesh.Memory.Extraction;

/// <summary>The commonest facts in Japanese, where a mark stands behind the value: name, town, work, likes, allergies, pets and people.</summary>
internal sealed class JapaneseReader(string text)
{
    private const int MaxValue = 24;

    /// <summary>What stands behind a value and tells what it is, the surest first.</summary>
    private static readonly (string Mark, string Category, string Template, string Slot, bool Single)[] Marks =
    [
        ("と申します", "name", "User's name is {0}.", "name", true),
        ("といいます", "name", "User's name is {0}.", "name", true),
        ("と言います", "name", "User's name is {0}.", "name", true),
        ("に住んで", "location", "User lives in {0}.", "location", true),
        ("で暮らして", "location", "User lives in {0}.", "location", true),
        ("に引っ越し", "location", "User lives in {0}.", "location", true),
        ("として働いて", "profession", "User works as {0}.", "profession", true),
        ("アレルギー", "constraint", "User is allergic to {0}.", "allergy", false),
        ("が食べられ", "constraint", "User cannot eat {0}.", "avoids", false),
        ("が飲めな", "constraint", "User cannot drink {0}.", "avoids", false),
        ("が大好き", "preference", "User loves {0}.", "likes", false),
        ("が好き", "preference", "User likes {0}.", "likes", false),
        ("は苦手", "dislike", "User does not like {0} (苦手).", "dislikes", false),
        ("は嫌い", "dislike", "User does not like {0} (嫌い).", "dislikes", false),
        ("は食べられ", "constraint", "User cannot eat {0}.", "avoids", false),
        ("は飲めな", "constraint", "User cannot drink {0}.", "avoids", false),
        ("がだめ", "constraint", "User cannot have {0} (だめ).", "avoids", false),
        ("はだめ", "constraint", "User cannot have {0} (だめ).", "avoids", false),
        ("がダメ", "constraint", "User cannot have {0} (だめ).", "avoids", false),
        ("はダメ", "constraint", "User cannot have {0} (だめ).", "avoids", false),
        ("が苦手", "dislike", "User does not like {0}.", "dislikes", false),
        ("が嫌い", "dislike", "User does not like {0}.", "dislikes", false),
        ("を飼って", "relationship", "User keeps {0}.", "pet", false),
        ("匹飼って", "relationship", "User keeps {0}匹.", "pet", false),
        ("羽飼って", "relationship", "User keeps {0}羽.", "pet", false),
        ("頭飼って", "relationship", "User keeps {0}頭.", "pet", false),
        ("を習って", "interest", "User is learning {0}.", "learning", false),
        ("を勉強して", "goal", "User is learning {0}.", "learning", false),
        ("をしています", "profession", "User does {0}.", "profession", true),
        ("をしてます", "profession", "User does {0}.", "profession", true),
        ("をしている", "profession", "User does {0}.", "profession", true),
        ("をやっています", "profession", "User does {0}.", "profession", true),
        ("をやってます", "profession", "User does {0}.", "profession", true),
        ("を経営して", "profession", "User runs {0}.", "profession", true),
        ("で働いて", "employer", "User works at {0}.", "employer", true),
    ];

    private static readonly (string Word, string Relation)[] Kin = [("娘", "daughter"), ("息子", "son"), ("妻", "wife"), ("夫", "husband"), ("妹", "sister"), ("姉", "sister"), ("弟", "brother"), ("兄", "brother"), ("母", "mother"), ("父", "father"), ("犬", "dog"), ("猫", "cat")];

    /// <summary>What a wish about replies is about, by which words it asks, and what makes it a standing one.</summary>
    private static readonly string[] Wished = ["敬語", "タメ口", "丁寧", "絵文字", "短く", "簡潔", "箇条書き", "返事", "回答", "日本語", "英語", "ひらがな"];

    private static readonly string[] Asked = ["お願い", "ください", "下さい", "ほしい", "欲しい", "して"];

    private static readonly string[] Standing = ["これから", "ずっと", "今後", "いつも", "毎回", "常に"];

    /// <summary>Whether a text holds Japanese: kana, which Chinese has not.</summary>
    public static bool Applies(string text) => text.AsSpan().IndexOfAnyInRange('\u3041', '\u30FE') >= 0;

    /// <summary>Reads the sentences of a message.</summary>
    /// <param name="masked">The message with what is not said by the user blanked out.</param>
    /// <param name="output">Receives the candidates.</param>
    public void Read(char[] masked, List<MemoryCandidate> output)
    {
        var start = 0;
        for (var i = 0; i <= masked.Length && output.Count < FactReader.MaxFacts; i++)
        {
            if (i < masked.Length && masked[i] is not ('。' or '！' or '？' or '?' or '!' or '\n' or '、'))
            {
                continue;
            }

            var isAsked = i < masked.Length && masked[i] is '？' or '?';
            if (i > start && !isAsked && masked.AsSpan(start, i - start) is var clause && !clause.EndsWith("か") && clause.IndexOf(TextMask.Blank) < 0 && clause.IndexOf("もし") < 0 && clause.IndexOf("彼") < 0)
            {
                ReadClause(clause, start, output);
            }

            start = i + 1;
        }
    }

    private void ReadClause(ReadOnlySpan<char> clause, int offset, List<MemoryCandidate> output)
    {
        var length = clause.Length;
        foreach (var (word, relation) in Kin)
        {
            if (clause.IndexOf(word + "の") is var kin and >= 0 && Name(clause[(kin + word.Length + 1)..]) is { Length: > 0 } name)
            {
                Add("relationship", $"User has a {relation} ({word}) named {{0}}.", $"relationship:{relation}", false, name, offset + kin, output);
                return;
            }
        }

        if (Array.Exists(Wished, wish => text.AsSpan(offset, length).IndexOf(wish) >= 0) && Array.Exists(Asked, ask => text.AsSpan(offset, length).IndexOf(ask) >= 0) && Array.Exists(Standing, mark => text.Contains(mark, StringComparison.Ordinal)))
        {
            Add("style", "User wants replies like this: {0}.", "style:wish", false, clause, offset, output);
            return;
        }

        if (Pastime(clause) is { Length: > 1 } pastime)
        {
            Add("interest", "User does this on days off: {0}.", "hobby", false, pastime, offset, output);
            return;
        }

        foreach (var (mark, category, template, slot, single) in Marks)
        {
            if (clause.IndexOf(mark) is not (var at and > 0))
            {
                continue;
            }

            var value = clause[..at];
            if (category == "profession" && mark[0] == 'を' && value.LastIndexOf('で') is var place and > 0)
            {
                // "京都で和菓子職人をしています": where, and what.
                Add("location", "User is based in {0}.", "location", true, After(value[..place]), offset, output);
                value = value[(place + 1)..];
            }

            Add(category, template, slot, single, After(value), offset, output);
            return;
        }

        if (offset < 24 && output.Count == 0 && clause.EndsWith("です") && (text.StartsWith("はじめまして", StringComparison.Ordinal) || clause.IndexOf("名前は") >= 0) && After(clause[..^2]) is { Length: > 0 and < 8 } self)
        {
            Add("name", "User's name is {0}.", "name", true, self, offset, output);
        }
    }

    /// <summary>"週末はだいたい釣りに行きます", "休みの日はずっと陶芸です": what somebody does when they are free.</summary>
    private static ReadOnlySpan<char> Pastime(ReadOnlySpan<char> clause)
    {
        foreach (var free in (ReadOnlySpan<string>)["週末は", "休みの日は", "休日は", "休みは", "日曜は", "土曜は"])
        {
            if (clause.IndexOf(free) is not (var at and >= 0 and < 4))
            {
                continue;
            }

            var rest = clause[(at + free.Length)..];
            foreach (var often in (ReadOnlySpan<string>)["だいたい", "いつも", "ずっと", "よく", "たいてい", "必ず", "ほぼ"])
            {
                rest = rest.StartsWith(often) ? rest[often.Length..] : rest;
            }

            foreach (var end in (ReadOnlySpan<string>)["に行", "に出かけ", "をして", "をします", "を楽しん", "です", "ばかり"])
            {
                if (rest.IndexOf(end) is var stop and > 0)
                {
                    return rest[..stop] is "休み" or "仕事" or "暇" ? default : rest[..stop];
                }
            }
        }

        return default;
    }

    /// <summary>The value behind "私は" and other topics.</summary>
    private static ReadOnlySpan<char> After(ReadOnlySpan<char> value) => value.LastIndexOfAny('は', '、') is var topic and >= 0 ? value[(topic + 1)..] : value;

    /// <summary>A name that stands before a particle.</summary>
    private static ReadOnlySpan<char> Name(ReadOnlySpan<char> rest) => rest.IndexOfAny("はもがと") is var end and > 0 and < 8 ? rest[..end] : default;

    private void Add(string category, string template, string slot, bool isSingle, ReadOnlySpan<char> value, int from, List<MemoryCandidate> output)
    {
        if (value.Length is 0 or > MaxValue)
        {
            return;
        }

        var words = value.ToString();
        output.Add(new MemoryCandidate
        {
            Operation = slot == "location" && template.StartsWith("User lives", StringComparison.Ordinal) ? CandidateOperation.Update : CandidateOperation.Add,
            Text = template.Replace("{0}", words, StringComparison.Ordinal),
            Category = category,
            SlotKey = isSingle ? slot : $"{slot}:{words}",
            SingleValued = isSingle,
            Quote = new QuotedSpan(Math.Max(from, text.IndexOf(words, from, StringComparison.Ordinal)), words.Length),
            Confidence = 0.7,
            Importance = FactWriter.ImportanceOf(category),
        });
    }
}
