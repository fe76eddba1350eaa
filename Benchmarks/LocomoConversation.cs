using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace MemoryMesh.Benchmarks;

/// <summary>What somebody said.</summary>
/// <param name="Id">Its id in the data, <c>dia_id</c>.</param>
/// <param name="Text">The text.</param>
/// <param name="At">Time of its session.</param>
/// <param name="Metadata">Id, speaker and caption.</param>
internal sealed record LocomoTurn(string Id, string Text, DateTimeOffset At, IReadOnlyDictionary<string, string> Metadata);

/// <summary>A question with the turns that answer it.</summary>
/// <param name="Id">Conversation and number.</param>
/// <param name="Text">The question.</param>
/// <param name="Category">1 multi-hop, 2 temporal, 3 open-domain, 4 single-hop, 5 adversarial.</param>
/// <param name="Gold">Ids of the turns, cleaned; questions without any are not scored.</param>
internal sealed record LocomoQuestion(string Id, string Text, int Category, IReadOnlySet<string> Gold);

/// <summary>A conversation in LoCoMo's format.</summary>
internal sealed partial record LocomoConversation(string Id, IReadOnlyList<LocomoTurn> Turns, IReadOnlyList<LocomoQuestion> Questions)
{
    /// <summary>Reads a file of conversations.</summary>
    public static IReadOnlyList<LocomoConversation> Read(string path)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(path));
        return [.. file.RootElement.EnumerateArray().Select(Read)];
    }

    private static LocomoConversation Read(JsonElement root)
    {
        var id = root.GetProperty("sample_id").GetString()!;
        var conversation = root.GetProperty("conversation");
        var turns = new List<LocomoTurn>();
        var sessions = conversation.EnumerateObject().Select(member => SessionName().Match(member.Name)).Where(match => match.Success)
            .Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).Order();
        foreach (var session in sessions)
        {
            var at = DateTime.ParseExact(
                conversation.GetProperty($"session_{session}_date_time").GetString()!, "h:mm tt 'on' d MMMM, yyyy", CultureInfo.InvariantCulture);
            foreach (var turn in conversation.GetProperty($"session_{session}").EnumerateArray())
            {
                var metadata = new Dictionary<string, string>
                {
                    ["dia_id"] = turn.GetProperty("dia_id").GetString()!,
                    ["speaker"] = turn.GetProperty("speaker").GetString()!,
                };
                if (turn.TryGetProperty("blip_caption", out var caption))
                {
                    metadata["caption"] = caption.GetString()!;
                }

                turns.Add(new(metadata["dia_id"], turn.GetProperty("text").GetString()!, new(at, TimeSpan.Zero), metadata));
            }
        }

        var known = turns.Select(turn => turn.Id).ToHashSet();
        var questions = root.GetProperty("qa").EnumerateArray().Select((question, number) => new LocomoQuestion(
            $"{id}#{number}",
            question.GetProperty("question").GetString()!,
            question.GetProperty("category").GetInt32(),
            question.GetProperty("evidence").EnumerateArray().SelectMany(evidence => Separator().Split(evidence.GetString()!.Trim())).Select(Clean)
                .Where(known.Contains).ToHashSet()));
        return new(id, turns, [.. questions]);
    }

    private static string Clean(string evidence)
        => TurnName().Match(evidence) is { Success: true } match
            ? string.Create(CultureInfo.InvariantCulture, $"D{int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)}:{int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)}")
            : evidence;

    [GeneratedRegex(@"^session_(\d+)$")]
    private static partial Regex SessionName();

    [GeneratedRegex(@"[;,\s]+")]
    private static partial Regex Separator();

    [GeneratedRegex(@"^D:?(\d+):(\d+)$")]
    private static partial Regex TurnName();
}

/// <summary>Collects answers and scores them: recall in the first 5, 10 and 20, nDCG of the first 10 with binary gain, reciprocal rank in the first 20; means over questions.</summary>
internal sealed class LocomoScores
{
    private static readonly string[] Categories = ["", "multi-hop", "temporal", "open-domain", "single-hop", "adversarial"];
    private readonly List<(LocomoQuestion Question, List<string> Ranked)> _answers = [];

    /// <summary>Takes an answer, best first.</summary>
    public void Add(LocomoQuestion question, List<string> ranked) => _answers.Add((question, ranked));

    /// <summary>Means over the questions of the categories 1 to 4, or of one category: R@5, R@10, R@20, nDCG@10, MRR@20.</summary>
    public double[] Means(int category = 0)
    {
        var rows = _answers.Where(answer => answer.Question.Gold.Count > 0 && (category == 0 ? answer.Question.Category != 5 : answer.Question.Category == category))
            .Select(answer => Score(answer.Question.Gold, answer.Ranked)).ToList();
        return [.. Enumerable.Range(0, 5).Select(metric => rows.Count == 0 ? double.NaN : rows.Average(row => row[metric]))];
    }

    /// <summary>Prints a table.</summary>
    public void Print()
    {
        string[] Row(string name, int category)
            => [name, $"{_answers.Count(answer => answer.Question.Gold.Count > 0 && (category == 0 ? answer.Question.Category != 5 : answer.Question.Category == category))}",
                .. Means(category).Select(value => Report.Number(value, 3))];
        Report.Table(
            ["questions", "n", "R@5", "R@10", "R@20", "nDCG@10", "MRR@20"],
            [Row("categories 1-4", 0), .. Enumerable.Range(1, 5).Select(category => Row(Categories[category], category))]);
    }

    /// <summary>Writes the answers, one a line.</summary>
    public void Write(string path)
        => File.WriteAllLines(path, _answers.Select(answer => JsonSerializer.Serialize(new { question_id = answer.Question.Id, ranked = answer.Ranked })));

    private static double[] Score(IReadOnlySet<string> gold, List<string> answer)
    {
        var ranked = answer.Distinct().ToList();
        double Recall(int k) => (double)ranked.Take(k).Count(gold.Contains) / gold.Count;
        double Gain(int rank) => 1 / Math.Log2(rank + 2);
        var ideal = Enumerable.Range(0, Math.Min(gold.Count, 10)).Sum(Gain);
        var gained = Enumerable.Range(0, Math.Min(10, ranked.Count)).Where(rank => gold.Contains(ranked[rank])).Sum(Gain);
        var first = ranked.Take(20).ToList().FindIndex(gold.Contains);
        return [Recall(5), Recall(10), Recall(20), gained / ideal, first < 0 ? 0 : 1.0 / (first + 1)];
    }
}
