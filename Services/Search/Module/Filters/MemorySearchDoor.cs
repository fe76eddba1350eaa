using MemoryMesh.Contracts.Memory;
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
/// <param name="Category">Only this category.</param>
/// <param name="Period">Only memories of this time.</param>
/// <param name="MinImportance">Only memories of at least this importance.</param>
/// <param name="Conditions">What else must hold.</param>
/// <param name="Explain">Whether the parts of the scores are wanted.</param>
/// <param name="Settings">How they are ranked.</param>
internal sealed record MemorySearch(
    string Query,
    int TopK,
    string? UserId,
    IReadOnlyList<string> Scopes,
    string? Category,
    (DateTimeOffset? From, DateTimeOffset? To) Period,
    double? MinImportance,
    SearchFilter? Conditions,
    bool Explain,
    RankingSettings Settings);

/// <summary>Lets a caller search the memories it may see.</summary>
internal sealed class MemorySearchDoor(TenantGuard guard, KeyedNames names, SearchMemories search, SearchCounter counter)
{
    /// <summary>Searches. Exactly one of the two is set.</summary>
    public async Task<(BestFound<FoundMemory>? Found, ProblemHttpResult? Problem)> SearchAsync(
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
            Categories = wanted.Category is null ? [] : [wanted.Category],
            From = wanted.Period.From,
            To = wanted.Period.To,
            MinImportance = wanted.MinImportance,
            Conditions = wanted.Conditions,
        };
        return (await search.HandleAsync(filter, subjectKey, wanted.Query, wanted.TopK, wanted.Settings, cancellationToken), null);
    }
}
