namespace MemoryMesh.Auth.Storage;

/// <summary>Times as the stores keep them, so that the first answer tells the same time as every later one.</summary>
internal static class StoredTime
{
    /// <summary>The time in UTC, to the millisecond.</summary>
    public static DateTimeOffset Of(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
}
