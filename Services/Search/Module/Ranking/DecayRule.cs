namespace MemoryMesh.Search.Ranking;

/// <summary>How age changes a score: newer is a little better, and old never disappears.</summary>
internal static class DecayRule
{
    /// <summary>Age in days; 0 for what lies in the future.</summary>
    public static double AgeInDays(DateTimeOffset createdAt, DateTimeOffset now) => Math.Max(0, (now - createdAt).TotalDays);

    /// <summary>Factor of a score: 1 at age 0, half-way to <see cref="SearchOptions.DecayFloor"/> at the half-life, and towards the floor after.</summary>
    public static double Factor(double ageInDays, SearchOptions options)
        => options.DecayFloor + ((1 - options.DecayFloor) * Math.Pow(0.5, ageInDays / options.DecayHalfLifeDays));
}
