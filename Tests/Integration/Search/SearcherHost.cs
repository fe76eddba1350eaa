using System.Security.Cryptography;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Ranking;
using MemoryMesh.Search.Searchers;
using MemoryMesh.Search.Storage;
using MemoryMesh.Search.Usage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Internal;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>The door of Search for searchers over real HTTP, and what a searcher asks it with.</summary>
internal sealed class SearcherHost : IAsyncDisposable
{
    private static readonly KeyRing Ring = new(RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));

    private readonly WebApplication _app;
    private readonly List<ServiceProvider> _callers = [];

    private SearcherHost(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    /// <summary>What the searcher logged.</summary>
    public Lines Log { get; } = new();

    /// <summary>Called when a call has been carried out, before it is answered.</summary>
    public Action<HttpContext> OnCarriedOut { get; set; } = _ => { };

    public static async Task<SearcherHost> StartAsync(ItemRanking ranking, EmbeddingModels models, IConversationOrder order, SearchCounter counter, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Logging.ClearProviders();
        builder.Services.AddMemoryMeshProblems();
        builder.Services.AddSingleton(ranking).AddSingleton(models).AddSingleton(order).AddSingleton(counter).AddSingleton<RankingDoor>()
            .AddSingleton(TimeProvider.System).AddSingleton(Ring).AddSingleton<ServiceCredentials>();
        var app = builder.Build();
        var host = new SearcherHost(app);
        app.Use(async (context, next) =>
        {
            await next(context);
            host.OnCarriedOut(context);
        });
        RankingDoor.Map(app);
        await app.StartAsync();
        return host;
    }

    /// <summary>What reaches Search at an address.</summary>
    public ServiceProvider Reach(Uri? address = null)
    {
        var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([new("services:search:http:0", (address ?? Address).ToString())]).Build())
            .AddSingleton(TimeProvider.System).AddSingleton(Ring).AddSingleton<ServiceCredentials>()
            .AddLogging(logging => logging.AddProvider(Log)).AddSearchHttpClient()
            .AddSingleton<RemoteConversationOrder>().AddSingleton<RemoteSearchCounter>().BuildServiceProvider();
        _callers.Add(services);
        return services;
    }

    /// <summary>A searcher's ranking.</summary>
    public RemoteItemRanking Searcher(ITokenEmbedder embedder, IServiceProvider? reach = null)
    {
        reach ??= Reach();
        return new(
            embedder,
            reach.GetRequiredService<IHttpClientFactory>(),
            reach.GetRequiredService<ServiceCredentials>(),
            Microsoft.Extensions.Options.Options.Create(new MemoryMesh.Search.SearchOptions()),
            reach.GetRequiredService<ILogger<RemoteItemRanking>>());
    }

    /// <summary>A call as a searcher makes it.</summary>
    public HttpRequestMessage Call(byte[] body, bool proves = true, string? identity = null)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, new Uri(Address, RankingFrames.Path)) { Content = new ByteArrayContent(body) };
        if (proves)
        {
            message.Headers.Add(ServiceCredentials.Header, new ServiceCredentials(Ring, TimeProvider.System).Create(RankingFrames.Path));
        }

        if (identity is not null)
        {
            message.Headers.Add(MemoryMesh.Search.Embedding.Replicas.EncodingFrames.IdentityHeader, identity);
        }

        return message;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        foreach (var caller in _callers)
        {
            await caller.DisposeAsync();
        }

        Log.Dispose();
    }
}

/// <summary>The built-in model under another name, as of another build.</summary>
internal sealed class OtherBuild(TestEmbedder embedder) : ITokenEmbedder
{
    public string Model => embedder.Model;

    public string? Identity { get; set; } = "another build";

    public int Dimensions => embedder.Dimensions;

    public ValueTask<IReadOnlyList<ReadOnlyMemory<float>>> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken) => embedder.EmbedAsync(texts, cancellationToken);

    public ValueTask<IReadOnlyList<TextEncoding>> EncodeAsync(IReadOnlyList<TextInContext> texts, CancellationToken cancellationToken) => embedder.EncodeAsync(texts, cancellationToken);

    public ValueTask<IReadOnlyList<TextEncoding>> EncodeInBackgroundAsync(IReadOnlyList<TextInContext> texts, CancellationToken cancellationToken)
        => embedder.EncodeInBackgroundAsync(texts, cancellationToken);

    public string TokenText(int id) => embedder.TokenText(id);
}
