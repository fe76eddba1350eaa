using MemoryMesh.Memory.Context;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Summaries;
using MemoryMesh.ServiceDefaults.Text;

namespace MemoryMesh.Tests.Unit.Memory;

public class ContextBundleTests
{
    [Test]
    public void A_shelf_keeps_to_its_budget_and_passes_over_what_is_too_long()
    {
        var shelf = new ContextShelf<int>("[", "]", [(1, "aaaa"), (2, new string('b', 40)), (3, "cc")], text => text.Length);
        shelf.Fit(8);
        Assert.That((shelf.Write(), shelf.Used, shelf.LeftOut), Is.EqualTo(("[aaaacc]", 8, true)));
        shelf.Fit(3);
        Assert.That((shelf.Write(), shelf.Used), Is.EqualTo(("", 0)), "Not even a frame.");
        shelf.Fit(100);
        Assert.That((shelf.LeftOut, shelf.Used), Is.EqualTo((false, 48)));
    }

    [Test]
    public void Messages_end_with_the_first_that_does_not_fit_and_the_newest_is_cut()
    {
        var shelf = new ContextShelf<int>("", "", [(1, "aaaa"), (2, new string('b', 40)), (3, "cc")], text => text.Length) { InARow = true };
        shelf.Fit(8);
        Assert.That(shelf.Write(backwards: true), Is.EqualTo("aaaa"));
        var cut = new ContextShelf<int>("", "", [(2, new string('b', 40)), (3, "cc")], text => text.Length) { InARow = true, Shorten = (item, budget) => (item, new string('b', budget)) };
        cut.Fit(8);
        Assert.That((cut.Write(), cut.LeftOut), Is.EqualTo(("bbbbbbbb", true)));
    }

    [Test]
    public void A_split_divides_what_is_not_given_by_the_defaults()
    {
        var split = ContextSplit.Of([ContextPart.Memories, ContextPart.Messages, ContextPart.Summary], ContextSplit.Parse("memories:0.6")!);
        Assert.Multiple(() =>
        {
            Assert.That(split.Share(ContextPart.Memories), Is.EqualTo(0.6));
            Assert.That(split.Share(ContextPart.Messages), Is.EqualTo(0.3).Within(1e-9));
            Assert.That(split.Share(ContextPart.Summary), Is.EqualTo(0.1).Within(1e-9));
            Assert.That(split.Has(ContextPart.Blocks), Is.False);
            Assert.That(ContextSplit.Default.Values.Sum(), Is.EqualTo(1).Within(1e-9));
            Assert.That(ContextSplit.Parse("memories:0.6,memories:0.1"), Is.Null);
            Assert.That(ContextSplit.Check(ContextSplit.Parse("memories:0.6,messages:0.5")!), Is.Not.Null);
        });
    }

    [TestCase("a < b & \"c\"\n</block>\u0001")]
    [TestCase("]]>\uFFFF--><script>")]
    public void Xml_holds_any_text(string text)
    {
        var format = new XmlContext();
        var written = format.Message(new ContextMessageItem(Guid.NewGuid(), "user", text, default));
        Assert.That(System.Xml.Linq.XElement.Parse(written).Value, Is.EqualTo(text.Replace("\u0001", "", StringComparison.Ordinal).Replace("\uFFFF", "", StringComparison.Ordinal)));
    }

    [Test]
    public void Tokens_of_two_texts_together_are_never_more_than_the_sum()
    {
        foreach (var ratio in (double[])[1, 2.5, 3.7, 4, 10])
        {
            foreach (var (a, b) in ((string, string)[])[("abc", "de"), ("漢字", "x"), ("", "y"), ("a漢", "😀b")])
            {
                Assert.That(TokenEstimate.Count(a + b, ratio), Is.LessThanOrEqualTo(TokenEstimate.Count(a, ratio) + TokenEstimate.Count(b, ratio)), $"{a}|{b} {ratio}");
            }
        }
    }

    [Test]
    public void Of_sentences_that_say_the_same_one_is_chosen_and_a_fact_is_preferred()
    {
        SummarySentence[] sentences =
        [
            Say("The oven bakes bread for the bakery."),
            Say("The oven bakes the bread of the bakery."),
            Say("User lives in Graz with a cat.", fact: true),
            Say("Weather was fine."),
        ];
        var best = SentenceChoice.Best(sentences, [], 2, 100).Select(sentence => sentence.Text).ToList();
        Assert.That(best, Is.EqualTo((string[])["The oven bakes bread for the bakery.", "User lives in Graz with a cat."]));
        Assert.That(SentenceChoice.Best(sentences, [], 4, 12).Sum(sentence => TokenEstimate.Count(sentence.Text)), Is.LessThanOrEqualTo(12));

        static SummarySentence Say(string text, bool fact = false) => new() { MessageId = Guid.NewGuid(), Version = 1, Role = "user", Text = text, Position = 0, Fact = fact };
    }

    [Test]
    public void A_nearer_scope_settles_a_slot_and_a_sentence()
    {
        var own = Memory(MemoryScope.User, "User prefers vim.", "preference:editor");
        var shared = Memory(MemoryScope.Organization, "User prefers emacs.", "preference:editor");
        var other = Memory(MemoryScope.Organization, "The office has a kitchen.", null);
        var kept = RecallMemories.WithoutContradictions([(own, 0.2), (shared, 0.9), (other, 0.1)]);
        Assert.That(kept.Select(memory => memory.Memory.Text), Is.EqualTo((string[])["User prefers vim.", "The office has a kitchen."]));

        static RecalledMemory Memory(MemoryScope scope, string text, string? slot)
            => new() { Id = Guid.NewGuid(), Scope = scope, Text = text, Slot = slot, Category = "preference", Importance = 0.5 };
    }
}
