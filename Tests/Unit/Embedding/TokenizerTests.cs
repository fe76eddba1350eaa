using System.Text;
using MemoryMesh.Search.Embedding.Tokenization;

namespace MemoryMesh.Tests.Unit.Embedding;

public class TokenizerTests
{
    // Blocks with something to get wrong: ASCII, accents, combining marks, Cyrillic, Arabic, Devanagari, Jamo, Greek with accents, blanks and
    // marks, kana, ideographs, Hangul, presentation forms, letters beyond 16 bits, emoji, compatibility ideographs, lone surrogates.
    private static readonly (int First, int Last)[] Blocks =
    [
        (0x00, 0x7F), (0xA0, 0x24F), (0x300, 0x36F), (0x370, 0x52F), (0x600, 0x6FF), (0x900, 0x97F), (0x1100, 0x11FF), (0x1E00, 0x1FFF), (0x2000, 0x22FF),
        (0x3000, 0x30FF), (0x4E00, 0x4E80), (0xAC00, 0xAD00), (0xF900, 0xFFFF), (0x1D100, 0x1D200), (0x10400, 0x10450), (0x1F300, 0x1F650), (0x2F800, 0x2F8FF),
        (0xD800, 0xDFFF),
    ];

    private static readonly string[] Fragments = ["the", " ", " ", "running", "playing", "unbelievable", "[CLS]", "[sep]", "[MASK]", "x", "##ing", "'", "é", "\t", "Lisbon", "2025"];

    [Test]
    public void Every_reference_text_gives_the_same_ids()
    {
        Assert.That(Reference.Texts, Has.Count.EqualTo(167));
        foreach (var reference in Reference.Texts)
        {
            Assert.That(Tokenize(reference.Text), Is.EqualTo(reference.Ids[1..^1]), reference.Text);
        }
    }

    [Test]
    public void Generated_texts_give_what_a_plain_reading_of_the_algorithm_gives()
    {
        var plain = new PlainTokenizer(Reference.Tokenizer.Vocabulary);
        var random = new Random(20_261_121);
        for (var round = 0; round < 3_000; round++)
        {
            var text = RandomText(random);
            Assert.That(Tokenize(text), Is.EqualTo(plain.Tokenize(text)), () => $"round {round}: {string.Join(' ', text.Select(letter => $"{(int)letter:X4}"))}");
        }
    }

    [Test]
    public void Every_character_gives_what_a_plain_reading_gives()
    {
        var plain = new PlainTokenizer(Reference.Tokenizer.Vocabulary);
        for (var code = 0; code < 0x30000; code += 16)
        {
            var text = string.Concat(Enumerable.Range(code, 16).Where(Rune.IsValid).Select(one => $"a{char.ConvertFromUtf32(one)}b "));
            Assert.That(Tokenize(text), Is.EqualTo(plain.Tokenize(text)), $"from U+{code:X4}");
        }
    }

    [Test]
    public void A_limit_ends_the_tokens_and_leaves_earlier_ones_alone()
    {
        var tokens = new TokenBuffer();
        Reference.Tokenizer.Append("one two", tokens, 100);
        var before = tokens.Count;
        Reference.Tokenizer.Append(string.Concat(Enumerable.Repeat("antidisestablishmentarianism [SEP] ", 50)), tokens, 7);
        Assert.That(tokens.Count, Is.EqualTo(before + 7));
    }

    [TestCase("\ud800", 0)]
    [TestCase("a\udc00b", 1)]
    [TestCase("", 0)]
    [TestCase("\u0301\u0301", 0)]
    public void Broken_text_is_read_as_far_as_it_goes(string text, int count)
        => Assert.That(Tokenize(text), Has.Length.EqualTo(count));

    private static int[] Tokenize(string text)
    {
        var tokens = new TokenBuffer();
        Reference.Tokenizer.Append(text, tokens, int.MaxValue);
        return tokens.Ids.ToArray();
    }

    private static string RandomText(Random random)
    {
        var text = new StringBuilder();
        for (var length = random.Next(1, 60); length > 0; length--)
        {
            if (random.Next(3) == 0)
            {
                text.Append(Fragments[random.Next(Fragments.Length)]);
                continue;
            }

            var (first, last) = Blocks[random.Next(Blocks.Length)];
            var code = random.Next(first, last + 1);
            if (code <= char.MaxValue)
            {
                text.Append((char)code);
            }
            else
            {
                text.Append(char.ConvertFromUtf32(code));
            }

            if (random.Next(200) == 0)
            {
                text.Append('w', random.Next(95, 105));
            }
        }

        return text.ToString();
    }
}
