using MemoryMesh.Memory.Text;

namespace MemoryMesh.Memory.Processing.Orders;

/// <summary>Weighs whether a text orders an assistant about, by weights that were learned from texts of both kinds.</summary>
/// <remarks>A logistic regression over <see cref="OrderFeatures"/>; "orders train" of the benchmarks makes the weights from the texts in Benchmarks/Orders.</remarks>
internal static class OrderLikelihood
{
    /// <summary>The logarithm of the odds from which a piece of text counts as an order: even. The texts of honest callers that the weights were learned from are half look-alikes of orders, so that of everyday texts few come near it.</summary>
    private const float Least = 0f;

    private static readonly Lazy<WordWeights> Shipped = new(() => WordWeights.FromResource("MemoryMesh.Memory.order-weights.bin"));

    /// <summary>Whether a piece of the text weighs like an order.</summary>
    public static bool Holds(string text) => Weigh(Shipped.Value, text) > Least;

    /// <summary>The weight of the piece that is most like an order; what the text as a whole says counts too.</summary>
    public static float Weigh(WordWeights weights, string text)
    {
        var most = float.NegativeInfinity;
        foreach (var piece in OrderFeatures.PiecesOf(text))
        {
            most = Math.Max(most, weights.Weigh(piece));
        }

        return most;
    }
}
