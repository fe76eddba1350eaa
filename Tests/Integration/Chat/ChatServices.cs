using System.Security.Cryptography;
using MemoryMesh.Chat;
using MemoryMesh.Contracts.Auth;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Contracts.Search;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.Tests.Integration.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Tests.Integration.Chat;

/// <summary>The Chat module over real files, with the other services, the roles of people and the time in the hands of the test.</summary>
internal sealed class ChatServices : IAsyncDisposable
{
    private readonly string _folder;
    private readonly ServiceProvider _provider;

    /// <summary>Opens it.</summary>
    /// <param name="engine">Where conversations are kept.</param>
    /// <param name="before">One that was closed and kept: its folder, settings and keys are gone on with.</param>
    /// <param name="settings">Further settings.</param>
    public ChatServices(StoreEngine engine = StoreEngine.Embedded, ChatServices? before = null, params (string Key, string Value)[] settings)
    {
        Settings = before?.Settings ?? ChatEngines.Choose(engine);
        foreach (var (key, value) in settings)
        {
            Settings[key] = value;
        }

        _folder = before?._folder ?? Directory.CreateTempSubdirectory("memorymesh-chat-").FullName;
        Ring = before?.Ring ?? new KeyRing(RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
        Members = before?.Members ?? new();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([.. Settings, new("Storage:DataDirectory", _folder)]).Build());
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton(Ring);
        services.AddSingleton<KeyedNames>();
        services.AddSingleton<IAuthClient>(Members);
        services.AddSingleton<ISearchClient>(Others);
        services.AddSingleton<IMemoryClient>(Others);
        services.AddSingleton<PrincipalCache>();
        services.AddSingleton<TenantGuard>();
        services.AddChatModule();
        _provider = services.BuildWithOpenStores();
        Engine = ChatEngines.Create(engine, _provider, Database);
    }

    public Dictionary<string, string?> Settings { get; }

    public KeyRing Ring { get; }

    public ChatEngine Engine { get; }

    public SettableClock Clock { get; } = new();

    public KnownMembers Members { get; }

    public OtherServices Others { get; } = new();

    public ModuleDatabase Database => _provider.GetRequiredKeyedService<ModuleDatabase>(ChatModule.Name);

    public KeyedNames Names => Get<KeyedNames>();

    public T Get<T>()
        where T : notnull => _provider.GetRequiredService<T>();

    /// <summary>A person with a role in a tenant, logged in.</summary>
    public Caller Person(Guid tenantId, TenantRole role)
    {
        var account = Guid.CreateVersion7();
        Members.Roles[(account, tenantId)] = role;
        return new Caller(new PrincipalInfo { AccountId = account, DefaultTenantId = tenantId, AllTenants = true, Scopes = KeyScopes.All }, Guid.NewGuid());
    }

    /// <summary>An API key of a person, for one tenant.</summary>
    public static Caller KeyOf(Caller person, Guid tenantId, params string[] scopes)
        => new(new PrincipalInfo { AccountId = person.AccountId, DefaultTenantId = tenantId, AllTenants = false, Scopes = scopes, ApiKeyId = Guid.NewGuid() }, null);

    /// <summary>Types of the events that were published, in their order.</summary>
    public async Task<string[]> EventsAsync()
    {
        await Engine.SettleAsync();
        return [.. await Database.Data.ReadAsync(
            session => session.Query("SELECT type FROM outbox ORDER BY seq", row => row.Text(0)[(row.Text(0).LastIndexOf('.') + 1)..]), default)];
    }

    /// <summary>A service of the container by its name.</summary>
    public T GetKeyed<T>(string name)
        where T : notnull => _provider.GetRequiredKeyedService<T>(name);

    /// <summary>Closes it and keeps what it stored.</summary>
    public ValueTask CloseAsync() => _provider.DisposeAsync();

