using System.Diagnostics.Metrics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MemoryMesh.ServiceDefaults.Hosting;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Auth.Passwords;

/// <summary>Hashes passwords with PBKDF2-SHA256, a few at a time: a flood of logins waits in a short queue and leaves the cores to other requests.</summary>
internal sealed class PasswordHasher(IOptions<AuthOptions> options) : IDisposable
{
    private const string Scheme = "pbkdf2-sha256";
    private const int SaltSize = 16;
    private const int HashSize = 32;

    private static readonly Counter<long> Hashes =
        Telemetry.Meter.CreateCounter<long>("memorymesh.password.hashes", "{hash}", "Password hashes computed, or refused because too many waited");

    private readonly SemaphoreSlim _slots = new(options.Value.HashingConcurrency, options.Value.HashingConcurrency);
    private readonly int _maxEntered = options.Value.HashingConcurrency + options.Value.HashingQueue;
    private readonly int _iterations = options.Value.PasswordIterations;
    private int _entered;
    private long _iterationsRun;

    /// <summary>Iterations that were run since the start: equal work for known and unknown accounts shows here.</summary>
    public long IterationsRun => Interlocked.Read(ref _iterationsRun);

    /// <summary>Waits for a turn.</summary>
    /// <returns>Null when too many wait already.</returns>
    public async Task<Turn?> EnterAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _entered) > _maxEntered)
        {
            Interlocked.Decrement(ref _entered);
            Hashes.Add(1, new KeyValuePair<string, object?>("outcome", "refused"));
            return null;
        }

        try
        {
            await _slots.WaitAsync(cancellationToken);
            return new Turn(this);
        }
        catch
        {
            Interlocked.Decrement(ref _entered);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _slots.Dispose();

    private byte[] Derive(string password, byte[] salt, int iterations)
    {
        Interlocked.Add(ref _iterationsRun, iterations);
        Hashes.Add(1, new KeyValuePair<string, object?>("outcome", "computed"));
        return Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA256, HashSize);
    }

    /// <summary>A stored hash that no password has.</summary>
    public string Unmatchable() => Format(_iterations, RandomNumberGenerator.GetBytes(SaltSize), RandomNumberGenerator.GetBytes(HashSize));

    private static string Format(int iterations, byte[] salt, byte[] hash)
        => string.Create(CultureInfo.InvariantCulture, $"{Scheme}${iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");

    private static (int Iterations, byte[] Salt, byte[] Hash) Parse(string stored)
        => stored.Split('$') is [Scheme, var iterations, var salt, var hash]
            ? (int.Parse(iterations, NumberStyles.None, CultureInfo.InvariantCulture), Convert.FromBase64String(salt), Convert.FromBase64String(hash))
            : throw new CryptographicException("A stored password hash has an unknown format.");

    /// <summary>The right to hash, given back by disposing.</summary>
    internal sealed class Turn(PasswordHasher hasher) : IDisposable
    {
        /// <summary>A new hash, <c>pbkdf2-sha256$iterations$salt$hash</c>.</summary>
        public Task<string> HashAsync(string password)
            => OnOwnThread(() =>
            {
                var salt = RandomNumberGenerator.GetBytes(SaltSize);
                return Format(hasher._iterations, salt, hasher.Derive(password, salt, hasher._iterations));
            });

        /// <summary>Compares a password with a stored hash. A refusal always takes the work of the configured iterations, also without a stored hash.</summary>
        /// <param name="password">The password given.</param>
        /// <param name="stored">The stored hash; null when there is no such account.</param>
        public Task<PasswordCheck> VerifyAsync(string password, string? stored)
            => OnOwnThread(() =>
            {
                var (iterations, salt, expected) = stored is null ? (hasher._iterations, new byte[SaltSize], new byte[HashSize]) : Parse(stored);
                var matches = CryptographicOperations.FixedTimeEquals(hasher.Derive(password, salt, iterations), expected) && stored is not null;
                if (matches)
                {
                    return iterations < hasher._iterations ? PasswordCheck.MatchesOldHash : PasswordCheck.Matches;
                }

                if (iterations < hasher._iterations)
                {
                    hasher.Derive(password, salt, hasher._iterations - iterations);
                }

                return PasswordCheck.Refused;
            });

        /// <inheritdoc/>
        public void Dispose()
        {
            hasher._slots.Release();
            Interlocked.Decrement(ref hasher._entered);
        }

        // A hash takes a core for a good part of a second; on threads of the pool it would hold up every other request.
        private static Task<T> OnOwnThread<T>(Func<T> work)
            => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }
}

/// <summary>Outcome of comparing a password.</summary>
internal enum PasswordCheck
{
    /// <summary>Another password, or no account.</summary>
    Refused,

    /// <summary>The password is right.</summary>
    Matches,

    /// <summary>The password is right, and its hash has fewer iterations than are configured now.</summary>
    MatchesOldHash,
}
