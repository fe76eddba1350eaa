using MemoryMesh.Memory;
using MemoryMesh.Memory.Extraction;

namespace MemoryMesh.Tests.Unit.Extraction;

/// <summary>Answers to what the assistant asked: those about the user are kept, and those of a task at hand are not.</summary>
[TestFixture]
internal sealed class AnswersTests
{
    private static readonly RuleMemoryExtractor Extractor = new(Microsoft.Extensions.Options.Options.Create(new MemoryOptions()));

    private static IEnumerable<string> Answers => Lines("answers.txt");

    private static IEnumerable<string> AnswersOfTasks => Lines("answers-of-tasks.txt");

    [TestCaseSource(nameof(Answers))]
    public async Task What_is_asked_of_the_user_is_kept(string line)
        => Assert.That(await ReadAsync(line), Has.Some.Matches<string>(text => text.Contains(line.Split(" | ")[3], StringComparison.OrdinalIgnoreCase)));

    [TestCaseSource(nameof(AnswersOfTasks))]
    public async Task What_is_asked_for_a_task_is_not(string line) => Assert.That(await ReadAsync(line), Is.Empty);

    [TestCase("which visa do I need", "Which passport do you hold?", "Ghanaian", "User is Ghanaian (passport).")]
    [TestCase("suggest a present for my sister", "What does she like?", "Opera", "User's sister likes Opera.")]
    [TestCase("strings advice", "How long have you played the cello?", "Nineteen years", "User has played the cello for nineteen years.")]
    [TestCase("which tyres", "What do you usually ride?", "A Royal Enfield", "User rides A Royal Enfield.")]
    [TestCase("a present", "What are they into?", "Foraging", null)]
    [TestCase("help me pick", "Where do you live?", "Depends who asks", null)]
    public async Task The_answer_stands_in_the_statement_the_question_leaves_open(string before, string question, string answer, string? text)
        => Assert.That(await ReadAsync($"{before} | {question} | {answer}"), text is null ? Is.Empty : Does.Contain(text));

    private static IEnumerable<string> Lines(string file) => File.ReadLines(Path.Combine(TestContext.CurrentContext.TestDirectory, "Extraction", file)).Where(line => line.Length > 0);

    private static async Task<List<string>> ReadAsync(string line)
    {
        var parts = line.Split(" | ");
        var request = new ExtractionRequest { Text = parts[2], Role = "user", PreviousUserMessages = [parts[0]], Question = parts[1] };
        return [.. (await Extractor.ExtractAsync(request, CancellationToken.None)).Candidates.Select(fact => fact.Text)];
    }
}
