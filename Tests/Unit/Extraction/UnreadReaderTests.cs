using MemoryMesh.Benchmarks;
using MemoryMesh.Memory;
using MemoryMesh.Memory.Extraction;

namespace MemoryMesh.Tests.Unit.Extraction;

/// <summary>What no rule reads is kept as it was said when its words weigh like those of statements, and only then.</summary>
public class UnreadReaderTests
{
    private static readonly RuleMemoryExtractor Plain = new();
    private static readonly RuleMemoryExtractor Keeping = new(Microsoft.Extensions.Options.Options.Create(new MemoryOptions()));

    [TestCase("We keep a small allotment behind the station, mostly beans.")]
    [TestCase("Both our girls board at the school in Dollar during the week.")]
    public void A_sentence_that_no_rule_reads_is_kept_with_the_words_it_was_said_in(string text)
    {
        var facts = Read(text);
        Assert.That(facts, Is.Not.Empty);
        Assert.That(facts, Has.All.Matches<MemoryCandidate>(fact => fact.Operation == CandidateOperation.Add && fact.Quote.Start >= 0 && fact.Quote.Start + fact.Quote.Length <= text.Length));
    }

    [TestCase("Do we keep a small allotment behind the station, mostly beans?")]
    [TestCase("Suppose we keep a small allotment behind the station, mostly beans.")]
    [TestCase("Summarise this: \"We keep a small allotment behind the station, mostly beans.\"")]
    [TestCase("Translate to French: both our girls board at the school in Dollar during the week.")]
    [TestCase("as YAML please:\n1,Ortega,Lagos,parrot\n2,Lind,Umeå,ferret")]
    [TestCase("The oven should be hot before the tray goes in.")]
    [TestCase("Thanks, that was exactly what I needed!")]
    [TestCase("Make the second paragraph shorter and drop the adjectives.")]
    public void What_is_asked_supposed_quoted_or_handed_over_is_not(string text) => Assert.That(Read(text), Is.Empty);

    [TestCase("Since the diagnosis my antidepressants leave me wide awake on every night shift.")]
    [TestCase("At the till my card 4111 1111 1111 1111 works on weekdays and my brain does too.")]
    public void What_is_private_or_secret_is_not(string text) => Assert.That(Read(text), Has.None.Matches<MemoryCandidate>(fact => fact.IsWeighed));

    [Test]
    public void Nothing_is_kept_so_unless_it_is_switched_on()
    {
        const string Text = "We keep a small allotment behind the station, mostly beans.";
        Assert.That(Conversation.Read(new ExtractionRequest { Text = Text, Role = "user" }, null, out _).Where(fact => fact.IsWeighed), Is.Empty);
    }

    /// <summary>With it the cases of every writer lose nothing, and more of their facts are found.</summary>
    [Test]
    public async Task The_cases_lose_no_empty_conversation_and_gain_facts()
    {
        var cases = ExtractionCase.Read(Path.Combine(TestContext.CurrentContext.TestDirectory, "Extraction", "cases.jsonl"));
        var (plain, with) = (new ExtractionScore(), new ExtractionScore());
        foreach (var item in cases)
        {
            plain.Add(item, await ScoredCasesTests.RememberAsync(item, Plain));
            with.Add(item, await ScoredCasesTests.RememberAsync(item, Keeping));
        }

        Assert.Multiple(() =>
        {
            Assert.That(plain.Violations, Is.Zero);
            Assert.That(with.Recall, Is.GreaterThan(plain.Recall + 0.005));
            Assert.That(with.Precision, Is.GreaterThanOrEqualTo(plain.Precision - 0.002));
            Assert.That(with.NegativesClean, Is.GreaterThanOrEqualTo(plain.NegativesClean));
            Assert.That(with.Violations, Is.LessThanOrEqualTo(2));
        });
    }

    private static IReadOnlyList<MemoryCandidate> Read(string text) => Conversation.Read(new ExtractionRequest { Text = text, Role = "user" }, null, out _, weighs: true);
}
