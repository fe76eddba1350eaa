using MemoryMesh.Contracts.Memory;
using MemoryMesh.Search.Endpoints;
using MemoryMesh.Search.Features;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Ranking;
using MemoryMesh.Search.Usage;
using MemoryMesh.ServiceDefaults.Filtering;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Search.Filters;

/// <summary>A search for memories as a client asked for it, checked.</summary>
/// <param name="Query">The question.</param>
/// <param name="TopK">Most results.</param>
/// <param name="UserId">The subject whose memories are meant; null for the caller's own.</param>
/// <param name="Scopes">Only these scopes; empty for all.</param>
/// <param name="Categories">Only these categories; empty for all.</param>
/// <param name="Period">Only memories of this time.</param>
/// <param name="MinImportance">Only memories of at least this importance.</param>
/// <param name="Conditions">What else must hold.</param>
/// <param name="Explain">Whether the parts of the scores are wanted.</param>
/// <param name="Settings">How they are ranked.</param>
/// <param name="Time">Which of them are meant: those that hold, or others.</param>
/// <param name="View">What of the answer is shown, and how.</param>
internal sealed record MemorySearch(
    string Query,
    int TopK,
    string? UserId,
    IReadOnlyList<string> Scopes,
    IReadOnlyList<string> Categories,
    (DateTimeOffset? From, DateTimeOffset? To) Period,
    double? MinImportance,
    SearchFilter? Conditions,
    bool Explain,
    RankingSettings Settings,
    MemoryTime Time,
    ResultView View);

/// <summary>A page of what was found.</summary>
/// <param name="Items">Best first.</param>
/// <param name="Truncated">Whether the search ended at its bound.</param>
/// <param name="NextCursor">Where the next page begins; null when there is none.</param>
internal sealed record ShownMemories(IReadOnlyList<FoundMemory> Items, bool Truncated, string? NextCursor);

/// <summary>Lets a caller search the memories it may see.</summary>
internal sealed class MemorySearchDoor(TenantGuard guard, KeyedNames names, SearchMemories search, ISearchCounter counter)
{
    /// <summary>Searches. Exactly one of the two is set.</summary>
    public async Task<(ShownMemories? Found, ProblemHttpResult? Problem)> SearchAsync(
        Caller caller, string? tenantId, MemorySearch wanted, CancellationToken cancellationToken)
    {
        var (access, problem) = await guard.EnterAsync(caller, tenantId, Permission.Read, cancellationToken);
        if (access is null)
        {
            return (null, problem);
        }

        if (access.SubjectFor(wanted.UserId) is not { } allowed)
        {
            return (null, Problems.NotFound.ToResult());
        }

        counter.Count(access.TenantId, SearchedKind.Memories);
        var subjectKey = names.SubjectKey(access.TenantId, allowed);
        bool Wanted(string name) => wanted.Scopes.Count == 0 || wanted.Scopes.Contains(name);
        var filter = new ItemFilter
        {
            TenantId = access.TenantId,
            Kind = ItemKind.Memory,
            OwnerKeys =
            [
                .. Wanted(MemoryScopes.User) ? [subjectKey] : Array.Empty<Guid>(),
                .. Wanted(MemoryScopes.Team) ? access.ReadableTeams : [],
                .. Wanted(MemoryScopes.Organization) ? [access.TenantId] : Array.Empty<Guid>(),
            ],
            Categories = wanted.Categories,
            From = wanted.Period.From,
            To = wanted.Period.To,
            MinImportance = wanted.MinImportance,
            Conditions = wanted.Conditions,
        };

        // One more than the page has tells whether another follows.
        var offset = wanted.View.Offset;
        var last = Math.Min(offset + wanted.TopK, ResultCursor.MostResults);
        var found = await search.HandleAsync(filter, wanted.Time, subjectKey, wanted.Query, last + 1, wanted.Settings with { Explain = wanted.Explain }, cancellationToken);
        var next = found.Items.Count > last && last < ResultCursor.MostResults ? ResultCursor.Write(last, wanted.Query) : null;
        return (new([.. found.Items.Skip(offset).Take(last - offset)], found.Truncated, next), null);
    }
}
