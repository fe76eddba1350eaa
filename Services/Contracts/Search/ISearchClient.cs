using System.Text.Json;
using MemoryMesh.Contracts.Auth;

namespace MemoryMesh.Contracts.Search;

/// <summary>What other services ask of Search. The caller has checked the tenant and what the principal may see.</summary>
public interface ISearchClient
{
    /// <summary>Memories that answer a query, best first.</summary>
    Task<IReadOnlyList<MemoryHit>> SearchMemoriesAsync(MemoryQuery query, CancellationToken cancellationToken);

    /// <summary>Answers a search as the public routes do: the same rights, parameters and JSON.</summary>
    Task<SearchAnswer> AnswerAsync(SearchQuestion question, CancellationToken cancellationToken);

    /// <summary>Waits until versions of messages can be found by search.</summary>
    /// <returns>False when <paramref name="timeout"/> passed first.</returns>
    Task<bool> WaitUntilIndexedAsync(
        Guid tenantId, IReadOnlyList<MessageVersion> messages, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Waits until versions of messages can be found by their meaning too, or turn out to have no vectors.</summary>
    /// <returns>False when <paramref name="timeout"/> passed first.</returns>
    Task<bool> WaitUntilEmbeddedAsync(
        Guid tenantId, IReadOnlyList<MessageVersion> messages, TimeSpan timeout, CancellationToken cancellationToken);
}

/// <summary>A version of a message.</summary>
/// <param name="MessageId">The message.</param>
/// <param name="Version">Its version; a newer one in the index counts too.</param>
public sealed record MessageVersion(Guid MessageId, int Version);

/// <summary>A search over memories; tenant and owners are not optional.</summary>
public sealed record MemoryQuery
{
    /// <summary>The tenant.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>Owners whose memories may be found: subject keys, team ids, the tenant's id. Null finds those of every owner of the tenant.</summary>
    public required IReadOnlyList<Guid>? OwnerKeys { get; init; }

    /// <summary>The question.</summary>
    public required string Query { get; init; }

    /// <summary>Most hits, 1 to 1,000.</summary>
    public required int TopK { get; init; }

    /// <summary>Only these categories; null or empty for all.</summary>
    public IReadOnlyList<string>? Categories { get; init; }
}

/// <summary>A memory that was found.</summary>
/// <param name="MemoryId">The memory.</param>
/// <param name="Score">Score, at least 0, comparable within one answer only.</param>
public sealed record MemoryHit(Guid MemoryId, double Score);

/// <summary>What a search is for.</summary>
public static class SearchTargets
{
    /// <summary><c>GET /v1/memory/search</c>.</summary>
    public const string Messages = "messages";

    /// <summary><c>GET /v1/memories/search</c>.</summary>
    public const string Memories = "memories";
}

/// <summary>A search as a client asks for it. The principal was verified; its rights are checked by Search.</summary>
public sealed record SearchQuestion
{
    /// <summary>Who asks.</summary>
    public required PrincipalInfo Principal { get; init; }

    /// <summary>Its login session, or null for an API key.</summary>
    public Guid? SessionId { get; init; }

    /// <summary>One of <see cref="SearchTargets"/>.</summary>
    public required string Target { get; init; }

    /// <summary>Parameters of the public route, with their names and values as in its query.</summary>
    public required IReadOnlyList<SearchParameter> Parameters { get; init; }
}

/// <summary>A parameter of a search.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value as text.</param>
public sealed record SearchParameter(string Name, string Value);

/// <summary>The answer of the public route.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">The answer, or problem details when the status is not 200.</param>
public sealed record SearchAnswer(int Status, JsonElement Body);
