using MemoryMesh.Contracts.Auth;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MemoryMesh.ServiceDefaults.Internal;

/// <summary>The calls of <see cref="IAuthClient"/> over HTTP: what a client sends and what the service maps, side by side.</summary>
public static class AuthCalls
{
    private const string Service = "auth";

    /// <summary>Reaches Auth over HTTP.</summary>
    public static IServiceCollection AddAuthHttpClient(this IServiceCollection services)
    {
        services.AddServiceConnection(Service);
        services.TryAddSingleton<IAuthClient, HttpAuthClient>();
        return services;
    }

    /// <summary>Serves the calls.</summary>
    public static void MapAuthCalls(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapInternalGroup(Service);
        group.MapCall<IAuthClient, NoArguments, string>("signing-keys", (auth, _, token) => auth.GetSigningKeysAsync(token));
        group.MapCall<IAuthClient, SessionCall, PrincipalInfo?>("session", (auth, call, token) => auth.FindSessionAsync(call.AccountId, call.SessionId, token));
        group.MapCall<IAuthClient, ApiKeyCall, PrincipalInfo?>("api-key", (auth, call, token) => auth.FindApiKeyAsync(call.KeyHash, token));
        group.MapCall<IAuthClient, ApiKeyIdCall, PrincipalInfo?>("api-key-id", (auth, call, token) => auth.FindApiKeyByIdAsync(call.ApiKeyId, token));
        group.MapCall<IAuthClient, TicketCall, TicketHolder?>("ticket", (auth, call, token) => auth.RedeemTicketAsync(call.TicketHash, token));
        group.MapCall<IAuthClient, NoArguments, PrincipalInfo?>("local-owner", (auth, _, token) => auth.FindLocalOwnerAsync(token));
        group.MapCall<IAuthClient, MembershipQuery, TenantMembership?>("membership", (auth, call, token) => auth.FindMembershipAsync(call, token));
        group.MapCall<IAuthClient, TenantsCall, IReadOnlyList<Guid>>("tenants", (auth, call, token) => auth.ListTenantsAsync(call.After, call.Limit, token));
    }

    private sealed class HttpAuthClient(InternalHttp http) : IAuthClient
    {
        public Task<string> GetSigningKeysAsync(CancellationToken cancellationToken)
            => http.CallAsync<NoArguments, string>(Service, "signing-keys", new(), cancellationToken);

        public Task<PrincipalInfo?> FindSessionAsync(Guid accountId, Guid sessionId, CancellationToken cancellationToken)
            => http.CallAsync<SessionCall, PrincipalInfo?>(Service, "session", new(accountId, sessionId), cancellationToken);

        public Task<PrincipalInfo?> FindApiKeyAsync(string keyHash, CancellationToken cancellationToken)
            => http.CallAsync<ApiKeyCall, PrincipalInfo?>(Service, "api-key", new(keyHash), cancellationToken);

        public Task<PrincipalInfo?> FindApiKeyByIdAsync(Guid apiKeyId, CancellationToken cancellationToken)
            => http.CallAsync<ApiKeyIdCall, PrincipalInfo?>(Service, "api-key-id", new(apiKeyId), cancellationToken);

        public Task<TicketHolder?> RedeemTicketAsync(string ticketHash, CancellationToken cancellationToken)
            => http.CallAsync<TicketCall, TicketHolder?>(Service, "ticket", new(ticketHash), cancellationToken);

        public Task<PrincipalInfo?> FindLocalOwnerAsync(CancellationToken cancellationToken)
            => http.CallAsync<NoArguments, PrincipalInfo?>(Service, "local-owner", new(), cancellationToken);

        public Task<TenantMembership?> FindMembershipAsync(MembershipQuery query, CancellationToken cancellationToken)
            => http.CallAsync<MembershipQuery, TenantMembership?>(Service, "membership", query, cancellationToken);

        public Task<IReadOnlyList<Guid>> ListTenantsAsync(Guid? after, int limit, CancellationToken cancellationToken)
            => http.CallAsync<TenantsCall, IReadOnlyList<Guid>>(Service, "tenants", new(after, limit), cancellationToken);
    }

    private sealed record NoArguments;

    private sealed record SessionCall(Guid AccountId, Guid SessionId);

    private sealed record ApiKeyCall(string KeyHash);

    private sealed record ApiKeyIdCall(Guid ApiKeyId);

    private sealed record TicketCall(string TicketHash);

    private sealed record TenantsCall(Guid? After, int Limit);
}
