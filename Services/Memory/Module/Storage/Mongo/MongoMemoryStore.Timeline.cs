using MemoryMesh.Memory.Features;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using MongoDB.Bson;

namespace MemoryMesh.Memory.Storage.Mongo;

/// <content>What ends memories and lets them hold again.</content>
internal sealed partial class MongoMemoryStore
{
    public async Task<bool?> FindRepeatedAsync(IdempotentRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var claim = await own.PrepareAsync(subjects, request, cancellationToken);
        return (await MongoIdempotency.FindAsync(store, claim, now, cancellationToken))?.SameRequest;
    }

    public async Task<TurnResult> ChangeAsync(
        IReadOnlyList<MemoryTurn> turns, Actor actor, DateTimeOffset now, IdempotentRequest? request, CancellationToken cancellationToken)
    {
        var claim = request is null ? null : await own.PrepareAsync(subjects, request, cancellationToken);
        var (tenantId, ownerKey) = (turns[0].Current.TenantId, turns[0].Current.OwnerKey);
        var key = await own.Keys.GetOrCreateAsync(tenantId, ownerKey, cancellationToken);
        var prepared = PrepareTurns(turns, actor, now, key);
        try
        {
            var revision = await WriteAsync<long?>(
                async write =>
                {
                    key.ThrowIfDestroyed();
                    if (!await TryClaimAsync(write.Change, claim, ownerKey, now))
                    {
                        return null;
                    }

                    await WriteTurnsAsync(write, prepared);
                    await write.BumpRevisionAsync(tenantId, ownerKey);
                    return await write.RevisionAsync(tenantId, ownerKey);
                },
                cancellationToken);
            if (revision is null)
            {
                return TurnResult.Stale;
            }

            outlines.Note(tenantId, ownerKey, revision.Value - 1, revision.Value, turns.Select(turn => turn.Current.Id));
            return TurnResult.Done;
        }
        catch (StalePlanException)
        {
            return TurnResult.Stale;
        }
        catch (ConflictingTurnException)
        {
            return TurnResult.Conflict;
        }
    }

    public async Task<IReadOnlyList<MemoryRecord>> ListPredecessorsAsync(Guid tenantId, Guid ownerKey, Guid memoryId, CancellationToken cancellationToken)
        => await OpenAsync(
            await QueryAsync(OfOwner(tenantId, ownerKey).Add("superseded_by", memoryId.Bson()), MongoCollectionPlan.Keys("-superseded_at", "-_id"), null, cancellationToken),
            cancellationToken);

    public async Task<ILookup<Guid, Guid>> ListSupersededIdsAsync(Guid tenantId, IReadOnlyCollection<Guid> memoryIds, CancellationToken cancellationToken)
    {
        var filter = StateOf("$in", MemoryState.Superseded, MemoryState.Merged).AddRange(new BsonDocument { ["tenant_id"] = tenantId.Bson(), ["superseded_by"] = In(memoryIds) });
        return (await QueryAsync(filter, null, null, cancellationToken)).ToLookup(document => document.Id("superseded_by"), document => document.Id("_id"));
    }

    /// <summary>The <c>_id</c> of what an account said of a memory.</summary>
    internal static BsonDocument FeedbackId(Guid memoryId, Guid accountId, int kind)
        => new() { ["memory"] = memoryId.Bson(), ["account"] = accountId.Bson(), ["kind"] = kind };

    public Task<bool> AddFeedbackAsync(MemoryRecord memory, Guid accountId, FeedbackKind kind, DateTimeOffset now, CancellationToken cancellationToken)
        => WriteAsync(
            async write =>
            {
                var id = FeedbackId(memory.Id, accountId, (int)kind);
                if (await write.FindAsync(memory.TenantId, memory.Id) is null || await write.Change.FindAsync(MemoryCollections.Feedback, id) is not null)
                {
                    return false;
                }

                write.Change.Put(MemoryCollections.Feedback, new BsonDocument
                {
                    ["_id"] = id,
                    ["tenant_id"] = memory.TenantId.Bson(),
                    ["memory_id"] = memory.Id.Bson(),
                    ["account_id"] = accountId.Bson(),
                    ["kind"] = (int)kind,
                    ["at"] = now.Bson(),
                });
                return true;
            },
            cancellationToken);

    public async Task<int> ExpireAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        var documents = await QueryAsync(
            new BsonDocument { ["valid_to"] = BsonNull.Value, ["expires_at"] = new BsonDocument("$lte", now.Bson()) }, MongoCollectionPlan.Keys("expires_at"), limit, cancellationToken);
        var count = 0;
        foreach (var owned in (await OpenAsync(documents, cancellationToken)).GroupBy(memory => (memory.TenantId, memory.OwnerKey)))
        {
            var turns = owned.Select(memory => new MemoryTurn(memory, memory.Ended(MemoryState.Expired, memory.ExpiresAt!.Value, now), HistoryEvent.Expire)).ToList();
            if (await ChangeAsync(turns, new Actor(ActorKind.Processing), now, null, cancellationToken) == TurnResult.Done)
            {
                count += turns.Count;
            }
        }

