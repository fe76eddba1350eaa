using System.Runtime.CompilerServices;

namespace MemoryMesh.Client;

/// <summary>A page of a list that is read on from a cursor.</summary>
/// <typeparam name="T">What it lists.</typeparam>
/// <param name="Items">The items.</param>
/// <param name="NextCursor">Cursor of the next page; null on the last one.</param>
public sealed record CursorPage<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>Reads lists page after page.</summary>
internal static class Pages
{
    /// <summary>Items of the largest page.</summary>
    public const int Largest = 200;

    /// <summary>All items from a first cursor on.</summary>
    public static async IAsyncEnumerable<T> EnumerateAsync<T>(
        string? cursor, Func<string?, CancellationToken, Task<(IReadOnlyList<T> Items, string? Next)>> read, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        do
        {
            var (items, next) = await read(cursor, cancellationToken).ConfigureAwait(false);
            foreach (var item in items)
            {
                yield return item;
            }

            cursor = next;
        }
        while (cursor is not null);
    }
}
