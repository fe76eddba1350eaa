using MemoryMesh.Auth.Consumers;
using MemoryMesh.Auth.Endpoints;
using MemoryMesh.Auth.Features;
using MemoryMesh.Auth.Passwords;
using MemoryMesh.Auth.Storage;
using MemoryMesh.Auth.Storage.Sql;
using MemoryMesh.Auth.Tokens;
using MemoryMesh.Contracts.Auth;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Auth;

/// <summary>Entry points of the Auth service's module.</summary>
public static class AuthModule
{
    /// <summary>Name of the service and of its store.</summary>
    public const string Name = "auth";

    /// <summary>Registers the module's services.</summary>
    public static IServiceCollection AddAuthModule(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<AuthOptions, AuthOptionsValidator>().BindConfiguration(AuthOptions.Section);
        services.AddSingleton<IValidateOptions<AuthOptions>, PasswordWorkValidator>();
        services.AddOptionsWithValidateOnStart<TenantOptions, TenantOptionsValidator>().BindConfiguration(TenantOptions.Section);

        services.AddModuleStore<AuthOptions>(Name);
        services.AddSingleton<IAccountStore, SqlAccountStore>();
        services.AddSingleton<ISessionStore, SqlSessionStore>();
        services.AddSingleton<IApiKeyStore, SqlApiKeyStore>();
        services.AddSingleton<ITenantStore, SqlTenantStore>();
        services.AddSingleton<IMemberStore, SqlMemberStore>();
        services.AddSingleton<ITeamStore, SqlTeamStore>();
        services.AddSingleton<ISigningKeyStore, SqlSigningKeyStore>();
        services.AddSingleton<IAuditLog, SqlAuditLog>();

        services.AddSingleton<PasswordHasher>();
        services.AddSingleton<LoginThrottle>();
        services.AddSingleton<SigningKeys>();
        services.AddHostedService(provider => provider.GetRequiredService<SigningKeys>());
        services.AddSingleton<AccessTokenIssuer>();
        services.AddSingleton<Tickets>();
        services.AddSingleton<LocalOwner>();
        services.AddHostedService(provider => provider.GetRequiredService<LocalOwner>());
        services.AddSingleton<IAuthClient, LocalAuthClient>();

        services.AddSingleton<OrganizationDoor>();
        services.AddSingleton<MemberNames>();
        services.AddSingleton<RegisterAccount>();
        services.AddSingleton<LogIn>();
        services.AddSingleton<RefreshSession>();
        services.AddHostedService<RemoveExpired>();
        services.AddSubscription<RecordAudit>(Subscriptions.Audit);
        return services;
    }

    /// <summary>Maps the module's public routes.</summary>
    public static void MapAuthEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapSigningKeys();
        routes.MapVersions("/auth", (group, _) => group.WithTags("Auth").ValidateRequests().MapFormerNames(), until: 1);
        var auth = routes.MapGroup("/v1/auth").WithTags("Auth").ValidateRequests();
        auth.MapAccounts();
        auth.MapApiKeys();
        auth.MapSessions();
        auth.MapTickets();
        var organizations = routes.MapGroup("/v1/organizations").WithTags("Organizations").ValidateRequests();
        organizations.MapOrganizations();
        organizations.MapMembers();
        organizations.MapTeams();
    }
}
