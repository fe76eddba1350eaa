using MemoryMesh.Search.Index.Vectors;

namespace MemoryMesh.Tests.Unit.Search;

public class VectorKernelTests
{
    private const int Dimensions = 384;

    [TestCase("avx-vnni")]
    [TestCase("avx2")]
    [TestCase("portable")]
    public void Products_of_bytes_are_exact(string kernel)
    {
        Require(kernel);
        var random = new Random(1);
        foreach (var length in (int[])[32, 40, 64, 96, Dimensions, 1_536])
        {
            var query = Bytes(random, length);
            var rows = Bytes(random, 9 * length);

            // The largest products that there are.
            rows.AsSpan(0, length).Fill(-127);
            query.AsSpan(0, length / 2).Fill(127);
            var products = new int[9];
            ByteDot.Multiply(query, rows, products, kernel);
            Assert.That(products, Is.EqualTo(Enumerable.Range(0, 9).Select(row => Enumerable.Range(0, length).Sum(i => query[i] * rows[(row * length) + i]))), $"{length}");
        }
    }

    [TestCase("avx512bw")]
    [TestCase("avx2")]
    [TestCase("portable")]
    public void Late_interaction_over_signs_is_exact(string kernel)
    {
        Require(kernel);
        var random = new Random(2);
        foreach (var dimensions in (int[])[8, 32, 64, 96, Dimensions, 1_024])
        {
            var query = Bytes(random, 5 * dimensions);
            query.AsSpan(0, dimensions).Fill(127);
            var signs = new byte[7 * dimensions / 8];
            random.NextBytes(signs);
            var best = new int[5];
            SignMaxSim.Best(query, signs, dimensions, best, kernel);
            var expected = Enumerable.Range(0, 5).Select(token => Enumerable.Range(0, 7).Max(of => Enumerable.Range(0, dimensions)
                .Sum(i => ((signs[(of * dimensions / 8) + (i / 8)] >> (i % 8)) & 1) * query[(token * dimensions) + i])));
            Assert.That(best, Is.EqualTo(expected), $"{dimensions}");
        }
    }

    [Test]
    public void Turning_keeps_lengths_and_angles_and_spreads_what_one_dimension_held()
    {
        var rotation = new SignRotation(Dimensions);
        var random = new Random(3);
        var (a, b) = (Unit(random), Unit(random));
        var (turnedA, turnedB, single) = (new float[Dimensions], new float[Dimensions], new float[Dimensions]);
        rotation.Apply(a, turnedA);
        rotation.Apply(b, turnedB);
        Assert.That(Dot(turnedA, turnedA), Is.EqualTo(1).Within(1e-4));
        Assert.That(Dot(turnedA, turnedB), Is.EqualTo(Dot(a, b)).Within(1e-4));
        var one = new float[Dimensions];
        one[17] = 1;
        rotation.Apply(one, single);
        Assert.That(single.Max(Math.Abs), Is.LessThan(.4));
        Assert.That(single.Count(value => value > 0), Is.InRange(Dimensions / 3, 2 * Dimensions / 3));
    }

    [Test]
    public void Signs_are_those_of_earlier_versions()
    {
        // Stored signs would mean nothing with another sequence.
        var rotation = new SignRotation(Dimensions);
        var vector = Enumerable.Range(0, Dimensions).Select(i => MathF.Sin(i)).ToArray();
        var signs = new byte[Dimensions / 8];
        rotation.Signs(vector, signs);
        Assert.That(Convert.ToHexStringLower(signs.AsSpan(0, 8)), Is.EqualTo(KnownSigns));
    }

    [Test]
    public void Late_interaction_over_signs_is_near_that_over_the_vectors_themselves()
    {
        var rotation = new SignRotation(Dimensions);
        var random = new Random(4);
        var texts = Enumerable.Range(0, 60).Select(_ => Enumerable.Range(0, 12).Select(_ => Unit(random)).ToArray()).ToArray();
        var asked = texts[7].Take(4).Select(vector => Near(random, vector)).ToArray();
        var query = QueryVectors.Create(1, asked[0], [.. asked.Select(vector => ((ReadOnlyMemory<float>)vector, 1.0))], rotation);
        var scores = texts.Select(text => query.MaxSim(query.Best(Signs(rotation, text)), [])).ToArray();
        Assert.That(scores.IndexOf(scores.Max()), Is.EqualTo(7));
        Assert.That(scores.Max(), Is.GreaterThan(2 * scores.Order().Skip(50).First()));
    }

    [Test]
    public void What_was_said_before_counts_for_a_message_at_a_discount()
    {
        var rotation = new SignRotation(Dimensions);
        var random = new Random(6);
        var asked = Enumerable.Range(0, 2).Select(_ => Unit(random)).ToArray();
        var query = QueryVectors.Create(1, asked[0], [.. asked.Select(vector => ((ReadOnlyMemory<float>)vector, 1.0))], rotation);
        var (first, second) = (query.Best(Signs(rotation, [asked[0]])), query.Best(Signs(rotation, [asked[1]])));
        var (apart, together, whole) = (query.MaxSim(second, []), query.MaxSim(second, first), query.MaxSim(query.Best(Signs(rotation, asked)), []));
        Assert.That(together, Is.GreaterThan(apart + .3).And.LessThan(whole));
        Assert.That(query.MaxSim(second, second), Is.EqualTo(apart));
    }

