using MemoryMesh.Auth.Features;
using MemoryMesh.Auth.Storage;
using MemoryMesh.Auth.Tenants;
using MemoryMesh.Auth.Tokens;
using MemoryMesh.Contracts.Auth;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Auth;

/// <summary>Answers the questions of other services from the stores of this one.</summary>
internal sealed class LocalAuthClient(
    SigningKeys signingKeys,
    ISessionStore sessions,
    IApiKeyStore apiKeys,
    ITenantStore tenants,
    Tickets tickets,
    LocalOwner localOwner,
    IOptions<TenantOptions> options,
    TimeProvider clock,
    ILogger<LocalAuthClient> logger) : IAuthClient
{
    private const int HashHexLength = 64;
    private const int MaxTenantsListed = 1_000;

    public Task<string> GetSigningKeysAsync(CancellationToken cancellationToken) => signingKeys.GetPublicKeysAsync(cancellationToken);

    public async Task<PrincipalInfo?> FindSessionAsync(Guid accountId, Guid sessionId, CancellationToken cancellationToken)
        => await sessions.FindOwnTenantAsync(accountId, sessionId, clock.GetUtcNow(), cancellationToken) is { } ownTenantId
            ? new PrincipalInfo { AccountId = accountId, DefaultTenantId = ownTenantId, AllTenants = true, Scopes = KeyScopes.All }
            : null;

    public async Task<PrincipalInfo?> FindApiKeyAsync(string keyHash, CancellationToken cancellationToken)
    {
        if (keyHash.Length != HashHexLength || !keyHash.All(char.IsAsciiHexDigitLower))
        {
            return null;
        }

        return ToPrincipal(await apiKeys.FindAsync(Convert.FromHexString(keyHash), clock.GetUtcNow(), cancellationToken));
    }

    public async Task<PrincipalInfo?> FindApiKeyByIdAsync(Guid apiKeyId, CancellationToken cancellationToken)
        => ToPrincipal(await apiKeys.FindByIdAsync(apiKeyId, clock.GetUtcNow(), cancellationToken));

    public Task<TicketHolder?> RedeemTicketAsync(string ticketHash, CancellationToken cancellationToken)
        => Task.FromResult(tickets.Take(ticketHash));

    public Task<PrincipalInfo?> FindLocalOwnerAsync(CancellationToken cancellationToken) => localOwner.FindAsync(cancellationToken);

    public async Task<TenantMembership?> FindMembershipAsync(MembershipQuery query, CancellationToken cancellationToken)
    {
        if (query.TeamId is { } teamId)
        {
            return await tenants.FindTeamMembershipAsync(query.AccountId, teamId, cancellationToken);
        }

        var answer = await tenants.FindMembershipAsync(query.AccountId, query.TenantIdOrSlug, cancellationToken);
        if (!answer.SlugIsFree || !query.MayClaim || !options.Value.ClaimOnFirstUse || !Slug.IsValid(query.TenantIdOrSlug))
        {
            return answer.Membership;
        }

        var now = clock.GetUtcNow();
        var tenant = new TenantRecord(Guid.CreateVersion7(now), query.TenantIdOrSlug, query.TenantIdOrSlug, now);
        var outcome = await tenants.AddAsync(tenant, query.AccountId, options.Value.MaxOwned, AuditActions.TenantClaimed, cancellationToken);
        if (outcome == Change.Done)
        {
            Log.TenantClaimed(logger, query.AccountId, tenant.Id);
        }

        // Whoever lost the race may still be the same account, claiming twice at once.
        return (await tenants.FindMembershipAsync(query.AccountId, query.TenantIdOrSlug, cancellationToken)).Membership;
    }

    public Task<IReadOnlyList<Guid>> ListTenantsAsync(Guid? after, int limit, CancellationToken cancellationToken)
        => tenants.ListIdsAsync(after, Math.Clamp(limit, 1, MaxTenantsListed), cancellationToken);

    private static PrincipalInfo? ToPrincipal(ApiKeyPrincipal? key)
        => key is null
            ? null
            : new PrincipalInfo
            {
                AccountId = key.AccountId,
                DefaultTenantId = key.TenantId,
                AllTenants = false,
                ApiKeyId = key.Id,
                Scopes = key.Scopes,
                ExpiresAt = key.ExpiresAt,
            };
}
