using System.Text.Json;
using MemoryMesh.Memory.Extraction;
using MemoryMesh.Memory.Text;

namespace MemoryMesh.Benchmarks;

/// <summary>Learns the weights of <see cref="UnreadReader"/> from cases of extraction, and measures them by sets that they were not learned from.</summary>
/// <remarks>
/// A sentence of a user counts as telling something lasting when it holds the keywords of a fact that its case ends with. Which sets of cases are weighed by what was learned from the
/// others is told by the beginning of their ids: they are of different writers.
/// </remarks>
internal static class StatementTraining
{
    private const int Folds = 6;
    private const double LeastCovered = 0.6;
    private const double MostLarger = 1.35;

    public static int Run(string[] args)
    {
        if (args is not [_, "train", var cases, var folder, var target] || !File.Exists(cases) || !Directory.Exists(folder))
        {
            return Options.Usage();
        }

        var sentences = ExtractionCase.Read(cases).SelectMany(PartsOf).Concat(Directory.GetFiles(folder, "*.jsonl").Order(StringComparer.Ordinal).SelectMany(PartsOf)).ToList();
        Measure(sentences);
        Learn(sentences).Write(target);
        return 0;
    }

    private static IEnumerable<Part> PartsOf(ExtractionCase item)
    {
        var earlier = 0;
        foreach (var (_, content) in item.Messages.Where(message => message.Role == "user"))
        {
            foreach (var part in PartsOf(item.Id, content, item.Facts.Count > 0, earlier, quote => item.Final.Any(index => ExtractionScore.Tells(content.Substring(quote.Start, quote.Length), item.Facts[index]))))
            {
                yield return part;
            }

            earlier++;
        }
    }

    /// <summary>What messages of a file say that lasts is marked there: {"text", "keep": [...]}.</summary>
    private static IEnumerable<Part> PartsOf(string file)
    {
        var number = 0;
        foreach (var line in File.ReadLines(file).Where(line => line.Length > 0))
        {
            using var document = JsonDocument.Parse(line);
            var text = document.RootElement.GetProperty("text").GetString()!;
            List<QuotedSpan> keep = [.. document.RootElement.GetProperty("keep").EnumerateArray().Select(kept => new QuotedSpan(text.IndexOf(kept.GetString()!, StringComparison.Ordinal), kept.GetString()!.Length))];
            foreach (var part in PartsOf($"{Path.GetFileNameWithoutExtension(file)}-{number++}", text, keep.Count > 0, 0, quote => States(quote, keep)))
            {
                yield return part;
            }
        }
    }

    /// <summary>Whether a part states what is kept; null where it is a small part of it, which may only stand beside what counts.</summary>
    private static bool? States(QuotedSpan quote, List<QuotedSpan> keep)
        => Covered(quote, keep) < LeastCovered ? false : keep.Exists(kept => kept.Overlaps(quote) && kept.Length <= MostLarger * quote.Length) ? true : null;

    private static double Covered(QuotedSpan quote, List<QuotedSpan> keep)
        => keep.Sum(kept => Math.Max(0, Math.Min(kept.Start + kept.Length, quote.Start + quote.Length) - Math.Max(kept.Start, quote.Start))) / (double)quote.Length;

    private static IEnumerable<Part> PartsOf(string id, string content, bool hasFacts, int earlier, Func<QuotedSpan, bool?> states)
    {
        var context = new MessageContext(content);
        var read = Conversation.Read(new ExtractionRequest { Text = content, Role = "user" });
        for (var at = 0; at < context.Sentences.Count; at++)
        {
            var sentence = context.Sentences[at];
            foreach (var (first, end) in UnreadReader.ClausesOf(context, sentence).Prepend((sentence.First, sentence.End)).Distinct())
            {
                var quote = context.Quote(first, end);
                if (!(sentence.IsQuestion && end == sentence.End) && states(quote) is { } isStated)
                {
                    yield return new Part(
                        id, hasFacts, (first, end) == (sentence.First, sentence.End), read.Any(fact => fact.Quote.Overlaps(quote)), [.. UnreadFeatures.PlacesOf(context, at, first, end, earlier)], isStated);
                }
            }
        }
    }

    private static void Measure(List<Part> parts)
    {
        var folds = parts.Select(part => part.Set).Distinct().Select((set, i) => (set, i)).ToDictionary(pair => pair.set, pair => pair.i % Folds);
        var weighed = new List<(Part Part, float Weight)>();
        for (var fold = 0; fold < Folds; fold++)
        {
            var weights = Learn([.. parts.Where(part => folds[part.Set] != fold)]);
            weighed.AddRange(parts.Where(part => folds[part.Set] == fold).Select(part => (part, weights.Weigh(part.Places))));
        }

        foreach (var isWhole in (bool[])[true, false])
        {
            var alike = weighed.FindAll(pair => pair.Part.IsWhole == isWhole && !pair.Part.IsRead);
            var empty = alike.Where(pair => !pair.Part.HasFacts).Select(pair => pair.Part.Case).Distinct().Count();
            var rows = new List<string[]>();
            for (var least = 0f; least <= 3; least += 0.25f)
            {
                var above = alike.FindAll(pair => pair.Weight > least);
                rows.Add(
                [
                    Report.Number(least, 2),
                    Report.Number(above.Count(pair => pair.Part.States) / (double)alike.Count(pair => pair.Part.States), 3),
                    Report.Number(above.Count(pair => pair.Part.States) / Math.Max(1.0, above.Count), 3),
                    Report.Number(above.Where(pair => !pair.Part.HasFacts).Select(pair => pair.Part.Case).Distinct().Count() / (double)empty, 4),
                ]);
            }

            Report.Table([isWhole ? "sentences from" : "clauses from", "statements above", "statements among those above", "empty conversations with one above"], rows);
        }
    }

    private static WordWeights Learn(List<Part> parts)
        => LogisticRegression.Learn([.. parts.Select(part => new LearnedText(part.Places, part.States, 1))]);

    private sealed record Part(string Case, bool HasFacts, bool IsWhole, bool IsRead, int[] Places, bool States)
    {
        public string Set => Case[..Case.IndexOf('-', StringComparison.Ordinal)];
    }
}
