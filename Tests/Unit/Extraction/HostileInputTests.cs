using MemoryMesh.Memory.Extraction;

namespace MemoryMesh.Tests.Unit.Extraction;

[TestFixture]
internal sealed class HostileInputTests
{
    private const int Size = 32 * 1024;

    private static readonly RuleMemoryExtractor Extractor = new();

    private static readonly string[] Units =
    [
        "I ", "i am ", "my my ", "and ", ", ", "\"", "'", "`", "{", "[\"", "```", "<!--", "I love a and ", "not ", "a's", "Ab ", "really ", "my dog Rex, ", "I'm ", "no longer ", "\u0000", "\uD800", "\uDC00a", "我在", "😀", "1 ", "4111",
        "I live in A, B, ", "I have a dog and a cat and ", "actually it's X. ", "forget my ", "always use ", "\n", "> ", "Rex ", "a:b", "is my ", "e\u0301", "if ", "i love x, y, ", "don't like it anymore. ",
    ];

    [TestCaseSource(nameof(Units))]
    public async Task RepeatedTextIsReadToItsEnd(string unit)
    {
        var text = string.Concat(Enumerable.Repeat(unit, Size / unit.Length));
        var request = new ExtractionRequest { Text = text, Role = "user", PreviousUserMessages = ["I live in Oslo", "My dog is called Rex"] };

        // What backtracks takes hours for such a text; the deadline is far from what a busy machine needs for the rest.
        var result = await Task.Run(async () => await Extractor.ExtractAsync(request, CancellationToken.None)).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.That(result.Candidates, Has.All.Matches<MemoryCandidate>(c => c.Quote.Start >= 0 && c.Quote.Length >= 0 && c.Quote.Start + c.Quote.Length <= text.Length));
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
