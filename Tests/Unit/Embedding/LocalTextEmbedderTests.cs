using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Embedding.Model;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Tests.Unit.Embedding;

public class LocalTextEmbedderTests
{
    private LocalTextEmbedder _embedder = null!;

    [OneTimeSetUp]
    public void Create() => _embedder = Embedder(new LocalEmbedderOptions());

    [OneTimeTearDown]
    public void Dispose() => _embedder.Dispose();

    [Test]
    public async Task The_model_is_read_when_the_first_text_comes()
    {
        using var embedder = Embedder(new LocalEmbedderOptions());
        Assert.That(embedder.IsLoaded, Is.False);
        await embedder.EmbedAsync(["hello"], CancellationToken.None);
        Assert.That(embedder.IsLoaded, Is.True);
    }

    [Test]
    public async Task Memory_that_was_given_back_is_read_again_and_changes_nothing_of_the_vectors()
    {
        using var embedder = Embedder(new LocalEmbedderOptions());
        embedder.ReleaseMemory();
        var before = (await embedder.EncodeAsync([new TextInContext("a walk along the river")], CancellationToken.None))[0];
        for (var round = 0; round < 3; round++)
        {
            embedder.ReleaseMemory();
            embedder.ReleaseMemory();
            Assert.That(embedder.IsLoaded, Is.True);
            var after = (await embedder.EncodeAsync([new TextInContext("a walk along the river")], CancellationToken.None))[0];
            Assert.That(after.Pooled.Span.SequenceEqual(before.Pooled.Span));
            Assert.That(after.TokenVectors.Span.SequenceEqual(before.TokenVectors.Span));
        }
    }

