using MemoryMesh.ServiceDefaults.Messaging;
using System.Security.Cryptography;
using System.Text;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Contracts.Search;
using MemoryMesh.Search.Endpoints;
using MemoryMesh.Search;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Features;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.Search.Ranking;
using MemoryMesh.Search.Storage.Sqlite;
using MemoryMesh.Search.Usage;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>The Search module over a real file, with owners of messages and memories that the test holds.</summary>
public abstract class SearchFixture
{
    private string _folder = null!;
    private KeyRing _ring = null!;
    private EmbeddingBell _bell = null!;
    private QueryEmbedding _embedding = null!;

    internal static readonly Guid Tenant = new("0a000000-0000-7000-8000-000000000001");
    internal static readonly Guid Subject = new("0b000000-0000-7000-8000-000000000001");

    internal FakeChat Chat { get; private set; } = null!;

    internal FakeMemory Memories { get; private set; } = null!;

    internal ModuleDatabase Database { get; private set; } = null!;

    internal SqliteItemIndex Index { get; private set; } = null!;

    internal TestEmbedder Embedder { get; private set; } = null!;

    /// <summary>The embedders that the settings allow; <see cref="Embedder"/> alone at first.</summary>
    internal TestEmbedders Embedders { get; private set; } = null!;

    internal EmbeddingModels Models { get; private set; } = null!;

    internal SqliteVectorStore VectorStore { get; private set; } = null!;

    internal ResidentVectorIndex Vectors { get; private set; } = null!;

    internal EmbeddingQueue Queue { get; private set; } = null!;

    internal EmbeddingWaiters EmbeddingWaiters { get; private set; } = null!;

    internal SettableClock Clock { get; private set; } = null!;

    internal ItemRanking Ranking { get; private set; } = null!;

    internal MessageWaiters Waiters { get; private set; } = null!;

    internal IndexCleaner Cleaner { get; private set; } = null!;

    internal ItemIndexer Indexer { get; private set; } = null!;

    internal ISearchClient Client { get; private set; } = null!;

    internal SearchMessages SearchMessages { get; private set; } = null!;

    internal SearchMemories SearchMemories { get; private set; } = null!;

    [SetUp]
    public void OpenModule()
    {
        _folder = Directory.CreateTempSubdirectory("memorymesh-search-").FullName;
        _ring = new KeyRing(RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
        (Chat, Memories, Waiters) = (new FakeChat(), new FakeMemory(), new MessageWaiters());
        Embedder = new TestEmbedder();
        Embedders = new TestEmbedders(Embedder);
        Clock = new SettableClock();
        Open();
    }

    /// <summary>Opens the module again over the same files, as after a restart with other settings.</summary>
    internal async Task RestartAsync(ITextEmbedder configured, params ITextEmbedder[] reachable)
    {
        await CloseAsync();
        Embedders = new TestEmbedders(configured, reachable);
        Open();
    }

    private void Open()
    {
        var ring = _ring;
        var options = Options.Create(new SearchOptions());
        Database = new ModuleDatabase(
            SearchModule.Name,
            Migration.FromResources(typeof(SearchModule).Assembly, "MemoryMesh.Search.Migrations."),
            _folder,
            ring,
            NullLoggerFactory.Instance);
        Index = new SqliteItemIndex(Database, ring, options, TimeProvider.System);
        VectorStore = new SqliteVectorStore(Database, ring);
        Models = new EmbeddingModels(Embedders, VectorStore);
        Vectors = new ResidentVectorIndex(VectorStore, Models, options, TimeProvider.System, NullLogger<ResidentVectorIndex>.Instance);
        Cleaner = new IndexCleaner(Index, VectorStore, options, NullLogger<IndexCleaner>.Instance);
        _bell = new EmbeddingBell();
        Indexer = new ItemIndexer(Index, Vectors, Chat, Memories, Waiters, Cleaner, _bell, NullLogger<ItemIndexer>.Instance);
        EmbeddingWaiters = new EmbeddingWaiters();
        Queue = new EmbeddingQueue(
            VectorStore, Vectors, Models, Chat, Memories, EmbeddingWaiters, Cleaner, options, Clock, NullLogger<EmbeddingQueue>.Instance);
        _embedding = new QueryEmbedding(Models);
        Ranking = new ItemRanking(new LexicalLeg(Index), Vectors, _embedding, options, TimeProvider.System);
        Client = new LocalSearchClient(
            new ContextMemories(Ranking, new SearchCounter(Database, TimeProvider.System, NullLogger<SearchCounter>.Instance)),
            Index,
            VectorStore,
            Waiters,
            EmbeddingWaiters,
            TimeProvider.System,
            new RouteAnswers(new ServiceCollection().BuildServiceProvider()));
        var best = new BestItems(Ranking);
        SearchMessages = new SearchMessages(best, VectorStore, Chat, Memories);
        SearchMemories = new SearchMemories(best, Memories);
    }

    [TearDown]
    public async Task CloseModuleAsync()
    {
        await CloseAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task CloseAsync()
    {
        Indexer.Dispose();
        Cleaner.Dispose();
        Queue.Dispose();
        Vectors.Dispose();
        _embedding.Dispose();
        Models.Dispose();
        _bell.Dispose();
        await Database.DisposeAsync();
    }

    /// <summary>Every file of the module.</summary>
    protected IEnumerable<string> Files => Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories);

    /// <summary>How often a text stands in the files, in any case.</summary>
    protected int CountInFiles(string text)
        => Files.Sum(file =>
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return Encoding.Latin1.GetString(bytes).ToLowerInvariant().Split(text.ToLowerInvariant()).Length - 1;
        });

