namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>Growing waits between tries.</summary>
internal static class Backoff
{
    /// <summary>0.1 s after the first failure, doubled at each further one, at most 10 s.</summary>
    /// <param name="failures">Failures in a row, at least 1.</param>
    public static TimeSpan After(int failures) => TimeSpan.FromMilliseconds(Math.Min(10_000, 100 * Math.Pow(2, Math.Min(failures - 1, 10))));
}