        return count;
    }

    /// <summary>Seals what turns need, and orders them: what ends goes first, as no two that say the same may hold at one moment.</summary>
    internal static IReadOnlyList<PreparedTurn> PrepareTurns(IEnumerable<MemoryTurn> turns, Actor actor, DateTimeOffset now, DataKey key)
        => [.. turns.OrderBy(turn => turn.Next.Active).Select(turn => new PreparedTurn(turn, actor, now, key))];

    /// <summary>Writes turns.</summary>
    /// <exception cref="StalePlanException">A version is not the stored one any more.</exception>
    /// <exception cref="ConflictingTurnException">A memory that would hold again stands against another.</exception>
    internal static async Task WriteTurnsAsync(MongoMemoryWrite write, IReadOnlyList<PreparedTurn> turns)
    {
        await write.PrefetchAsync(turns.Select(turn => turn.Turn.Next.Id));
        foreach (var prepared in turns)
        {
            var (current, next, _) = prepared.Turn;
            if (next.Active && (!current.Active || next.TextKey != current.TextKey) && await ContradictsAsync(write, next))
            {
                throw new ConflictingTurnException();
            }

            await prepared.WriteAsync(write);
        }
    }

    /// <summary>Notes that a request was carried out, in its write. False when its key is taken.</summary>
    private static async Task<bool> TryClaimAsync(MongoChange change, IdempotencyClaim? claim, Guid ownerKey, DateTimeOffset now, bool add = true)
    {
        if (claim is null)
        {
            return true;
        }

        if (await MongoIdempotency.FindAsync(change, claim, now) is not null)
        {
            return false;
        }

        if (add)
        {
            MongoIdempotency.Add(change, claim, [], now, ownerKey);
        }

        return true;
    }

    /// <summary>
    /// Whether a memory that would hold again stands against another: one that says the same, another value of its attribute that holds, or a later one that was true
    /// for a time, which the reopened one would overlap. What is compared with the others first takes its place among earlier values then.
    /// </summary>
    private static async Task<bool> ContradictsAsync(MongoMemoryWrite write, MemoryRecord next)
    {
        if (await write.FindAsync(next.TenantId, next.Id) is not { } stored)
        {
            return false;
        }

        async Task<bool> AnyOtherAsync(BsonDocument filter, Func<BsonDocument, bool> stands)
            => (await write.Change.ListAsync(MemoryCollections.Memories, OfOwner(next.TenantId, stored.Id("owner_key")).AddRange(filter)))
                .Exists(other => other["_id"] != stored["_id"] && stands(other));

        if (next.TextKey is not null && await AnyOtherAsync(new BsonDocument("text_key", MongoMemory.Bytes(next.TextKey)), MongoMemory.IsActive))
        {
            return true;
        }

        return stored.Bool("single_valued") && !stored.HasNo("slot_key") && await AnyOtherAsync(
            new BsonDocument { ["slot_key"] = stored["slot_key"], ["single_valued"] = true },
            other => MongoMemory.IsActive(other) || (next.TextKey is not null
                && (MemoryState)other.Int32("state") is MemoryState.Superseded or MemoryState.Archived or MemoryState.Expired
                && other.Time("valid_from") > stored.Time("valid_from")
                && other.TimeOrNull("valid_to") > other.Time("valid_from")));
    }

    /// <summary>A turn with its texts sealed.</summary>
    internal sealed class PreparedTurn(MemoryTurn turn, Actor actor, DateTimeOffset now, DataKey key)
    {
        private readonly byte[] _text = key.SealText(turn.Next.Text, MemoryPlaces.Memory("text", turn.Next.Id));
        private readonly byte[]? _metadata = key.SealTextOrNull(turn.Next.MetadataJson, MemoryPlaces.Memory("metadata", turn.Next.Id));
        private readonly SealedHistory _history = new(
            turn.Next.Id,
            new HistoryEntry(
                turn.Next.Version, turn.Event, actor, turn.Current.Text, turn.Next.Active ? turn.Next.Text : null, now, turn.Next.ValidFrom, turn.Next.ValidTo ?? turn.Next.ExpiresAt),
            key);

        public MemoryTurn Turn => turn;

        public async Task WriteAsync(MongoMemoryWrite write)
        {
            var next = turn.Next;
            var turned = await write.UpdateAsync(next.TenantId, next.Id, document => document.Int32("version") == turn.Current.Version, Set);
            Expect(turned is not null);
            await write.AddAsync(_history, turned!);
            if (next.Active && next.TextKey is not null)
            {
                write.Announce(next.TenantId, next.OwnerKey, next.Id, next.Version, now);
            }
            else if (!next.Active)
            {
                write.Tell(next.TenantId, next.OwnerKey, next.Id, next.Version, "superseded", now);
            }
        }

        private void Set(BsonDocument document)
        {
            var next = turn.Next;
            var (from, confirmed) = (document.Time("valid_from"), document.TimeOrNull("confirmed_at"));
            SetWork(document, next.Status, next.NextAttemptAt);
            document["text"] = _text;
            document["category"] = next.Category;
            document["category_given"] = next.CategoryGiven;
            document["importance"] = next.Importance;
            document["importance_given"] = next.ImportanceGiven;
            document["confidence"] = next.Confidence;
            document["text_key"] = MongoMemory.Bytes(next.TextKey);
            document["valid_from"] = (next.ValidFrom < from ? next.ValidFrom : from).Bson();
            document["valid_to"] = next.ValidTo.Bson();
            document["expires_at"] = next.ExpiresAt.Bson();
            document["superseded_by"] = next.SupersededBy.Bson();
            document["superseded_at"] = next.SupersededAt.Bson();
            document["state"] = (int)next.State;
            document["inferred"] = next.Inferred;
            document["boost"] = next.Boost;
            document["kept_apart"] = next.KeptApart;
            document["hold_reason"] = next.HoldReason.Bson();
            document["derived"] = next.Derived;
            document["version"] = next.Version;
            document["updated_at"] = now.Bson();
            document["evidence"] = next.Evidence;
            document["metadata"] = document.HasNo("metadata") ? _metadata.Bson() : document["metadata"];
            document["confirmed_at"] = next.ConfirmedAt >= (confirmed ?? from) ? next.ConfirmedAt.Bson() : document["confirmed_at"];
        }
    }
}
