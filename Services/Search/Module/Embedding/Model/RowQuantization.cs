namespace MemoryMesh.Search.Embedding.Model;

/// <summary>Rounds the rows of a matrix to int8, each with a scale of its own.</summary>
internal static class RowQuantization
{
    /// <summary>Largest number that is stored; -128 is left out, so that the kernels' pairs of products fit their sums.</summary>
    public const int Largest = 127;

    // The largest weight of a row may be cut when that makes the whole row more exact; these parts of it are tried.
    private static readonly float[] Ranges = [1f, .97f, .94f, .91f, .88f, .85f, .82f, .79f];

    /// <summary>For every row the scale with the least squared error, and the values rounded by it.</summary>
    public static (sbyte[] Values, float[] Scales) Quantize(ReadOnlySpan<float> matrix, int rows, int columns)
    {
        var values = new sbyte[rows * columns];
        var scales = new float[rows];
        for (var row = 0; row < rows; row++)
        {
            var source = matrix.Slice(row * columns, columns);
            var scale = BestScale(source);
            scales[row] = scale;
            for (var column = 0; column < columns; column++)
            {
                values[(row * columns) + column] = (sbyte)Round(source[column], scale);
            }
        }

        return (values, scales);
    }

    private static float BestScale(ReadOnlySpan<float> row)
    {
        var largest = 0f;
        foreach (var value in row)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        var (best, least) = (0f, double.MaxValue);
        foreach (var range in Ranges)
        {
            var scale = largest * range / Largest;
            var error = 0d;
            foreach (var value in row)
            {
                var difference = value - (scale * Round(value, scale));
                error += difference * difference;
            }

            if (error < least)
            {
                (best, least) = (scale, error);
            }
        }

        return best;
    }

    private static float Round(float value, float scale)
        => scale == 0 ? 0 : Math.Clamp(MathF.Round(value / scale), -Largest, Largest);
}
