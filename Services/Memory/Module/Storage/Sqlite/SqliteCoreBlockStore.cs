using System.Text.Json;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Memory.Storage.Sqlite;

/// <summary>Keeps core blocks in the module's SQLite file, sealed with the key of their owner.</summary>
internal sealed class SqliteCoreBlockStore([FromKeyedServices(MemoryModule.Name)] ModuleDatabase database, KeyedNames names) : ICoreBlockStore
{
    private const string Columns = "id, tenant_id, scope, owner_key, user_id, label, description, text, max_characters, read_only, version, created_at, updated_at";

    public async Task<(BlockOutcome Outcome, CoreBlock Block)> AddAsync(
        CoreBlock block, Guid accountId, int mostOfOwner, IdempotentRequest? request, CancellationToken cancellationToken)
    {
        var claim = request is null ? null : await database.PrepareAsync(names, request, cancellationToken);
        var key = await database.Keys.GetOrCreateAsync(block.TenantId, block.Owner.Key, cancellationToken);
        var label = key.SealText(block.Label, Place("label", block.Id));
        var description = key.SealTextOrNull(block.Description, Place("description", block.Id));
        var text = key.SealText(block.Text, Place("text", block.Id));
        var userId = key.SealTextOrNull(block.Owner.UserId, Place("user_id", block.Id));
        var version = new SealedVersion(block, accountId, key);
        return await database.Data.WriteAsync(
            session =>
            {
                if (claim is not null && IdempotencyTable.Find(session, claim, block.CreatedAt) is { } before)
                {
                    if (!before.SameRequest)
                    {
                        return (BlockOutcome.KeyReused, block);
                    }

                    var made = JsonSerializer.Deserialize<AddedIdentity>(before.Answer)!;
                    return (BlockOutcome.Replayed, block with { Id = made.Id, CreatedAt = made.CreatedAt, UpdatedAt = made.CreatedAt });
                }

                key.ThrowIfDestroyed();
                if (block.Owner.Scope == MemoryScope.User
                    && session.Scalar("SELECT opted_out FROM memory_settings WHERE tenant_id = $1 AND subject_key = $2", block.TenantId, block.Owner.Key) == 1)
                {
                    return (BlockOutcome.OptedOut, block);
                }

                if (session.Scalar("SELECT count(*) FROM core_blocks WHERE tenant_id = $1 AND owner_key = $2", block.TenantId, block.Owner.Key) >= mostOfOwner)
                {
                    return (BlockOutcome.TooMany, block);
                }

                var added = session.Execute(
                    """
                    INSERT INTO core_blocks (id, tenant_id, scope, owner_key, user_id, label_key, label, description, text, max_characters, read_only, version, created_at, updated_at)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (tenant_id, owner_key, label_key) DO NOTHING
                    """,
                    block.Id,
                    block.TenantId,
                    block.Owner.Scope,
                    block.Owner.Key,
                    userId,
                    LabelKey(block),
                    label,
                    description,
                    text,
                    block.MaxCharacters,
                    block.ReadOnly,
                    block.Version,
                    block.CreatedAt,
                    block.UpdatedAt);
                if (added == 0)
                {
                    return (BlockOutcome.LabelTaken, block);
                }

                version.Insert(session);
                if (claim is not null)
                {
                    IdempotencyTable.Add(session, claim, JsonSerializer.SerializeToUtf8Bytes(new AddedIdentity(block.Id, block.CreatedAt)), block.CreatedAt, block.Owner.Key);
                }

                return (BlockOutcome.Done, block);
            },
            cancellationToken);
    }

    public async Task<CoreBlock?> FindAsync(Guid tenantId, Guid blockId, CancellationToken cancellationToken)
    {
        var row = await database.Data.ReadAsync(
            session => session.QueryFirst($"SELECT {Columns} FROM core_blocks WHERE tenant_id = $1 AND id = $2", Read, tenantId, blockId), cancellationToken);
        return row is null ? null : await OpenAsync(row, cancellationToken);
    }

    public async Task<IReadOnlyList<CoreBlock>> ListAsync(Guid tenantId, IReadOnlyList<Guid> ownerKeys, CancellationToken cancellationToken)
    {
        var rows = await database.Data.ReadAsync(
            session => ownerKeys.SelectMany(owner => session.Query(
                $"SELECT {Columns} FROM core_blocks WHERE tenant_id = $1 AND owner_key = $2 ORDER BY id", Read, tenantId, owner)).ToList(),
            cancellationToken);
        var blocks = new List<CoreBlock>(rows.Count);
        foreach (var row in rows)
        {
            if (await OpenAsync(row, cancellationToken) is { } block)
            {
                blocks.Add(block);
            }
        }

        return blocks;
    }

