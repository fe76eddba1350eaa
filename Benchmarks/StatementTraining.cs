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

    public static int Run(string[] args)
    {
        if (args is not [_, "train", var cases, var target] || !File.Exists(cases))
        {
            return Options.Usage();
        }

        var sentences = ExtractionCase.Read(cases).SelectMany(SentencesOf).ToList();
        Measure(sentences);
        Learn(sentences).Write(target);
        return 0;
    }

    private static IEnumerable<Sentence> SentencesOf(ExtractionCase item)
    {
        var earlier = 0;
        foreach (var (_, content) in item.Messages.Where(message => message.Role == "user"))
        {
            var context = new MessageContext(content);
            for (var at = 0; at < context.Sentences.Count; at++)
            {
                var quote = context.Quote(context.Sentences[at].First, context.Sentences[at].End);
                var text = content.Substring(quote.Start, quote.Length);
                yield return new Sentence(
                    item.Id, item.Facts.Count > 0, context.Sentences[at].IsQuestion, [.. UnreadFeatures.PlacesOf(context, at, earlier)], item.Final.Any(index => ExtractionScore.Tells(text, item.Facts[index])));
            }

            earlier++;
        }
    }

    private static void Measure(List<Sentence> sentences)
    {
        var folds = sentences.Select(sentence => sentence.Set).Distinct().Select((set, i) => (set, i)).ToDictionary(pair => pair.set, pair => pair.i % Folds);
        var weighed = new List<(Sentence Sentence, float Weight)>();
        for (var fold = 0; fold < Folds; fold++)
        {
            var weights = Learn([.. sentences.Where(sentence => folds[sentence.Set] != fold)]);
            weighed.AddRange(sentences.Where(sentence => folds[sentence.Set] == fold && !sentence.IsQuestion).Select(sentence => (sentence, weights.Weigh(sentence.Places))));
        }

        var empty = weighed.Where(pair => !pair.Sentence.HasFacts).Select(pair => pair.Sentence.Case).Distinct().Count();
        var rows = new List<string[]>();
        for (var least = 0f; least <= 3; least += 0.25f)
        {
            var above = weighed.Where(pair => pair.Weight > least).ToList();
            rows.Add(
            [
                Report.Number(least, 2),
                Report.Number(above.Count(pair => pair.Sentence.States) / (double)weighed.Count(pair => pair.Sentence.States), 3),
                Report.Number(above.Count(pair => pair.Sentence.States) / Math.Max(1.0, above.Count), 3),
                Report.Number(above.Where(pair => !pair.Sentence.HasFacts).Select(pair => pair.Sentence.Case).Distinct().Count() / (double)empty, 4),
            ]);
        }

        Report.Table(["from", "statements above", "statements among those above", "empty conversations with one above"], rows);
    }

    private static WordWeights Learn(List<Sentence> sentences)
        => LogisticRegression.Learn([.. sentences.Select(sentence => new LearnedText(sentence.Places, sentence.States, 1))]);

    private sealed record Sentence(string Case, bool HasFacts, bool IsQuestion, int[] Places, bool States)
    {
        public string Set => Case[..Case.IndexOf('-', StringComparison.Ordinal)];
    }
}