    [Test]
    public async Task Memory_may_be_given_back_while_texts_are_computed()
    {
        using var embedder = Embedder(new LocalEmbedderOptions());
        var before = (await embedder.EmbedAsync(["a walk along the river"], CancellationToken.None))[0];
        var computing = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 10; i++)
            {
                var vectors = await embedder.EmbedAsync(["a walk along the river", "another text"], CancellationToken.None);
                Assert.That(Reference.Cosine(vectors[0].Span, before.ToArray()), Is.GreaterThan(.9999));
            }
        })));
        while (!computing.IsCompleted)
        {
            embedder.ReleaseMemory();
            await Task.Yield();
        }

        await computing;
    }

    [Test]
    public async Task Vectors_come_in_the_order_of_the_texts_whatever_their_lengths()
    {
        var references = Reference.Texts.Where(text => text.Vector is not null).Reverse().ToList();
        var vectors = await _embedder.EmbedAsync(references.Select(text => text.Text).ToList(), CancellationToken.None);
        Assert.That(vectors, Has.Count.EqualTo(references.Count));
        for (var index = 0; index < vectors.Count; index++)
        {
            Assert.That(Reference.Cosine(vectors[index].Span, references[index].Vector), Is.GreaterThan(.98), references[index].Text);
            Assert.That(Length(vectors[index].Span), Is.EqualTo(1).Within(1e-4));
        }
    }

    [Test]
    public async Task One_pass_gives_the_vector_of_the_text_and_those_of_its_tokens()
    {
        var text = Reference.Texts.First(text => text.TokenVectors is not null && text.Ids.Length > 6);
        var encoding = (await _embedder.EncodeAsync([new TextInContext(text.Text)], CancellationToken.None))[0];
        var pooled = (await _embedder.EmbedAsync([text.Text], CancellationToken.None))[0];
        Assert.That(encoding.TokenIds.ToArray(), Is.EqualTo(text.Ids[1..^1]));
        Assert.That(encoding.Pooled.Span.SequenceEqual(pooled.Span));
        for (var token = 0; token < encoding.TokenIds.Length; token++)
        {
            var vector = encoding.TokenVectors.Span.Slice(token * 384, 384);
            Assert.That(Reference.Cosine(vector, Centred(text.TokenVectors![token + 1])), Is.GreaterThan(.96));
            Assert.That(Length(vector), Is.EqualTo(1).Within(1e-4));
        }

        Assert.That(_embedder.TokenText(text.Ids[0]), Is.EqualTo("[CLS]"));
    }

    [Test]
    public async Task Threads_that_help_change_nothing_of_the_vectors()
    {
        var texts = Reference.Texts.Take(40).Select(text => new TextInContext(text.Text)).ToList();
        using var alone = Embedder(new LocalEmbedderOptions { Threads = 1 });
        using var helped = Embedder(new LocalEmbedderOptions { Threads = 3 });
        using var done = new CancellationTokenSource();
        var helpers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
            {
                helped.Assist();
                Thread.Yield();
            }
        })).ToList();
        foreach (var text in texts)
        {
            var (expected, found) = ((await alone.EncodeAsync([text], CancellationToken.None))[0], (await helped.EncodeAsync([text], CancellationToken.None))[0]);
            Assert.That(found.Pooled.Span.SequenceEqual(expected.Pooled.Span), text.Text);
            Assert.That(found.TokenVectors.Span.SequenceEqual(expected.TokenVectors.Span), text.Text);
        }

        await done.CancelAsync();
        await Task.WhenAll(helpers);
    }

    [Test]
    public async Task Context_changes_the_vectors_of_the_tokens_and_not_that_of_the_text()
    {
        var encodings = await _embedder.EncodeAsync(
            [
                new TextInContext("Yes, since May!"),
                new TextInContext("Yes, since May!", "Do you still live in Lisbon?"),
                new TextInContext("Yes, since May!", string.Concat(Enumerable.Repeat("So many words before it. ", 1_000))),
            ],
            CancellationToken.None);
        Assert.That(encodings[1].Pooled.Span.SequenceEqual(encodings[0].Pooled.Span));
        Assert.That(encodings[2].Pooled.Span.SequenceEqual(encodings[0].Pooled.Span));
        Assert.That(encodings[1].TokenIds.ToArray(), Is.EqualTo(encodings[0].TokenIds.ToArray()));
        var cosine = Reference.Cosine(encodings[1].TokenVectors.Span[..384], encodings[0].TokenVectors.Span[..384]);
        Assert.That(cosine, Is.InRange(.3, .995));
    }

    [Test]
    public async Task A_text_longer_than_the_model_takes_is_the_mean_of_its_windows()
    {
        var sentence = "The harbour was quiet and the boats were all at home. ";
        var encodings = await _embedder.EncodeAsync(
            [new TextInContext(string.Concat(Enumerable.Repeat(sentence, 120))), new TextInContext(sentence)], CancellationToken.None);
        var texts = encodings[0].TokenIds.Length / encodings[1].TokenIds.Length;
        Assert.That(texts, Is.EqualTo(120));
        Assert.That(Reference.Cosine(encodings[0].Pooled.Span, encodings[1].Pooled.Span), Is.GreaterThan(.8));
        for (var token = 0; token < encodings[0].TokenIds.Length; token++)
        {
            Assert.That(Length(encodings[0].TokenVectors.Span.Slice(token * 384, 384)), Is.EqualTo(1).Within(1e-4), $"token {token}");
        }
    }

    [Test]
    public async Task Text_beyond_the_limit_is_not_looked_at()
    {
        using var embedder = Embedder(new LocalEmbedderOptions { MaxTokens = 16 });
        var start = string.Concat(Enumerable.Repeat("tea ", 16));
        var vectors = await embedder.EmbedAsync([start, start + "and something else"], CancellationToken.None);
        Assert.That(vectors[1].Span.SequenceEqual(vectors[0].Span));
    }

    [Test]
    public async Task Texts_that_nobody_waits_for_are_computed_alike_and_push_no_other_aside()
    {
        var texts = Reference.Texts.Take(40).Select(text => text.Text).ToList();
        var expected = await _embedder.EmbedAsync(texts, CancellationToken.None);
        using var other = Embedder(new LocalEmbedderOptions());
        var background = await other.EmbedInBackgroundAsync(texts, CancellationToken.None);
        var leisure = await other.EmbedAtLeisureAsync(texts, CancellationToken.None);
        Assert.That(other.IsAsked, Is.False);
        Assert.That(Enumerable.Range(0, texts.Count).All(at => background[at].Span.SequenceEqual(expected[at].Span) && leisure[at].Span.SequenceEqual(expected[at].Span)));
    }

    [Test]
    public async Task What_can_wait_stands_back_until_nothing_is_under_way_or_its_time_has_come()
    {
        var rest = new EmbeddingRest();
        await rest.WaitAsync(TimeSpan.FromHours(1), CancellationToken.None);
        rest.Begin();
        rest.Begin();
        var waiting = rest.WaitAsync(TimeSpan.FromHours(1), CancellationToken.None);
        rest.End();
        Assert.That(waiting.IsCompleted, Is.False, "one is under way still");
        await rest.WaitAsync(TimeSpan.FromMilliseconds(1), CancellationToken.None);
        using var cancelled = new CancellationTokenSource();
        var given = rest.WaitAsync(TimeSpan.FromHours(1), cancelled.Token);
        await cancelled.CancelAsync();
        Assert.That(async () => await given, Throws.InstanceOf<OperationCanceledException>());
        rest.End();
        await waiting.WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Test]
    public async Task Calls_at_the_same_time_do_not_disturb_each_other()
    {
        var texts = Reference.Texts.Where(text => text.Ids.Length < 60).Select(text => text.Text).ToList();
        var expected = await _embedder.EmbedAsync(texts, CancellationToken.None);
        await Parallel.ForAsync(0, 16, async (index, cancellationToken) =>
        {
            var from = index * 5 % (texts.Count - 10);
            var vectors = await _embedder.EmbedAsync(texts.GetRange(from, 10), cancellationToken);
            for (var at = 0; at < vectors.Count; at++)
            {
                Assert.That(vectors[at].Span.SequenceEqual(expected[from + at].Span), $"text {from + at}");
            }
        });
    }

    [Test]
    public async Task A_call_allocates_its_answer_and_little_more_however_long_the_text()
    {
        using var embedder = Embedder(new LocalEmbedderOptions { Threads = 1 });
        async Task<long> AllocatedAsync(string text)
        {
            await embedder.EmbedAsync([text], CancellationToken.None);
            await embedder.EmbedAsync([text], CancellationToken.None);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var thread = Environment.CurrentManagedThreadId;
            for (var call = 0; call < 10; call++)
            {
                await embedder.EmbedAsync([text], CancellationToken.None);
            }

            Assert.That(Environment.CurrentManagedThreadId, Is.EqualTo(thread), "one thread computes in the caller's");
            return (GC.GetAllocatedBytesForCurrentThread() - before) / 10;
        }

        const int Answer = 384 * sizeof(float);
        Assert.That(await AllocatedAsync("tea"), Is.LessThan(Answer + 1_024));
        Assert.That(await AllocatedAsync(string.Concat(Enumerable.Repeat("the harbour was quiet ", 100))), Is.LessThan(Answer + 1_024));
    }

    [Test]
    public void A_cancelled_call_ends()
        => Assert.That(async () => await _embedder.EmbedAsync(["text"], new CancellationToken(canceled: true)), Throws.InstanceOf<OperationCanceledException>());

    [TestCase(0)]
    [TestCase(257)]
    public void Too_few_and_too_many_texts_are_refused(int count)
        => Assert.That(
            async () => await _embedder.EmbedAsync(Enumerable.Repeat("text", count).ToList(), CancellationToken.None),
            Throws.InstanceOf<ArgumentOutOfRangeException>());

    [Test]
    public void A_missing_model_is_a_missing_dependency()
    {
        using var embedder = Embedder(new LocalEmbedderOptions { ModelFile = "models/none.int8" });
        Assert.That(async () => await embedder.EmbedAsync(["text"], CancellationToken.None), Throws.TypeOf<DependencyUnavailableException>());
    }

    [Test]
    public async Task Memory_can_go_back_at_any_time()
    {
        using var embedder = Embedder(new LocalEmbedderOptions { Threads = 2 });
        var texts = Reference.Texts.Take(10).Select(text => text.Text).ToList();
        var expected = await _embedder.EmbedAsync(texts, CancellationToken.None);
        embedder.ReleaseMemory();
        for (var round = 0; round < 5; round++)
        {
            var computing = Task.Run(async () => await embedder.EmbedAsync(texts, CancellationToken.None));
            while (!computing.IsCompleted)
            {
                embedder.ReleaseMemory();
            }

            var found = await computing;
            Assert.That(found.Zip(expected).All(pair => pair.First.Span.SequenceEqual(pair.Second.Span)));
        }
    }

    [Test]
    public async Task It_can_be_disposed_twice()
    {
        var embedder = Embedder(new LocalEmbedderOptions());
        await embedder.EmbedAsync(["text"], CancellationToken.None);
        embedder.Dispose();
        Assert.That(embedder.Dispose, Throws.Nothing);
    }

    [Test]
    public async Task The_kernel_can_be_chosen_and_is_named()
    {
        using var embedder = Embedder(new LocalEmbedderOptions { Kernel = "portable", Threads = 1 });
        await embedder.EmbedAsync(["text"], CancellationToken.None);
        Assert.That((embedder.Kernel, embedder.Threads), Is.EqualTo(("portable", 1)));
    }

    private static LocalTextEmbedder Embedder(LocalEmbedderOptions options)
        => new(Options.Create(options), NullLogger<LocalTextEmbedder>.Instance);

    private static double Length(ReadOnlySpan<float> vector)
    {
        double squares = 0;
        foreach (var value in vector)
        {
            squares += value * value;
        }

        return Math.Sqrt(squares);
    }

    private static float[] Centred(float[] token)
    {
        var length = Length(token);
        return [.. token.Zip(TokenMean.Read(), (value, mean) => (float)((value / length) - mean))];
    }
}
