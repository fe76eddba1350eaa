using MemoryMesh.Memory.Text;

namespace MemoryMesh.Tests.Unit.Memory;

public class MemoryTextTests
{
    [TestCase("  User   likes\ttea.\r\n", "User likes tea.")]
    [TestCase("one\u0000two", "one two")]
    [TestCase("cafe\u0301", "café")]
    [TestCase("\u1112\u1161\u11ab\u1100\u116e\u11a8", "한국")]
    [TestCase("e\u0323\u0302 e\u0302\u0323", "ệ ệ", Description = "Marks are put in canonical order before they are composed.")]
    [TestCase("か\u3099", "が")]
    [TestCase("plain ascii", "plain ascii")]
    [TestCase("😀 x\u0301", "😀 x\u0301", Description = "A pair without a composed form stays.")]
    public void A_text_is_kept_composed_and_with_single_spaces(string text, string expected)
        => Assert.That(MemoryText.Normalise(text), Is.EqualTo(expected));

    [Test]
    public void Normalising_twice_changes_nothing()
    {
        var random = new Random(7);
        const string Alphabet = "aàe\u0301\u0323\u0302 \n\t가\u1112\u1161\u11ab😀";
        for (var i = 0; i < 2_000; i++)
        {
            var text = MemoryText.Normalise(string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => Alphabet[random.Next(Alphabet.Length - 2)])));
            Assert.That(MemoryText.Normalise(text), Is.EqualTo(text));
        }
    }

    [Test]
    public void Case_and_a_full_stop_make_no_other_text()
        => Assert.That(MemoryText.Fold("User’s name is HONDA. "), Is.EqualTo(MemoryText.Fold("user's name is Honda")));

    [TestCase("User is allergic to peanuts.", "constraint")]
    [TestCase("User lives in Oslo.", "location")]
    [TestCase("User prefers short emails.", "preference")]
    [TestCase("User wants to learn the cello.", "goal")]
    [TestCase("The sky was green.", "other")]
    [TestCase("Sonntag ist Ruhetag.", "other", Description = "A keyword inside a longer word does not count.")]
    public void Words_tell_a_category(string text, string category)
        => Assert.That(Categories.Guess(text), Is.EqualTo(category));

    [TestCase("Forget what I said about my job", true)]
    [TestCase("Actually, make that Leeds", true)]
    [TestCase("Paramedic, going on twelve years", true)]
    [TestCase("A heron happened. Nine koi.", true)]
    [TestCase("How far from Oslo are the mountains?", false)]
    [TestCase("", false)]
    public void Only_a_message_that_may_refer_back_asks_for_those_before_it(string text, bool needed)
        => Assert.That(ContextCues.NeedsContext(text), Is.EqualTo(needed));
}
