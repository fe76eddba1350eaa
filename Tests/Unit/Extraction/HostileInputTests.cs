using MemoryMesh.Memory;
using MemoryMesh.Memory.Extraction;

namespace MemoryMesh.Tests.Unit.Extraction;

[TestFixture]
internal sealed class HostileInputTests
{
    private const int Size = 32 * 1024;

    private static readonly RuleMemoryExtractor Extractor = new(Microsoft.Extensions.Options.Options.Create(new MemoryOptions()));

    private static readonly string[] Units =
    [
        "I ", "i am ", "my my ", "and ", ", ", "\"", "'", "`", "{", "[\"", "```", "<!--", "I love a and ", "not ", "a's", "Ab ", "really ", "my dog Rex, ", "I'm ", "no longer ", "\u0000", "\uD800", "\uDC00a", "我在", "😀", "1 ", "4111",
        "I live in A, B, ", "I have a dog and a cat and ", "actually it's X. ", "forget my ", "always use ", "\n", "> ", "Rex ", "a:b", "is my ", "e\u0301", "if ", "i love x, y, ", "don't like it anymore. ",
        "translate this. ", "what am i? ", "(", "((a ", "{\"a\":", "a'b", "really I ", "we are ", "I have been ", "she is ", "my ", "is ", "only ", "give me ", "no ", "Rex, my cat, ", "34, ", "4111 1111 ", "remember that my ", "i am a ", "and a dog ",
    ];

    /// <summary>Steps a character may cost; what people write costs about ten.</summary>
    private const int MostStepsPerCharacter = 250;

    private static readonly string[] Before = ["I live in Oslo", "My dog is called Rex"];

    [TestCaseSource(nameof(Units))]
    public void Twice_the_text_costs_no_more_than_twice_the_work(string unit)
    {
        var (half, _) = Read(Repeat(unit, Size / 2), Before);
        var (whole, facts) = Read(Repeat(unit, Size), Before);
        Assert.Multiple(() =>
        {
            Assert.That(whole, Is.LessThanOrEqualTo((half * 2.2) + 5_000));
            Assert.That(whole, Is.LessThan(MostStepsPerCharacter * Size));
            Assert.That(facts, Has.All.Matches<MemoryCandidate>(c => c.Quote.Start >= 0 && c.Quote.Length >= 0 && c.Quote.Start + c.Quote.Length <= Size));
        });
    }

    /// <summary>A message that speaks of what was said before, where both are long.</summary>
    [TestCase("I live in Ulm and love x. ", "Forget that. ")]
    [TestCase("I have a dog called Rex. ", "Forget my dog. ")]
    [TestCase("I love chess. ", "Sorry, I meant Chess. ")]
    [TestCase("My sister Ana is 9. ", "Ana is 8. ")]
    [TestCase("I am training for a race. ", "race finished. ")]
    [TestCase("I drive a Fiat. ", "I no longer drive. ")]
    [TestCase("Ab Cd ", "Ef she ")]
    public void Twice_of_both_costs_no_more_than_twice_the_work(string before, string now)
    {
        var (half, _) = Read(Repeat(now, Size / 2), [Repeat(before, Size / 2)]);
        var (whole, _) = Read(Repeat(now, Size), [Repeat(before, Size)]);
        Assert.That(whole, Is.LessThanOrEqualTo((half * 2.2) + 5_000));
    }

    [Test]
    public void A_message_yields_a_bounded_number_of_facts()
    {
        var (_, facts) = Read(string.Concat(Enumerable.Range(0, 3_000).Select(i => $"I love item{i}. ")), []);
        Assert.That(facts, Has.Count.InRange(FactReader.MaxFacts / 2, FactReader.MaxFacts + 10));
    }

    private static string Repeat(string unit, int size) => string.Concat(Enumerable.Repeat(unit, size / unit.Length));

    private static (long Steps, IReadOnlyList<MemoryCandidate> Facts) Read(string text, string[] before)
    {
        var effort = new Effort();
        var facts = Conversation.Read(new ExtractionRequest { Text = text, Role = "user", PreviousUserMessages = before }, effort);
        return (effort.Steps, facts);
    }

    [Test]
    public async Task RandomTextNeverThrows([Range(1, 40)] int seed)
    {
        var random = new Random(seed);
        string[] words = ["I", "i'm", "my", "dog", "called", "Rex", ",", ".", "?", "and", "love", "not", "it's", "actually", "forget", "that", "no", "longer", "3", "May", "(", ")", "\"", "we've", "sister", "'s", "is", "a", "nurse", "at", "in", "Oslo", "if", "\uD83D", "\0", "so", "always", "you", "when", "\n", "-", "über", "ich", "je", "m'appelle", "我叫", "have", "been", "who", "she", "my", "birthday", "am", "the", "name", "sorry"];
        for (var round = 0; round < 200; round++)
        {
            var text = string.Join(random.Next(5) == 0 ? "" : " ", random.GetItems(words, random.Next(1, 40)));
            var previous = string.Join(' ', random.GetItems(words, 12));
            var result = await Extractor.ExtractAsync(new ExtractionRequest { Text = text, Role = "user", PreviousUserMessages = [previous, "My cat is called Moss, I live in Porto"] }, CancellationToken.None);
            Assert.That(result.Candidates, Has.All.Matches<MemoryCandidate>(c => c.Text.Length > 0 && c.SlotKey.Length > 0 && c.Quote.Start + c.Quote.Length <= text.Length), text);
        }
    }
}
