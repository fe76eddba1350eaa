using MemoryMesh.Memory.Extraction;

namespace MemoryMesh.Tests.Unit.Extraction;

/// <summary>What was told before ends when the words of a message weigh like those by which people say so, and stays when they do not.</summary>
public class TurnReaderTests
{
    [TestCase("I play the cornet in a brass band.", "Packed in the cornet over Easter, it's baritone horn for me now.")]
    [TestCase("I keep bees behind the shed.", "The bees are somebody else's now, I sold the lot in March.")]
    [TestCase("I drive an old Volvo estate.", "The Volvo's gone. There's an electric Fiat on the drive these days.")]
    public void What_a_message_says_is_over_ends_and_what_it_says_instead_takes_its_place(string earlier, string later)
    {
        var facts = Read(earlier, later);
        Assert.That(facts, Has.Some.Matches<MemoryCandidate>(fact => fact.Operation != CandidateOperation.Add), string.Join('\n', facts));
    }

    [TestCase("I collect fountain pens, mostly from the thirties.", "Ok. On reflection take the pen collection out of your notes, I'd rather nobody knew.")]
    [TestCase("I support Sparta and never miss a home game.", "Please scrap the Sparta thing from your records.")]
    public void What_is_not_to_be_kept_is_deleted_and_nothing_else_is_kept_for_its_words(string earlier, string later)
    {
        var facts = Read(earlier, later);
        Assert.That(facts, Has.Some.Matches<MemoryCandidate>(fact => fact.Operation == CandidateOperation.Delete), string.Join('\n', facts));
        Assert.That(facts, Has.None.Matches<MemoryCandidate>(fact => fact.IsWeighed), string.Join('\n', facts));
    }

    [Test]
    public void Of_several_things_only_what_is_named_is_deleted()
    {
        var request = new ExtractionRequest
        {
            Text = "Please scrap the Sparta thing from your records.", Role = "user",
            PreviousUserMessages = ["I live in Ottawa, and I support Sparta.", "We keep a small allotment behind the station, mostly beans."],
        };
        var facts = Conversation.Read(request, null, out _, weighs: true);
        Assert.That(facts.Select(fact => (fact.Operation, fact.Text)), Is.EqualTo(new[] { (CandidateOperation.Delete, "User supports Sparta.") }));
    }

    [Test]
    public void Why_something_ended_is_not_kept_when_it_is_private()
    {
        var facts = Read("I run 10k every Sunday.", "Enough of running, it's swimming on Sundays from here on with my antidepressants.");
        Assert.That(facts.Select(fact => fact.Operation), Is.EqualTo(new[] { CandidateOperation.Delete }), string.Join('\n', facts));
    }

    [Test]
    public void What_is_to_be_lost_is_no_place()
    {
        var request = new ExtractionRequest { Text = "actually lose the allotment bit, I keep that private", Role = "user", PreviousUserMessages = ["I live in Ottawa.", "We keep a small allotment behind the station."] };
        Assert.That(Conversation.Read(request, null, out _, weighs: true).Select(fact => (fact.Operation, fact.Category)), Is.EqualTo(new[] { (CandidateOperation.Delete, "other") }));
    }

    [TestCase("I play the cornet in a brass band.", "Which valve oil would you take for a cornet?")]
    [TestCase("I play the cornet in a brass band.", "The cornet solo went well on Sunday, thanks for the tips.")]
    [TestCase("I keep bees behind the shed.", "My neighbour sold her bees in March.")]
    [TestCase("I drive an old Volvo estate.", "Shorten the second paragraph and drop the adjectives.")]
    [TestCase("I drive an old Volvo estate.", "What's the capital of Mongolia?")]
    [TestCase("I drive an old Corolla.", "new tyres fitted, drives like a dream now")]
    [TestCase("My dog is called Biscuit.", "We've moved on from that plan, it's a tent now.")]
    [TestCase("I play chess on Mondays.", "Thanks. Can you wipe the boxing from your notes, I'd sooner it wasn't kept.")]
    public void What_still_holds_stays(string earlier, string later)
        => Assert.That(Read(earlier, later), Has.None.Matches<MemoryCandidate>(fact => fact.Operation != CandidateOperation.Add));

    [Test]
    public void Another_old_thing_that_is_sold_leaves_what_is_old_too()
        => Assert.That(Read("I drive an old Corolla.", "sold the old lawnmower, got forty quid"), Has.None.Matches<MemoryCandidate>(fact => fact.SlotKey == "possession:old corolla"));

    private static IReadOnlyList<MemoryCandidate> Read(string earlier, string later)
        => Conversation.Read(new ExtractionRequest { Text = later, Role = "user", PreviousUserMessages = [earlier] }, null, out _, weighs: true);
}
