using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using MemoryMesh.ServiceDefaults.Filtering;

namespace MemoryMesh.Tests.Unit.Filtering;

/// <summary>Whatever is sent, the reader answers with a filter that can be evaluated, or says what is wrong; it never throws.</summary>
public class FilterReaderFuzzTests
{
    private static readonly FilterSubject[] Subjects =
    [
        new() { Role = "user", ConversationId = "c", UserId = "u", CreatedAt = DateTimeOffset.UnixEpoch },
        new()
        {
            Role = "tool", ConversationId = "", UserId = "é", CreatedAt = DateTimeOffset.MaxValue, Importance = 1,
            MetadataJson = """{"a": {"b": [1, "x", null, true, {"c": 1e400}]}, "n": -0.0, "t": "2026-01-01", "": 1, "b": "x"}""",
        },
    ];

    private static Gen<string> Pick(params string[] values) => Gen.Elements(values);

    private static readonly Gen<string> Texts = Gen.OneOf(
        ArbMap.Default.GeneratorFor<string>().Select(text => text ?? ""),
        Pick("", "user", "metadata.a.b", "metadata.", "metadata", "role", "\ud800", "\0", "2026-01-01", "1", "null", "a\\", "\\", ":", "::", "a:b:c"));

    private static readonly Gen<string> Values = Gen.OneOf(
        Pick("null", "true", "1", "-0.0", "1e400", "1e-400", "[]", "{}", "[1,\"x\",null]", "[[1]]", "\"user\"", "\"2026-01-01\"", "\"\\ud800\"", "123456789012345678901234567890.5"),
        ArbMap.Default.GeneratorFor<double>().Where(double.IsFinite).Select(number => JsonSerializer.Serialize(number)),
        Texts.Select(text => JsonSerializer.Serialize(text)));

    private static Gen<FilterRequest?> Requests(int size) => size == 0
        ? Gen.Constant<FilterRequest?>(null)
        : Gen.Frequency(
            (4, from field in Gen.OneOf(Texts, Pick("role", "user_id", "conversation_id", "created_at", "importance", "metadata.a.b", "metadata.n", "metadata.t"))
                from op in Gen.OneOf(Pick("eq", "ne", "in", "contains", "gt", "gte", "lt", "lte", "exists"), Texts)
                from value in Values
                from keep in Gen.Choose(0, 7)
                select (FilterRequest?)new FilterRequest
                {
                    Field = keep == 0 ? null : field, Op = keep == 1 ? null : op, Value = keep == 2 ? null : JsonElement.Parse(value),
                }),
            (1, Requests(size - 1).Select(part => (FilterRequest?)new FilterRequest { Not = part })),
            (1, Requests(size - 1).ListOf().Select(parts => (FilterRequest?)new FilterRequest { And = [.. parts] })),
            (1, Requests(size - 1).ListOf().Select(parts => (FilterRequest?)new FilterRequest { Or = [.. parts], Field = parts.Count == 3 ? "role" : null })),
            (1, Gen.Constant<FilterRequest?>(new FilterRequest())));

    [Test]
    public void Trees_are_read_or_refused()
        => Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(10_000).WithQuietOnSuccess(true),
            Prop.ForAll(Requests(5).ToArbitrary(), request =>
            {
                var refused = new List<string>();
                var filter = FilterReader.Read(request, "filter", (field, _) => refused.Add(field));
                return IsSound(filter, refused, request is null);
            }));

    [Test]
    public void Parameters_are_read_or_refused()
        => Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(10_000).WithQuietOnSuccess(true),
            Prop.ForAll(
                (from path in Texts
                 from op in Gen.OneOf(Pick("eq", "ne", "in", "contains", "gt", "lt", "exists"), Texts)
                 from value in Gen.OneOf(Values, Texts)
                 from form in Gen.Elements($"{path}:{op}:{value}", $"{path}:{op}", path, value)
                 select form).ListOf().ToArbitrary(),
                conditions =>
                {
                    var refused = new List<string>();
                    var filter = FilterReader.ReadMetadata([.. conditions], "metadata", (field, _) => refused.Add(field));
                    return IsSound(filter, refused, conditions.Count == 0);
                }));

    /// <summary>Exactly one of a filter and a refusal, unless nothing was sent; and the filter and its opposite never agree.</summary>
    private static bool IsSound(SearchFilter? filter, List<string> refused, bool nothing)
        => nothing ? filter is null && refused.Count == 0
            : filter is null ? refused.Count > 0
            : refused.Count == 0 && Subjects.All(subject => filter.Matches(subject) != new SearchFilter.Not(filter).Matches(subject));
}
