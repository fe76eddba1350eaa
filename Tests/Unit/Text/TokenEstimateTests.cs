using MemoryMesh.ServiceDefaults.Text;

namespace MemoryMesh.Tests.Unit.Text;

public class TokenEstimateTests
{
    [TestCase("", 0)]
    [TestCase("a", 1)]
    [TestCase("four", 1)]
    [TestCase("fives", 2)]
    [TestCase("I need help with Python programming", 9)]
    [TestCase("日本語", 3)]
    [TestCase("ひらカタ", 4)]
    [TestCase("한국어", 3)]
    [TestCase("。、", 2)]
    [TestCase("私はC#が好き", 6)]
    [TestCase("😀😀😀😀", 1)]
    [TestCase("𠮷", 1)]
    public void A_cjk_character_is_one_token_and_four_others_are_one_rounded_up(string text, int tokens)
        => Assert.That(TokenEstimate.Count(text), Is.EqualTo(tokens));

    [Test]
    public void The_estimate_never_falls_when_text_is_added()
    {
        var random = new Random(7);
        var text = string.Empty;
        var before = 0;
        for (var i = 0; i < 500; i++)
        {
            text += random.Next(3) == 0 ? "語" : "x";
            var now = TokenEstimate.Count(text);
            Assert.That(now, Is.InRange(before, before + 1));
            before = now;
        }
    }
}
