using System.Text.Json;
using MemoryMesh.Memory.Extraction;
using MemoryMesh.Memory.Text;

namespace MemoryMesh.Benchmarks;

/// <summary>Learns the weights of <see cref="TurnReader"/> from pairs of messages, and measures them by files that they were not learned from.</summary>
/// <remarks>
/// A file has pairs {"earlier", "fact", "later", "label", "now"}: what the earlier message told, and whether the later one changed it, ended it, wants it forgotten or leaves it as it is.
/// What else was read from the earlier message stays as it is. Files are of different writers.
/// </remarks>
internal static class ChangeTraining
{
    private const int FactsBeside = 2;

    /// <summary>How much such a pair counts: there are many of them, and few that are hard to tell.</summary>
    private const double UnrelatedWeight = 0.2;

    public static int Run(string[] args)
    {
        if (args is not [_, "train", var cases, var folder, var others, var overTarget, var forgetTarget] || !File.Exists(cases) || !Directory.Exists(folder) || !Directory.Exists(others))
        {
            return Options.Usage();
        }

        var turns = Directory.GetFiles(folder, "*.jsonl").Order(StringComparer.Ordinal).SelectMany(TurnsOf).Concat(ExtractionCase.Read(cases).SelectMany(TurnsOf)).ToList();
        turns.AddRange(Unrelated([.. Directory.GetFiles(folder, "*.jsonl").Order(StringComparer.Ordinal).SelectMany(ToldIn)], Directory.GetFiles(others, "*.jsonl").Order(StringComparer.Ordinal)));
        Measure(turns);
        LearnOver(turns).Write(overTarget);
        LearnForgotten(turns).Write(forgetTarget);
        return 0;
    }

    /// <summary>What people told, beside messages of others: most of what is said has nothing to do with what was told before.</summary>
    private static IEnumerable<Turn> Unrelated(MemoryCandidate[] told, IEnumerable<string> files)
    {
        var next = 0;
        foreach (var file in files)
        {
            foreach (var line in File.ReadLines(file).Where(line => line.Length > 0))
            {
                using var document = JsonDocument.Parse(line);
                var text = document.RootElement.GetProperty("text").GetString()!;
                var read = Conversation.Read(new ExtractionRequest { Text = text, Role = "user" });
                for (var fact = 0; fact < FactsBeside; fact++)
                {
                    yield return new Turn(file, "none", [.. TurnFeatures.PlacesOf(new MessageContext(text), told[next++ % told.Length], fact, read)], UnrelatedWeight);
                }
            }
        }
    }

    private static IEnumerable<MemoryCandidate> ToldIn(string file)
    {
        foreach (var line in File.ReadLines(file).Where(line => line.Length > 0))
        {
            using var document = JsonDocument.Parse(line);
            foreach (var fact in TurnReader.Told([document.RootElement.GetProperty("earlier").GetString()!]))
            {
                yield return fact;
            }
        }
    }

    /// <summary>What the messages of a case leave of what earlier ones told.</summary>
    private static IEnumerable<Turn> TurnsOf(ExtractionCase item)
    {
        List<string> said = [.. item.Messages.Where(message => message.Role == "user").Select(message => message.Content)];
        if (said.Count < 2)
        {
            yield break;
        }

        var facts = TurnReader.Told([.. said.SkipLast(1)]);
        var later = new MessageContext(said[^1]);
        var read = Conversation.Read(new ExtractionRequest { Text = said[^1], Role = "user" });
        for (var at = 0; at < facts.Count; at++)
        {
            var holds = item.Final.Any(index => ExtractionScore.Tells(facts[at].Text, item.Facts[index]));
            if (holds || item.Facts.Any(fact => ExtractionScore.Tells(facts[at].Text, fact)))
            {
                var label = holds ? "none" : item.Facts.Any(fact => fact.Operation == "delete") ? "forget" : "changed";
                yield return new Turn(item.Id[..item.Id.IndexOf('-', StringComparison.Ordinal)], label, [.. TurnFeatures.PlacesOf(later, facts[at], facts.Count - 1 - at, read)]);
            }
        }
    }

