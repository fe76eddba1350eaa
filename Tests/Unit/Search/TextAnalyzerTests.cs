using System.Text;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Search.Analysis;
using MemoryMesh.Search.Analysis.Languages;

namespace MemoryMesh.Tests.Unit.Search;

public class TextAnalyzerTests
{
    [TestCase("I need help with Python programming", "i need help with python program")]
    [TestCase("C++ and C#, in .NET", "c++ and c# in .net net")]
    [TestCase("C++17 is not C", "c++ 17 is not c")]
    [TestCase("notepad++ or F#?", "notepad++ notepad or f#")]
    [TestCase("asp.net node.js 3.14", "asp.net asp net node.js node js 3.14 3 14")]
    [TestCase("getUserName", "get user name getusernam")]
    [TestCase("HTTPServer", "http server httpserver")]
    [TestCase("user_name e-mail", "usernam user name email e mail")]
    [TestCase("Anna's dog doesn't bark", "anna dog doesnt bark")]
    [TestCase("O’Brien", "brien obrien")]
    [TestCase("sha256 v2", "sha256 v2")]
    [TestCase("End. Next", "end next")]
    [TestCase("anna@example.com", "anna example.com exampl com")]
    public void Text_is_cut_into_stemmed_words_and_names(string text, string terms)
    {
        var found = new List<string>();
        TextAnalyzer.AddTerms(text, TextLanguages.English, found);
        Assert.That(found, Is.EqualTo(terms.Split(' ')));
    }

    [TestCase("Café", "cafe")]
    [TestCase("Cafe\u0301", "cafe")]
    [TestCase("ﬁne", "fine")]
    [TestCase("Ｐｙｔｈｏｎ", "python")]
    [TestCase("Ｃ＋＋", "c++")]
    [TestCase("STRASSE", "strass")]
    [TestCase("Straße", "strass")]
    [TestCase("İstanbul", "istanbul")]
    [TestCase("Łódź", "lodz")]
    [TestCase("ΣΊΣΥΦΟΣ", "σισυφοσ")]
    [TestCase("Σίσυφος", "σισυφοσ")]
    [TestCase("ёлка", "елка")]
    [TestCase("١٢٣", "123")]
    [TestCase("हिन्दी", "हिन्दी")]
    [TestCase("so\u00ADft", "soft")]
    public void Characters_that_look_the_same_are_the_same(string text, string term) => Assert.That(Terms(text)[0], Is.EqualTo(term));

    [Test]
    public void Scripts_without_spaces_give_single_characters_and_pairs()
        => Assert.That(Terms("我喜欢tea").Take(6), Is.EqualTo((string[])["我", "喜", "我喜", "欢", "喜欢", "tea"]));

    [TestCase("绿茶好", "绿茶 茶好")]
    [TestCase("茶", "茶")]
    [TestCase("日本語を勉強", "日本 本语 勉强")]
    [TestCase("医院に行った", "医院 行 行っ")]
    [TestCase("파이썬", "파이 이썬")]
    [TestCase("파이썬에서는", "파이 이썬")]
    [TestCase("\u1111\u1161\u110B\u1175\u110A\u1165\u11AB", "파이 이썬")]
    [TestCase("ｶﾞｷﾞ", "がぎ")]
    [TestCase("か\u3099き\u3099", "がぎ")]
    [TestCase("ภาษา", "ภา าษ ษา")]
    public void A_query_in_such_a_script_is_its_pairs_or_the_character_that_stands_alone(string query, string terms)
        => Assert.That(TextAnalyzer.QueryTerms(query, 64), Is.EqualTo(terms.Split(' ')));

    [Test]
    public void Every_term_of_a_query_is_a_term_of_the_same_text()
    {
        foreach (var text in (string[])["茶", "我喜欢喝绿茶", "Die Häuser der Bücherfreunde", "¿Qué me compré ayer?", "как мы приготовили подарок", "وبالسيارة الجديدة", "어제 학교에서 배웠어요", "The user_name of C++ code", "Anna's ﬁrst trip to Łódź", "日本 C# 語", "the a-b-c of node.js"])
        {
            Assert.That(TextAnalyzer.QueryTerms(text, 64), Is.SubsetOf(Terms(text)), text);
        }
    }

