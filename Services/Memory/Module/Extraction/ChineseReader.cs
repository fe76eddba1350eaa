namespace MemoryMesh.Memory.Extraction;

/// <summary>The common facts in Chinese, which has no spaces to cut words by: a prefix, a value, a mark that ends it.</summary>
internal sealed class ChineseReader(string text)
{
    private const int MaxValue = 24;

    private static readonly (string Prefix, string Category, string Template, string Slot, bool Single)[] Prefixes =
    [
        ("我的名字是", "name", "User's name is {0}.", "name", true),
        ("我的名字叫", "name", "User's name is {0}.", "name", true),
        ("我名叫", "name", "User's name is {0}.", "name", true),
        ("我叫", "name", "User's name is {0}.", "name", true),
        ("叫我", "name", "User's name is {0}.", "name", true),
        ("现在住在", "location", "User lives in {0}.", "location", true),
        ("我住在", "location", "User lives in {0}.", "location", true),
        ("住在", "location", "User lives in {0}.", "location", true),
        ("搬到了", "location", "User lives in {0}.", "location", true),
        ("搬到", "location", "User lives in {0}.", "location", true),
        ("我来自", "location", "User is from {0}.", "origin", true),
        ("我会说", "language", "User speaks {0}.", "language", false),
        ("我在学", "goal", "User is learning {0}.", "learning", false),
        ("正在学", "goal", "User is learning {0}.", "learning", false),
        ("最不喜欢", "dislike", "User does not like {0}.", "dislikes", false),
        ("我不喜欢", "dislike", "User does not like {0}.", "dislikes", false),
        ("不喜欢", "dislike", "User does not like {0}.", "dislikes", false),
        ("我讨厌", "dislike", "User hates {0}.", "dislikes", false),
        ("讨厌", "dislike", "User hates {0}.", "dislikes", false),
        ("更喜欢", "preference", "User prefers {0}.", "prefers", false),
        ("喜欢", "interest", "User likes {0}.", "likes", false),
        ("我爱", "interest", "User loves {0}.", "likes", false),
        ("热爱", "interest", "User loves {0}.", "likes", false),
        ("我不吃", "constraint", "User does not eat {0}.", "avoids", false),
        ("我不能吃", "constraint", "User cannot eat {0}.", "avoids", false),
        ("不吃", "constraint", "User does not eat {0}.", "avoids", false),
        ("我养了", "relationship", "User keeps {0}.", "pet", false),
        ("职业是", "profession", "User is {0}.", "profession", true),
    ];

    private static readonly string[] Roles = ["师", "员", "生", "经理", "医生", "护士", "律师", "记者", "作家", "司机", "教授", "警察", "厨师", "演员", "程序员", "设计师", "老板", "工", "家", "顾问", "翻译", "者", "人员", "主管", "总监", "导游"];

    public static bool Applies(string text) => text.AsSpan().IndexOfAnyInRange('\u4E00', '\u9FFF') >= 0;

    public void Read(char[] masked, List<MemoryCandidate> output)
    {
        var start = 0;
        for (var i = 0; i <= masked.Length; i++)
        {
            if (i == masked.Length || masked[i] is '。' or '！' or '？' or '?' or '!' or '\n' or '，' or ',' or '；' or '.')
            {
                var isQuestion = i < masked.Length && masked[i] is '？' or '?';
                if (i > start && !isQuestion)
                {
                    ReadClause(masked.AsSpan(start, i - start), start, output);
                }

                start = i + 1;
            }
        }
    }

    private void ReadClause(ReadOnlySpan<char> clause, int offset, List<MemoryCandidate> output)
    {
        if (clause.IndexOfAny("吗呢") >= 0 || clause.IndexOf("如果") >= 0 || clause.IndexOf("假如") >= 0 || clause.IndexOf("翻译") >= 0 || clause.IndexOf("什么") >= 0 || clause.IndexOf("怎么") >= 0 || clause.IndexOf(TextMask.Blank) >= 0 || clause.IndexOf("他") >= 0 || clause.IndexOf("她") >= 0)
        {
            return;
        }

        var reply = clause.IndexOf("回答") >= 0 || clause.IndexOf("回复") >= 0;
        if (reply && (clause.IndexOf("请") >= 0 || clause.IndexOf("以后") >= 0 || clause.IndexOf("总是") >= 0 || clause.IndexOf("都") >= 0))
        {
            Add("style", "User wants replies like this: {0}.", clause.IndexOf("文") >= 0 ? "style:language" : "style:length", true, clause, offset, output);
            return;
        }

        if (clause.IndexOf("过敏") is var allergy and > 0 && clause.IndexOf('对') is var to and >= 0 && to < allergy)
        {
            Add("constraint", "User is allergic to {0}.", "allergy", false, clause[(to + 1)..allergy], offset + to + 1, output);
            return;
        }

        if (clause.IndexOf("我在") is var at and >= 0 && clause[at..].IndexOf('做') is var doing and > 2)
        {
            Add("location", "User is based in {0}.", "location", true, clause[(at + 2)..(at + doing)], offset + at + 2, output);
            Add("profession", "User is {0}.", "profession", true, clause[(at + doing + 1)..], offset + at + doing + 1, output);
            return;
        }

        if (clause.IndexOf("我在") is var place and >= 0 && clause[place..].IndexOf("工作") is var work and > 2)
        {
            Add("location", "User works in {0}.", "location", true, clause[(place + 2)..(place + work)], offset + place + 2, output);
            return;
        }

        foreach (var (prefix, category, template, slot, single) in Prefixes)
        {
            if (clause.IndexOf(prefix) is var found and >= 0)
            {
                Add(category, template, slot, single, clause[(found + prefix.Length)..], offset + found + prefix.Length, output);
                return;
            }
        }

        if (clause.IndexOf("我是") is var role and >= 0 && !clause.EndsWith("的") && EndsWithRole(clause))
        {
            var value = clause[(role + 2)..].TrimStart("一名个位");
            Add("profession", "User is {0}.", "profession", true, value, offset + clause.Length - value.Length, output);
        }
    }

    private static bool EndsWithRole(ReadOnlySpan<char> clause)
    {
        foreach (var role in Roles)
        {
            if (clause.EndsWith(role))
            {
                return true;
            }
        }

        return false;
    }

    private void Add(string category, string template, string slot, bool isSingle, ReadOnlySpan<char> value, int start, List<MemoryCandidate> output)
    {
        var trimmed = value.Trim(" 了。的\u0001");
        if (trimmed.Length is 0 or > MaxValue)
        {
            return;
        }

        var words = trimmed.ToString();
        output.Add(new MemoryCandidate
        {
            Operation = text.Contains('搬') && slot == "location" ? CandidateOperation.Update : CandidateOperation.Add,
            Text = template.Replace("{0}", words, StringComparison.Ordinal),
            Category = category,
            SlotKey = isSingle ? slot : $"{slot}:{words}",
            SingleValued = isSingle,
            Quote = new QuotedSpan(start, Math.Min(value.Length, text.Length - start)),
            Confidence = 0.8,
            Importance = FactWriter.ImportanceOf(category),
        });
    }
}
