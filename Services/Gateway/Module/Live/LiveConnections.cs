using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Gateway.Live;

/// <summary>The live connections of this process, and how many each tenant and each principal has.</summary>
internal sealed class LiveConnections(IOptions<LiveOptions> options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, int> _ofTenant = [];
    private readonly Dictionary<Guid, int> _ofPrincipal = [];
    private readonly HashSet<LiveConnection> _open = [];
    private int _seats;

    /// <summary>Those that are open.</summary>
    public IReadOnlyList<LiveConnection> Open
    {
        get
        {
            lock (_gate)
            {
                return [.. _open];
            }
        }
    }

    /// <summary>Takes a seat for a connection, until it is disposed of.</summary>
    /// <returns>Null when the tenant, the principal or the process has as many as it may have.</returns>
    public IDisposable? TryEnter(TenantAccess access, Caller caller)
    {
        var principal = caller.Principal.ApiKeyId ?? caller.AccountId;
        lock (_gate)
        {
            if (_seats >= options.Value.Connections
                || _ofTenant.GetValueOrDefault(access.TenantId) >= options.Value.ConnectionsPerTenant
                || _ofPrincipal.GetValueOrDefault(principal) >= options.Value.ConnectionsPerPrincipal)
            {
                return null;
            }

            _seats++;
            _ofTenant[access.TenantId] = _ofTenant.GetValueOrDefault(access.TenantId) + 1;
            _ofPrincipal[principal] = _ofPrincipal.GetValueOrDefault(principal) + 1;
        }

        return new Seat(this, access.TenantId, principal);
    }

    public void Add(LiveConnection connection)
    {
        lock (_gate)
        {
            _open.Add(connection);
        }

        GatewayTelemetry.ChangeLiveConnections(connection.Kind, 1);
    }

    public void Remove(LiveConnection connection)
    {
        lock (_gate)
        {
            _open.Remove(connection);
        }

        GatewayTelemetry.ChangeLiveConnections(connection.Kind, -1);
    }

    private void Leave(Guid tenantId, Guid principal)
    {
        lock (_gate)
        {
            _seats--;
            Decrease(_ofTenant, tenantId);
            Decrease(_ofPrincipal, principal);
        }
    }

    private static void Decrease(Dictionary<Guid, int> counts, Guid key)
    {
        if (--counts[key] == 0)
        {
            counts.Remove(key);
        }
    }

    private sealed class Seat(LiveConnections connections, Guid tenantId, Guid principal) : IDisposable
    {
        public void Dispose() => connections.Leave(tenantId, principal);
    }
}
