using MemoryMesh.Memory.Extraction;

namespace MemoryMesh.Tests.Unit.Extraction;

/// <summary>What users met: values that changed, times that are over, and private matters.</summary>
[TestFixture]
internal sealed class SaidInPassingTests
{
    private static readonly RuleMemoryExtractor Extractor = new();

    [TestCase("I just started a new job as a librarian.", "User is a librarian.", "profession")]
    [TestCase("I turned 30 yesterday.", "User is 30 years old.", "age")]
    public async Task A_change_supersedes_what_it_changes(string message, string text, string slot)
    {
        var fact = (await ReadAsync(message)).Candidates.Single(fact => fact.SlotKey == slot);
        Assert.That((fact.Text, fact.Operation, fact.SingleValued), Is.EqualTo((text, CandidateOperation.Update, true)));
    }

    [Test]
    public async Task One_attribute_in_two_spellings_is_one()
    {
        var slots = new List<string>();
        foreach (var message in (string[])["My favourite colour is blue.", "My favorite color is green now."])
        {
            slots.Add((await ReadAsync(message)).Candidates.Single().SlotKey);
        }

        Assert.That(slots[1], Is.EqualTo(slots[0]));
    }

    [TestCase("When I was a kid I lived in Oslo.")]
    [TestCase("I lived in Oslo.")]
    [TestCase("In my story, I'm a pirate called Redbeard and I live on an island.")]
    public async Task What_is_over_or_made_up_is_not_where_somebody_lives(string message)
        => Assert.That((await ReadAsync(message)).Candidates.Where(fact => fact.Category == "location"), Is.Empty);

    [Test]
    public async Task A_trade_after_soy_is_no_name()
    {
        var facts = (await ReadAsync("Me llamo Lucía y vivo en Sevilla. Soy enfermera.")).Candidates;
        Assert.That(facts.Where(fact => fact.SlotKey == "name").Select(fact => fact.Text), Is.EqualTo((string[])["User's name is Lucía."]));
    }

    [Test]
    public async Task Who_divorced_is_married_no_more()
    {
        var result = await ReadAsync("Carlos and I got divorced.", "I'm married to Carlos.");
        Assert.That(result.Candidates.Where(fact => fact.Operation == CandidateOperation.Delete).Select(fact => fact.Text), Does.Contain("User is married to Carlos."));
    }

    [TestCase("I have depression.", true)]
    [TestCase("I have diabetes and I live in Rome.", true)]
    [TestCase("Please remember that I have depression.", false)]
    [TestCase("What helps against depression?", false)]
    public async Task What_is_private_and_not_asked_to_be_kept_is_told_as_withheld(string message, bool withheld)
        => Assert.That((await ReadAsync(message)).WithheldPrivate, Is.EqualTo(withheld));

    private static async Task<ExtractionResult> ReadAsync(string message, params string[] before)
        => await Extractor.ExtractAsync(new ExtractionRequest { Text = message, Role = "user", PreviousUserMessages = before, SaidAt = new(2026, 5, 13, 9, 30, 0, TimeSpan.Zero) }, CancellationToken.None);
}
