using System.Buffers.Binary;
using System.Text.Json;
using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Processing.Orders;

namespace MemoryMesh.Benchmarks;

/// <summary>Learns the weights of <see cref="OrderLikelihood"/>, and measures them by forms that they were not learned from.</summary>
/// <remarks>
/// A file of texts has a text on each line below a line "# form". What stands behind "||" is an order that is hidden after a statement. The orders,
/// look-alikes and messages of the tests of extraction are learned from too; messages state, ask and wish, and count half.
/// </remarks>
internal static class OrderTraining
{
    private const int Folds = 10;
    private const int Rounds = 30;
    private const double Regularisation = 40;
    private const double FirstStep = 4;
    private const double WeightOfMessages = 0.5;

    public static int Run(string[] args)
    {
        if (args is not [_, "train", var folder, var tests, var target, ..] || !Directory.Exists(folder) || !Directory.Exists(tests))
        {
            return Options.Usage();
        }

        var texts = Read(folder, tests);
        Measure(texts);
        var (weights, bias) = Learn(texts);
        Write(target, weights, bias);
        foreach (var file in args[5..])
        {
            Score(file, new OrderLikelihood(weights, bias));
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
            var learned = Learn([.. texts.Where((_, i) => folds[i] != fold)]);
            var likelihood = new OrderLikelihood(learned.Weights, learned.Bias);
            for (var i = 0; i < texts.Count; i++)
            {
                weights[i] = folds[i] == fold ? likelihood.Weigh(texts[i].Content) : weights[i];
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

    private static void Score(string file, OrderLikelihood likelihood)
    {
        var lines = File.ReadLines(file).Where(line => line.Length > 0).Select(line => JsonDocument.Parse(line).RootElement)
            .Select(line => (Order: line.GetProperty("order").GetBoolean(), Text: line.GetProperty("text").GetString()!)).ToList();
        var rows = new List<string[]>();
        for (var least = -2f; least <= 2; least += 0.25f)
        {
            string Held(bool order, bool rules) => Report.Number(lines.Count(line => line.Order == order && (likelihood.Weigh(line.Text) > least || (rules && InstructionText.Matches(line.Text)))));
            rows.Add([Report.Number(least, 2), Held(true, false), Held(false, false), Held(true, true), Held(false, true)]);
        }

        Console.WriteLine($"{file}: {lines.Count(line => line.Order)} orders, {lines.Count(line => !line.Order)} others");
        Report.Table(["from", "orders", "others", "orders, with rules", "others, with rules"], rows);
    }

    /// <summary>By stochastic gradient descent with a fixed seed: the same texts give the same weights.</summary>
    private static (float[] Weights, float Bias) Learn(List<Text> texts)
    {
        var rows = texts.SelectMany(text => OrderFeatures.PiecesOf(text.Content).Take(text.IsOrder ? 1 : int.MaxValue)
            .Select(piece => (Places: piece.ToArray(), text.IsOrder, text.Weight))).ToArray();
        var weights = new double[OrderFeatures.Places];
        var (scale, bias) = (1.0, 0.0);
        var decay = 1 / (Regularisation * rows.Length);
        var random = new Random(1);
        for (var (round, step) = (0, 0L); round < Rounds; round++)
        {
            random.Shuffle(rows);
            foreach (var (places, isOrder, weight) in rows)
            {
                var rate = FirstStep / (1 + (FirstStep * decay * step++));
                var norm = 1 / Math.Sqrt(places.Length);
                var sum = 0.0;
                foreach (var place in places)
                {
                    sum += weights[place];
                }

                var slope = rate * weight * ((isOrder ? 1 : 0) - (1 / (1 + Math.Exp(-(bias + (scale * norm * sum))))));
                scale *= 1 - (rate * decay);
                foreach (var place in places)
                {
                    weights[place] += slope * norm / scale;
                }

                bias += 0.1 * slope;
            }
        }

        return ([.. weights.Select(weight => (float)(weight * scale))], (float)bias);
    }

    private static void Write(string target, float[] weights, float bias)
    {
        var step = weights.Max(Math.Abs) / sbyte.MaxValue;
        var bytes = new byte[(2 * sizeof(float)) + weights.Length];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, step);
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(sizeof(float)), bias);
        for (var place = 0; place < weights.Length; place++)
        {
            bytes[(2 * sizeof(float)) + place] = (byte)(sbyte)Math.Round(weights[place] / step);
        }

        File.WriteAllBytes(target, bytes);
    }

    private sealed record Text(string Content, bool IsOrder, string Form, double Weight);
}
