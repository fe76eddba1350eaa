using System.Text.Json;

namespace MemoryMesh.ServiceDefaults.Erasure;

/// <summary>What an erasure did to one service's tables.</summary>
public sealed class ErasedRows
{
    /// <summary>Rows that went, by table.</summary>
    public SortedDictionary<string, long> Deleted { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Rows that stay, by table.</summary>
    public SortedDictionary<string, long> Kept { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Counts rows that went.</summary>
    /// <returns>The count, for a sum.</returns>
    public int Count(string table, int rows)
    {
        Add(Deleted, table, rows);
        return rows;
    }

    /// <summary>Counts rows that stay.</summary>
    public void Keep(string table, long rows) => Add(Kept, table, rows);

    /// <summary>Adds the counts of others.</summary>
    internal void Add(ErasedRows others)
    {
        foreach (var (table, rows) in others.Deleted)
        {
            Add(Deleted, table, rows);
        }

        foreach (var (table, rows) in others.Kept)
        {
            Add(Kept, table, rows);
        }
    }

    internal static ErasedRows Parse(string json) => JsonSerializer.Deserialize<ErasedRows>(json)!;

    internal string ToJson() => JsonSerializer.Serialize(this);

    private static void Add(SortedDictionary<string, long> counts, string table, long rows)
    {
        if (rows > 0)
        {
            counts[table] = counts.GetValueOrDefault(table) + rows;
        }
    }
}