    private static IEnumerable<Turn> TurnsOf(string file)
    {
        MemoryCandidate? unrelated = null;
        foreach (var line in File.ReadLines(file).Where(line => line.Length > 0))
        {
            using var document = JsonDocument.Parse(line);
            string Of(string name) => document.RootElement.GetProperty(name).GetString()!;
            var (earlier, label) = (Of("earlier"), Of("label"));
            var told = new QuotedSpan(earlier.IndexOf(Of("fact"), StringComparison.Ordinal), Of("fact").Length);
            var facts = TurnReader.Told([earlier]);
            if (!facts.Exists(fact => fact.Quote.Overlaps(told)))
            {
                facts.Add(new MemoryCandidate { Operation = CandidateOperation.Add, Text = $"User said: {Of("fact")}.", Category = "other", SlotKey = "unread", Quote = told });
            }

            var later = new MessageContext(Of("later"));
            var read = Conversation.Read(new ExtractionRequest { Text = Of("later"), Role = "user" });
            for (var at = 0; at < facts.Count; at++)
            {
                yield return new Turn(file, facts[at].Quote.Overlaps(told) ? label : "none", [.. TurnFeatures.PlacesOf(later, facts[at], facts.Count - 1 - at, read)]);
            }

            if (unrelated is not null)
            {
                // What somebody else told: messages mostly have nothing to do with what was told before.
                yield return new Turn(file, "none", [.. TurnFeatures.PlacesOf(later, unrelated, facts.Count, read)]);
            }

            unrelated = facts[^1];
        }
    }

    private static void Measure(List<Turn> turns)
    {
        var weighed = new List<(Turn Turn, float Over, float Forgotten)>();
        foreach (var file in turns.Select(turn => turn.File).Distinct())
        {
            var others = turns.FindAll(turn => turn.File != file);
            var (over, forgotten) = (LearnOver(others), LearnForgotten(others));
            weighed.AddRange(turns.Where(turn => turn.File == file).Select(turn => (turn, over.Weigh(turn.Places), forgotten.Weigh(turn.Places))));
        }

        var rows = new List<string[]>();
        for (var least = -1f; least <= 3; least += 0.5f)
        {
            var over = weighed.FindAll(pair => pair.Over > least);
            var forgotten = weighed.FindAll(pair => pair.Forgotten > least);
            rows.Add(
            [
                Report.Number(least, 2),
                Report.Number(over.Count(pair => pair.Turn.IsOver) / (double)turns.Count(turn => turn.IsOver), 3),
                Report.Number(over.Count(pair => pair.Turn.IsOver) / Math.Max(1.0, over.Count), 3),
                Report.Number(over.Count(pair => pair.Turn.Label == "none") / (double)turns.Count(turn => turn.Label == "none"), 3),
                Report.Number(forgotten.Count(pair => pair.Turn.Label == "forget") / (double)turns.Count(turn => turn.Label == "forget"), 3),
                Report.Number(forgotten.Count(pair => pair.Turn.Label == "forget") / Math.Max(1.0, forgotten.Count), 3),
                Report.Number(forgotten.Count(pair => pair.Turn.Label == "none") / (double)turns.Count(turn => turn.Label == "none"), 3),
            ]);
        }

        Report.Table(["from", "over above", "over among those above", "of those that stay", "forget above", "forget among those above", "of those that stay"], rows);
    }

    private static WordWeights LearnOver(List<Turn> turns) => LogisticRegression.Learn([.. turns.Select(turn => new LearnedText(turn.Places, turn.IsOver, turn.Weight))]);

    private static WordWeights LearnForgotten(List<Turn> turns) => LogisticRegression.Learn([.. turns.Select(turn => new LearnedText(turn.Places, turn.Label == "forget", turn.Weight))]);

    private sealed record Turn(string File, string Label, int[] Places, double Weight = 1)
    {
        public bool IsOver => Label is "changed" or "ended" or "forget";
    }
}
