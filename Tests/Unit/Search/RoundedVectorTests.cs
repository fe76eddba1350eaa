using MemoryMesh.Search.Index.Vectors;

namespace MemoryMesh.Tests.Unit.Search;

public class RoundedVectorTests
{
    [Test]
    public void A_value_is_within_half_a_sixteenth_of_a_step([Values(1, 7, 8, 33, 64, 384, 1_000, 1_536)] int dimensions)
    {
        var vector = Vector(new Random(dimensions), dimensions);
        var rounded = RoundedVector.Round(vector);
        for (var index = 0; index < dimensions; index++)
        {
            var one = new float[dimensions];
            one[index] = 1;
            Assert.That(
                RoundedVector.Dot(one, rounded.Values, rounded.Rests, rounded.Scale), Is.EqualTo(vector[index]).Within(.5001f * rounded.Scale / 16), $"value {index}");
        }
    }

    [Test]
    public void A_product_is_that_of_a_plain_loop([Values(1, 31, 32, 64, 96, 384, 1_000, 1_536)] int dimensions)
    {
        var random = new Random(dimensions);
        var (query, rounded) = (Vector(random, dimensions), RoundedVector.Round(Vector(random, dimensions)));
        var (expected, half) = (0.0, RoundedVector.RestsOf(dimensions));
        for (var index = 0; index < dimensions; index++)
        {
            var both = rounded.Rests[index % half];
            var rest = index < half ? both & 15 : both >> 4;
            expected += query[index] * (rounded.Values[index] + ((rest > 7 ? rest - 16 : rest) / 16.0)) * rounded.Scale;
        }

        Assert.That(RoundedVector.Dot(query, rounded.Values, rounded.Rests, rounded.Scale), Is.EqualTo(expected).Within(1e-5 * Math.Sqrt(dimensions)));
    }

    [Test]
    public void Ends_of_the_range_nothing_and_what_is_no_number_are_taken()
    {
        var rounded = RoundedVector.Round([1, -1, 0, 0.49999f]);
        Assert.That(rounded.Values, Is.EqualTo((sbyte[])[127, -127, 0, 64]).Or.EqualTo((sbyte[])[127, -127, 0, 63]));
        Assert.That(RoundedVector.Round([0, 0]).Values, Is.All.Zero);
        Assert.That(RoundedVector.Round([float.PositiveInfinity, 1]).Scale, Is.EqualTo(1));
    }

    [Test]
    public void Scored_anew_the_nearest_of_a_scan_are_those_of_exact_vectors()
    {
        // Near-duplicates: the hardest that vectors of sentences come to.
        var random = new Random(5);
        var centre = Unit(Vector(random, 384));
        var vectors = Enumerable.Range(0, 3_000).Select(_ => Unit([.. centre.Zip(Vector(random, 384), (a, b) => a + (.03f * b))])).ToArray();
        var rounded = Array.ConvertAll(vectors, vector => RoundedVector.Round(vector));
        var (coarse, fine) = (0, 0);
        for (var asked = 0; asked < 50; asked++)
        {
            var query = Unit([.. vectors[asked].Zip(Vector(random, 384), (a, b) => a + (.03f * b))]);
            var bytes = QueryVectors.Create(1, query, [], null);
            var exact = Best(vectors.Select(vector => Dot(vector, query)), 10);
            var products = new int[1];
            var scanned = rounded.Select(vector =>
            {
                ByteDot.Multiply(bytes.Pooled, vector.Values, products);
                return (double)products[0] * vector.Scale;
            }).ToArray();
            coarse += exact.Intersect(Best(scanned, 10)).Count();
            fine += exact.Intersect(Best(scanned, 200).OrderByDescending(at => RoundedVector.Dot(query, rounded[at].Values, rounded[at].Rests, rounded[at].Scale)).Take(10)).Count();
        }

        TestContext.Out.WriteLine($"bytes alone {coarse / 500.0:F3}, scored anew {fine / 500.0:F3}");
        Assert.That(fine / 500.0, Is.GreaterThanOrEqualTo(.99).And.GreaterThan(coarse / 500.0));
    }

    private static IEnumerable<int> Best(IEnumerable<double> scores, int count)
        => scores.Select((score, at) => (score, at)).OrderByDescending(row => row.score).Take(count).Select(row => row.at);

    private static float[] Vector(Random random, int dimensions)
        => [.. Enumerable.Range(0, dimensions).Select(_ => (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5))];

    private static float[] Unit(float[] vector)
    {
        var length = (float)Math.Sqrt(Dot(vector, vector));
        return [.. vector.Select(value => value / length)];
    }

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
}
