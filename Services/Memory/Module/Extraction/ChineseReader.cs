using System.Buffers;

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
        ("要搬去", "goal", "User plans to move to {0}.", "goal:move", false),
        ("要搬到", "goal", "User plans to move to {0}.", "goal:move", false),
        ("准备搬到", "goal", "User plans to move to {0}.", "goal:move", false),
        ("准备搬去", "goal", "User plans to move to {0}.", "goal:move", false),
        ("打算搬到", "goal", "User plans to move to {0}.", "goal:move", false),
        ("家里有只", "relationship", "User has a pet: {0}.", "pet", false),
        ("家里有一只", "relationship", "User has a pet: {0}.", "pet", false),
        ("我家有只", "relationship", "User has a pet: {0}.", "pet", false),
        ("我家有一只", "relationship", "User has a pet: {0}.", "pet", false),
        ("我家有一条", "relationship", "User has a pet: {0}.", "pet", false),
        ("我有只", "relationship", "User has a pet: {0}.", "pet", false),
        ("现在住在", "location", "User lives in {0}.", "location", true),
        ("我住在", "location", "User lives in {0}.", "location", true),
        ("住在", "location", "User lives in {0}.", "location", true),
        ("搬到了", "location", "User lives in {0}.", "location", true),
        ("搬到", "location", "User lives in {0}.", "location", true),
        ("我来自", "location", "User is from {0}.", "origin", true),
        ("我会说", "language", "User speaks {0}.", "language", false),
        ("母语是", "language", "User's mother tongue is {0}.", "language:mother", false),
        ("我在学习", "goal", "User is learning {0}.", "learning", false),
        ("正在学习", "goal", "User is learning {0}.", "learning", false),
        ("我在学", "goal", "User is learning {0}.", "learning", false),
        ("正在学", "goal", "User is learning {0}.", "learning", false),
        ("最不喜欢", "dislike", "User does not like {0}.", "dislikes", false),
        ("我不喜欢", "dislike", "User does not like {0}.", "dislikes", false),
        ("不喜欢", "dislike", "User does not like {0}.", "dislikes", false),
        ("我讨厌", "dislike", "User hates {0}.", "dislikes", false),
        ("讨厌", "dislike", "User hates {0}.", "dislikes", false),
        ("更喜欢", "preference", "User prefers {0}.", "prefers", false),
        ("我对", "interest", "User is interested: {0}.", "interest", false),
        ("爱好是", "interest", "User's hobby is {0}.", "likes", false),
        ("我吃素", "constraint", "User is vegetarian (吃素){0}.", "diet", true),
        ("我有一只", "relationship", "User has a pet: {0}.", "pet", false),
        ("养了一只", "relationship", "User keeps {0}.", "pet", false),
        ("养了一条", "relationship", "User keeps {0}.", "pet", false),
        ("我家在", "location", "User lives in {0}.", "location", true),
        ("我的工作是", "profession", "User is {0}.", "profession", true),
        ("我的目标是", "goal", "User's goal is {0}.", "goal", false),
        ("我想学", "goal", "User wants to learn {0}.", "goal", false),
        ("我打算", "goal", "User plans to {0}.", "goal", false),
        ("平时爱", "interest", "User loves to {0}.", "likes", false),
        ("喜欢", "interest", "User likes {0}.", "likes", false),
        ("我爱", "interest", "User loves {0}.", "likes", false),
        ("热爱", "interest", "User loves {0}.", "likes", false),
        ("我不吃", "constraint", "User does not eat {0}.", "avoids", false),
        ("我不能吃", "constraint", "User cannot eat {0}.", "avoids", false),
        ("不能吃", "constraint", "User cannot eat {0}.", "avoids", false),
        ("不能喝", "constraint", "User cannot drink {0}.", "avoids", false),
        ("不吃", "constraint", "User does not eat {0}.", "avoids", false),
        ("我不喝", "constraint", "User does not drink {0}.", "avoids", false),
        ("不喝", "constraint", "User does not drink {0}.", "avoids", false),
        ("受不了", "dislike", "User can't stand {0}.", "dislikes", false),
        ("我害怕", "dislike", "User is afraid of {0}.", "dislikes", false),
        ("我怕", "dislike", "User is afraid of {0}.", "dislikes", false),
        ("我爱喝", "preference", "User loves to drink {0}.", "likes", false),
        ("我在攒钱", "goal", "User is saving money to {0}.", "goal", false),
        ("我在存钱", "goal", "User is saving money to {0}.", "goal", false),
        ("我明年想", "goal", "User wants next year: {0}.", "goal", false),
        ("我想明年", "goal", "User wants next year: {0}.", "goal", false),
        ("我希望今年", "goal", "User wants this year: {0}.", "goal", false),
        ("我坐轮椅", "constraint", "User uses a wheelchair (轮椅){0}.", "access", true),
        ("我用轮椅", "constraint", "User uses a wheelchair (轮椅){0}.", "access", true),
        ("我是左撇子", "constraint", "User is left-handed (左撇子){0}.", "access", true),
        ("我是色盲", "constraint", "User is colour-blind (色盲){0}.", "access", true),
        ("我没有车", "constraint", "User has no car (没有车){0}.", "lacks", false),
        ("我不会开车", "constraint", "User does not drive (不会开车){0}.", "never", false),
        ("我不会游泳", "constraint", "User cannot swim (不会游泳){0}.", "cannot", false),
        ("我不会做饭", "constraint", "User cannot cook (不会做饭){0}.", "cannot:cook", false),
        ("正在准备", "goal", "User is preparing for {0}.", "goal", false),
        ("我不抽烟", "constraint", "User does not smoke (不抽烟){0}.", "never", false),
        ("我有一辆", "possession", "User has {0}.", "possession", false),
        ("我有一台", "possession", "User has {0}.", "possession", false),
        ("我有一把", "possession", "User has {0}.", "possession", false),
        ("我有一架", "possession", "User has {0}.", "possession", false),
        ("我有一套", "possession", "User has {0}.", "possession", false),
        ("我毕业于", "other", "User graduated from {0}.", "education", false),
        ("我的专业是", "other", "User studies {0}.", "education", false),
        ("我老家在", "location", "User is from {0}.", "origin", true),
        ("我老家是", "location", "User is from {0}.", "origin", true),
        ("我出生在", "location", "User was born in {0}.", "origin", true),
        ("我的手机是", "possession", "User's phone is {0}.", "possession:phone", true),
        ("我的车是", "possession", "User's car is {0}.", "possession:car", true),
        ("我的爱好有", "interest", "User's hobbies are {0}.", "likes", false),
        ("我会弹", "interest", "User plays {0}.", "plays", false),
        ("我弹", "interest", "User plays {0}.", "plays", false),
        ("我收集", "interest", "User collects {0}.", "collects", false),
        ("下个月要去", "event", "User will go to {0} next month.", "event", false),
        ("明年要去", "event", "User will go to {0} next year.", "event", false),
        ("今年想", "goal", "User wants this year: {0}.", "goal", false),
        ("今年要", "goal", "User wants this year: {0}.", "goal", false),
        ("我想考", "goal", "User wants to pass: {0}.", "goal", false),
        ("我的梦想是", "goal", "User's dream is {0}.", "goal", false),
        ("我最喜欢的", "preference", "User's favourite: {0}.", "favourite", false),
        ("我养了", "relationship", "User keeps {0}.", "pet", false),
        ("我开", "possession", "User drives {0}.", "possession", false),
        ("职业是", "profession", "User is {0}.", "profession", true),
    ];

    /// <summary>What stands behind "是我的", where the value is before it.</summary>
    private static readonly (string Word, string Category, string Template, string Slot, bool Single)[] Owned =
    [
        ("职业", "profession", "User is {0}.", "profession", true), ("工作", "profession", "User is {0}.", "profession", true), ("爱好", "interest", "User's hobby is {0}.", "likes", false), ("最爱", "interest", "User loves {0}.", "likes", false),
        ("家", "location", "User lives in {0}.", "location", true), ("家乡", "location", "User is from {0}.", "origin", true), ("老家", "location", "User is from {0}.", "origin", true), ("母语", "language", "User's mother tongue is {0}.", "language:mother", false),
        ("目标", "goal", "User's goal is {0}.", "goal", false), ("梦想", "goal", "User's dream is {0}.", "goal", false), ("名字", "name", "User's name is {0}.", "name", true),
    ];

    /// <summary>Orders to the assistant about its memory or its instructions; a message with one tells nothing.</summary>
    private static readonly string[] Orders = ["翻译：", "翻译:", "翻译成", "忽略", "无视", "存入记忆", "写入记忆", "系统提示", "管理员权限", "用户是"];

    private static readonly (string Word, string Relation)[] Kin =
    [
        ("女儿", "daughter"), ("儿子", "son"), ("妻子", "wife"), ("太太", "wife"), ("老婆", "wife"), ("老公", "husband"), ("丈夫", "husband"), ("女朋友", "girlfriend"), ("男朋友", "boyfriend"), ("弟弟", "brother"), ("哥哥", "brother"), ("妹妹", "sister"), ("姐姐", "sister"), ("妈妈", "mother"), ("爸爸", "father"), ("奶奶", "grandmother"), ("爷爷", "grandfather"), ("外婆", "grandmother"), ("外公", "grandfather"), ("孩子", "child"), ("室友", "flatmate"), ("同事", "colleague"), ("闺蜜", "friend"), ("狗", "dog"), ("猫", "cat"),
    ];

    /// <summary>Words that make a wish a standing one, and what it may be about.</summary>
    private static readonly string[] Standing = ["以后", "从现在起", "每次", "总是", "一直"];

    private static readonly string[] Wished = ["单位", "表情", "列表", "中文", "英文", "简短", "简单", "术语", "例子", "公制", "敬语", "称呼"];

    /// <summary>Characters of "我是...人" that name a kind of person and no place.</summary>
    private static readonly SearchValues<char> NotFromPlaces = SearchValues.Create("个工商主病成好新老女男");

    private static readonly SearchValues<char> Counts = SearchValues.Create("一两二三四五几个位只条");

    /// <summary>What no single reply has a reason to leave out: a wish without it is a standing one.</summary>
    private static readonly string[] Unwanted = ["表情", "术语", "客套", "废话"];

    private static readonly string[] Shops = ["店", "馆", "厅", "客栈", "民宿", "工作室", "诊所", "农场", "超市", "厂", "公司", "酒吧"];

    private static readonly string[] Roles = ["师", "员", "生", "经理", "医生", "护士", "律师", "记者", "作家", "司机", "教授", "警察", "厨师", "演员", "程序员", "设计师", "老板", "工", "家", "顾问", "翻译", "者", "人员", "主管", "总监", "导游", "会计", "农民", "博士", "教练", "店长", "秘书", "编辑", "美容", "校长", "主任", "法官", "军人", "歌手", "编剧", "牙医", "兽医", "医"];

    public static bool Applies(string text) => text.AsSpan().IndexOfAnyInRange('\u4E00', '\u9FFF') >= 0;

    public void Read(char[] masked, List<MemoryCandidate> output)
    {
        if (Array.Exists(Orders, order => text.Contains(order, StringComparison.Ordinal)))
        {
            return;
        }

        var start = 0;
        for (var i = 0; i <= masked.Length && output.Count < FactReader.MaxFacts; i++)
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

    /// <summary>Whether a clause speaks of him or her; the same character stands in "guitar" and "other".</summary>
    private static bool SpeaksOfOthers(ReadOnlySpan<char> clause)
    {
        if (clause.IndexOf('她') >= 0)
        {
            return true;
        }

        for (var i = 0; i < clause.Length; i++)
        {
            if (clause[i] == '他' && !(i > 0 && clause[i - 1] is '吉' or '其'))
            {
                return true;
            }
        }

        return false;
    }

    private void ReadClause(ReadOnlySpan<char> clause, int offset, List<MemoryCandidate> output)
    {
        var length = clause.Length;
        if (clause.IndexOfAny("吗呢") >= 0 || clause.IndexOf("如果") >= 0 || clause.IndexOf("假如") >= 0 || clause.IndexOf("翻译") >= 0 || clause.IndexOf("什么") >= 0 || clause.IndexOf("怎么") >= 0 || clause.IndexOf(TextMask.Blank) >= 0 || SpeaksOfOthers(clause))
        {
            return;
        }

        var reply = clause.IndexOf("回答") >= 0 || clause.IndexOf("回复") >= 0;
        if (reply && (clause.IndexOf("请") >= 0 || clause.IndexOf("以后") >= 0 || clause.IndexOf("总是") >= 0 || clause.IndexOf("都") >= 0))
        {
            Add("style", "User wants replies like this: {0}.", clause.IndexOf("文") >= 0 ? "style:language" : "style:length", true, clause, offset, output);
            return;
        }

        if (output.Count > 0 && output[^1].Category == "relationship" && !output[^1].SlotKey.StartsWith("pet", StringComparison.Ordinal) && clause.IndexOf('我') < 0 && IsSaidOfThem(clause))
        {
            Add("relationship", $"{output[^1].Text.TrimEnd('.').Replace("User has a ", "User's ", StringComparison.Ordinal)}: {{0}}.", output[^1].SlotKey + ":said", false, clause, offset, output);
            return;
        }

        if ((clause.StartsWith("人在") || clause.StartsWith("家住") || clause.StartsWith("现居")) && clause.Length is > 3 and < 9)
        {
            Add("location", "User lives in {0}.", "location", true, clause[2..], offset + 2, output);
            return;
        }

        if (clause.StartsWith("工作是") && clause.Length is > 4 and < 12)
        {
            Add("profession", "User is {0}.", "profession", true, clause[3..], offset + 3, output);
            return;
        }

        if (clause.StartsWith("我的家在") && clause.Length is > 5 and < 12)
        {
            Add("location", "User lives in {0}.", "location", true, clause[4..], offset + 4, output);
            return;
        }

        if (clause.IndexOf("是我的") is var owned and > 1)
        {
            // "护士是我的职业": the value stands first.
            foreach (var said in Owned)
            {
                if (clause[(owned + 3)..].SequenceEqual(said.Word))
                {
                    Add(said.Category, said.Template, said.Slot, said.Single, clause[..owned], offset, output);
                    return;
                }
            }
        }

        if (clause.IndexOf("不耐") is var intolerance and > 1 && clause.StartsWith("我"))
        {
            Add("constraint", "User does not tolerate {0}.", "allergy", false, clause[1..intolerance], offset + 1, output);
            return;
        }

        if (clause.IndexOf("最喜欢的") is var best and >= 0 && clause[best..].IndexOf('是') is var named and > 4)
        {
            Add("preference", $"User's favourite {clause[(best + 4)..(best + named)].ToString()} is {{0}}.", "favourite:" + clause[(best + 4)..(best + named)].ToString(), true, clause[(best + named + 1)..], offset + best + named + 1, output);
            return;
        }

        if (clause.StartsWith("我是") && clause.EndsWith("人") && clause.Length is > 3 and < 8 && clause.IndexOf('的') < 0 && clause.IndexOfAny(NotFromPlaces) < 0)
        {
            Add("location", "User is from {0}.", "origin", true, clause[2..^1], offset + 2, output);
            return;
        }

        if (clause.IndexOf("过敏") is var allergy and > 0 && clause.IndexOf('对') is var to and >= 0 && to < allergy)
        {
            foreach (var (word, relation) in Kin)
            {
                if (clause[..to].IndexOf(word) >= 0)
                {
                    // "我老婆对花生过敏": it is hers.
                    Add("relationship", $"User's {relation} ({word}) is allergic to {{0}}.", $"relationship:{relation}:allergy", false, clause[(to + 1)..allergy], offset + to + 1, output);
                    return;
                }
            }

            Add("constraint", "User is allergic to {0}.", "allergy", false, clause[(to + 1)..allergy], offset + to + 1, output);
            return;
        }

        if (clause.IndexOf("我在") is var at and >= 0 && clause[at..].IndexOf('做') is var doing and > 2)
        {
            Add("location", "User is based in {0}.", "location", true, clause[(at + 2)..(at + doing)], offset + at + 2, output);
            Add("profession", "User is {0}.", "profession", true, clause[(at + doing + 1)..], offset + at + doing + 1, output);
            return;
        }

        if (clause.IndexOf("我在") is var post and >= 0 && clause[post..].IndexOf('当') is var being and > 2)
        {
            Add("location", "User is based in {0}.", "location", true, clause[(post + 2)..(post + being)], offset + post + 2, output);
            Add("profession", "User is {0}.", "profession", true, clause[(post + being + 1)..], offset + post + being + 1, output);
            return;
        }

        if (clause.IndexOf("我在") is var place and >= 0 && clause[place..].IndexOf("工作") is var work and > 2)
        {
            Add("location", "User works in {0}.", "location", true, clause[(place + 2)..(place + work)], offset + place + 2, output);
            return;
        }

        if (clause.IndexOf('在') is var campus1 and >= 0 and < 3 && (output.Count > 0 || clause.StartsWith("我")) && clause[campus1..].IndexOf('教') is var taught and > 2 and < 8 && clause.Length - campus1 - taught is > 1 and < 10)
        {
            // "在成都教小学数学".
            Add("location", "User is based in {0}.", "location", true, clause[(campus1 + 1)..(campus1 + taught)], offset + campus1 + 1, output);
            Add("profession", "User teaches {0}.", "profession", true, clause[(campus1 + taught + 1)..], offset + campus1 + taught + 1, output);
            return;
        }

        if (clause.IndexOf("我在") is var town and >= 0 && Array.Exists(Shops, shop => text.AsSpan(offset, length).EndsWith(shop)) && clause[town..].IndexOf('开') is var opening and > 2 && opening < 8)
        {
            Add("location", "User is based in {0}.", "location", true, clause[(town + 2)..(town + opening)], offset + town + 2, output);
            Add("profession", "User runs a shop: {0}.", "profession", true, clause[(town + opening + 1)..], offset + town + opening + 1, output);
            return;
        }

        if (clause.IndexOf("在") is var seat and >= 0 && (clause[seat..].EndsWith("工作") || clause[seat..].EndsWith("上班")) && clause.Length - seat > 3 && clause.IndexOf("正在") < 0)
        {
            Add("location", "User works in {0}.", "location", true, clause[(seat + 1)..^2], offset + seat + 1, output);
            return;
        }

        foreach (var school in (ReadOnlySpan<string>)["读大学", "上大学", "读书", "读研", "上学"])
        {
            if (clause.EndsWith(school) && clause.IndexOf('在') is var campus and >= 0 && clause.Length - campus - school.Length > 1)
            {
                Add("location", "User studies in {0}.", "location", true, clause[(campus + 1)..^school.Length], offset + campus + 1, output);
                return;
            }
        }

        if (output.Count > 0 && clause.StartsWith("学的是"))
        {
            Add("other", "User studies {0}.", "education", false, clause[3..], offset + 3, output);
            return;
        }

        if (output.Count > 0 && clause.Length <= 8 && clause.StartsWith("叫") && (output[^1].SlotKey.StartsWith("pet", StringComparison.Ordinal) || output[^1].Category == "relationship"))
        {
            var pet = output[^1];
            output[^1] = pet with { Text = $"{pet.Text.TrimEnd('.')}, named {clause[1..]}.", SlotKey = $"{pet.SlotKey}:{clause[1..]}" };
            return;
        }

        if (output.Count > 0 && output[^1].Category == "style" && clause.Length <= 8 && clause.IndexOfAny("简详短长点") >= 0)
        {
            Add("style", "User wants replies like this: {0}.", "style:length", true, clause, offset, output);
            return;
        }

        if ((clause.StartsWith("是") || clause.StartsWith("是一个") || clause.StartsWith("是个") || clause.StartsWith("是名") || clause.StartsWith("是一位")) && output.Count > 0 && EndsWithRole(clause))
        {
            var value = clause[1..].TrimStart("一名个位");
            Add("profession", "User is {0}.", "profession", true, value, offset + clause.Length - value.Length, output);
            return;
        }

        if (clause.IndexOf("是我的生日") is var dated and > 0)
        {
            Add("date", "User's birthday is {0}.", "date:birthday", true, clause[..dated], offset, output);
            return;
        }

        if (clause.IndexOf("生日") is var birthday and >= 0 && clause[birthday..].IndexOf('是') is var equals and > 0 && clause.IndexOf('我') >= 0)
        {
            Add("date", "User's birthday is {0}.", "date:birthday", true, clause[(birthday + equals + 1)..], offset + birthday + equals + 1, output);
            return;
        }

        foreach (var (word, relation) in Kin)
        {
            if (clause.IndexOf(word) is var kin and >= 0 && (kin == 0 || (clause.IndexOf('我') is var mine and >= 0 && mine < kin)) && clause[kin..].IndexOf('叫') is var called and > 0 && called < 6)
            {
                Add("relationship", $"User has a {relation} ({word}) named {{0}}.", $"relationship:{relation}", false, clause[(kin + called + 1)..], offset + kin + called + 1, output);
                return;
            }
        }

        foreach (var (word, relation) in Kin)
        {
            if (clause.StartsWith("我" + word) && clause.Length > word.Length + 1 && clause.IndexOfAny("说想要让问") < 0 && clause.IndexOf("觉得") < 0)
            {
                Add("relationship", $"User's {relation} ({word}): {{0}}.", $"relationship:{relation}:said", false, clause[(word.Length + 1)..], offset + word.Length + 1, output);
                return;
            }
        }

        if (clause.StartsWith("我有") && clause.Length < 14 && Array.Find(Kin, kin => text.AsSpan(offset, length).EndsWith(kin.Word)) is { Word: { } held } relative && clause.IndexOfAny(Counts) is > 0 and < 4)
        {
            Add("relationship", $"User has {{0}} ({relative.Relation}).", $"relationship:{relative.Relation}", false, clause[2..], offset + 2, output);
            return;
        }

        if (clause.StartsWith("我") && clause.EndsWith("岁") && clause.Length < 9)
        {
            Add("other", "User is {0} years old.", "age", true, clause[1..^1].TrimStart("今年"), offset + 1, output);
            return;
        }

        if (Array.Exists(Unwanted, wish => text.AsSpan(offset, length).IndexOf(wish) >= 0) && (clause.IndexOf("不要") >= 0 || clause.IndexOf('别') >= 0))
        {
            Add("style", "User wants replies like this: {0}.", "style:wish", false, clause, offset, output);
            return;
        }

        if (Array.Exists(Standing, mark => text.Contains(mark, StringComparison.Ordinal)) && Array.Exists(Wished, wish => text.AsSpan(offset, length).IndexOf(wish) >= 0) && clause.IndexOfAny("用请别要") >= 0)
        {
            Add("style", "User wants replies like this: {0}.", "style:wish", false, clause, offset, output);
            return;
        }

        foreach (var (prefix, category, template, slot, single) in Prefixes)
        {
            if (clause.IndexOf(prefix) is var found and >= 0)
            {
                if (found + prefix.Length == clause.Length && template.Contains('('))
                {
                    AddWhole(category, template, slot, clause, offset, output);
                    return;
                }

                Add(category, template, slot, single, clause[(found + prefix.Length)..], offset + found + prefix.Length, output);
                return;
            }
        }

        if (output.Count > 0 || clause.IndexOf('我') >= 0)
        {
            foreach (var often in (ReadOnlySpan<string>)["经常", "常常", "常去", "每个周末都", "每个周末", "每周六", "每周日", "每个月都", "每周末", "每周都", "每天都", "每天早上", "每天晚上", "周末一般都", "周末一般", "周末喜欢", "有空就", "没事就", "周末都", "周末会", "周末去"])
            {
                if (clause.IndexOf(often) is var mark and >= 0 && clause.IndexOfAny("忘错坏死报") < 0 && clause.Length - mark - often.Length is > 1 and < 12)
                {
                    Add("interest", "User often does this: {0}.", "habit", false, clause[(mark + often.Length)..].TrimStart("去会"), offset + mark + often.Length, output);
                    return;
                }
            }
        }

        if (clause.IndexOf("我是") is var role and >= 0 && !clause.EndsWith("的") && EndsWithRole(clause))
        {
            var value = clause[(role + 2)..].TrimStart("一名个位");
            Add("profession", "User is {0}.", "profession", true, value, offset + clause.Length - value.Length, output);
        }
    }

    /// <summary>A clause without a subject behind one that names somebody goes on about them: "我女儿叫小雨，今年五岁".</summary>
    private static bool IsSaidOfThem(ReadOnlySpan<char> clause) => clause.IndexOf('岁') >= 0 || clause.IndexOf("过敏") >= 0 || clause.StartsWith("喜欢") || clause.StartsWith("在") || clause.StartsWith("是") || clause.StartsWith("今年") || clause.StartsWith("刚");

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

    /// <summary>A fact its opening tells already: "我吃素".</summary>
    private static void AddWhole(string category, string template, string slot, ReadOnlySpan<char> clause, int offset, List<MemoryCandidate> output) =>
        output.Add(new MemoryCandidate { Operation = CandidateOperation.Add, Text = template.Replace("{0}", "", StringComparison.Ordinal), Category = category, SlotKey = slot, SingleValued = true, Quote = new QuotedSpan(offset, clause.Length), Confidence = 0.8, Importance = FactWriter.ImportanceOf(category) });

    private void Add(string category, string template, string slot, bool isSingle, ReadOnlySpan<char> value, int start, List<MemoryCandidate> output)
    {
        var trimmed = value.Trim(" 了。的\u0001也");
        foreach (var closing in category == "name" ? (ReadOnlySpan<string>)["就好", "就行", "就可以", "即可", "吧"] : [])
        {
            trimmed = trimmed.EndsWith(closing) ? trimmed[..^closing.Length] : trimmed;
        }

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
