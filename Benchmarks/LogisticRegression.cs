using MemoryMesh.Memory.Text;

namespace MemoryMesh.Benchmarks;

/// <summary>A text to learn from.</summary>
/// <param name="Places">Its features, by their places.</param>
/// <param name="IsMeant">Whether it is of the kind that is learned.</param>
/// <param name="Weight">How much it counts.</param>
internal sealed record LearnedText(int[] Places, bool IsMeant, double Weight);

/// <summary>Learns <see cref="WordWeights"/>.</summary>
internal static class LogisticRegression
{
    private const int Rounds = 30;
    private const int FirstAveraged = 10;
    private const double Regularisation = 40;
    private const double FirstStep = 4;

    /// <summary>
    /// By stochastic gradient descent with a fixed seed: the same texts give the same weights. They are the mean over the later rounds, so that little depends on the order the texts came in
    /// (Polyak and Juditsky 1992).
    /// </summary>
    public static WordWeights Learn(LearnedText[] texts)
    {
        var weights = new double[WordWeights.Places];
        var mean = new double[WordWeights.Places];
        var (scale, bias, meanBias) = (1.0, 0.0, 0.0);
        var decay = 1 / (Regularisation * texts.Length);
        var random = new Random(1);
        for (var (round, step) = (0, 0L); round < Rounds; round++)
        {
            random.Shuffle(texts);
            foreach (var (places, isMeant, weight) in texts)
            {
                var rate = FirstStep / (1 + (FirstStep * decay * step++));
                var norm = 1 / Math.Sqrt(places.Length);
                var sum = 0.0;
                foreach (var place in places)
                {
                    sum += weights[place];
                }

                var slope = rate * weight * ((isMeant ? 1 : 0) - (1 / (1 + Math.Exp(-(bias + (scale * norm * sum))))));
                scale *= 1 - (rate * decay);
                foreach (var place in places)
                {
                    weights[place] += slope * norm / scale;
                }

                bias += 0.1 * slope;
            }

            if (round >= FirstAveraged)
            {
                for (var place = 0; place < weights.Length; place++)
                {
                    mean[place] += weights[place] * scale / (Rounds - FirstAveraged);
                }

                meanBias += bias / (Rounds - FirstAveraged);
            }
        }

        var largest = mean.Max(Math.Abs);
        return new WordWeights([.. mean.Select(weight => (sbyte)Math.Round(weight / largest * sbyte.MaxValue))], (float)(largest / sbyte.MaxValue), (float)meanBias);
    }
}
