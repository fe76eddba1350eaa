using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Search.Storage.Qdrant;

/// <summary>Turns items with their vectors into points, and back.</summary>
/// <remarks>
/// A point holds ids, keyed hashes and numbers to filter by; a block of one item, sealed with its owner's key, with everything the ranking asks for; and the pooled vector. Qdrant has to
/// compare that, so it is not sealed: it is turned by a rotation that each tenant has for itself, which changes no angle. Who has only Qdrant cannot hold it against
/// the vector of a text of their own choice.
/// </remarks>
internal sealed class QdrantPoints([FromKeyedServices(SearchModule.Name)] ModuleDatabase database, KeyRing ring)
{
    /// <summary>Rotations that are kept: some 12 kB each.</summary>
    private const int MostRotations = 1_000;

    private readonly ConcurrentDictionary<(Guid TenantId, int Dimensions), SignRotation> _rotations = new();

    /// <summary>The collection of a model. Its number tells it from an earlier one of the same model whose end is still to come.</summary>
    public QdrantCollection CollectionOf(StoredModel model)
    {
        var (source, name, version, dimensions) = model.Model;
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{source}\n{name}\n{version}")).AsSpan(0, 6));
        return new(
            string.Create(CultureInfo.InvariantCulture, $"memorymesh-{Convert.ToHexStringLower(ring.IndexKeyId.AsSpan(0, 4))}-{hash}-{dimensions}-{model.Id}"), dimensions);
    }

    /// <summary>Turns a vector of length 1 as those of the tenant are.</summary>
    public float[] Turn(Guid tenantId, ReadOnlySpan<float> vector)
    {
        if (_rotations.Count > MostRotations)
        {
            _rotations.Clear();
        }

        var rotation = _rotations.GetOrAdd(
            (tenantId, vector.Length),
            key => new SignRotation(key.Dimensions, BinaryPrimitives.ReadUInt64LittleEndian(ring.DeriveIndexKey($"points:{key.TenantId:N}"))));
        var turned = new float[vector.Length];
        rotation.Apply(vector, turned);
        return turned;
    }

    /// <summary>The point of an item.</summary>
    public QdrantPoint Seal(StoredModel model, DataKey key, TermHashes hashes, EmbeddedItem embedded)
    {
        var item = embedded.Task.Item;
        return new()
        {
            Id = item.Id,
            Scope = new(item.TenantId, item.OwnerKey),
            Kind = (int)item.Kind,
            Conversation = item.ConversationKey,
            Role = (int)item.Role,
            Category = embedded.Vectors.Category is { } category ? hashes.Category(item.Kind, category) : null,
            CreatedAt = item.CreatedAt.ToUnixTimeMilliseconds(),
            Importance = item.Importance,
            Version = item.Version,
            Sealed = key.Seal(VectorBlock.Write([(0, new BlockItem(embedded.Task.RowId, item, embedded.Vectors))]), PlaceOf(model, item.Id, item.Version)),
            Vector = Turn(item.TenantId, embedded.Vectors.Pooled.ToSingle()),
        };
    }

    /// <summary>The items of points with their vectors. Those whose owner's key was destroyed are left out: they are about to leave.</summary>
    public async ValueTask<List<(IndexedItem Item, ItemVectors Vectors)>> OpenAsync(StoredModel model, IEnumerable<QdrantHit> hits, CancellationToken cancellationToken)
    {
        var found = new List<(IndexedItem, ItemVectors)>();
        foreach (var ofOwner in hits.GroupBy(hit => hit.Scope))
        {
            if (await database.Keys.FindAsync(ofOwner.Key.TenantId, ofOwner.Key.OwnerKey, cancellationToken) is not { } key)
            {
                continue;
            }

            foreach (var hit in ofOwner)
            {
                try
                {
                    var block = new VectorBlock(key.Open(hit.Sealed, PlaceOf(model, hit.Id, hit.Version)));
                    var (_, opened) = block.Items(new PartitionKey(hit.Scope.TenantId, (ItemKind)hit.Kind, hit.Scope.OwnerKey), 1)[0];
                    if (opened.Item.Id == hit.Id && opened.Item.Version == hit.Version)
                    {
                        found.Add((opened.Item, opened.Vectors));
                    }
                }
                catch (Exception exception) when (exception is CryptographicException or InvalidDataException)
                {
                    // Sealed with a key that was destroyed, or changed by somebody else: no point of ours.
                }
            }
        }

        return found;
    }

    private static RowIdentity PlaceOf(StoredModel model, Guid itemId, int version) => new($"points_{model.Id.ToString(CultureInfo.InvariantCulture)}", "sealed", itemId, version);
}