    [Test]
    public void Stop_words_are_left_out_of_a_query_unless_it_holds_nothing_else()
    {
        Assert.That(TextAnalyzer.QueryTerms("what is the name of my dog", 64), Is.EqualTo((string[])["name", "dog"]));
        Assert.That(TextAnalyzer.QueryTerms("to be or not to be", 64), Is.EqualTo((string[])["to", "be", "or", "not"]));
    }

    [Test]
    public void A_query_has_each_term_once_and_at_most_the_limit()
    {
        Assert.That(TextAnalyzer.QueryTerms("the tea teas TEA", 64), Is.EqualTo((string[])["tea"]));
        Assert.That(TextAnalyzer.QueryTerms(string.Join(' ', Enumerable.Range(0, 500)), 64), Has.Count.EqualTo(64));
    }

    [TestCase("")]
    [TestCase("  \t\n")]
    [TestCase("!?. \"'()*:^-+{}[]")]
    [TestCase("😀 🎉")]
    [TestCase("\uD800")]
    public void A_text_without_words_has_no_terms(string text)
    {
        Assert.That(Terms(text), Is.Empty);
        Assert.That(TextAnalyzer.QueryTerms(text, 64), Is.Empty);
    }

    [Test]
    public void No_text_makes_the_analysis_fail_and_no_term_holds_a_space()
    {
        var random = new Random(11);
        var alphabet = "aB9'.-_+# \0\n\uD83D\uDE00\uD800\uDC00\u0301\u3099茶한ガภ\u1161\u11A8ßÅ١\uFFFF\u202E".ToCharArray();
        var text = new StringBuilder();
        for (var run = 0; run < 20_000; run++)
        {
            text.Clear();
            for (var i = random.Next(40); i > 0; i--)
            {
                text.Append(random.Next(10) == 0 ? (char)random.Next(char.MaxValue + 1) : alphabet[random.Next(alphabet.Length)]);
            }

            Assert.That(Terms(text.ToString()), Has.None.Matches<string>(term => term.Length == 0 || term.Any(char.IsWhiteSpace)), text.ToString());
        }
    }

    [Test]
    public void A_long_blob_is_one_term()
        => Assert.That(Terms(string.Concat(Enumerable.Repeat("aB3dE", 2_000))), Has.Count.EqualTo(1));

    [Test]
    public void A_message_is_found_by_its_text_the_named_metadata_and_its_date()
    {
        var terms = IndexedText.TermsOf(new ChatMessage
        {
            Id = Guid.NewGuid(),
            ConversationKey = Guid.NewGuid(),
            ConversationId = "c",
            SubjectKey = Guid.NewGuid(),
            UserId = "u",
            Role = "user",
            Content = "We bought apples",
            MetadataJson = """{"speaker":"Caroline","caption":"a red bowl","title":7,"source":"hidden"}""",
            CreatedAt = new DateTimeOffset(2023, 5, 8, 23, 30, 0, TimeSpan.FromHours(-5)),
            Version = 1,
            ExtractMemory = true,
        });
        Assert.That(terms, Is.EqualTo((string[])["we", "bought", "appl", "carolin", "a", "red", "bowl", "may", "tuesday", "2023"]));
    }

    [Test]
    public void A_memory_is_found_by_its_text_and_category()
    {
        var terms = IndexedText.TermsOf(new MemoryItem
        {
            Id = Guid.NewGuid(),
            Scope = MemoryScopes.User,
            OwnerKey = Guid.NewGuid(),
            Text = "Prefers tea",
            Category = "preference",
            Status = "completed",
            Importance = 1,
            Confidence = 1,
            CreatedAt = DateTimeOffset.UnixEpoch,
            UpdatedAt = DateTimeOffset.UnixEpoch,
            Version = 1,
            Active = true,
        });
        Assert.That(terms, Is.EqualTo((string[])["prefer", "tea", "prefer"]));
    }

    private static List<string> Terms(string text)
    {
        var terms = new List<string>();
        TextAnalyzer.AddTerms(text, terms);
        return terms;
    }
}