    /// <summary>Stores messages with their owner and indexes them.</summary>
    protected async Task<Guid> IndexAsync(
        string content, Guid? tenant = null, Guid? subject = null, Guid? conversation = null, string role = "user", double? importance = null, DateTimeOffset? at = null)
    {
        var message = Chat.Add(tenant ?? Tenant, content, subject ?? Subject, conversation ?? Subject, role, importance, at ?? DateTimeOffset.UtcNow);
        await RefreshAsync(message.Id, tenant);
        return message.Id;
    }

    protected Task RefreshAsync(Guid messageId, Guid? tenant = null)
        => Indexer.RefreshMessagesAsync([new(tenant ?? Tenant, messageId)], default);

    /// <summary>Computes all vectors that are due.</summary>
    protected async Task EmbedAsync()
    {
        while (await Queue.WorkAsync(default) > 0)
        {
        }
    }

    /// <summary>Contents of the messages that answer a query, best first.</summary>
    internal async Task<List<string>> FindAsync(string query, Func<ItemFilter, ItemFilter>? narrow = null, int topK = 10, RankingSettings? settings = null)
    {
        var filter = new ItemFilter { TenantId = Tenant, Kind = ItemKind.Message, OwnerKeys = null };
        return [.. (await SearchMessages.HandleAsync(narrow?.Invoke(filter) ?? filter, query, topK, settings ?? RankingSettings.Default, default)).Items.Select(found => found.Message.Content)];
    }
}

/// <summary>One embedder that is configured, and others that can be reached.</summary>
internal sealed class TestEmbedders(ITextEmbedder configured, params ITextEmbedder[] reachable) : IEmbedders
{
    public ITextEmbedder Configured => configured;

    public ITextEmbedder? Find(EmbeddingModel model)
        => ((ITextEmbedder[])[configured, .. reachable]).FirstOrDefault(embedder => EmbeddingModel.Of(embedder) == model);
}

/// <summary>A model of another server: each word that it knows has a dimension of its own. It gives no token vectors.</summary>
internal sealed class WordEmbedder(string model, params string[] words) : ITextEmbedder
{
    /// <summary>What a text makes it throw, or null.</summary>
    public Func<string, Exception?> Fault { get; set; } = _ => null;

    /// <summary>Texts it was given.</summary>
    public List<string> Texts { get; } = [];

    public string Model => model;

    public int Dimensions => words.Length + 1;

    public string Source => "http://embedder.test/v1/";

    public double? LeastCosine => 0.3;

    public ValueTask<IReadOnlyList<ReadOnlyMemory<float>>> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        foreach (var text in texts)
        {
            if (Fault(text) is { } fault)
            {
                throw fault;
            }
        }

        Texts.AddRange(texts);
        return ValueTask.FromResult<IReadOnlyList<ReadOnlyMemory<float>>>([.. texts.Select(text => (ReadOnlyMemory<float>)Embed(text))]);
    }

    private float[] Embed(string text)
    {
        float[] vector = [.. words.Select(word => text.Contains(word, StringComparison.OrdinalIgnoreCase) ? 1f : 0), 0.1f];
        var length = MathF.Sqrt(vector.Sum(value => value * value));
        return [.. vector.Select(value => value / length)];
    }
}

/// <summary>The built-in model, which the test can make fail.</summary>
internal sealed class TestEmbedder : ITokenEmbedder
{
    private static readonly LocalTextEmbedder Local = new(
        Options.Create(new LocalEmbedderOptions { Threads = 2 }), NullLogger<LocalTextEmbedder>.Instance);

    /// <summary>What a text makes it throw, or null.</summary>
    public Func<string, Exception?> Fault { get; set; } = _ => null;

    /// <summary>Texts it was given, with their context.</summary>
    public List<TextInContext> Texts { get; } = [];

    public string Model { get; set; } = Local.Model;

    public string? Identity => Local.Identity;

    public int Dimensions => Local.Dimensions;

    public ValueTask<IReadOnlyList<ReadOnlyMemory<float>>> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
        => Local.EmbedAsync(texts, cancellationToken);

    public ValueTask<IReadOnlyList<TextEncoding>> EncodeAsync(IReadOnlyList<TextInContext> texts, CancellationToken cancellationToken)
    {
        foreach (var text in texts)
        {
            if (Fault(text.Text) is { } fault)
            {
                throw fault;
            }
        }

        Texts.AddRange(texts);
        return Local.EncodeAsync(texts, cancellationToken);
    }

