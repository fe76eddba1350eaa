using MemoryMesh.Memory.Text;

namespace MemoryMesh.Tests.Unit.Memory;

public class LikenessTests
{
    [TestCase("User likes tea.", "User likes tea", nameof(Likeness.SaysNoMore))]
    [TestCase("User loves tea.", "The user really likes tea", nameof(Likeness.SaysNoMore))]
    [TestCase("User has two black cats at home.", "User has two black cats at home now.", nameof(Likeness.SaysNoMore), Description = "5 of 6 words.")]
    [TestCase("User has two black cats at home now.", "User has two black cats at home.", nameof(Likeness.SaysMore))]
    [TestCase("User likes tea.", "User likes coffee.", nameof(Likeness.None))]
    [TestCase("User likes tea.", "User likes green tea in the morning.", nameof(Likeness.None), Description = "2 of 6 words are below the threshold.")]
    [TestCase("User plans to move with the family to Osaka next spring.", "User plans to move with the family to Tokyo next spring.", nameof(Likeness.None))]
    [TestCase("User moved from Berlin to Munich.", "User moved from Munich to Berlin.", nameof(Likeness.None), Description = "The order counts.")]
    [TestCase("User does eat meat from the local farm shop.", "User does not eat meat from the local farm shop.", nameof(Likeness.None))]
    [TestCase("User has cats in the old garden house.", "User has 3 cats in the old garden house.", nameof(Likeness.None))]
    [TestCase("", "User likes tea.", nameof(Likeness.None))]
    [TestCase("用户来年春天搬到东京", "用户来年春天搬到大阪", nameof(Likeness.None))]
    public void Near_duplicates_share_their_words_in_order_and_lack_no_word_that_turns_the_meaning(string text, string known, string likeness)
        => Assert.That(new ContentWords(text).Compare(new ContentWords(known)).ToString(), Is.EqualTo(likeness));

    [Test]
    public void A_text_says_no_more_than_itself()
    {
        foreach (var text in (string[])["User is a nurse.", "User can't eat nuts.", "用户喜欢茶", "User's budget is 3000 euros"])
        {
            Assert.That(new ContentWords(text).Compare(new ContentWords(text)), Is.EqualTo(Likeness.SaysNoMore), text);
        }
    }

    [Test]
    public void Outlines_never_tell_apart_what_is_alike_and_mostly_what_is_not()
    {
        string[] words = ["cats", "old", "garden", "house", "tea", "tea", "likes", "not", "3", "in", "blue", "harbour", "two", "black", "milk", "user", "the"];
        var random = new Random(7);
        var texts = Enumerable.Range(0, 600).Select(_ => new ContentWords(string.Join(' ', random.GetItems(words, random.Next(0, 9))))).ToList();
        var (alike, wrongly) = (0, 0);
        foreach (var one in texts)
        {
            foreach (var other in texts)
            {
                var maybe = one.Outline.MayBeLike(other.Outline);
                var isAlike = one.Compare(other) != Likeness.None;
                Assert.That(maybe || !isAlike);
                alike += isAlike ? 1 : 0;
                wrongly += maybe && !isAlike ? 1 : 0;
            }
        }

        Assert.That(alike, Is.GreaterThan(600));
        Assert.That(wrongly, Is.LessThan(texts.Count * texts.Count / 50));
    }

    [Test]
    public void An_ending_turns_against_what_it_ends()
        => Assert.Multiple(() =>
        {
            Assert.That(new ContentWords("User no longer plays chess.").TurnsAgainst(new ContentWords("User plays chess.")));
            Assert.That(new ContentWords("User plays chess weekly.").TurnsAgainst(new ContentWords("User plays chess.")), Is.False);
        });
}
