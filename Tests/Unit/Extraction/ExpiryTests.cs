using MemoryMesh.Memory.Extraction;

namespace MemoryMesh.Tests.Unit.Extraction;

/// <summary>Ends of facts are counted from the time of the message.</summary>
[TestFixture]
internal sealed class ExpiryTests
{
    /// <summary>A Wednesday.</summary>
    private static readonly DateTimeOffset Said = new(2026, 5, 13, 9, 30, 0, TimeSpan.Zero);

    [TestCase("I work nights until Friday", "2026-05-15")]
    [TestCase("I work nights till Wednesday", "2026-05-20")]
    [TestCase("I work from home until the end of the month", "2026-05-31")]
    [TestCase("I work from home until June 3rd", "2026-06-03")]
    [TestCase("I work from home until 2 March", "2027-03-02")]
    [TestCase("I live in Lisbon until September", "2026-09-30")]
    [TestCase("I live in Lisbon for the next two weeks", "2026-05-27")]
    [TestCase("I live in Lisbon for the next seven days", "2026-05-20")]
    [TestCase("I live in Lisbon until next month", "2026-06-30")]
    [TestCase("I work nights till the end of next week", "2026-05-24")]
    [TestCase("Until Friday I work nights", "2026-05-15")]
    [TestCase("Ich arbeite nachts bis Freitag", "2026-05-15")]
    [TestCase("Trabajo de noche hasta el viernes", "2026-05-15")]
    [TestCase("Je travaille de nuit jusqu'à vendredi", "2026-05-15")]
    [TestCase("For the next two weeks, I work from home", "2026-05-27")]
    public async Task An_end_is_the_last_moment_of_the_day_it_names(string message, string day)
    {
        var facts = await ReadAsync(message, Said);
        var end = DateTimeOffset.Parse(day + "T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture).AddDays(1).AddTicks(-1);
        Assert.That(facts.Select(fact => fact.ExpiresAt), Is.Not.Empty.And.All.EqualTo(end));
    }

    [TestCase("I live in Lisbon")]
    [TestCase("My name is Ana until Friday")]
    [TestCase("I live in Lisbon, and the shop is shut until Friday")]
    public async Task A_fact_without_an_end_of_its_own_does_not_expire(string message)
        => Assert.That((await ReadAsync(message, Said)).Select(fact => fact.ExpiresAt), Is.Not.Empty.And.All.Null);

    [TestCase("Until Friday I am in Rome")]
    [TestCase("I'm in Rome until Friday")]
    [TestCase("I live in Rome until Friday")]
    public async Task Where_somebody_is_until_a_day_is_not_where_they_live(string message)
    {
        var fact = (await ReadAsync(message, Said)).Single();
        Assert.That((fact.Text, fact.SlotKey, fact.ExpiresAt.HasValue), Is.EqualTo(("User is staying in Rome.", "location:stay", true)));
    }

    [Test]
    public async Task Without_the_time_of_the_message_there_is_no_end()
        => Assert.That((await ReadAsync("I work nights until Friday", null)).Select(fact => fact.ExpiresAt), Is.Not.Empty.And.All.Null);

    private static async Task<IReadOnlyList<MemoryCandidate>> ReadAsync(string message, DateTimeOffset? at)
        => (await new RuleMemoryExtractor().ExtractAsync(new ExtractionRequest { Text = message, Role = "user", SaidAt = at }, CancellationToken.None)).Candidates;
}
