using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.Search.Storage;

namespace MemoryMesh.Search.Embedding;

/// <summary>A model whose vectors are in the index.</summary>
/// <param name="Stored">How the store names it.</param>
/// <param name="Embedder">What computes with it.</param>
internal sealed record ModelInUse(StoredModel Stored, ITextEmbedder Embedder)
{
    /// <summary>What its token vectors are turned by; null when it gives none.</summary>
    public SignRotation? Rotation { get; } = Embedder is ITokenEmbedder ? new SignRotation(Embedder.Dimensions) : null;
}

/// <summary>The models in use.</summary>
/// <param name="Serving">Questions are embedded with it and held against its vectors.</param>
/// <param name="Next">Takes its place when its vectors have been computed, or null.</param>
internal sealed record ModelsInUse(ModelInUse Serving, ModelInUse? Next)
{
    /// <summary>Both.</summary>
    public IEnumerable<ModelInUse> All => Next is null ? [Serving] : [Serving, Next];

    /// <summary>The model of a slot, or null.</summary>
    public ModelInUse? InSlot(int slot) => All.FirstOrDefault(model => model.Stored.Slot == slot);
}

/// <summary>Knows which model's vectors answer questions, and which one's are being computed to take their place.</summary>
/// <remarks>
/// The vectors of two models are never compared: each lies in a slot of its own, and a question looks into one. After the settings name another
/// model, the one before goes on to serve, new items included, until the new one has vectors for as much. When the one before cannot embed questions any
/// more, because its server is not the configured one, its vectors are of no use, and the new one serves at once: words find what it has no vectors of yet.
/// </remarks>
internal sealed class EmbeddingModels(IEmbedders embedders, IVectorStore store) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private ModelsInUse? _current;

    /// <summary>The models in use; null before the first that needs them.</summary>
    public ModelsInUse? Current => Volatile.Read(ref _current);

    /// <summary>The models in use.</summary>
    public async ValueTask<ModelsInUse> GetAsync(CancellationToken cancellationToken)
    {
        if (Current is { } known)
        {
            return known;
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            return Current ?? await OpenAsync(cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Lets the next model serve when it has vectors of as much as the one that serves.</summary>
    /// <returns>The model that served until now; null when nothing has changed.</returns>
    public async Task<ModelInUse?> TrySwitchAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (Current is not { Next: { } next } models || !await store.TrySwitchAsync(next.Stored, cancellationToken))
            {
                return null;
            }

            Volatile.Write(ref _current, new ModelsInUse(next, null));
            return models.Serving;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private async Task<ModelsInUse> OpenAsync(CancellationToken cancellationToken)
    {
        var configured = embedders.Configured;
        var stored = await store.UseModelAsync(EmbeddingModel.Of(configured), model => embedders.Find(model) is not null, cancellationToken);
        var models = stored.Next is { } next
            ? new ModelsInUse(new ModelInUse(stored.Serving, embedders.Find(stored.Serving.Model)!), new ModelInUse(next, configured))
            : new ModelsInUse(new ModelInUse(stored.Serving, configured), null);
        Volatile.Write(ref _current, models);
        return models;
    }
}
