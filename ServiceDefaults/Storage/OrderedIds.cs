namespace MemoryMesh.ServiceDefaults.Storage;

/// <summary>Ids of version 7 (RFC 9562) for things that are made together, so that the order of the ids is the order they were made in.</summary>
public static class OrderedIds
{
    /// <summary>Ids of one moment, rising. One by one they would come in a random order within their millisecond.</summary>
    /// <param name="time">The moment, to the millisecond.</param>
    /// <param name="count">How many.</param>
    public static Guid[] Create(DateTimeOffset time, int count)
    {
        var ids = new Guid[count];
        for (var i = 0; i < count; i++)
        {
            ids[i] = Guid.CreateVersion7(time);
        }

        // The order of Guid is that of its bytes in big-endian order, as the stores keep them.
        Array.Sort(ids);
        return ids;
    }
}
