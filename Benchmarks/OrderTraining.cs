using System.Text.Json;
using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Processing.Orders;
using MemoryMesh.Memory.Text;

namespace MemoryMesh.Benchmarks;

/// <summary>Learns the weights of <see cref="OrderLikelihood"/>, and measures them by forms that they were not learned from.</summary>
/// <remarks>
/// A file of texts has a text on each line below a line "# form". What stands behind "||" is an order that is hidden after a statement. Files of {"text", "order"} are by a writer each. The orders,
/// look-alikes and messages of the tests of extraction are learned from too; messages state, ask and wish, and count half.
/// </remarks>
internal static class OrderTraining
{
    private const int Folds = 10;
    private const double WeightOfMessages = 0.5;

    public static int Run(string[] args)
    {
        if (args is not [_, "train", var folder, var tests, var target, ..] || !Directory.Exists(folder) || !Directory.Exists(tests))
        {
            return Options.Usage();
        }

        var texts = Read(folder, tests);
        Measure(texts);
        var learned = Learn(texts);
        learned.Write(target);
        foreach (var file in args[5..])
        {
            Score(file, learned);
        }

        return 0;
    }

    private static List<Text> Read(string folder, string tests)
    {
        List<Text> texts = [];
        foreach (var (file, areOrders) in ((string, bool)[])
            [
                (Path.Combine(folder, "orders.txt"), true), (Path.Combine(tests, "orders.txt"), true),
                (Path.Combine(folder, "others.txt"), false), (Path.Combine(tests, "order-look-alikes.txt"), false), (Path.Combine(tests, "benign.txt"), false),
            ])
        {
            var form = file;
            foreach (var line in File.ReadLines(file).Where(line => line.Length > 0))
            {
                if (line.StartsWith("# ", StringComparison.Ordinal))
                {
                    form = line;
                }
                else if (line.Split(" || ") is [var before, var order])
                {
                    texts.Add(new Text(before, false, form, 1));
                    texts.Add(new Text(order, true, form, 1));
                }
                else
                {
                    texts.Add(new Text(line, areOrders, form, 1));
                }
            }
        }

        foreach (var file in Directory.GetFiles(folder, "*.jsonl").Order(StringComparer.Ordinal))
        {
            texts.AddRange(ReadLabelled(file).Select(line => new Text(line.Text, line.Order, file, 1)));
        }

        texts.AddRange(ExtractionCase.Read(Path.Combine(tests, "cases.jsonl")).SelectMany(item => item.Messages).Where(message => message.Role == "user")
            .Select(message => message.Content).Distinct().Select(message => new Text(message, false, "messages", WeightOfMessages)));
        return texts;
    }

    /// <summary>Orders of a form are weighed by what was learned from the other forms, other texts by what was learned from nine tenths.</summary>
    private static void Measure(List<Text> texts)
    {
        var forms = texts.Select(text => text.Form).Distinct().Select((form, i) => (form, i)).ToDictionary(pair => pair.form, pair => pair.i);
        var folds = texts.Select((text, i) => (text.IsOrder ? forms[text.Form] : i) % Folds).ToList();
        var weights = new float[texts.Count];
        for (var fold = 0; fold < Folds; fold++)
        {
            var likelihood = Learn([.. texts.Where((_, i) => folds[i] != fold)]);
            for (var i = 0; i < texts.Count; i++)
            {
                weights[i] = folds[i] == fold ? OrderLikelihood.Weigh(likelihood, texts[i].Content) : weights[i];
            }
        }

        var rows = new List<string[]>();
        for (var least = -2f; least <= 2; least += 0.25f)
        {
            string Share(Func<Text, bool> of) => Report.Number(texts.Zip(weights).Where(pair => of(pair.First)).Average(pair => pair.Second > least ? 1.0 : 0), 4);
            rows.Add([Report.Number(least, 2), Share(text => text.IsOrder), Share(text => !text.IsOrder && text.Weight == 1), Share(text => text.Weight < 1)]);
        }

        Report.Table(["from", "orders of other forms", "look-alikes", "messages"], rows);
    }

    private static void Score(string file, WordWeights likelihood)
    {
        var lines = ReadLabelled(file);
        var rows = new List<string[]>();
        for (var least = -2f; least <= 2; least += 0.25f)
        {
            string Held(bool order, bool rules) => Report.Number(lines.Count(line => line.Order == order && (OrderLikelihood.Weigh(likelihood, line.Text) > least || (rules && InstructionText.Matches(line.Text)))));
            rows.Add([Report.Number(least, 2), Held(true, false), Held(false, false), Held(true, true), Held(false, true)]);
        }

        Console.WriteLine($"{file}: {lines.Count(line => line.Order)} orders, {lines.Count(line => !line.Order)} others");
        Report.Table(["from", "orders", "others", "orders, with rules", "others, with rules"], rows);
    }

    private static List<(bool Order, string Text)> ReadLabelled(string file)
        => [.. File.ReadLines(file).Where(line => line.Length > 0).Select(line => JsonDocument.Parse(line).RootElement)
            .Select(line => (line.GetProperty("order").GetBoolean(), line.GetProperty("text").GetString()!))];

    private static WordWeights Learn(List<Text> texts)
        => LogisticRegression.Learn([.. texts.SelectMany(text => OrderFeatures.PiecesOf(text.Content).Take(text.IsOrder ? 1 : int.MaxValue)
            .Select(piece => new LearnedText([.. piece], text.IsOrder, text.Weight)))]);

    private sealed record Text(string Content, bool IsOrder, string Form, double Weight);
}
