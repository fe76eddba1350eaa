using MemoryMesh.Auth;
using MemoryMesh.Auth.Features;
using MemoryMesh.Auth.Storage;
using MemoryMesh.Contracts.Auth;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Tests.Integration.Auth;

/// <summary>The Auth module over real files, with a clock that is moved by hand.</summary>
internal sealed class AuthWorld : IAsyncDisposable
{
    public const string Password = "correct horse battery";

    private readonly ServiceProvider _services;

    private AuthWorld(string folder, Dictionary<string, string?> settings, HandClock clock)
    {
        Folder = folder;
        Clock = clock;
        var services = new ServiceCollection();
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings)
            .AddInMemoryCollection([new("Storage:DataDirectory", folder)])
            .Build();
        services.AddSingleton<IConfiguration>(configuration);
        services.AddLogging();
        services.AddSingleton<TimeProvider>(clock);
        services.AddSingleton(new KeyRing(Bytes(1), Bytes(2)));
        services.AddSingleton<KeyedNames>();
        services.AddMemoryMeshAuthentication();
        services.AddAuthModule();
        _services = services.BuildServiceProvider();
        Get<ModuleStore>().OpenAsync(CancellationToken.None).GetAwaiter().GetResult();
    }

    public string Folder { get; }

    public HandClock Clock { get; }

    public IAuthClient Auth => Get<IAuthClient>();

    public static AuthWorld Start(string? folder = null, HandClock? clock = null, params (string Key, string Value)[] settings)
        => new(
            folder ?? Directory.CreateTempSubdirectory("memorymesh-test-").FullName,
            settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value),
            clock ?? new HandClock());

    public T Get<T>()
        where T : notnull
        => _services.GetRequiredService<T>();

    /// <summary>An account that exists, made without hashing a password.</summary>
    public async Task<AccountRecord> AddAccountAsync(string? name = null)
    {
        name ??= $"p{Guid.NewGuid():N}";
        var now = StoredTime.Of(Clock.GetUtcNow());
        var account = new AccountRecord(Guid.CreateVersion7(now), $"{name}@example.com", name, Guid.CreateVersion7(now), now);
        Assert.That(await Get<IAccountStore>().AddAsync(account, "pbkdf2-sha256$1$AAAA$AAAA", default), Is.True);
        return account;
    }

    /// <summary>Registers and logs in.</summary>
    public async Task<SessionTokens> RegisterAndLogInAsync(string email)
    {
        await Get<RegisterAccount>().HandleAsync(email, email.Split('@')[0], Password, default);
        return (await Get<LogIn>().HandleAsync(email, Password, null, "test", default)).Tokens!;
    }

    /// <summary>Everything on disk, as it is when the stores are closed.</summary>
    public async Task<byte[]> CloseAndReadAllAsync()
    {
        await _services.DisposeAsync();
        return [.. Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).SelectMany(File.ReadAllBytes)];
    }

    /// <summary>Closes the stores and keeps the files.</summary>
    public ValueTask CloseAsync() => _services.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private static byte[] Bytes(byte value) => [.. Enumerable.Repeat(value, 32)];
}

/// <summary>A clock that stands until it is moved.</summary>
internal sealed class HandClock : TimeProvider
{
    private DateTimeOffset _now = DateTimeOffset.UtcNow;

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan by) => _now += by;
}
