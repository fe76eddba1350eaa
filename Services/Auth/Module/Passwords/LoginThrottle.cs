using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Auth.Passwords;

/// <summary>Makes guessing passwords slow: after some failures, logins to that account from that address, and from that address at all, must wait longer and longer.</summary>
/// <remarks>
/// Counted per account and address, never per account alone: a stranger cannot lock the owner out. Unknown accounts are counted like known ones.
/// An attempt counts as failed from its start, so that attempts at the same time do not slip through. Kept in memory only.
/// </remarks>
internal sealed class LoginThrottle(IOptions<AuthOptions> options, TimeProvider clock)
{
    private const int MaxEntries = 100_000;
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<(Guid Account, IPAddress Address), Entry> _entries = [];

    /// <summary>Counts an attempt.</summary>
    /// <returns>How long to wait before the next one; null when this one may go on.</returns>
    public TimeSpan? Begin(Guid accountKey, IPAddress? address)
    {
        var now = clock.GetUtcNow();
        var from = Network(address);
        lock (_gate)
        {
            var account = Find((accountKey, from), now);
            var all = Find((Guid.Empty, from), now);
            var until = account.BlockedUntil > all.BlockedUntil ? account.BlockedUntil : all.BlockedUntil;
            if (until > now)
            {
                return until - now;
            }

            Count(account, options.Value.FailuresPerAccount, now);
            Count(all, options.Value.FailuresPerAddress, now);
            return null;
        }
    }

    /// <summary>Takes an attempt back that succeeded, or that was not carried out.</summary>
    /// <param name="accountKey">The account.</param>
    /// <param name="address">Where it came from.</param>
    /// <param name="succeeded">Whether the password was right: then the account's failures from that address are forgotten.</param>
    public void Undo(Guid accountKey, IPAddress? address, bool succeeded)
    {
        var now = clock.GetUtcNow();
        var from = Network(address);
        lock (_gate)
        {
            var account = Find((accountKey, from), now);
            if (succeeded)
            {
                _entries.Remove((accountKey, from));
            }
            else
            {
                TakeBack(account);
            }

            TakeBack(Find((Guid.Empty, from), now));
        }
    }

    private static void Count(Entry entry, int free, DateTimeOffset now)
    {
        entry.LastAt = now;
        entry.Failures++;
        if (entry.Failures >= free)
        {
            var seconds = Math.Pow(2, Math.Min(entry.Failures - free, 20));
            entry.BlockedUntil = now + TimeSpan.FromSeconds(Math.Min(seconds, MaxWait.TotalSeconds));
        }
    }

    private static void TakeBack(Entry entry)
    {
        entry.Failures = Math.Max(0, entry.Failures - 1);
        entry.BlockedUntil = DateTimeOffset.MinValue;
    }

    // Whoever has one address of an IPv6 network usually has all of its /64.
    private static IPAddress Network(IPAddress? address)
    {
        if (address is null)
        {
            return IPAddress.None;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    private Entry Find((Guid Account, IPAddress Address) key, DateTimeOffset now)
    {
        if (_entries.TryGetValue(key, out var entry) && now - entry.LastAt < Memory)
        {
            return entry;
        }

        if (_entries.Count >= MaxEntries)
        {
            Sweep(now);
        }

        return _entries[key] = new Entry { LastAt = now };
    }

    private void Sweep(DateTimeOffset now)
    {
        foreach (var (key, entry) in _entries)
        {
            if (now - entry.LastAt >= Memory)
            {
                _entries.Remove(key);
            }
        }

        // Still full: the oldest go, so that a flood of names cannot switch the counting off.
        if (_entries.Count >= MaxEntries)
        {
            foreach (var key in _entries.OrderBy(pair => pair.Value.LastAt).Take(MaxEntries / 4).Select(pair => pair.Key).ToList())
            {
                _entries.Remove(key);
            }
        }
    }

    private sealed class Entry
    {
        public int Failures { get; set; }

        public DateTimeOffset LastAt { get; set; }

        public DateTimeOffset BlockedUntil { get; set; } = DateTimeOffset.MinValue;
    }
}