    /// <summary>Whether bytes stand in any file of the store.</summary>
    public bool FilesHold(byte[] bytes)
        => Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Any(file =>
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var content = new MemoryStream();
            stream.CopyTo(content);
            return content.ToArray().AsSpan().IndexOf(bytes) >= 0;
        });

    public async ValueTask DisposeAsync()
    {
        await Engine.DropAsync();
        await _provider.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>A clock that stands still until it is set.</summary>
internal sealed class SettableClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;
}

/// <summary>Auth with roles that the test gives.</summary>
internal sealed class KnownMembers : IAuthClient
{
    public Dictionary<(Guid AccountId, Guid TenantId), TenantRole> Roles { get; } = [];

    public Task<TenantMembership?> FindMembershipAsync(MembershipQuery query, CancellationToken cancellationToken)
        => Task.FromResult(Guid.TryParse(query.TenantIdOrSlug, out var tenant) && Roles.TryGetValue((query.AccountId, tenant), out var role)
            ? new TenantMembership { TenantId = tenant, Role = role, Teams = new Dictionary<Guid, TenantRole>() }
            : null);

    public Task<string> GetSigningKeysAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PrincipalInfo?> FindSessionAsync(Guid accountId, Guid sessionId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PrincipalInfo?> FindApiKeyAsync(string keyHash, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PrincipalInfo?> FindApiKeyByIdAsync(Guid apiKeyId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<TicketHolder?> RedeemTicketAsync(string ticketHash, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PrincipalInfo?> FindLocalOwnerAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<Guid>> ListTenantsAsync(Guid? after, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();
}

/// <summary>Search and Memory as the test wants them.</summary>
internal sealed class OtherServices : ISearchClient, IMemoryClient
{
    /// <summary>What a wait answers; null when the service cannot be reached.</summary>
    public bool? Waited { get; set; } = true;

    /// <summary>What a wait throws, when it is set.</summary>
    public Exception? Fault { get; set; }

    /// <summary>How many memories were drawn; null when the service cannot be reached.</summary>
    public int? Drawn { get; set; } = 0;

    /// <summary>Messages that were waited for.</summary>
    public List<MessageVersion> WaitedFor { get; } = [];

    public Task<bool> WaitUntilIndexedAsync(Guid tenantId, IReadOnlyList<MessageVersion> messages, TimeSpan timeout, CancellationToken cancellationToken)
    {
        WaitedFor.AddRange(messages);
        if (Fault is not null)
        {
            throw Fault;
        }

        return Waited is { } waited ? Task.FromResult(waited) : throw new DependencyUnavailableException();
    }

    public Task<bool> WaitUntilEmbeddedAsync(Guid tenantId, IReadOnlyList<MessageVersion> messages, TimeSpan timeout, CancellationToken cancellationToken)
        => WaitUntilIndexedAsync(tenantId, messages, timeout, cancellationToken);

    public Task<bool> WaitUntilExtractedAsync(Guid tenantId, IReadOnlyList<MessageVersion> messages, TimeSpan timeout, CancellationToken cancellationToken)
        => WaitUntilIndexedAsync(tenantId, messages, timeout, cancellationToken);

    public Task<int> CountFromConversationAsync(Guid tenantId, Guid conversationKey, CancellationToken cancellationToken)
        => Drawn is { } drawn ? Task.FromResult(drawn) : throw new DependencyUnavailableException();

    public Task<SearchAnswer> AnswerAsync(SearchQuestion question, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<MemoryHit>> SearchMemoriesAsync(MemoryQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<MemoryItem>> GetMemoriesAsync(Guid tenantId, IReadOnlyList<Guid> memoryIds, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    public Task<IReadOnlyList<MemoryItem>> GetBelievedMemoriesAsync(Guid tenantId, IReadOnlyList<Guid> memoryIds, DateTimeOffset at, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    public Task<IReadOnlyList<Guid>> FindOptedOutAsync(Guid tenantId, IReadOnlyList<Guid> subjectKeys, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    public Task<int> ApplyRetentionAsync(RetentionOrder order, CancellationToken cancellationToken) => throw new NotSupportedException();
}