    public ValueTask<IReadOnlyList<TextEncoding>> EncodeInBackgroundAsync(IReadOnlyList<TextInContext> texts, CancellationToken cancellationToken)
        => EncodeAsync(texts, cancellationToken);

    public string TokenText(int id) => Local.TokenText(id);
}

/// <summary>A clock that the test sets forward.</summary>
internal sealed class SettableClock : TimeProvider
{
    /// <summary>How far it is ahead.</summary>
    public TimeSpan Ahead { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
}

/// <summary>Messages in memory.</summary>
internal sealed class FakeChat : IChatClient
{
    private readonly Dictionary<(Guid Tenant, Guid Id), ChatMessage> _messages = [];

    /// <summary>Called before messages are answered.</summary>
    public Func<Task> OnRead { get; set; } = () => Task.CompletedTask;

    public ChatMessage this[Guid tenant, Guid id]
    {
        get => _messages[(tenant, id)];
        set => _messages[(tenant, id)] = value;
    }

    public ChatMessage Add(Guid tenant, string content, Guid subject, Guid conversation, string role, double? importance, DateTimeOffset at)
    {
        var message = new ChatMessage
        {
            Id = Guid.CreateVersion7(),
            ConversationKey = conversation,
            ConversationId = conversation.ToString(),
            SubjectKey = subject,
            UserId = subject.ToString(),
            Role = role,
            Content = content,
            Importance = importance,
            CreatedAt = at,
            Version = 1,
            ExtractMemory = true,
        };
        return this[tenant, message.Id] = message;
    }

    public void Change(Guid id, Func<ChatMessage, ChatMessage> change)
    {
        var message = this[SearchFixture.Tenant, id];
        this[SearchFixture.Tenant, id] = change(message) with { Version = message.Version + 1 };
    }

    public void Remove(Guid id) => _messages.Remove((SearchFixture.Tenant, id));

    public async Task<IReadOnlyList<ChatMessage>> GetMessagesAsync(Guid tenantId, IReadOnlyList<Guid> messageIds, CancellationToken cancellationToken)
    {
        Assert.That(messageIds, Has.Count.LessThanOrEqualTo(500));
        var found = messageIds.Where(id => _messages.ContainsKey((tenantId, id))).Select(id => this[tenantId, id]).ToList();
        await OnRead();
        return found;
    }

    public Task<IReadOnlyList<ChatMessage>> GetRecentMessagesAsync(
        Guid tenantId, Guid conversationKey, Guid? subjectKey, int limit, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    public Task<IReadOnlyList<ChatMessage>> GetPrecedingUserMessagesAsync(Guid tenantId, Guid messageId, int limit, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    public Task<int> ApplyRetentionAsync(RetentionOrder order, CancellationToken cancellationToken) => throw new NotSupportedException();
}

/// <summary>Memories in memory.</summary>
internal sealed class FakeMemory : IMemoryClient
{
    public Dictionary<Guid, MemoryItem> Items { get; } = [];

    public HashSet<Guid> OptedOut { get; } = [];

    public MemoryItem Add(string text, Guid owner, string category = "preference")
    {
        var memory = new MemoryItem
        {
            Id = Guid.CreateVersion7(),
            Scope = MemoryScopes.User,
            OwnerKey = owner,
            Text = text,
            Category = category,
            Status = "completed",
            Importance = .5,
            Confidence = 1,
            CreatedAt = DateTimeOffset.UtcNow,
            UpdatedAt = DateTimeOffset.UtcNow,
            Version = 1,
            Active = true,
        };
        Items.Add(memory.Id, memory);
        return memory;
    }

    public Task<bool> WaitUntilExtractedAsync(
        Guid tenantId, IReadOnlyList<MessageVersion> messages, TimeSpan timeout, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<MemoryItem>> GetMemoriesAsync(Guid tenantId, IReadOnlyList<Guid> memoryIds, CancellationToken cancellationToken)
        => Task.FromResult<IReadOnlyList<MemoryItem>>(
            tenantId == SearchFixture.Tenant ? [.. memoryIds.Where(Items.ContainsKey).Select(id => Items[id])] : []);

    public Task<IReadOnlyList<MemoryItem>> GetBelievedMemoriesAsync(Guid tenantId, IReadOnlyList<Guid> memoryIds, DateTimeOffset at, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    public Task<int> CountFromConversationAsync(Guid tenantId, Guid conversationKey, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<Guid>> FindOptedOutAsync(Guid tenantId, IReadOnlyList<Guid> subjectKeys, CancellationToken cancellationToken)
        => Task.FromResult<IReadOnlyList<Guid>>([.. subjectKeys.Where(OptedOut.Contains)]);

    public Task<int> ApplyRetentionAsync(RetentionOrder order, CancellationToken cancellationToken) => throw new NotSupportedException();
}
