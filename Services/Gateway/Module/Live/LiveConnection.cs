using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.Gateway.Live;

/// <summary>Who is at the other end of a live connection, and how it ends. Its credentials and rights are checked again and again.</summary>
internal abstract class LiveConnection : IDisposable
{
    /// <summary>Longest that rights are taken for granted while Auth cannot be asked.</summary>
    private static readonly TimeSpan LongestUnchecked = TimeSpan.FromSeconds(40);

    private readonly LiveServices _services;
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly string _tenant;
    private Caller _caller;
    private LiveClose? _close;
    private long _checkedAt;
    private long _dueFrom;
    private int _checking;

    protected LiveConnection(LiveServices services, Caller caller, TenantAccess access, string kind)
    {
        _services = services;
        _caller = caller;
        _tenant = access.TenantId.ToString("D");
        _checkedAt = _dueFrom = services.Clock.GetTimestamp();
        Access = access;
        Kind = kind;
    }

    /// <summary>What kind it is, for metrics.</summary>
    public string Kind { get; }

    /// <summary>The client's rights, as they were checked last.</summary>
    public TenantAccess Access { get; private set; }

    /// <summary>Who it is, as checked last.</summary>
    protected Caller Caller => _caller;

    /// <summary>Why it is closed, once it is.</summary>
    protected LiveClose? Closed => Volatile.Read(ref _close);

    /// <summary>Canceled when the connection is to be closed: nothing new is begun.</summary>
    protected CancellationToken Closing => _closing.Token;

    /// <summary>Canceled when it must end even if the other side does not take what it is sent.</summary>
    protected CancellationToken Aborted => _abort.Token;

    /// <summary>Closes it. The first reason counts.</summary>
    public void Close(LiveClose close)
    {
        if (Interlocked.CompareExchange(ref _close, close, null) is not null)
        {
            return;
        }

        try
        {
            _abort.CancelAfter(_services.Options.CloseTimeout);
            _ = _closing.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It has ended meanwhile.
        }
    }

    /// <summary>Looks after it, each second: whether it keeps up, and whether its rights stand.</summary>
    public void Look()
    {
        Watch();
        if (Closed is null && _services.Clock.GetElapsedTime(_dueFrom) >= _services.Options.RecheckInterval && Interlocked.Exchange(ref _checking, 1) == 0)
        {
            _ = RecheckAsync();
        }
    }

    public void Dispose()
    {
        _closing.Dispose();
        _abort.Dispose();
    }

    /// <summary>Whether an exception tells that the client is gone.</summary>
    protected static bool IsLost(Exception exception)
        => exception is IOException or System.Net.WebSockets.WebSocketException or ObjectDisposedException or OperationCanceledException;

    /// <summary>Whether the client keeps up.</summary>
    protected virtual void Watch()
    {
    }

    /// <summary>The rights are others now.</summary>
    protected virtual void RightsChanged()
    {
    }

    private async Task RecheckAsync()
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(Closing);
            limit.CancelAfter(_services.Options.RecheckInterval);
            if (await _services.Principals.RefreshAsync(_caller, limit.Token) is not { } caller)
            {
                Close(LiveClose.Revoked);
                return;
            }

            var (access, _) = await _services.Guard.EnterAsync(caller, _tenant, Permission.Read, limit.Token);
            if (access is null)
            {
                Close(LiveClose.NoRight);
                return;
            }

            _checkedAt = _services.Clock.GetTimestamp();
            _caller = caller;
            Access = access;
            RightsChanged();
        }
        catch (Exception exception) when (exception is OperationCanceledException or DependencyUnavailableException or StorageUnavailableException or ObjectDisposedException)
        {
            if (_services.Clock.GetElapsedTime(_checkedAt) > LongestUnchecked)
            {
                Close(LiveClose.NotChecked);
            }
        }
        finally
        {
            _dueFrom = _services.Clock.GetTimestamp();
            Volatile.Write(ref _checking, 0);
        }
    }
}
