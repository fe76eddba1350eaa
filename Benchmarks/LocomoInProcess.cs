using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Contracts.Search;
using MemoryMesh.Search;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.Search.Ranking;
using MemoryMesh.Search.Storage.Sqlite;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using MsOptions = Microsoft.Extensions.Options.Options;

namespace MemoryMesh.Benchmarks;

/// <summary>The search module alone over conversations in memory, for comparing rankings in seconds.</summary>
internal static class LocomoInProcess
{
    private const int TopK = 50;
    private static readonly Guid Tenant = new("0a000000-0000-7000-8000-000000000001");

    public static async Task RunAsync(
        IReadOnlyList<LocomoConversation> conversations, string? keep, bool ablation, string? run, IReadOnlyList<(string Name, double Value)> set)
    {
        var folder = keep ?? Directory.CreateTempSubdirectory("memorymesh-locomo-").FullName;
        var ring = new KeyRing(SHA256.HashData("locomo"u8), SHA256.HashData("locomo index"u8));
        var options = MsOptions.Create(new SearchOptions());
        var chat = new Messages(conversations);
        await using var database = new ModuleDatabase(
            SearchModule.Name, Migration.FromResources(typeof(SearchModule).Assembly, "MemoryMesh.Search.Migrations."), folder, ring, NullLoggerFactory.Instance);
        using var embedder = new LocalTextEmbedder(MsOptions.Create(new LocalEmbedderOptions()), NullLogger<LocalTextEmbedder>.Instance);
        var items = new SqliteItemIndex(database, ring, options, TimeProvider.System);
        var store = new SqliteVectorStore(database, ring);
        using var embedders = new Embedders(embedder, MsOptions.Create(new EmbeddingOptions()), TimeProvider.System, NullLogger<MemoryMesh.Search.Embedding.Remote.RemoteTextEmbedder>.Instance);
        using var models = new EmbeddingModels(embedders, store);
        using var vectors = new ResidentVectorIndex(store, models, options, TimeProvider.System, NullLogger<ResidentVectorIndex>.Instance);
        using var bell = new EmbeddingBell();
        using var cleaner = new IndexCleaner(items, store, options, NullLogger<IndexCleaner>.Instance);
        using var indexer = new ItemIndexer(items, vectors, chat, null!, new MessageWaiters(), cleaner, bell, NullLogger<ItemIndexer>.Instance);
        using var queue = new EmbeddingQueue(
            store, vectors, models, chat, null!, new EmbeddingWaiters(), cleaner, options, TimeProvider.System, NullLogger<EmbeddingQueue>.Instance);
        using var embedding = new QueryEmbedding(models);
        var ranking = new ItemRanking(new LexicalLeg(items), vectors, embedding, options, TimeProvider.System);
        var began = Stopwatch.GetTimestamp();
        await indexer.RefreshMessagesAsync(chat.Ids.Select(id => new ItemReference(Tenant, id)), CancellationToken.None);
        while (await queue.WorkAsync(CancellationToken.None) > 0)
        {
        }

        Console.WriteLine($"Indexed in {Stopwatch.GetElapsedTime(began).TotalSeconds:N1} s");
        Console.WriteLine();
        var weights = set.Aggregate(RankingWeights.Balanced, (all, one) => all.With(one.Name, one.Value));
        async Task<LocomoScores> AskAsync(RankingSettings settings)
        {
            var scores = new LocomoScores();
            foreach (var conversation in conversations)
            {
                var filter = new ItemFilter { TenantId = Tenant, Kind = ItemKind.Message, OwnerKeys = [Messages.KeyOf(conversation.Id)] };
                foreach (var question in conversation.Questions)
                {
                    var ranked = await ranking.FindAsync(filter, question.Text, ranking.CandidatesFor(TopK), settings, CancellationToken.None);
                    scores.Add(question, [.. ranked.Take(TopK).Select(item => chat.TurnOf(item.Item.Id))]);
                }
            }

            return scores;
        }

        var all = await AskAsync(new RankingSettings { Weights = weights });
        all.Print();
        if (run is not null)
        {
            all.Write(run);
        }

        if (ablation)
        {
            var rows = new List<string[]>();
            async Task AddAsync(string name, RankingSettings settings)
            {
                var scores = await AskAsync(settings);
                rows.Add([name, .. scores.Means().Select(value => Report.Number(value, 3)), Report.Number(scores.Means(1)[1], 3)]);
            }

            await AddAsync("all", new() { Weights = weights });
            foreach (var name in RankingWeights.Names)
            {
                await AddAsync($"without {name}", new() { Weights = weights.With(name, 0) });
            }

            await AddAsync("full text alone", new() { Mode = SearchMode.FullText });
            await AddAsync("semantic mode", new() { Mode = SearchMode.Semantic });
            var bare = RankingWeights.Names.Aggregate(weights, (some, name) => some.With(name, 0));
            await AddAsync("vector alone", new() { Weights = bare with { Vector = 1 } });
            await AddAsync("late interaction alone", new() { Weights = bare with { LateInteraction = 1 } });
            foreach (var (name, preset) in RankingWeights.Presets)
            {
                await AddAsync($"preset {name}", new() { Weights = preset });
            }

            var last = conversations.Max(conversation => conversation.Turns.Max(turn => turn.At));
            await AddAsync("as of the last message", new() { Weights = weights, AsOf = last });
            await AddAsync("as of the last message, without recency", new() { Weights = weights with { Recency = 0 }, AsOf = last });
            Report.Table(["ranking", "R@5", "R@10", "R@20", "nDCG@10", "MRR@20", "multi-hop R@10"], rows);
        }

        if (keep is null)
        {
            await database.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The turns as messages.</summary>
    private sealed class Messages : IChatClient
    {
        private readonly Dictionary<Guid, (ChatMessage Message, string Turn)> _messages = [];

        public Messages(IReadOnlyList<LocomoConversation> conversations)
        {
            foreach (var conversation in conversations)
            {
                var number = 0;
                foreach (var turn in conversation.Turns)
                {
                    var id = new Guid([.. KeyOf(conversation.Id).ToByteArray(bigEndian: true)[..12], 0, 0, (byte)(++number >> 8), (byte)number], bigEndian: true);
                    _messages.Add(id, (new ChatMessage
                    {
                        Id = id,
                        ConversationKey = KeyOf(conversation.Id),
                        ConversationId = conversation.Id,
                        SubjectKey = KeyOf(conversation.Id),
                        UserId = conversation.Id,
                        Role = "user",
                        Content = turn.Text,
                        MetadataJson = JsonSerializer.Serialize(turn.Metadata),
                        CreatedAt = turn.At,
                        Version = 1,
                        ExtractMemory = false,
                    }, turn.Id));
                }
            }
        }

        public IEnumerable<Guid> Ids => _messages.Keys;

        public static Guid KeyOf(string name) => new(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name)).AsSpan(0, 16), bigEndian: true);

        public string TurnOf(Guid id) => _messages[id].Turn;

        public Task<IReadOnlyList<ChatMessage>> GetMessagesAsync(Guid tenantId, IReadOnlyList<Guid> messageIds, CancellationToken cancellationToken)
            => Task.FromResult<IReadOnlyList<ChatMessage>>([.. messageIds.Select(id => _messages[id].Message)]);

        public Task<IReadOnlyList<ChatMessage>> GetRecentMessagesAsync(
            Guid tenantId, Guid conversationKey, Guid? subjectKey, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<ChatMessage>> GetPrecedingUserMessagesAsync(Guid tenantId, Guid messageId, int limit, CancellationToken cancellationToken)
            => throw new NotSupportedException();

        public Task<int> ApplyRetentionAsync(RetentionOrder order, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
