using MemoryMesh.Contracts.Search;
using MemoryMesh.Memory;
using MemoryMesh.Memory.Extraction;
using MemoryMesh.ServiceDefaults.Http;
using MsOptions = Microsoft.Extensions.Options.Options;

namespace MemoryMesh.Tests.Unit.Extraction;

/// <summary>What a message ends without naming it ends when the vectors say that it is what is meant, and stays when they do not, or when there are none.</summary>
public class TurnMeaningTests
{
    private const string Earlier = "I have a double espresso every morning, is that too much on an empty stomach?";
    private const string Later = "Coffee's gone altogether as of last week. Rooibos is my morning cup these days";

    [Test]
    public async Task What_is_meant_ends()
        => Assert.That(await ReadAsync(Earlier, Later, new Vectors(0.64)), Has.Some.Matches<MemoryCandidate>(fact => fact.Operation != CandidateOperation.Add));

    [Test]
    public async Task What_is_not_meant_stays()
        => Assert.That(await ReadAsync(Earlier, Later, new Vectors(0.3)), Has.None.Matches<MemoryCandidate>(fact => fact.Operation != CandidateOperation.Add));

    [Test]
    public async Task Without_vectors_it_stays()
    {
        foreach (var vectors in (ITextVectors?[])[null, new Vectors(1, Answer.None), new Vectors(1, Answer.Fails)])
        {
            Assert.That(await ReadAsync(Earlier, Later, vectors), Has.None.Matches<MemoryCandidate>(fact => fact.Operation != CandidateOperation.Add));
        }
    }

    [TestCase(Earlier, "What's the capital of Mongolia?")]
    [TestCase("I drive an old Volvo estate.", "Shorten the second paragraph and drop the adjectives.")]
    [TestCase("My name is Honda.", "Which valve oil would you take for a cornet?")]
    public async Task What_ends_nothing_is_not_embedded(string earlier, string later)
    {
        var vectors = new Vectors(1);
        await ReadAsync(earlier, later, vectors);
        Assert.That(vectors.Asked, Is.Zero);
    }

    [TestCase("I play chess.", "I play tennis these days too.")]
    [TestCase("I work as a nurse.", "I also work as a yoga teacher.")]
    [TestCase("I love zq02299k.", "I love zq02300k.")]
    [TestCase("I love zq00399k.", "I love zq00400k.")]
    public async Task What_is_told_besides_ends_nothing(string earlier, string later)
        => Assert.That(await ReadAsync(earlier, later, new Vectors(0.95)), Has.None.Matches<MemoryCandidate>(fact => fact.Operation != CandidateOperation.Add));

    [Test]
    public async Task A_name_ends_by_no_likeness()
        => Assert.That(await ReadAsync("My name is Pickle.", "Never mind, that's all over, I gave it up and sold it last week.", new Vectors(1)), Has.None.Matches<MemoryCandidate>(fact => fact.Operation != CandidateOperation.Add));

    [Test]
    public async Task A_change_that_a_rule_reads_leaves_what_it_does_not_speak_of()
    {
        var facts = await ReadAsync("always finish with a one-line summary, I skim", "Hm, from now on put the summary at the top instead, I never make it to the bottom", new Vectors(1));
        Assert.That(facts.Select(fact => (fact.Operation, fact.SlotKey)), Has.All.EqualTo((CandidateOperation.Add, "style:summary")), string.Join('\n', facts));
    }

    [Test]
    public async Task What_is_named_ends_beside_what_a_rule_reads()
    {
        var facts = await ReadAsync("Ich fahre einen alten Golf, lohnt sich da noch eine neue Kupplung?", "Hat sich erledigt, der Golf ist verkauft. Ich fahre jetzt einen Dacia Spring.", null);
        Assert.That(facts, Has.Some.Matches<MemoryCandidate>(fact => fact.Operation != CandidateOperation.Add && fact.SlotKey == "possession:alten golf"), string.Join('\n', facts));
    }

    private static async Task<IReadOnlyList<MemoryCandidate>> ReadAsync(string earlier, string later, ITextVectors? vectors)
        => (await new RuleMemoryExtractor(MsOptions.Create(new MemoryOptions()), vectors).ExtractAsync(new ExtractionRequest { Text = later, Role = "user", PreviousUserMessages = [earlier] }, CancellationToken.None)).Candidates;

    private enum Answer
    {
        Given,
        None,
        Fails,
    }

    /// <summary>Vectors of which that of every fact has the same cosine with those of the message and its parts.</summary>
    private sealed class Vectors(double cosine, Answer answer = Answer.Given) : ITextVectors
    {
        public int Asked { get; private set; }

        public Task<IReadOnlyList<float[]>> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<float[]>> EmbedSoonAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
        {
            Asked++;
            float[] fact = [(float)cosine, (float)Math.Sqrt(1 - (cosine * cosine))];
            return answer switch
            {
                Answer.Fails => throw new DependencyUnavailableException("Away."),
                Answer.None => Task.FromResult<IReadOnlyList<float[]>>([]),
                _ => Task.FromResult<IReadOnlyList<float[]>>([.. texts.Select(text => text.StartsWith("User", StringComparison.Ordinal) ? fact : [1f, 0f])]),
            };
        }
    }
}
