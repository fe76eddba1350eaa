using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.ServiceDefaults.Configuration;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>The index on what Qdrant answers.</summary>
public abstract class QdrantIndexContract : VectorIndexContract
{
    private QdrantWorld? _world;

    /// <summary>Where the server is.</summary>
    protected abstract Task<QdrantAddress> StartAsync();

    /// <summary>Stops it, if it is the test's own.</summary>
    protected virtual ValueTask StopAsync() => ValueTask.CompletedTask;

    internal override async Task<(IVectorIndex Index, ModelInUse Model)> OpenAsync(int dimensions)
    {
        _world = new QdrantWorld(await StartAsync(), dimensions);
        return (_world.Index, await _world.OpenAsync());
    }

    internal override Task StoreAsync(IReadOnlyList<(IndexedItem Item, ItemVectors? Vectors)> items) => _world!.StoreAsync(Model, items);

    internal override Task<IReadOnlyList<(PartitionKey Partition, Guid ItemId)>> RemoveAsync(IReadOnlyList<IndexedItem> items) => _world!.RemoveAsync(items);

    [TearDown]
    public async Task CloseAsync()
    {
        if (_world is not null)
        {
            await _world.Transport.DropCollectionAsync(_world.Points.CollectionOf(Model.Stored), default);
            await _world.DisposeAsync();
            await StopAsync();
        }
    }
}

/// <summary>From the server in this process.</summary>
public class QdrantVectorIndexTests : QdrantIndexContract
{
    private QdrantStandIn _server = null!;

    /// <inheritdoc/>
    protected override async Task<QdrantAddress> StartAsync()
    {
        _server = await QdrantStandIn.StartAsync("key");
        return _server.Place;
    }

    /// <inheritdoc/>
    protected override ValueTask StopAsync() => _server.DisposeAsync();
}

/// <summary>The same on a real server, where <c>ConnectionStrings__qdrant</c> names one.</summary>
public class RealQdrantVectorIndexTests : QdrantIndexContract
{
    /// <inheritdoc/>
    protected override Task<QdrantAddress> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("ConnectionStrings__qdrant") is not { Length: > 0 } address)
        {
            Assert.Ignore("ConnectionStrings__qdrant names no server.");
            return null!;
        }

        return Task.FromResult(QdrantAddress.Parse(address, Environment.GetEnvironmentVariable("ConnectionStrings__qdrant_http"))!);
    }
}
