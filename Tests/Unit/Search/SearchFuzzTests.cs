using System.Text;
using System.Text.Json;
using MemoryMesh.Search.Analysis;
using MemoryMesh.Search.Endpoints;
using MemoryMesh.Search.Filters;
using MemoryMesh.Search.Ranking;
using MemoryMesh.ServiceDefaults.Filtering;

namespace MemoryMesh.Tests.Unit.Search;

/// <summary>Whatever a client sends, it is read within bounds or refused with the name of what is wrong: no exception, which would be a 500.</summary>
public class SearchFuzzTests
{
    private const int Cases = 20_000;
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    // What query languages, number parsers and encodings trip over.
    private static readonly string[] Pieces =
    [
        "python", "Caroline's", "when did", "two weeks ago", "last may", "31 february 2023", "2023-02-30", "999 years ago", "May 0", "0000-00-00", "in 1900",
        "\"", "''", "*", "^", "NEAR(a b, 2)", " OR ", " AND NOT ", "scope:x", "body : {", "(((", "))", "--", ";DROP TABLE terms", "\\", ":", ",", ".", "a.b.c", "\\.", "\\:",
        "\uD83D", "\uDE00", "😀", "\0", "\u0001", "\uFEFF", "\u202E", "ß", "Straße", "日本語", "カタカナ", "العربية", "한국어", "e\u0301", "ﬁ", "Ⅷ", "\uFFFF", "\t\r\n",
        "NaN", "Infinity", "-1", "1e309", "0x10", "１２", "1,5", "-0", "+1", "00000000000000000000000000000001", "true", "null", "[", "]", "[1,2", "{\"a\":1}", "\"x\"", "\"\\u",
        "lexical:1", "vector:NaN", "recency:-1", "weight:", ":1", "eq", "in", "gt", "exists", "project.name:eq:apollo", "a:in:1,2,3", "a:gt:\"2024-01-01\"", "c++", "node.js", "x_y-z",
    ];

    private static readonly string?[] Fields =
        ["role", "conversation_id", "user_id", "created_at", "importance", "metadata.a", "metadata.a.b", "metadata.", "metadata", "metadata.a\\.b", "tenant_id", "", null, "scope"];

    private static readonly string?[] Operators = ["eq", "ne", "in", "contains", "gt", "gte", "lt", "lte", "exists", "EQ", "like", "", null];

    [Test]
    public void Queries_and_parameters_are_read_or_refused_by_name()
    {
        var random = new Random(20_260_501);
        for (var number = 0; number < Cases; number++)
        {
            var texts = Enumerable.Range(0, 8).Select(_ => random.Next(6) == 0 ? null : Text(random)).ToArray();
            Try(() => ReadParameters(texts), () => Shown(texts));
        }
    }

    [Test]
    public void Questions_of_any_kind_are_cut_into_terms_and_times()
    {
        var random = new Random(20_260_502);
        for (var number = 0; number < Cases; number++)
        {
            var text = Text(random);
            Try(
                () =>
                {
                    var terms = TextAnalyzer.QueryTerms(text, LexicalLeg.MaxTerms);
                    Assert.That(terms, Has.Count.AtMost(LexicalLeg.MaxTerms).And.None.Empty);
                    var signs = QuerySigns.Read(text, random.Next(9) == 0 ? DateTimeOffset.MinValue : random.Next(9) == 0 ? DateTimeOffset.MaxValue : Now);
                    signs.Covers(Now);
                    signs.IsNamed(text);
                    TextSigns.Of(text);
                    MatchedSpans.Find(text, terms.ToHashSet());
                },
                () => Shown([text]));
        }
    }

    [Test]
    public void Filters_are_read_or_refused_by_name()
    {
        var random = new Random(20_260_503);
        var read = 0;
        for (var number = 0; number < Cases; number++)
        {
            var json = JsonSerializer.Serialize(Tree(random, 0), Web);
            var request = JsonSerializer.Deserialize<FilterRequest>(json, Web);
            var conditions = Enumerable.Range(0, random.Next(4)).Select(_ => Text(random)).ToArray();
            Try(
                () =>
                {
                    read += Check(FilterReader.Read(request, "filter", Refuse("filter", out var refused)), refused) ? 1 : 0;
                    Check(FilterReader.ReadMetadata(conditions, "metadata", Refuse("metadata", out refused)), refused, none: conditions.Length == 0);
                },
                () => $"{json} {Shown(conditions)}");
        }

        Assert.That(read, Is.GreaterThan(Cases / 50), "some must be good, or nothing is tried");
    }

    private static void Try(Action read, Func<string> shown)
    {
        try
        {
            read();
        }
        catch (Exception exception) when (exception is not ResultStateException)
        {
            Assert.Fail($"{shown()}: {exception}");
        }
    }