    public async Task<BlockOutcome> ReplaceAsync(CoreBlock current, CoreBlock next, Guid accountId, CancellationToken cancellationToken)
    {
        var key = await database.Keys.GetOrCreateAsync(next.TenantId, next.Owner.Key, cancellationToken);
        var label = key.SealText(next.Label, Place("label", next.Id));
        var description = key.SealTextOrNull(next.Description, Place("description", next.Id));
        var text = key.SealText(next.Text, Place("text", next.Id));
        var version = new SealedVersion(next, accountId, key);
        var outcome = await database.Data.WriteAsync(
            session =>
            {
                key.ThrowIfDestroyed();
                if (session.Scalar(
                    "SELECT count(*) FROM core_blocks WHERE tenant_id = $1 AND owner_key = $2 AND label_key = $3 AND id <> $4", next.TenantId, next.Owner.Key, LabelKey(next), next.Id) > 0)
                {
                    return BlockOutcome.LabelTaken;
                }

                var changed = session.Execute(
                    """
                    UPDATE core_blocks SET label_key = $4, label = $5, description = $6, text = $7, max_characters = $8, read_only = $9, version = $10, updated_at = $11
                    WHERE tenant_id = $1 AND id = $2 AND version = $3
                    """,
                    next.TenantId,
                    next.Id,
                    current.Version,
                    LabelKey(next),
                    label,
                    description,
                    text,
                    next.MaxCharacters,
                    next.ReadOnly,
                    next.Version,
                    next.UpdatedAt);
                if (changed == 0)
                {
                    return BlockOutcome.Stale;
                }

                version.Insert(session);
                session.Execute("DELETE FROM core_block_versions WHERE tenant_id = $1 AND block_id = $2 AND version <= $3", next.TenantId, next.Id, next.Version - CoreBlock.KeptVersions);
                return BlockOutcome.Done;
            },
            cancellationToken);
        if (outcome == BlockOutcome.Done)
        {
            database.Data.RequestScrub();
        }

        return outcome;
    }

    public async Task<bool> DeleteAsync(Guid tenantId, Guid blockId, int version, CancellationToken cancellationToken)
    {
        var deleted = await database.Data.WriteAsync(
            session => session.Execute("DELETE FROM core_blocks WHERE tenant_id = $1 AND id = $2 AND version = $3", tenantId, blockId, version) > 0, cancellationToken);
        if (deleted)
        {
            database.Data.RequestScrub();
        }

        return deleted;
    }

    public async Task<IReadOnlyList<BlockVersion>> ListVersionsAsync(CoreBlock block, CancellationToken cancellationToken)
    {
        var rows = await database.Data.ReadAsync(
            session => session.Query(
                "SELECT version, text, changed_by, at FROM core_block_versions WHERE tenant_id = $1 AND block_id = $2 ORDER BY version",
                row => (Version: row.Int32(0), Text: row.Bytes(1), ChangedBy: row.Id(2), At: row.Time(3)),
                block.TenantId,
                block.Id),
            cancellationToken);
        var key = await database.Keys.FindAsync(block.TenantId, block.Owner.Key, cancellationToken);
        return key is null
            ? []
            : [.. rows.Select(row => new BlockVersion(row.Version, key.OpenText(row.Text, SealedVersion.Place(block.Id, row.Version)), row.ChangedBy, row.At))];
    }

    private static RowIdentity Place(string column, Guid blockId) => new("core_blocks", column, blockId);

    private static Row Read(SqliteRow row) => new(
        new CoreBlock
        {
            Id = row.Id(0),
            TenantId = row.Id(1),
            Owner = new MemoryOwner((MemoryScope)row.Int32(2), row.Id(3), null),
            Label = "",
            Text = "",
            MaxCharacters = row.Int32(8),
            ReadOnly = row.Bool(9),
            Version = row.Int32(10),
            CreatedAt = row.Time(11),
            UpdatedAt = row.Time(12),
        },
        row.BytesOrNull(4),
        row.Bytes(5),
        row.BytesOrNull(6),
        row.Bytes(7));

    private Guid LabelKey(CoreBlock block) => names.Other("block label", $"{block.TenantId:N}{block.Owner.Key:N}{block.Label}");

    /// <summary>Opens a row; one whose key is gone is gone itself.</summary>
    private async ValueTask<CoreBlock?> OpenAsync(Row row, CancellationToken cancellationToken)
    {
        var block = row.Block;
        return await database.Keys.FindAsync(block.TenantId, block.Owner.Key, cancellationToken) is not { } key
            ? null
            : block with
            {
                Owner = block.Owner with { UserId = key.OpenTextOrNull(row.UserId, Place("user_id", block.Id)) },
                Label = key.OpenText(row.Label, Place("label", block.Id)),
                Description = key.OpenTextOrNull(row.Description, Place("description", block.Id)),
                Text = key.OpenText(row.Text, Place("text", block.Id)),
            };
    }

    /// <summary>A row with its sealed values.</summary>
    private sealed record Row(CoreBlock Block, byte[]? UserId, byte[] Label, byte[]? Description, byte[] Text);

    /// <summary>A row of <c>core_block_versions</c>, sealed before the transaction.</summary>
    private sealed class SealedVersion(CoreBlock block, Guid accountId, DataKey key)
    {
        private readonly byte[] _text = key.SealText(block.Text, Place(block.Id, block.Version));

        public static RowIdentity Place(Guid blockId, int version) => new("core_block_versions", "text", blockId, version);

        public void Insert(SqliteSession session)
            => session.Execute(
                "INSERT INTO core_block_versions (tenant_id, block_id, version, owner_key, changed_by, text, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                block.TenantId,
                block.Id,
                block.Version,
                block.Owner.Key,
                accountId,
                _text,
                block.UpdatedAt);
    }
}
