using System.Globalization;
using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>
/// Questions in eight languages, each over sixty messages: in the words of the message but in other forms, in other spellings, and by date. The files beside
/// this one hold them.
/// </summary>
public class LanguageSearchTests
{
    private const string Paraphrase = "paraphrase";
    private const string Inflected = "inflected";
    private const int Shown = 5;

    private Person _person = null!;

    [OneTimeSetUp]
    public async Task SeedAsync()
    {
        _person = await Person.RegisterAsync(await SharedHosts.GetAsync(HostKind.Embedded));
        var stored = 0;
        foreach (var language in Languages)
        {
            var messages = Read(language).Messages.Select(message => new
            {
                conversation_id = language,
                role = "user",
                content = message.Text,
                created_at = message.Date,
                extract_memory = false,
            });
            var answer = await _person.PostAsync("/v1/messages/batch", new { messages }, HttpStatusCode.OK);
            stored += answer.GetProperty("results").GetArrayLength();
        }

        await Eventually.TrueAsync(
            async () => (await _person.GetAsync("/v1/analytics/embedding-stats")).GetProperty("items").EnumerateArray()
                .Single(item => item.GetProperty("kind").GetString() == "message").GetProperty("embedded").GetInt32() == stored,
            TimeSpan.FromMinutes(4),
            () => "The messages were not indexed.");
    }

    [OneTimeTearDown]
    public void Leave() => _person?.Dispose();

    [TestCaseSource(nameof(Languages))]
    public async Task A_message_is_found_by_other_forms_of_its_words_and_by_its_date(string language)
    {
        var (messages, questions) = Read(language);
        Assert.That(messages, Has.Count.EqualTo(60));
        Assert.That(questions, Has.Count.GreaterThanOrEqualTo(20));
        var asked = questions.Where(question => question.Kind != Paraphrase).ToList();
        var answer = await _person.SendAsync(
            HttpMethod.Post,
            "/v1/memory/search/batch",
            new { queries = asked.Select(question => new { query = question.Text, conversation_id = language, top_k = Shown }) });
        var found = answer.GetProperty("results").EnumerateArray()
            .Select((result, i) => (asked[i].Kind, asked[i].Text, Found: Contents(result).Contains(messages[asked[i].Answer].Text)))
            .ToList();
        var missed = string.Join('\n', found.Where(one => !one.Found).Select(one => $"{one.Kind}: {one.Text}"));
        double Recall(bool inflected) => found.Where(one => one.Kind == Inflected == inflected).Average(one => one.Found ? 1.0 : 0);
        Assert.That(Recall(inflected: true), Is.GreaterThanOrEqualTo(0.85), missed);
        Assert.That(Recall(inflected: false), Is.GreaterThanOrEqualTo(0.95), missed);
    }

    private static readonly string[] Languages = ["ar", "de", "es", "fr", "ja", "ko", "ru", "zh"];

    private static IEnumerable<string> Contents(JsonElement result)
        => result.GetProperty("answer").GetProperty("results").EnumerateArray().Select(item => item.GetProperty("message").GetProperty("content").GetString()!);

    private static (List<(DateTimeOffset Date, string Text)> Messages, List<(string Kind, string Text, int Answer)> Questions) Read(string language)
    {
        var messages = new List<(DateTimeOffset, string)>();
        var questions = new List<(string, string, int)>();
        foreach (var line in File.ReadLines(Path.Combine(TestHost.RepositoryRoot(), "Tests", "Integration", "Search", "Languages", language + ".txt")).Where(line => !line.StartsWith('#')))
        {
            if (line.StartsWith("  ", StringComparison.Ordinal))
            {
                var parts = line.Trim().Split(':', 2);
                questions.Add((parts[0], parts[1].Trim(), messages.Count - 1));
            }
            else
            {
                messages.Add((new DateTimeOffset(DateTime.ParseExact(line[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture).AddHours(12), TimeSpan.Zero), line[11..]));
            }
        }

        return (messages, questions);
    }
}
