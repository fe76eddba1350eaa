using System.Diagnostics.CodeAnalysis;
using MemoryMesh.Contracts.Auth;

namespace MemoryMesh.Auth.Tokens;

/// <summary>Tickets that stand for a credential where a browser cannot send one: each works once, for 30 s, in one tenant.</summary>
/// <remarks>
/// They are kept in memory, by their hash: one that a restart loses is asked for again, and storing it would cost a write to disk for half a minute of
/// life.
/// </remarks>
internal sealed class Tickets(TimeProvider clock)
{
    /// <summary>How long a ticket is valid.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    /// <summary>Most tickets of one account that are neither taken nor expired.</summary>
    public const int MaxOfAccount = 50;

    private const int MaxTickets = 20_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Ticket> _tickets = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, int> _ofAccount = [];
    private readonly Queue<string> _inOrder = new();

    /// <summary>Makes a ticket.</summary>
    /// <returns>Null when the account, or all together, have too many.</returns>
    public (string Ticket, DateTimeOffset ExpiresAt)? Create(TicketHolder holder)
    {
        var now = clock.GetUtcNow();
        var account = holder.Principal.AccountId;
        lock (_gate)
        {
            DropExpired(now);
            if (_inOrder.Count >= MaxTickets || _ofAccount.GetValueOrDefault(account) >= MaxOfAccount)
            {
                return null;
            }

            var text = SecretTokens.NewTicket();
            var hash = Convert.ToHexStringLower(SecretTokens.Hash(text));
            var ticket = new Ticket(holder, now + Lifetime);
            _tickets.Add(hash, ticket);
            _inOrder.Enqueue(hash);
            _ofAccount[account] = _ofAccount.GetValueOrDefault(account) + 1;
            return (text, ticket.ExpiresAt);
        }
    }

    /// <summary>Takes a ticket; the next time it is unknown.</summary>
    public TicketHolder? Take(string hash)
    {
        lock (_gate)
        {
            return TryRemove(hash, out var ticket) && ticket.ExpiresAt > clock.GetUtcNow() ? ticket.Holder : null;
        }
    }

    private void DropExpired(DateTimeOffset now)
    {
        // All live equally long, so the oldest expires first; taken ones are only left in the order.
        while (_inOrder.TryPeek(out var hash) && (!_tickets.TryGetValue(hash, out var ticket) || ticket.ExpiresAt <= now))
        {
            TryRemove(_inOrder.Dequeue(), out _);
        }
    }

    private bool TryRemove(string hash, [NotNullWhen(true)] out Ticket? ticket)
    {
        if (!_tickets.Remove(hash, out ticket))
        {
            return false;
        }

        var account = ticket.Holder.Principal.AccountId;
        if (--_ofAccount[account] == 0)
        {
            _ofAccount.Remove(account);
        }

        return true;
    }

    private sealed record Ticket(TicketHolder Holder, DateTimeOffset ExpiresAt);
}
