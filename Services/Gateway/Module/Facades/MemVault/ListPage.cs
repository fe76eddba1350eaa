using System.Globalization;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace MemoryMesh.Gateway.Facades.MemVault;

/// <summary>A page of a list, as Django REST Framework shows it.</summary>
/// <typeparam name="T">What it lists.</typeparam>
/// <param name="Count">How many the whole list has.</param>
/// <param name="Next">Address of the next page, or null.</param>
/// <param name="Previous">Address of the previous page, or null.</param>
/// <param name="Results">The page.</param>
internal sealed record ListPage<T>(int Count, string? Next, string? Previous, IReadOnlyList<T> Results);

/// <summary>The query of a list.</summary>
internal sealed class ListParameters
{
    /// <summary>Names the last page.</summary>
    public const string Last = "last";

    private const int DefaultPageSize = 50;
    private const int MaxPageSize = 200;
    private const int MaxSearchBytes = 200;

    /// <summary>Only what holds this text, in any case.</summary>
    [FromQuery(Name = "search")]
    public string? Search { get; set; }

    /// <summary>What to sort by, with - before it for falling order.</summary>
    [FromQuery(Name = "ordering")]
    public string? Ordering { get; set; }

    /// <summary>From 1, or "last". A page that the list does not have is 404.</summary>
    [FromQuery(Name = "page")]
    public string? Page { get; set; }

    /// <summary>Most items of a page, from 1; default 50. Above 200 it is 200.</summary>
    [FromQuery(Name = "page_size")]
    public string? PageSize { get; set; }

    /// <summary>A parameter without a value filters nothing.</summary>
    public static string? Given(string? value) => string.IsNullOrEmpty(value) ? null : value;

    /// <summary>Reads the page of a list that is all there, sorted by one of its keys.</summary>
    /// <param name="request">The request.</param>
    /// <param name="list">The list.</param>
    /// <param name="text">What is searched in an item.</param>
    /// <param name="keys">What it can be sorted by; without <c>ordering</c> it is left as it is.</param>
    public async Task<Results<Ok<ListPage<T>>, ProblemHttpResult>> SelectAsync<T>(
        FacadeRequest request, IAsyncEnumerable<T> list, Func<T, string> text, params (string Name, Func<T, IComparable> Key)[] keys)
    {
        var (search, ordering) = (Given(Search), Given(Ordering));
        var descending = ordering?.StartsWith('-') == true;
        var (name, key) = keys.FirstOrDefault(item => item.Name == (descending ? ordering![1..] : ordering));
        if (ordering is not null && name is null)
        {
            return Problems.InvalidField("ordering", $"Must be one of {string.Join(", ", keys.Select(item => item.Name))}, with - before it for falling order.");
        }

        if (search is not null && TextRules.Check(search, MaxSearchBytes) is { } message)
        {
            return Problems.InvalidField("search", message);
        }

        if (!TryReadSize(out var size))
        {
            return WrongSize();
        }

        List<T> items = [];
        await foreach (var item in list)
        {
            if (search is null || text(item).Contains(search, StringComparison.OrdinalIgnoreCase))
            {
                items.Add(item);
            }
        }

        if (key is not null)
        {
            items = [.. descending ? items.OrderByDescending(key) : items.OrderBy(key)];
        }

        return TryFindPage(items.Count, size, out var page)
            ? TypedResults.Ok(Show(request, items.Count, page, size, [.. items.Skip((page - 1) * size).Take(size)]))
            : Problems.NotFound.ToResult();
    }

    /// <summary>Most items of a page; false when it is no number above 0.</summary>
    public bool TryReadSize(out int size)
    {
        size = DefaultPageSize;
        if (Given(PageSize) is null)
        {
            return true;
        }

        if (!long.TryParse(PageSize, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1)
        {
            return false;
        }

        size = (int)Math.Min(number, MaxPageSize);
        return true;
    }

    public static ProblemHttpResult WrongSize() => Problems.InvalidField("page_size", "Must be a whole number from 1.");

    /// <summary>The page that is asked for, when the list has it. A list of nothing has one page.</summary>
    public bool TryFindPage(int count, int size, out int page)
    {
        var last = Math.Max(1, (count / size) + (count % size == 0 ? 0 : 1));
        page = Given(Page) switch
        {
            null => 1,
            Last => last,
            _ => int.TryParse(Page, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0,
        };
        return page >= 1 && page <= last;
    }

    /// <summary>A page with the addresses of those beside it.</summary>
    public static ListPage<T> Show<T>(FacadeRequest request, int count, int page, int size, IReadOnlyList<T> items)
        => new(
            count,
            (long)page * size < count ? Link(request, page + 1) : null,
            page > 1 ? Link(request, page - 1) : null,
            items);

    /// <summary>The same list at another page; every other parameter stays.</summary>
    private static string Link(FacadeRequest request, int page)
    {
        var others = request.Http.Request.Query.Where(parameter => parameter.Key != "page");
        var query = QueryString.Create(others);
        return request.LinkToSelf(page == 1 ? query : query.Add("page", page.ToString(CultureInfo.InvariantCulture)));
    }
}
