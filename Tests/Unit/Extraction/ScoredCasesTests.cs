using MemoryMesh.Benchmarks;
using MemoryMesh.Memory;
using MemoryMesh.Memory.Extraction;
using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Text;

namespace MemoryMesh.Tests.Unit.Extraction;

/// <summary>Several hundred labelled conversations, read as the service reads them: message by message, each decision against what is known by then.</summary>
[TestFixture]
internal sealed class ScoredCasesTests
{
    private const int PrecedingMessages = 5;

    private static readonly RuleMemoryExtractor Extractor = new(Microsoft.Extensions.Options.Options.Create(new MemoryOptions()));

    [Test]
    public async Task What_is_remembered_is_right_and_nearly_complete()
    {
        var cases = ExtractionCase.Read(Path.Combine(TestContext.CurrentContext.TestDirectory, "Extraction", "cases.jsonl"));
        Assert.That(cases, Has.Count.GreaterThan(500));
        var score = new ExtractionScore();
        foreach (var item in cases)
        {
            score.Add(item, await RememberAsync(item, Extractor));
        }

        var errors = string.Join('\n', score.Errors);
        Assert.Multiple(() =>
        {
            Assert.That(score.Precision, Is.GreaterThanOrEqualTo(0.93), errors);
            Assert.That(score.Recall, Is.GreaterThanOrEqualTo(0.90), errors);
            Assert.That(score.NegativesClean, Is.GreaterThanOrEqualTo(0.98), errors);

            // Remarks such as "couscous is wheat", kept for their words; rules alone leave none.
            Assert.That(score.Violations, Is.LessThanOrEqualTo(2), errors);
        });
    }

    /// <summary>Texts of the memories that hold after the last message.</summary>
    internal static async Task<List<string>> RememberAsync(ExtractionCase item, RuleMemoryExtractor extractor)
    {
        List<KnownMemory> active = [];
        List<string> said = [];
        string? question = null;
        var at = DateTimeOffset.UnixEpoch;
        foreach (var (role, content) in item.Messages)
        {
            at = at.AddMinutes(1);
            if (role == "user")
            {
                var request = new ExtractionRequest
                {
                    Text = content,
                    Role = role,
                    PreviousUserMessages = ContextCues.NeedsContext(content) ? [.. said.TakeLast(PrecedingMessages)] : [],
                    Question = ContextCues.MayAnswer(content) ? question : null,
                    SaidAt = at,
                };
                Learn(active, (await extractor.ExtractAsync(request, CancellationToken.None)).Candidates, at);
                said.Add(content);
            }

            question = role == "assistant" ? content : null;
        }

        return active.ConvertAll(memory => memory.Text);
    }

    private static void Learn(List<KnownMemory> active, IReadOnlyList<MemoryCandidate> candidates, DateTimeOffset at)
    {
        var message = Guid.NewGuid();
        var proposals = candidates.Select(candidate => new Proposal
        {
            Id = Guid.NewGuid(),
            Operation = candidate.Operation,
            Text = MemoryText.Normalise(candidate.Text),
            TextKey = MemoryText.Fold(candidate.Text),
            Category = candidate.Category,
            Slot = candidate.SlotKey,
            SingleValued = candidate.SingleValued,
            At = at,
            Confidence = candidate.Confidence,
            Importance = candidate.Importance,
            Source = new MemorySource { MessageId = message, ConversationKey = message, ConversationId = "c", QuoteStart = 0, QuoteLength = 0, Quote = "" },
        });
        var lesson = new Lesson { Message = new LessonMessage(message, message, 1, at), Proposals = [.. proposals] };
        foreach (var step in Reconciler.Decide(new OwnerSnapshot { Revision = 1, Active = [.. active] }, [lesson]).Steps)
        {
            switch (step)
            {
                case MemoryStep.Insert { ValidTo: null } insert:
                    active.Add(insert.Fact.ToKnown());
                    break;
                case MemoryStep.Close or MemoryStep.Remove:
                    active.RemoveAll(memory => memory.Id == step.MemoryId);
                    break;
            }
        }
    }
}
