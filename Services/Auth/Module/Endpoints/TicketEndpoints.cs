using MemoryMesh.Auth.Tokens;
using MemoryMesh.Contracts.Auth;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Auth.Endpoints;

/// <summary>Tickets for WebSockets and event streams that a browser opens, which cannot send a header.</summary>
internal static class TicketEndpoints
{
    public static void MapTickets(this RouteGroupBuilder group)
        => group.MapPost("/ws-ticket", CreateAsync).WithName("Auth_CreateTicket").WithSummary("Get a ticket to open a live connection with")
            .WithDescription(
                "For pages in a browser, which cannot send a header with a WebSocket or an EventSource: `/ws/messages/{tenant_id}?ticket=…`. It works once, "
                + "within 30 s, in the tenant it was made for, and stands for the credentials that asked for it. It opens nothing but live connections.")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(429);

    private static async Task<Results<Ok<TicketResponse>, ProblemHttpResult>> CreateAsync(
        Caller caller, TicketRequest? request, TenantGuard guard, Tickets tickets, HttpContext http, CancellationToken cancellationToken)
    {
        var (access, problem) = await guard.EnterAsync(caller, request?.TenantId, Permission.Read, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        var holder = new TicketHolder { Principal = caller.Principal, SessionId = caller.SessionId, TenantId = access.TenantId };
        if (tickets.Create(holder) is not var (ticket, expiresAt))
        {
            http.Response.Headers.RetryAfter = $"{Tickets.Lifetime.TotalSeconds:0}";
            return Problems.TooManyRequests.ToResult();
        }

        return TypedResults.Ok(new TicketResponse(ticket, (int)Tickets.Lifetime.TotalSeconds, expiresAt, access.TenantId));
    }
}

/// <summary>Body of <c>POST /v1/auth/ws-ticket</c>.</summary>
internal sealed record TicketRequest
{
    /// <summary>Id or slug of the tenant; the caller's own when missing.</summary>
    [PlainText(200)]
    public string? TenantId { get; init; }
}

/// <summary>A ticket.</summary>
/// <param name="Ticket">The ticket, for the query parameter <c>ticket</c>. Shown in this answer only.</param>
/// <param name="ExpiresIn">Seconds that it is valid.</param>
/// <param name="ExpiresAt">When it expires.</param>
/// <param name="TenantId">The tenant it opens.</param>
internal sealed record TicketResponse(string Ticket, int ExpiresIn, DateTimeOffset ExpiresAt, Guid TenantId);
