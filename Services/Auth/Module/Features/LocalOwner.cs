using MemoryMesh.Auth.Passwords;
using MemoryMesh.Auth.Storage;
using MemoryMesh.Contracts.Auth;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.Auth.Features;

/// <summary>The account that requests without credentials act as where the server is open, with the local tenant, which it owns. Made at the first open start.</summary>
/// <remarks>
/// Nobody can log in as it: its hash is no password's, and registering refuses its names. It reaches its own tenant only, so that an open server that
/// holds accounts too keeps theirs apart. An API key that it makes is one of the local tenant, and works when the server is not open any more.
/// </remarks>
internal sealed class LocalOwner(IAccountStore accounts, PasswordHasher hasher, IConfiguration configuration, TimeProvider clock, ILogger<LocalOwner> logger)
    : IHostedService, IDisposable
{
    /// <summary>E-mail address and user name: neither can be registered.</summary>
    public const string AccountName = "@local";

    private readonly SemaphoreSlim _making = new(1, 1);

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await FindAsync(cancellationToken);
        }
        catch (StorageUnavailableException exception) when (!exception.DiskFull)
        {
            Log.ReadLater(logger, "The local owner", exception.Message);
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The principal; null when the server is not open.</summary>
    public async Task<PrincipalInfo?> FindAsync(CancellationToken cancellationToken)
    {
        if (!OpenMode.IsOn(configuration))
        {
            return null;
        }

        var account = await FindAccountAsync(cancellationToken) ?? await MakeAsync(cancellationToken);
        return new PrincipalInfo { AccountId = account.Id, DefaultTenantId = account.OwnTenantId, AllTenants = false, Scopes = KeyScopes.All };
    }

    /// <inheritdoc/>
    public void Dispose() => _making.Dispose();

    private async Task<AccountRecord?> FindAccountAsync(CancellationToken cancellationToken)
        => await accounts.FindIdAsync(null, AccountName, cancellationToken) is { } id ? await accounts.FindAsync(id, cancellationToken) : null;

    private async Task<AccountRecord> MakeAsync(CancellationToken cancellationToken)
    {
        await _making.WaitAsync(cancellationToken);
        try
        {
            if (await FindAccountAsync(cancellationToken) is { } known)
            {
                return known;
            }

            var now = StoredTime.Of(clock.GetUtcNow());
            var account = new AccountRecord(Guid.CreateVersion7(now), AccountName, AccountName, Guid.CreateVersion7(now), now);
            await accounts.AddAsync(account, hasher.Unmatchable(), cancellationToken);
            Log.LocalTenantMade(logger, account.OwnTenantId);
            return account;
        }
        finally
        {
            _making.Release();
        }
    }
}