    [Test]
    public void Words_that_are_left_out_of_a_question_count_no_more()
    {
        var rotation = new SignRotation(Dimensions);
        var random = new Random(8);
        var asked = Enumerable.Range(0, 3).Select(_ => ((ReadOnlyMemory<float>)Unit(random), Weight: 1 + random.NextDouble())).ToArray();
        var query = QueryVectors.Create(1, Unit(random), asked, rotation) with { Words = ["melanie", "melanie", "pottery"], Fit = .5, LeastCosine = .6 };
        var without = query.Without(new HashSet<string> { "melanie" });
        var expected = QueryVectors.Create(1, Unit(random), [asked[2]], rotation);
        var text = Signs(rotation, [.. Enumerable.Range(0, 5).Select(_ => Unit(random))]);
        Assert.That(without.MaxSim(without.Best(text), []), Is.EqualTo(expected.MaxSim(expected.Best(text), [])).Within(1e-6));
        Assert.That((without.TokenCount, without.Fit, without.LeastCosine, without.Exact), Is.EqualTo((1, .5, (double?).6, query.Exact)));
        Assert.That(query.Without(new HashSet<string> { "anna" }), Is.SameAs(query));
        Assert.That(query.Without(new HashSet<string> { "melanie", "pottery" }), Is.SameAs(query), "a question of names alone means them");
        Assert.That((query with { Words = ["who", "melanie", "s"] }).Without(new HashSet<string> { "melanie" }).TokenCount, Is.EqualTo(3), "nothing that tells anything would be left");
        Assert.That(QueryVectors.Create(1, Unit(random), [], null).Without(new HashSet<string> { "melanie" }).TokenCount, Is.Zero);
    }

    [TestCase("mel ##ani ##e painted", "melanie melanie melanie painted")]
    [TestCase("##x a", "##x a")]
    [TestCase("", "")]
    public void Pieces_belong_to_their_word(string tokens, string words)
        => Assert.That(string.Join(' ', TokenRules.WordsOf(tokens.Split(' '))), Is.EqualTo(words));

    [Test]
    public void Vectors_that_were_stored_one_by_one_are_read()
    {
        var random = new Random(6);
        var vectors = new ItemVectors("Zoë 🦊", null, TextTraits.Question | TextTraits.Time, RoundedVector.Round(Unit(random)), [1, 2, 255]);
        var read = ItemVectors.FromBytes(SingleVectors.ToBytes(vectors));
        Assert.That((read.Speaker, read.Category, read.Traits, read.Pooled.Scale), Is.EqualTo((vectors.Speaker, vectors.Category, vectors.Traits, vectors.Pooled.Scale)));
        Assert.That(read.Pooled.Values, Is.EqualTo(vectors.Pooled.Values));
        Assert.That(read.Pooled.Rests, Is.EqualTo(vectors.Pooled.Rests));
        Assert.That(read.Signs, Is.EqualTo(vectors.Signs));
        Assert.Throws<InvalidDataException>(() => ItemVectors.FromBytes([9, 0, 0]));
        Assert.Throws<InvalidDataException>(() => ItemVectors.FromBytes(SingleVectors.ToBytes(vectors).AsSpan(0, 300)));
    }

    [Test]
    public void Vectors_of_the_first_format_are_read_without_their_rests()
    {
        var vectors = new ItemVectors("Ann", "food", TextTraits.None, new RoundedVector(Bytes(new Random(7), Dimensions), [], .5f), [1, 2]);
        var bytes = SingleVectors.ToBytes(vectors);
        Assert.That(bytes[0], Is.EqualTo(1));
        var read = ItemVectors.FromBytes(bytes);
        Assert.That((read.Speaker, read.Category, read.Pooled.Rests.Length), Is.EqualTo(("Ann", "food", 0)));
        Assert.That(read.Pooled.Values, Is.EqualTo(vectors.Pooled.Values));
        Assert.That(read.Signs, Is.EqualTo(vectors.Signs));
    }

    private const string KnownSigns = "79e41d1a5992775c";

    private static void Require(string kernel)
    {
        if ((kernel == "avx512bw" && !System.Runtime.Intrinsics.X86.Avx512BW.IsSupported)
            || (kernel == "avx-vnni" && !System.Runtime.Intrinsics.X86.AvxVnni.IsSupported) || (kernel == "avx2" && !System.Runtime.Intrinsics.X86.Avx2.IsSupported))
        {
            Assert.Ignore($"The processor has no {kernel}.");
        }
    }

    private static sbyte[] Bytes(Random random, int length) => [.. Enumerable.Range(0, length).Select(_ => (sbyte)random.Next(-127, 128))];

    private static float[] Unit(Random random) => Scaled([.. Enumerable.Range(0, Dimensions).Select(_ => (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5))]);

    private static float[] Near(Random random, float[] vector) => Scaled([.. vector.Zip(Unit(random), (a, b) => a + (.5f * b))]);

    private static float[] Scaled(float[] vector)
    {
        var length = MathF.Sqrt((float)Dot(vector, vector));
        return [.. vector.Select(value => value / length)];
    }

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();

    private static byte[] Signs(SignRotation rotation, float[][] tokens) => [.. tokens.SelectMany(token =>
    {
        var signs = new byte[Dimensions / 8];
        rotation.Signs(token, signs);
        return signs;
    })];
}
