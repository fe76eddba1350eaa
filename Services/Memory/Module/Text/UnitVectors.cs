namespace MemoryMesh.Memory.Text;

/// <summary>Vectors of length 1.</summary>
internal static class UnitVectors
{
    /// <summary>The cosine of two.</summary>
    public static double Cosine(float[] one, float[] other)
    {
        var sum = 0.0;
        for (var i = 0; i < one.Length; i++)
        {
            sum += one[i] * other[i];
        }

        return sum;
    }
}
