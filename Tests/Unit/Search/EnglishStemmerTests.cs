using MemoryMesh.Search.Analysis;

namespace MemoryMesh.Tests.Unit.Search;

public class EnglishStemmerTests
{
    /// <summary>Words of the algorithm's published vocabulary that take every rule at least once.</summary>
    [TestCase("programming", "program")]
    [TestCase("programs", "program")]
    [TestCase("caresses", "caress")]
    [TestCase("ties", "tie")]
    [TestCase("cries", "cri")]
    [TestCase("gas", "gas")]
    [TestCase("gaps", "gap")]
    [TestCase("kiwis", "kiwi")]
    [TestCase("agreed", "agre")]
    [TestCase("feed", "feed")]
    [TestCase("plastered", "plaster")]
    [TestCase("bled", "bled")]
    [TestCase("luxuriating", "luxuri")]
    [TestCase("hopping", "hop")]
    [TestCase("hoped", "hope")]
    [TestCase("falling", "fall")]
    [TestCase("hissing", "hiss")]
    [TestCase("filing", "file")]
    [TestCase("cry", "cri")]
    [TestCase("by", "by")]
    [TestCase("say", "say")]
    [TestCase("relational", "relat")]
    [TestCase("conditional", "condit")]
    [TestCase("vietnamization", "vietnam")]
    [TestCase("conformably", "conform")]
    [TestCase("differently", "differ")]
    [TestCase("analogously", "analog")]
    [TestCase("decisiveness", "decis")]
    [TestCase("hopefulness", "hope")]
    [TestCase("sensibility", "sensibl")]
    [TestCase("geology", "geolog")]
    [TestCase("triplicate", "triplic")]
    [TestCase("formative", "format")]
    [TestCase("electricity", "electr")]
    [TestCase("goodness", "good")]
    [TestCase("adjustable", "adjust")]
    [TestCase("replacement", "replac")]
    [TestCase("adoption", "adopt")]
    [TestCase("communism", "communism")]
    [TestCase("activate", "activ")]
    [TestCase("bowdlerize", "bowdler")]
    [TestCase("probate", "probat")]
    [TestCase("rate", "rate")]
    [TestCase("controller", "control")]
    [TestCase("roll", "roll")]
    [TestCase("generously", "generous")]
    [TestCase("generate", "generat")]
    [TestCase("arsenal", "arsenal")]
    [TestCase("yes", "yes")]
    [TestCase("youth", "youth")]
    [TestCase("skies", "sky")]
    [TestCase("dying", "die")]
    [TestCase("news", "news")]
    [TestCase("proceeding", "proceed")]
    [TestCase("inning", "inning")]
    [TestCase("dog's", "dog")]
    [TestCase("a", "a")]
    [TestCase("as", "as")]
    public void A_word_has_the_stem_of_Porter2(string word, string stem) => Assert.That(EnglishStemmer.Stem(word), Is.EqualTo(stem));

    [TestCase("café")]
    [TestCase("sha256")]
    [TestCase("茶")]
    public void A_word_that_is_not_of_English_letters_is_its_own_stem(string word) => Assert.That(EnglishStemmer.Stem(word), Is.EqualTo(word));

    [Test]
    public void Every_word_of_English_letters_has_a_stem_that_is_not_longer_than_the_word_and_an_e()
    {
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var word = string.Create(random.Next(1, 80), random, (letters, source) =>
            {
                for (var at = 0; at < letters.Length; at++)
                {
                    letters[at] = "aeiouylsdegnit'"[source.Next(15)];
                }
            });
            Assert.That(EnglishStemmer.Stem(word).Length, Is.LessThanOrEqualTo(word.Length + 1), word);
        }
    }
}
