using System.Text.Json;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.Memory.Storage.Mongo;

/// <summary>Keeps core blocks in MongoDB, sealed with the key of their owner.</summary>
internal sealed class MongoCoreBlockStore(
    [FromKeyedServices(MemoryModule.Name)] MongoStore store, [FromKeyedServices(MemoryModule.Name)] ModuleStore own, KeyedNames names) : ICoreBlockStore
{
    private static readonly string[] Replaced = ["label_key", "label", "description", "text", "max_characters", "read_only", "version", "updated_at"];

    public async Task<(BlockOutcome Outcome, CoreBlock Block)> AddAsync(
        CoreBlock block, Guid accountId, int mostOfOwner, IdempotentRequest? request, CancellationToken cancellationToken)
    {
        var claim = request is null ? null : await own.PrepareAsync(names, request, cancellationToken);
        var key = await own.Keys.GetOrCreateAsync(block.TenantId, block.Owner.Key, cancellationToken);
        var (document, version) = (DocumentOf(block, key), VersionOf(block, accountId, key));
        return await store.WriteAsync(
            async change =>
            {
                if (claim is not null && await MongoIdempotency.FindAsync(change, claim, block.CreatedAt) is { } before)
                {
                    if (!before.SameRequest)
                    {
                        return (BlockOutcome.KeyReused, block);
                    }

                    var made = JsonSerializer.Deserialize<AddedIdentity>(before.Answer)!;
                    return (BlockOutcome.Replayed, block with { Id = made.Id, CreatedAt = made.CreatedAt, UpdatedAt = made.CreatedAt });
                }

                key.ThrowIfDestroyed();
                if (block.Owner.Scope == MemoryScope.User && await new MongoMemoryWrite(change, block.CreatedAt).IsOptedOutAsync(block.TenantId, block.Owner.Key))
                {
                    return (BlockOutcome.OptedOut, block);
                }

                var others = await change.ListAsync(MemoryCollections.Blocks, OfOwner(block.TenantId, block.Owner.Key));
                if (others.Count >= mostOfOwner)
                {
                    return (BlockOutcome.TooMany, block);
                }

                if (others.Exists(other => other["label_key"] == document["label_key"]))
                {
                    return (BlockOutcome.LabelTaken, block);
                }

                await change.AddAsync(MemoryCollections.Blocks, document);
                change.Put(MemoryCollections.BlockVersions, version);
                if (claim is not null)
                {
                    MongoIdempotency.Add(change, claim, JsonSerializer.SerializeToUtf8Bytes(new AddedIdentity(block.Id, block.CreatedAt)), block.CreatedAt, block.Owner.Key);
                }

                return (BlockOutcome.Done, block);
            },
            cancellationToken);
    }

    public async Task<CoreBlock?> FindAsync(Guid tenantId, Guid blockId, CancellationToken cancellationToken)
    {
        var document = await store.ReadAsync(async reader => (BsonDocument?)await reader.Collection(MemoryCollections.Blocks)
            .Find(new BsonDocument { ["_id"] = blockId.Bson(), ["tenant_id"] = tenantId.Bson() }).FirstOrDefaultAsync(cancellationToken));
        return document is null ? null : await OpenAsync(document, cancellationToken);
    }

    public async Task<IReadOnlyList<CoreBlock>> ListAsync(Guid tenantId, IReadOnlyList<Guid> ownerKeys, CancellationToken cancellationToken)
    {
        var filter = new BsonDocument { ["tenant_id"] = tenantId.Bson(), ["owner_key"] = new BsonDocument("$in", new BsonArray(ownerKeys.Select(owner => owner.Bson()))) };
        var documents = (await store.ReadAsync(reader => reader.Collection(MemoryCollections.Blocks)
            .Find(filter).Sort(MongoCollectionPlan.Keys("_id")).ToListAsync(cancellationToken))).ToLookup(document => document.Id("owner_key"));
        var blocks = new List<CoreBlock>();
        foreach (var document in ownerKeys.SelectMany(owner => documents[owner]))
        {
            if (await OpenAsync(document, cancellationToken) is { } block)
            {
                blocks.Add(block);
            }
        }

        return blocks;
    }

    public async Task<BlockOutcome> ReplaceAsync(CoreBlock current, CoreBlock next, Guid accountId, CancellationToken cancellationToken)
    {
        var key = await own.Keys.GetOrCreateAsync(next.TenantId, next.Owner.Key, cancellationToken);
        var (sealedNext, version) = (DocumentOf(next, key), VersionOf(next, accountId, key));
        return await store.WriteAsync(
            async change =>
            {
                key.ThrowIfDestroyed();
                var others = await change.ListAsync(MemoryCollections.Blocks, OfOwner(next.TenantId, next.Owner.Key));
                if (others.Exists(other => other["label_key"] == sealedNext["label_key"] && other["_id"] != sealedNext["_id"]))
                {
                    return BlockOutcome.LabelTaken;
                }

                if (await FindAsync(change, next.TenantId, next.Id, current.Version) is not { } document)
                {
                    return BlockOutcome.Stale;
                }

                foreach (var name in Replaced)
                {
                    document[name] = sealedNext[name];
                }

                change.Put(MemoryCollections.Blocks, document);
                change.Put(MemoryCollections.BlockVersions, version);
                var old = await change.ListAsync(
                    MemoryCollections.BlockVersions, OfBlock(next).Add("version", new BsonDocument("$lte", next.Version - CoreBlock.KeptVersions)));
                old.ForEach(item => change.Delete(MemoryCollections.BlockVersions, item["_id"]));
                return BlockOutcome.Done;
            },
            cancellationToken);
    }

    public Task<bool> DeleteAsync(Guid tenantId, Guid blockId, int version, CancellationToken cancellationToken)
        => store.WriteAsync(
            async change =>
            {
                if (await FindAsync(change, tenantId, blockId, version) is not { } document)
                {
                    return false;
                }

                change.Delete(MemoryCollections.Blocks, document["_id"]);
                await new MongoMemoryWrite(change, default).DeleteAllAsync(
                    MemoryCollections.BlockVersions, new BsonDocument { ["tenant_id"] = tenantId.Bson(), ["block_id"] = blockId.Bson() });
                return true;
            },
            cancellationToken);

    public async Task<IReadOnlyList<BlockVersion>> ListVersionsAsync(CoreBlock block, CancellationToken cancellationToken)
    {
        var documents = await store.ReadAsync(reader => reader.Collection(MemoryCollections.BlockVersions)
            .Find(OfBlock(block)).Sort(MongoCollectionPlan.Keys("version")).ToListAsync(cancellationToken));
        var key = await own.Keys.FindAsync(block.TenantId, block.Owner.Key, cancellationToken);
        return key is null ? [] : documents.ConvertAll(document => new BlockVersion(
            document.Int32("version"),
            key.OpenText(document.Bytes("text"), VersionPlace(block.Id, document.Int32("version"))),
            document.Id("changed_by"),
            document.Time("at")));
    }

    private static RowIdentity Place(string column, Guid blockId) => new("core_blocks", column, blockId);

    private static RowIdentity VersionPlace(Guid blockId, int version) => new("core_block_versions", "text", blockId, version);

    private static BsonDocument OfOwner(Guid tenantId, Guid ownerKey) => new() { ["tenant_id"] = tenantId.Bson(), ["owner_key"] = ownerKey.Bson() };

    private static BsonDocument OfBlock(CoreBlock block) => new() { ["tenant_id"] = block.TenantId.Bson(), ["block_id"] = block.Id.Bson() };

    private static async Task<BsonDocument?> FindAsync(MongoChange change, Guid tenantId, Guid blockId, int version)
        => await change.FindAsync(MemoryCollections.Blocks, blockId.Bson()) is { } found && found.Id("tenant_id") == tenantId && found.Int32("version") == version ? found : null;

    private static BsonDocument VersionOf(CoreBlock block, Guid accountId, DataKey key) => new()
    {
        ["_id"] = MongoValues.Pair(block.Id, block.Version),
        ["tenant_id"] = block.TenantId.Bson(),
        ["owner_key"] = block.Owner.Key.Bson(),
        ["block_id"] = block.Id.Bson(),
        ["version"] = block.Version,
        ["changed_by"] = accountId.Bson(),
        ["text"] = key.SealText(block.Text, VersionPlace(block.Id, block.Version)),
        ["at"] = block.UpdatedAt.Bson(),
    };

    private BsonDocument DocumentOf(CoreBlock block, DataKey key) => new()
    {
        ["_id"] = block.Id.Bson(),
        ["tenant_id"] = block.TenantId.Bson(),
        ["scope"] = (int)block.Owner.Scope,
        ["owner_key"] = block.Owner.Key.Bson(),
        ["user_id"] = key.SealTextOrNull(block.Owner.UserId, Place("user_id", block.Id)).Bson(),
        ["label_key"] = names.Other("block label", $"{block.TenantId:N}{block.Owner.Key:N}{block.Label}").Bson(),
        ["label"] = key.SealText(block.Label, Place("label", block.Id)),
        ["description"] = key.SealTextOrNull(block.Description, Place("description", block.Id)).Bson(),
        ["text"] = key.SealText(block.Text, Place("text", block.Id)),
        ["max_characters"] = block.MaxCharacters,
        ["read_only"] = block.ReadOnly,
        ["version"] = block.Version,
        ["created_at"] = block.CreatedAt.Bson(),
        ["updated_at"] = block.UpdatedAt.Bson(),
    };

    /// <summary>Opens a document; one whose key is gone is gone itself.</summary>
    private async ValueTask<CoreBlock?> OpenAsync(BsonDocument document, CancellationToken cancellationToken)
    {
        var (id, tenantId, ownerKey) = (document.Id("_id"), document.Id("tenant_id"), document.Id("owner_key"));
        return await own.Keys.FindAsync(tenantId, ownerKey, cancellationToken) is not { } key
            ? null
            : new CoreBlock
            {
                Id = id,
                TenantId = tenantId,
                Owner = new MemoryOwner((MemoryScope)document.Int32("scope"), ownerKey, key.OpenTextOrNull(document.BytesOrNull("user_id"), Place("user_id", id))),
                Label = key.OpenText(document.Bytes("label"), Place("label", id)),
                Description = key.OpenTextOrNull(document.BytesOrNull("description"), Place("description", id)),
                Text = key.OpenText(document.Bytes("text"), Place("text", id)),
                MaxCharacters = document.Int32("max_characters"),
                ReadOnly = document.Bool("read_only"),
                Version = document.Int32("version"),
                CreatedAt = document.Time("created_at"),
                UpdatedAt = document.Time("updated_at"),
            };
    }
}
