using MemoryMesh.Contracts.Auth;
using Microsoft.AspNetCore.Http;

namespace MemoryMesh.ServiceDefaults.Security;

/// <summary>Who sent the request. A parameter of this type of a route handler is bound from the verified credentials, and from nothing else.</summary>
public sealed class Caller(PrincipalInfo principal, Guid? sessionId)
{
    /// <summary>The principal.</summary>
    public PrincipalInfo Principal { get; } = principal;

    /// <summary>Account that logged in, or that created the API key.</summary>
    public Guid AccountId => Principal.AccountId;

    /// <summary>The login session, or null for an API key.</summary>
    public Guid? SessionId { get; } = sessionId;

    /// <summary>The only tenant the credentials open, or null for every tenant of the principal's.</summary>
    public Guid? OnlyTenantId { get; init; }

    /// <summary>Binds the parameter. Routes that need no credentials must not have it.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(context.Features.Get<Caller>());
    }
}
