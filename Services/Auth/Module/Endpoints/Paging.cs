using System.Globalization;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Auth.Endpoints;

/// <summary>A page of a list.</summary>
/// <param name="Items">The items.</param>
/// <param name="NextCursor">Give it as <c>cursor</c> for the next page; null on the last one.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>The query parameters <c>limit</c> and <c>cursor</c>.</summary>
internal static class Paging
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 200;

    /// <summary>Reads the parameters of a list that is in the order of its ids.</summary>
    public static ProblemHttpResult? Read(int? limit, string? cursor, out int take, out Guid? after)
    {
        take = limit ?? DefaultLimit;
        after = null;
        if (cursor is not null)
        {
            if (!Guid.TryParseExact(cursor, "N", out var id))
            {
                return BadCursor();
            }

            after = id;
        }

        return CheckLimit(take);
    }

    /// <summary>Reads the parameters of a list that is in the order of a number.</summary>
    public static ProblemHttpResult? Read(int? limit, string? cursor, out int take, out long? before)
    {
        take = limit ?? DefaultLimit;
        before = null;
        if (cursor is not null)
        {
            if (!long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return BadCursor();
            }

            before = number;
        }

        return CheckLimit(take);
    }

    /// <summary>Makes a page of rows of which one more was read than is shown.</summary>
    public static Page<TItem> ToPage<TRow, TItem>(IReadOnlyList<TRow> rows, int take, Func<TRow, TItem> map, Func<TRow, string> cursor)
        => new([.. rows.Take(take).Select(map)], rows.Count > take ? cursor(rows[take - 1]) : null);

    private static ProblemHttpResult BadCursor() => Problems.InvalidField("cursor", "Must be the next_cursor of an earlier page.");

    private static ProblemHttpResult? CheckLimit(int take)
        => take is < 1 or > MaxLimit ? Problems.InvalidField("limit", $"Must be from 1 to {MaxLimit}.") : null;
}
