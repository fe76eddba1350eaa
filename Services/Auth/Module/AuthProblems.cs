using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Auth;

/// <summary>Problems that only Auth answers with.</summary>
internal static class AuthProblems
{
    public static readonly ProblemKind AccountTaken = new(
        "account-taken", 409, "Already registered", "The e-mail address or the user name belongs to an account. Log in, or choose another.");

    public static readonly ProblemKind InvalidCredentials = new(
        "invalid-credentials", 401, "Wrong e-mail address or password", "No account has this e-mail address and password.");

    public static readonly ProblemKind RefreshTokenRefused = new(
        "refresh-token-refused", 401, "The refresh token is not valid", "It is unknown, expired or was used before, or its session has ended. Log in again.");

    public static readonly ProblemKind SlugTaken = new(
        "slug-taken", 409, "The slug is taken", "Slugs are unique, and never given again: choose another.");

    public static readonly ProblemKind SlugFixed = new(
        "slug-fixed", 409, "The slug cannot change", "A slug is set once: applications know the tenant by it.");

    public static readonly ProblemKind AlreadyMember = new(
        "already-member", 409, "Already a member", "The account is a member. Change its role with PUT.");

    public static readonly ProblemKind LastOwner = new(
        "last-owner", 409, "The last owner", "A tenant keeps at least one owner: make another member owner first.");

    public static readonly ProblemKind OwnTenant = new(
        "own-tenant", 409, "A person's own tenant", "The tenant that an account was registered with stays, and the account stays its owner.");

    public static readonly ProblemKind LimitReached = new(
        "limit-reached", 409, "No more of these", "The account has as many of these as it may have. Delete one first.");

    public static readonly IReadOnlyList<ProblemKind> All =
        [AccountTaken, InvalidCredentials, RefreshTokenRefused, SlugTaken, SlugFixed, AlreadyMember, LastOwner, OwnTenant, LimitReached];
}
