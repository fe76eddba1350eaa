using System.Buffers.Binary;

namespace MemoryMesh.Memory.Processing.Orders;

/// <summary>Weighs whether a text orders an assistant about, by weights that were learned from texts of both kinds.</summary>
/// <remarks>A logistic regression over <see cref="OrderFeatures"/>; "orders train" of the benchmarks makes the weights from the texts in Benchmarks/Orders.</remarks>
internal sealed class OrderLikelihood
{
    private const string Resource = "MemoryMesh.Memory.order-weights.bin";

    /// <summary>The logarithm of the odds from which a piece of text counts as an order: higher than even, as many more texts are stored than smuggled.</summary>
    private const float Least = 1;

    private static readonly Lazy<OrderLikelihood> Shipped = new(Read);

    private readonly float[] _weights;
    private readonly float _bias;

    public OrderLikelihood(float[] weights, float bias) => (_weights, _bias) = (weights, bias);

    /// <summary>Whether a piece of the text weighs like an order.</summary>
    public static bool Holds(string text) => Shipped.Value.Weigh(text) > Least;

    /// <summary>The weight of the piece that is most like an order; what the text as a whole says counts too.</summary>
    public float Weigh(string text)
    {
        var most = float.NegativeInfinity;
        foreach (var piece in OrderFeatures.PiecesOf(text))
        {
            most = Math.Max(most, Weigh(piece));
        }

        return most;
    }

    private float Weigh(IReadOnlyCollection<int> piece)
    {
        var sum = 0f;
        foreach (var place in piece)
        {
            sum += _weights[place];
        }

        return _bias + (sum / MathF.Sqrt(piece.Count));
    }

    /// <summary>A weight is a byte, in steps of the first number of the file; the second is the bias.</summary>
    private static OrderLikelihood Read()
    {
        using var stream = typeof(OrderLikelihood).Assembly.GetManifestResourceStream(Resource)!;
        var bytes = new byte[(2 * sizeof(float)) + OrderFeatures.Places];
        stream.ReadExactly(bytes);
        var step = BinaryPrimitives.ReadSingleLittleEndian(bytes);
        var weights = new float[OrderFeatures.Places];
        for (var place = 0; place < weights.Length; place++)
        {
            weights[place] = step * (sbyte)bytes[(2 * sizeof(float)) + place];
        }

        return new OrderLikelihood(weights, BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(sizeof(float))));
    }
}
