using MemoryMesh.Auth.Passwords;
using MemoryMesh.Auth.Storage;

namespace MemoryMesh.Auth.Features;

/// <summary>Adds an account with a tenant of its own.</summary>
internal sealed class RegisterAccount(IAccountStore accounts, PasswordHasher hasher, TimeProvider clock)
{
    public async Task<RegisterResult> HandleAsync(string email, string username, string password, CancellationToken cancellationToken)
    {
        // Asked before hashing as well: repeating a registration must not cost a hash each time.
        if (await accounts.IsTakenAsync(email, username, cancellationToken))
        {
            return new(RegisterOutcome.Taken, null);
        }

        string hash;
        using (var turn = await hasher.EnterAsync(cancellationToken))
        {
            if (turn is null)
            {
                return new(RegisterOutcome.Busy, null);
            }

            hash = await turn.HashAsync(password);
        }

        var now = StoredTime.Of(clock.GetUtcNow());
        var account = new AccountRecord(Guid.CreateVersion7(now), email, username, Guid.CreateVersion7(now), now);
        return await accounts.AddAsync(account, hash, cancellationToken)
            ? new(RegisterOutcome.Registered, account)
            : new(RegisterOutcome.Taken, null);
    }
}

/// <summary>Outcomes of registering.</summary>
internal enum RegisterOutcome
{
    Registered,
    Taken,
    Busy,
}

/// <summary>What came of registering.</summary>
internal readonly record struct RegisterResult(RegisterOutcome Outcome, AccountRecord? Account);
