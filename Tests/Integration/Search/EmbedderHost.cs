using System.Collections.Concurrent;
using MemoryMesh.Search;
using MemoryMesh.Search.Embedding.Replicas;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Internal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>A server at the address of embedders: a real one as the Search program builds it, or one that does what the test says.</summary>
internal sealed class EmbedderHost : IAsyncDisposable
{
    /// <summary>The secret that Search and embedders share.</summary>
    public const string Key = "a-secret-of-search-and-its-embedders-0123456789";

    private readonly WebApplication _app;

    private EmbedderHost(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    /// <summary>Calls that a real one is taking.</summary>
    public int UnderWay => _app.Services.GetRequiredService<EmbedderDoor>().UnderWay;

    /// <summary>What it logged.</summary>
    public Lines Log { get; private init; } = new();

    public static async Task<EmbedderHost> StartAsync(params string[] settings)
    {
        var builder = MemoryMeshHost.CreateBareBuilder(
            ["--urls=http://127.0.0.1:0", "--Search:Role=embedder", $"--Search:Embedders:Key={Key}", "--Search:LocalEmbedder:Threads=2", .. settings], SearchModule.Name);
        Assert.That(SearchModule.IsEmbedder(builder.Configuration));
        builder.Services.AddEmbedderModule();
        var log = new Lines();
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Trace);
        var app = builder.Build();
        app.UseBareDefaults();
        app.MapEmbedderCalls();
        await app.StartAsync();
        return new(app) { Log = log };
    }

    /// <summary>A server that answers every call in one way.</summary>
    public static async Task<EmbedderHost> StartAnsweringAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return new(app);
    }

    /// <summary>The pool of Search with these addresses.</summary>
    public static ServiceProvider Pool(Lines log, Dictionary<string, string>? settings, params Uri[] addresses)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(addresses.Select((address, at) => KeyValuePair.Create($"services:embedders:http:{at}", (string?)address.ToString())))
            .AddInMemoryCollection([new("Search:Embedders:Key", Key), .. (settings ?? []).Select(setting => KeyValuePair.Create($"Search:Embedders:{setting.Key}", (string?)setting.Value))])
            .Build();
        var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddSingleton(TimeProvider.System);
        services.AddLogging(logging => logging.AddProvider(log).SetMinimumLevel(LogLevel.Trace)).AddHealthChecks();
        services.AddEmbedderCalls();
        return services.BuildServiceProvider();
    }

    /// <summary>A call as Search makes it, or with another secret.</summary>
    public static HttpRequestMessage Call(HttpContent body, string identity, string key = Key)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, EncodingFrames.Path) { Content = body };
        message.Headers.Add(ServiceCredentials.Header, ServiceCredentials.FromSecret(key, EmbedderPool.Purpose, TimeProvider.System).Create(EncodingFrames.Path));
        message.Headers.Add(EncodingFrames.IdentityHeader, identity);
        return message;
    }

    /// <summary>Ends it at once, with the calls that are under way.</summary>
    public Task KillAsync() => _app.StopAsync(new CancellationToken(canceled: true));

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>Keeps what is logged.</summary>
internal sealed class Lines : ILoggerProvider, ILogger
{
    public ConcurrentQueue<string> Written { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        => Written.Enqueue($"{formatter(state, exception)} {exception}");

    public void Dispose()
    {
    }
}
