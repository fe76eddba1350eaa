namespace MemoryMesh.Memory.Storage;

/// <summary>Times as they are stored: whole milliseconds, so that an answer and a later reading of the same row are equal.</summary>
internal static class StoredTime
{
    public static DateTimeOffset Now(TimeProvider clock) => DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
}
