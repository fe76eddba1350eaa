using MemoryMesh.Auth.Storage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Auth.Endpoints;

/// <summary>Login sessions of the calling account. Only a login session sees and ends them: an API key has no part in its creator's logins.</summary>
internal static class SessionEndpoints
{
    public static void MapSessions(this RouteGroupBuilder group)
    {
        group.MapGet("/sessions", ListAsync).WithName("Auth_ListSessions").WithSummary("List where the account is logged in")
            .ProducesProblem(401).ProducesProblem(403);
        group.MapDelete("/sessions", EndOthersAsync).WithName("Auth_EndOtherSessions").WithSummary("Log out everywhere else")
            .ProducesProblem(401).ProducesProblem(403);
        group.MapDelete("/sessions/{id:guid}", EndAsync).WithName("Auth_EndSession").WithSummary("End a session")
            .ProducesProblem(401).ProducesProblem(403).ProducesProblem(404);
    }

    private static async Task<Results<Ok<Page<SessionResponse>>, ProblemHttpResult>> ListAsync(
        Caller caller, ISessionStore sessions, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (caller.SessionId is not { } current)
        {
            return Problems.Forbidden.ToResult();
        }

        var found = await sessions.ListAsync(caller.AccountId, clock.GetUtcNow(), cancellationToken);
        return TypedResults.Ok(new Page<SessionResponse>(
            [
                .. found.Select(session => new SessionResponse(
                    session.Id, session.CreatedAt, session.LastUsedAt, session.ExpiresAt, session.Id == current, session.UserAgent)),
            ],
            null));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> EndAsync(
        Guid id, Caller caller, ISessionStore sessions, PrincipalCache principals, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (caller.SessionId is null)
        {
            return Problems.Forbidden.ToResult();
        }

        if (!await sessions.EndAsync(caller.AccountId, id, Ended(caller, id, clock), cancellationToken))
        {
            return Problems.NotFound.ToResult();
        }

        principals.Clear();
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> EndOthersAsync(
        Caller caller, ISessionStore sessions, PrincipalCache principals, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (caller.SessionId is not { } current)
        {
            return Problems.Forbidden.ToResult();
        }

        await sessions.EndOthersAsync(caller.AccountId, current, Ended(caller, current, clock), cancellationToken);
        principals.Clear();
        return TypedResults.NoContent();
    }

    private static AuditEvent Ended(Caller caller, Guid sessionId, TimeProvider clock)
        => new(clock.GetUtcNow(), caller.AccountId, null, AuditActions.LoggedOut, sessionId);
}

/// <summary>A login session.</summary>
/// <param name="Id">Its id, to end it by.</param>
/// <param name="CreatedAt">When it started.</param>
/// <param name="LastUsedAt">When it was used last, to about a minute.</param>
/// <param name="ExpiresAt">When it ends unless it is refreshed.</param>
/// <param name="Current">Whether it is the one that asks.</param>
/// <param name="UserAgent">What the client called itself when it logged in, at most 200 characters.</param>
internal sealed record SessionResponse(
    Guid Id, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt, DateTimeOffset ExpiresAt, bool Current, string? UserAgent);
