using MemoryMesh.Search.Embedding.Remote;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search.Embedding;

/// <summary>The embedders that the settings allow.</summary>
internal interface IEmbedders
{
    /// <summary>The one that is configured.</summary>
    ITextEmbedder Configured { get; }

    /// <summary>One that computes with a model which was in use before, or null: its server is not the one that is configured any more.</summary>
    ITextEmbedder? Find(EmbeddingModel model);
}

/// <summary>The built-in model, and the server of the settings with any model of its own.</summary>
internal sealed class Embedders : IEmbedders, IDisposable
{
    private readonly LocalTextEmbedder _local;
    private readonly EmbeddingOptions _options;
    private readonly RemoteEndpoint? _endpoint;
    private readonly TimeProvider _clock;
    private readonly ILogger<RemoteTextEmbedder> _logger;
    private readonly Dictionary<EmbeddingModel, RemoteTextEmbedder> _remote = [];

    public Embedders(LocalTextEmbedder local, IOptions<EmbeddingOptions> options, TimeProvider clock, ILogger<RemoteTextEmbedder> logger)
    {
        (_local, _options, _clock, _logger) = (local, options.Value, clock, logger);
        var isLocal = string.Equals(_options.Provider, EmbeddingOptions.Local, StringComparison.OrdinalIgnoreCase);
        _endpoint = isLocal ? null : RemoteEndpoint.Resolve(_options, []);
        Configured = _endpoint is null ? local : Reach(_endpoint, _options.ModelVersion);
    }

    public ITextEmbedder Configured { get; }

    public ITextEmbedder? Find(EmbeddingModel model)
    {
        foreach (var embedder in (ITextEmbedder[])[Configured, _local])
        {
            if (EmbeddingModel.Of(embedder) == model)
            {
                return embedder;
            }
        }

        // Another version of the configured model is what its server had under the same name before.
        var isReachable = _endpoint is not null && model.Source == _endpoint.Source && (model.Name != _endpoint.Model || model.Version == _options.ModelVersion);
        return isReachable ? Reach(_endpoint!.With(model), model.Version) : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var embedder in _remote.Values)
        {
            embedder.Dispose();
        }
    }

    private RemoteTextEmbedder Reach(RemoteEndpoint endpoint, string version)
    {
        var model = new EmbeddingModel(endpoint.Source, endpoint.Model, version, endpoint.Dimensions);
        if (!_remote.TryGetValue(model, out var embedder))
        {
            _remote.Add(model, embedder = new RemoteTextEmbedder(endpoint, version, _options, _clock, _logger));
        }

        return embedder;
    }
}
