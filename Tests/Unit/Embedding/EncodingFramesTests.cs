using System.Buffers.Binary;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Embedding.Replicas;
using MemoryMesh.Search.Index.Vectors;

namespace MemoryMesh.Tests.Unit.Embedding;

public class EncodingFramesTests
{
    private const int Dimensions = 16;

    private static readonly TextInContext[] Texts = [new("I moved to Kyōto 🗼"), new("Why?", "I moved to Kyōto"), new(""), new("a", "")];

    [Test]
    public void A_call_comes_back_as_it_was()
        => Assert.That(EncodingFrames.ReadCall(EncodingFrames.WriteCall(Texts)), Is.EqualTo(Texts));

    [Test]
    public void No_beginning_of_a_call_is_a_call_and_none_with_more_behind_it()
    {
        var call = EncodingFrames.WriteCall(Texts);
        for (var length = 0; length < call.Length; length++)
        {
            Assert.That(EncodingFrames.ReadCall(call.AsSpan(0, length)), Is.Null, $"{length} bytes");
        }

        Assert.That(EncodingFrames.ReadCall([.. call, 0]), Is.Null);
    }

    [Test]
    public void Bytes_that_are_no_call_never_make_it_throw()
    {
        var random = new Random(7);
        var call = EncodingFrames.WriteCall(Texts);
        for (var round = 0; round < 2_000; round++)
        {
            var changed = (byte[])call.Clone();
            changed[random.Next(changed.Length)] = (byte)random.Next(256);
            Assert.DoesNotThrow(() => EncodingFrames.ReadCall(changed));
        }
    }

    [Test]
    public void A_call_has_a_bounded_number_of_texts()
    {
        Assert.That(EncodingFrames.ReadCall(EncodingFrames.WriteCall([])), Is.Null);
        Assert.That(EncodingFrames.ReadCall(EncodingFrames.WriteCall([.. Enumerable.Repeat(new TextInContext("a"), EncodingFrames.MostTexts)])), Has.Count.EqualTo(EncodingFrames.MostTexts));
        Assert.That(EncodingFrames.ReadCall(EncodingFrames.WriteCall([.. Enumerable.Repeat(new TextInContext("a"), EncodingFrames.MostTexts + 1)])), Is.Null);
    }

    [Test]
    public void An_answer_comes_back_as_it_was()
    {
        var answer = Answer();
        var read = EncodingFrames.ReadAnswer(EncodingFrames.WriteAnswer(answer, Dimensions), answer.Count, Dimensions)!;
        Assert.That(read, Has.Count.EqualTo(answer.Count));
        foreach (var (mine, theirs) in answer.Zip(read))
        {
            Assert.That(theirs.Signs, Is.EqualTo(mine.Signs));
            Assert.That((theirs.Pooled.Values, theirs.Pooled.Rests, theirs.Pooled.Scale), Is.EqualTo((mine.Pooled.Values, mine.Pooled.Rests, mine.Pooled.Scale)).AsCollection);
        }
    }

    [Test]
    public void An_answer_of_another_size_is_none()
    {
        var answer = EncodingFrames.WriteAnswer(Answer(), Dimensions);
        Assert.That(EncodingFrames.ReadAnswer(answer, 2, Dimensions), Is.Null, "another number of texts");
        Assert.That(EncodingFrames.ReadAnswer(answer, 3, 2 * Dimensions), Is.Null, "another length of vectors");
        Assert.That(EncodingFrames.ReadAnswer([.. answer, 0], 3, Dimensions), Is.Null, "more behind it");
        for (var length = 0; length < answer.Length; length++)
        {
            Assert.That(EncodingFrames.ReadAnswer(answer.AsSpan(0, length), 3, Dimensions), Is.Null, $"{length} bytes");
        }
    }

    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    [TestCase(0f)]
    [TestCase(-1f)]
    [TestCase(1f)]
    public void Vectors_whose_length_is_not_one_are_no_answer(float scale)
    {
        var answer = EncodingFrames.WriteAnswer(Answer(), Dimensions);
        BinaryPrimitives.WriteSingleLittleEndian(answer.AsSpan(12), scale);
        Assert.That(EncodingFrames.ReadAnswer(answer, 3, Dimensions), Is.Null);
    }

    [Test]
    public void Texts_are_cut_into_calls_by_number_and_by_length()
    {
        var few = EmbedderPool.Split([.. Enumerable.Range(0, 150).Select(at => new TextInContext($"text {at}"))]);
        Assert.That(few.Select(call => call.Count), Is.EqualTo((int[])[64, 64, 22]));
        var large = EmbedderPool.Split([new(new string('a', 30_000)), new(new string('b', 30_000)), new(new string('c', 30_000)), new("d", new string('e', 600))]);
        Assert.That(large.Select(call => call.Count), Is.EqualTo((int[])[2, 2]));
        Assert.That(large.SelectMany(call => call).Select(text => text.Text[0]), Is.EqualTo("abcd"));
        Assert.That(EmbedderPool.Split([new(new string('a', 200_000)), new("b")]).Select(call => call.Count), Is.EqualTo((int[])[1, 1]), "a long text goes alone");
        Assert.That(EmbedderPool.Split([]), Is.Empty);
    }

    private static List<EncodedText> Answer()
        => [.. Enumerable.Range(1, 3).Select(at => new EncodedText(RoundedVector.Round(Unit(at)), [.. Enumerable.Range(0, (at - 1) * Dimensions / 8).Select(value => (byte)value)]))];

    private static float[] Unit(int seed)
    {
        var random = new Random(seed);
        var values = Enumerable.Range(0, Dimensions).Select(_ => (float)(random.NextDouble() - .5)).ToArray();
        var length = MathF.Sqrt(values.Sum(value => value * value));
        return [.. values.Select(value => value / length)];
    }
}