    private static void ReadParameters(string?[] texts)
    {
        var parameters = new SearchParameters();
        var question = parameters.Query(texts[0]);
        var topK = parameters.Int("top_k", texts[1], 1, 1_000, 10);
        var importance = parameters.Fraction("min_importance", texts[2]);
        parameters.Text("user_id", texts[3]);
        parameters.Names("role", texts[4], MessageRoleNames.All);
        parameters.Time("from", texts[5], endOfDay: false);
        parameters.Id("thread", texts[6]);
        parameters.Flag("explain", texts[7]);
        var settings = parameters.Settings(texts[4], texts[5], SearchParameters.Weights(texts[6]), texts[7], parameters.Number("min_score", texts[1]));
        parameters.View(texts[2], question, texts[3], parameters.Int("expand", texts[1], 0, 5, 0), highlights: true);
        Assert.That(topK, Is.InRange(1, 1_000));
        Assert.That(importance ?? 0, Is.InRange(0, 1));
        foreach (var name in RankingWeights.Names)
        {
            Assert.That((double)typeof(RankingWeights).GetProperty(string.Concat(name.Split('_').Select(part => char.ToUpperInvariant(part[0]) + part[1..])))!
                .GetValue(settings.Weights)!, Is.InRange(0, 10), name);
        }

        if (parameters.Problem is { } problem)
        {
            Assert.That(problem.StatusCode, Is.InRange(400, 499));
        }
    }

    private static Action<string, string> Refuse(string name, out List<string> refused)
    {
        var fields = refused = [];
        return (field, message) =>
        {
            Assert.That(field, Does.StartWith(name));
            Assert.That(message, Is.Not.Empty);
            fields.Add(field);
        };
    }

    private static bool Check(SearchFilter? filter, List<string> refused, bool none = false)
    {
        Assert.That(filter is null, Is.EqualTo(none || refused.Count > 0));
        filter?.Matches(new FilterSubject
        {
            Role = "user",
            ConversationId = "c",
            UserId = "u",
            CreatedAt = Now,
            Importance = .5,
            MetadataJson = """{"a":{"b":[1,"x",null,true]},"a.b":2.5,"text":"hello"}""",
        });
        return filter is not null;
    }

    private static object Tree(Random random, int depth)
    {
        // A wide one has leaves only, or it would never end.
        List<object> Some() => random.Next(40) == 0
            ? [.. Enumerable.Range(0, random.Next(60)).Select(_ => Condition(random))]
            : [.. Enumerable.Range(0, random.Next(4)).Select(_ => Tree(random, depth + 1))];
        return random.Next(8) switch
        {
            0 => new { and = Some() },
            1 => new { or = Some() },
            2 => new { not = Tree(random, depth + 1) },
            3 when depth == 0 && random.Next(9) == 0 => Enumerable.Range(0, random.Next(5, 12)).Aggregate(Condition(random), (inner, _) => new { not = inner }),
            3 when random.Next(5) == 0 => new { and = Some(), field = "role" },
            _ => Condition(random),
        };
    }

    private static object Condition(Random random)
        => new { field = Fields[random.Next(Fields.Length)], op = Operators[random.Next(Operators.Length)], value = Value(random, 0) };

    private static object? Value(Random random, int depth) => random.Next(depth > 1 ? 6 : 9) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => random.NextDouble() * Math.Pow(10, random.Next(-300, 300)),
        3 => random.NextInt64(),
        4 => random.Next(2) == 0 ? "user" : "2024-05-01T10:00:00Z",
        5 => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(Text(random))),
        6 => Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth + 1)).ToList(),
        7 => Enumerable.Range(0, 102).ToList(),
        _ => new Dictionary<string, object?> { ["x"] = Value(random, depth + 1) },
    };

    private static string Text(Random random)
    {
        if (random.Next(4_000) == 0)
        {
            return string.Concat(Enumerable.Repeat(Pieces[random.Next(Pieces.Length)], 25_000));
        }

        var text = new StringBuilder();
        for (var count = random.Next(6); count >= 0; count--)
        {
            text.Append(random.Next(12) == 0 ? ((char)random.Next(0x10000)).ToString() : Pieces[random.Next(Pieces.Length)]).Append(random.Next(3) == 0 ? " " : "");
        }

        return text.ToString();
    }

    private static string Shown(string?[] texts)
        => string.Join(" | ", texts.Select(text => text is null ? "null" : string.Concat(text.Take(200).Select(sign => sign is >= ' ' and < '\x7f' ? $"{sign}" : $"\\u{(int)sign:X4}"))));
}
