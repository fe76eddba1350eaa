using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Search;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Gateway.Live;

/// <summary>What every live connection needs.</summary>
internal sealed class LiveServices(
    LiveStream stream,
    LiveConnections connections,
    LiveCursors cursors,
    PrincipalCache principals,
    TenantGuard guard,
    KeyedNames names,
    IChatClient chat,
    ISearchClient search,
    IOptions<LiveOptions> options,
    TimeProvider clock,
    IHostApplicationLifetime lifetime,
    ILogger<LiveServices> logger)
{
    public LiveStream Stream => stream;

    public LiveConnections Connections => connections;

    public LiveCursors Cursors => cursors;

    public PrincipalCache Principals => principals;

    public TenantGuard Guard => guard;

    public KeyedNames Names => names;

    public IChatClient Chat => chat;

    public ISearchClient Search => search;

    public LiveOptions Options => options.Value;

    public TimeProvider Clock => clock;

    public IHostApplicationLifetime Lifetime => lifetime;

    public ILogger Logger => logger;
}
