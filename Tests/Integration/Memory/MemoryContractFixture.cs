using System.Diagnostics.CodeAnalysis;
using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.Tests.Integration.Chat;
using MemoryMesh.Tests.Integration.Storage;

namespace MemoryMesh.Tests.Integration.Memory;

/// <summary>A new store of Memory for each test, with memories of a subject.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Everything is disposed in TearDown.")]
public abstract class MemoryContractFixture(StoreEngine engine)
{
    private protected Guid Tenant { get; } = Guid.CreateVersion7();

    private protected SettableClock Clock { get; } = new();

    private protected MemoryStorage Storage { get; set; } = null!;

    private protected IMemoryStore Store => Storage.Get<IMemoryStore>();

    private protected Guid Ada => Storage.Get<KeyedNames>().SubjectKey(Tenant, "ada");

    private protected Guid Bob => Storage.Get<KeyedNames>().SubjectKey(Tenant, "bob");

    private protected DateTimeOffset Now => Clock.Now;

    [SetUp]
    public void Open() => Storage = new MemoryStorage(engine, Clock);

    [TearDown]
    public async Task CloseAsync()
    {
        if (Storage is not null)
        {
            await Storage.DisposeAsync();
        }
    }

    /// <summary>A memory that holds and was compared with the others.</summary>
    private protected MemoryRecord Memory(string text, Guid? owner = null, string? slot = null, double importance = .5) => new()
    {
        Id = Guid.CreateVersion7(Now),
        TenantId = Tenant,
        Scope = MemoryScope.User,
        OwnerKey = owner ?? Ada,
        UserId = owner == Bob ? "bob" : "ada",
        Text = text,
        TextKey = Storage.Get<MemoryKeys>().TextKey(Tenant, owner ?? Ada, null, null, text),
        Category = "other",
        Importance = importance,
        Confidence = .8,
        Slot = slot,
        SingleValued = slot is not null,
        Status = MemoryStatus.Completed,
        ValidFrom = Now,
        Version = 1,
        CreatedAt = Now,
        UpdatedAt = Now,
    };

    /// <summary>A memory that a client adds: it waits to be compared.</summary>
    private protected MemoryRecord Pending(string text, Guid? owner = null)
        => Memory(text, owner) with { TextKey = null, Status = MemoryStatus.Pending, NextAttemptAt = Now, CreatedBy = Guid.CreateVersion7() };

    /// <summary>Stores memories as they are, a second apart, with the first version of their history.</summary>
    private protected async Task<List<MemoryRecord>> ImportAsync(params IEnumerable<MemoryRecord> memories)
    {
        var stored = memories.ToList();
        var whole = stored.ConvertAll(memory => (new WholeMemory(memory, [], [PlannedMemory.FirstEntry(memory, new Actor(ActorKind.Extraction))]), (Guid?)null));
        Assert.That(await Store.ImportAsync(whole, false, Now, default), Is.All.EqualTo(ImportStatus.Added));
        return stored;
    }

    /// <summary>Stores one.</summary>
    private protected async Task<MemoryRecord> KeepAsync(string text, Guid? owner = null, string? slot = null, double importance = .5)
    {
        var memory = (await ImportAsync(Memory(text, owner, slot, importance))).Single();
        Clock.Now += TimeSpan.FromSeconds(1);
        return memory;
    }

    private protected async Task<MemoryRecord> FindAsync(MemoryRecord memory) => (await Store.FindAsync(Tenant, memory.Id, default))!;

    private protected MemoryListQuery Query(Guid? owner = null, MemoryView view = MemoryView.Current) => new()
    {
        TenantId = Tenant, Owner = new MemoryOwner(MemoryScope.User, owner ?? Ada, null), View = view, Now = Now, Page = 1, PageSize = 50,
    };

    private protected async Task<string[]> TextsAsync(MemoryListQuery query) => [.. (await Store.ListAsync(query, default)).Memories.Select(memory => memory.Text)];

    private protected Task<TurnResult> ChangeAsync(MemoryRecord current, MemoryRecord next, HistoryEvent change, IdempotentRequest? request = null)
        => Store.ChangeAsync([new MemoryTurn(current, next, change)], Actor.Of(Guid.CreateVersion7()), Now, request, default);

    private protected IdempotentRequest Request(string key, string body = "a") => new(Tenant, Guid.Empty, key, System.Text.Encoding.UTF8.GetBytes(body));
}
