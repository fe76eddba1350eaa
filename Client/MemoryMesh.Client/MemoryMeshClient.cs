namespace MemoryMesh.Client;

/// <summary>
/// Client of a MemoryMesh server. Safe to use from several threads; keep one for the life of the application.
/// </summary>
/// <remarks>
/// Every method throws <see cref="MemoryMeshException"/> when the server refuses, and <see cref="HttpRequestException"/> when it cannot be reached.
/// Nothing is repeated by itself; methods that take an idempotency key may be repeated with the same key and have their effect once.
/// An id that cannot stand in a path answers as an unknown one, without a request. <c>tenantId</c> is the id or the slug of an organization,
/// the caller's own when null.
/// </remarks>
public sealed class MemoryMeshClient : IDisposable
{
    private readonly HttpClient? _owned;

    /// <summary>Creates a client with a connection of its own.</summary>
    /// <param name="address">Address of the server, for example <c>http://localhost:8000</c>.</param>
    /// <param name="options">Who the caller is.</param>
    public MemoryMeshClient(Uri address, MemoryMeshClientOptions? options = null)
        : this(Connect(address), options)
        => _owned = Connection.Http;

    /// <summary>Creates a client over an <see cref="HttpClient"/> that the caller keeps, for example one of <c>IHttpClientFactory</c>.</summary>
    /// <param name="http">Its <see cref="HttpClient.BaseAddress"/> is the address of the server; where it has a path, it ends with a slash.</param>
    /// <param name="options">Who the caller is.</param>
    public MemoryMeshClient(HttpClient http, MemoryMeshClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(http);
        Connection = new Connection(http, options ?? new MemoryMeshClientOptions());
        Auth = new AuthApi(Connection);
        Organizations = new OrganizationsApi(Connection);
        Messages = new MessagesApi(Connection);
        Conversations = new ConversationsApi(Connection);
        Memories = new MemoriesApi(Connection);
        Search = new SearchApi(Connection);
        SavedSearches = new SavedSearchesApi(Connection);
        Bookmarks = new BookmarksApi(Connection);
        Context = new ContextApi(Connection);
        Blocks = new BlocksApi(Connection);
        Subjects = new SubjectsApi(Connection);
        Analytics = new AnalyticsApi(Connection);
    }

    /// <summary>Accounts, sessions and API keys.</summary>
    public AuthApi Auth { get; }

    /// <summary>Organizations, their teams, and the members of both.</summary>
    public OrganizationsApi Organizations { get; }

    /// <summary>Messages.</summary>
    public MessagesApi Messages { get; }

    /// <summary>Conversations.</summary>
    public ConversationsApi Conversations { get; }

    /// <summary>Memories.</summary>
    public MemoriesApi Memories { get; }

    /// <summary>Search over messages and memories.</summary>
    public SearchApi Search { get; }

    /// <summary>Searches kept under names.</summary>
    public SavedSearchesApi SavedSearches { get; }

    /// <summary>Marked messages and memories.</summary>
    public BookmarksApi Bookmarks { get; }

    /// <summary>What an assistant is handed before it answers.</summary>
    public ContextApi Context { get; }

    /// <summary>Short texts that are part of every context.</summary>
    public BlocksApi Blocks { get; }

    /// <summary>What is known of subjects, and how they want to be answered.</summary>
    public SubjectsApi Subjects { get; }

    /// <summary>Figures of a tenant.</summary>
    public AnalyticsApi Analytics { get; }

    private Connection Connection { get; }

    /// <summary>Sends a request that has no method here, with the caller's credentials. The caller disposes the answer.</summary>
    /// <param name="method">The verb.</param>
    /// <param name="path">Path and query, for example <c>v1/admin/health</c>.</param>
    /// <param name="content">The body.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="MemoryMeshException">The answer is an error.</exception>
    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Connection.SendAsync(new HttpRequestMessage(method, new Uri(path.TrimStart('/'), UriKind.Relative)) { Content = content }, cancellationToken);
    }

    /// <summary>Closes the connection that the client made; one that it was given stays open.</summary>
    public void Dispose() => _owned?.Dispose();

    private static HttpClient Connect(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var text = address.GetLeftPart(UriPartial.Path);
        return new HttpClient { BaseAddress = new Uri(text.EndsWith('/') ? text : text + "/") };
    }
}
