using MemoryMesh.Memory.Processing;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using MongoDB.Bson;

namespace MemoryMesh.Memory.Storage.Mongo;

/// <content>What carries out the steps of a decision.</content>
internal sealed partial class MongoMemoryStore
{
    public async Task<bool> ApplyAsync(OwnerPlan plan, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var key = await own.Keys.GetOrCreateAsync(plan.TenantId, plan.Owner.Key, cancellationToken);
        var steps = plan.Steps.Select(step => Prepare(plan, step, now, key)).ToList();
        try
        {
            var revision = await WriteAsync<long?>(
                async write =>
                {
                    key.ThrowIfDestroyed();
                    if (await write.RevisionAsync(plan.TenantId, plan.Owner.Key) != plan.Revision)
                    {
                        return null;
                    }

                    // An opted-out subject's plan may only take away: the caller made it before the subject decided.
                    if ((plan.Messages.Count > 0 || plan.Steps.Any(step => step is MemoryStep.Insert))
                        && plan.Owner.Scope == MemoryScope.User && await write.IsOptedOutAsync(plan.TenantId, plan.Owner.Key))
                    {
                        return null;
                    }

                    foreach (var message in plan.Messages)
                    {
                        Expect(await TryClaimAsync(write.Change, plan.TenantId, message, now));
                    }

                    await write.PrefetchAsync(plan.Steps.Select(step => step.MemoryId));
                    foreach (var step in steps)
                    {
                        await step(write);
                    }

                    MongoExtractionLedger.Add(write.Change, plan.Ledger, plan.Consents);
                    await write.BumpRevisionAsync(plan.TenantId, plan.Owner.Key);
                    return await write.RevisionAsync(plan.TenantId, plan.Owner.Key);
                },
                cancellationToken);
            if (revision is null)
            {
                return false;
            }

            outlines.Note(plan.TenantId, plan.Owner.Key, plan.Revision, revision.Value, plan.Steps.Select(step => step.MemoryId));
            return true;
        }
        catch (StalePlanException)
        {
            return false;
        }
    }

    private static void Expect(bool changed)
    {
        if (!changed)
        {
            throw new StalePlanException();
        }
    }

    /// <summary>Seals what a step needs, and answers with what it does in the write.</summary>
    private Func<MongoMemoryWrite, Task> Prepare(OwnerPlan plan, MemoryStep step, DateTimeOffset now, DataKey key)
    {
        var tenantId = plan.TenantId;
        switch (step)
        {
            case MemoryStep.Insert insert:
                return PrepareInsert(plan, insert, now, key);
            case MemoryStep.Settle { Fact: var fact }:
                return PrepareSettle(plan, fact, now, key);
            case MemoryStep.Close close:
                return PrepareClose(plan, close, now, key);
            case MemoryStep.Link link:
                var source = new SealedSource(link.Source, key);
                return async write =>
                {
                    Expect(await write.UpdateAsync(tenantId, link.MemoryId, _ => true, document =>
                    {
                        document["confidence"] = link.Confidence ?? document["confidence"];
                        if (link.At > (document.TimeOrNull("confirmed_at") ?? document.Time("valid_from")))
                        {
                            document["confirmed_at"] = link.At.Bson();
                        }
                    }) is not null);
                    await write.AddSourceAsync(tenantId, link.MemoryId, source, isEvidence: true);
                };
            case MemoryStep.Absorb absorb:
                return PrepareAbsorb(plan, absorb, now, key);
            case MemoryStep.Extend extend:
                return write => write.UpdateAsync(tenantId, extend.MemoryId, document => document.Time("valid_from") > extend.ValidFrom, document =>
                {
                    document["confirmed_at"] = document.HasNo("confirmed_at") ? document["valid_from"] : document["confirmed_at"];
                    document["valid_from"] = extend.ValidFrom.Bson();
                });
            case MemoryStep.Cut cut:
                return write => write.UpdateAsync(tenantId, cut.MemoryId, document => document.TimeOrNull("valid_to") > cut.ValidTo, document =>
                {
                    document["valid_to"] = cut.ValidTo.Bson();
                    document["superseded_by"] = cut.SupersededBy.Bson();
                    document["state"] = (int)MemoryState.Superseded;
                });
            case MemoryStep.Remove remove:
                return write => DeleteAsync(write, tenantId, remove.MemoryId, now, remember: remove.Remember);
            case MemoryStep.Revive revive:
                return PrepareRevive(plan, revive, now, key);
            case MemoryStep.Repoint repoint:
                return async write =>
                {
                    var by = await write.FindAsync(tenantId, repoint.SupersededBy);
                    await write.UpdateAsync(tenantId, repoint.MemoryId, _ => true, document =>
                    {
                        var end = by?.TimeOrNull("valid_from") ?? document.TimeOrNull("valid_to");
                        document["superseded_by"] = repoint.SupersededBy.Bson();
                        document["valid_to"] = end is null ? BsonNull.Value : (end > document.Time("valid_from") ? end.Value : document.Time("valid_from")).Bson();
                    });
                };
            case MemoryStep.Unlink unlink:
                return async write => await write.RemoveSourcesAsync(tenantId, await write.ListSourcesOfAsync(tenantId, unlink.MemoryId), wereEvidence: true);
            default:
                throw new ArgumentOutOfRangeException(nameof(step), step, "A step that the store does not know.");
        }
    }

    private Func<MongoMemoryWrite, Task> PrepareInsert(OwnerPlan plan, MemoryStep.Insert insert, DateTimeOffset now, DataKey key)
    {
        var fact = insert.Fact;
        var memory = PlannedMemory.Of(plan, insert, now);
        var values = new SealedMemory(memory, key);
        var history = new SealedHistory(fact.Id, PlannedMemory.FirstEntry(memory, new Actor(ActorKind.Extraction)), key);
        var source = fact.Source is null ? null : new SealedSource(fact.Source, key);
        return async write =>
        {
            await write.AddAsync(memory, values, names, history);
            if (source is not null)
            {
                await write.AddSourceAsync(plan.TenantId, fact.Id, source);
            }

            if (memory.Active)
            {
                await LiftBarAsync(write.Change, plan.TenantId, plan.Owner.Key, fact.TextKey);
                write.Announce(plan.TenantId, plan.Owner.Key, fact.Id, 1, now);
            }
        };
    }

    private Func<MongoMemoryWrite, Task> PrepareSettle(OwnerPlan plan, Proposal fact, DateTimeOffset now, DataKey key)
    {
        var (tenantId, ownerKey) = (plan.TenantId, plan.Owner.Key);
        var slot = key.SealTextOrNull(fact.Slot, MemoryPlaces.Memory("slot", fact.Id));
        return async write =>
        {
            Expect(await write.UpdateAsync(
                tenantId,
                fact.Id,
                document => document.Int32("version") == fact.StoredVersion && MongoMemory.IsActive(document)
                    && (MemoryStatus)document.Int32("status") is not (MemoryStatus.Processing or MemoryStatus.Completed),
                document =>
                {
                    document["category"] = fact.Category;
                    document["importance"] = fact.Importance;
                    document["slot"] = slot.Bson();
                    document["slot_key"] = names.SlotKey(tenantId, ownerKey, fact.Narrowing, fact.Slot).Bson();
                    document["single_valued"] = fact.SingleValued;
                    document["text_key"] = MongoMemory.Bytes(fact.TextKey);
                    document["instructions"] = BsonNull.Value;
                    var indexed = document.Int32("indexed_version") >= document.Int32("version");
                    SetWork(document, indexed ? MemoryStatus.Completed : MemoryStatus.Processing, indexed ? null : plan.IndexDeadline);
                }) is not null);
            await LiftBarAsync(write.Change, tenantId, ownerKey, fact.TextKey);
            write.Announce(tenantId, ownerKey, fact.Id, fact.StoredVersion, now);
        };
    }

    private static Func<MongoMemoryWrite, Task> PrepareClose(OwnerPlan plan, MemoryStep.Close close, DateTimeOffset now, DataKey key)
    {
        var actor = new Actor(plan.Messages.Count == 0 ? ActorKind.Processing : ActorKind.Extraction);
        var (change, state) = close.Merged ? (HistoryEvent.Merge, MemoryState.Merged) : (HistoryEvent.Supersede, MemoryState.Superseded);
        var closing = new SealedHistory(close.MemoryId, new HistoryEntry(close.Version + 1, change, actor, close.Text, close.NewText, now, null, close.ValidTo), key);
        return async write => Expect(await CloseAsync(write, plan.TenantId, closing, close.ValidTo, close.SupersededBy, state, now));
    }

    private static Func<MongoMemoryWrite, Task> PrepareRevive(OwnerPlan plan, MemoryStep.Revive revive, DateTimeOffset now, DataKey key)
    {
        var reviving = new SealedHistory(
            revive.MemoryId, new HistoryEntry(revive.Version + 1, HistoryEvent.Restore, new Actor(ActorKind.Extraction), revive.Text, revive.Text, now), key);
        return async write =>
        {
            var revived = await write.UpdateAsync(plan.TenantId, revive.MemoryId, document => document.Int32("version") == revive.Version, document =>
            {
                document["valid_to"] = BsonNull.Value;
                document["superseded_by"] = BsonNull.Value;
                document["superseded_at"] = BsonNull.Value;
                document["state"] = (int)MemoryState.Current;
                document["version"] = revive.Version + 1;
                document["updated_at"] = now.Bson();
                SetWork(document, MemoryStatus.Processing, plan.IndexDeadline);
            });
            Expect(revived is not null);
            await write.AddAsync(reviving, revived!);
            write.Announce(plan.TenantId, plan.Owner.Key, revive.MemoryId, revive.Version + 1, now);
        };
    }

    private static Func<MongoMemoryWrite, Task> PrepareAbsorb(OwnerPlan plan, MemoryStep.Absorb absorb, DateTimeOffset now, DataKey key)
    {
        if (absorb is { Category: null, Importance: null, MetadataJson: null })
        {
            return write => write.UpdateAsync(plan.TenantId, absorb.MemoryId, _ => true, document =>
            {
                document["evidence"] = document.Int32("evidence") + 1;
                document["confidence"] = absorb.Confidence;
            });
        }

        var metadata = key.SealTextOrNull(absorb.MetadataJson, MemoryPlaces.Memory("metadata", absorb.MemoryId));
        var history = new SealedHistory(
            absorb.MemoryId, new HistoryEntry(absorb.Version + 1, HistoryEvent.Update, new Actor(ActorKind.Processing), absorb.Text, absorb.Text, now), key);
        return async write =>
        {
            var absorbed = await write.UpdateAsync(plan.TenantId, absorb.MemoryId, document => document.Int32("version") == absorb.Version, document =>
            {
                document["evidence"] = document.Int32("evidence") + 1;
                document["confidence"] = absorb.Confidence;
                document["category"] = absorb.Category ?? document.Text("category");
                document["category_given"] = document.Bool("category_given") || absorb.Category is not null;
                document["importance"] = absorb.Importance ?? document.Double("importance")!.Value;
                document["importance_given"] = document.Bool("importance_given") || absorb.Importance is not null;
                document["metadata"] = metadata is null ? document["metadata"] : metadata;
                document["status"] = (int)MemoryStatus.Processing;
                document["next_attempt_at"] = plan.IndexDeadline.Bson();
                document["version"] = absorb.Version + 1;
                document["updated_at"] = now.Bson();
            });
            Expect(absorbed is not null);
            await write.AddAsync(history, absorbed!);
            write.Announce(plan.TenantId, plan.Owner.Key, absorb.MemoryId, absorb.Version + 1, now);
        };
    }

    /// <summary>Said anew, a text that was deleted holds again: what bars it is lifted.</summary>
    private static async Task LiftBarAsync(MongoChange change, Guid tenantId, Guid ownerKey, string textKey)
    {
        foreach (var tombstone in await change.ListAsync(MemoryCollections.Tombstones, OfOwner(tenantId, ownerKey).Add("text_key", MongoMemory.Bytes(textKey))))
        {
            tombstone["text_key"] = BsonNull.Value;
            change.Put(MemoryCollections.Tombstones, tombstone);
        }
    }

    /// <summary>Ends the time a memory holds; an end that was said stays where it is earlier.</summary>
    /// <returns>False when it is not active in the version before the one of the history.</returns>
    private static async Task<bool> CloseAsync(
        MongoMemoryWrite write, Guid tenantId, SealedHistory history, DateTimeOffset validTo, Guid? supersededBy, MemoryState state, DateTimeOffset now)
    {
        var version = history.Entry.Version;
        var closed = await write.UpdateAsync(
            tenantId,
            history.MemoryId,
            document => document.Int32("version") == version - 1 && MongoMemory.IsActive(document),
            document =>
            {
                var end = document.TimeOrNull("expires_at") is { } said && said < validTo ? said : validTo;
                document["valid_to"] = (end > document.Time("valid_from") ? end : document.Time("valid_from")).Bson();
                document["superseded_by"] = supersededBy.Bson();
                document["superseded_at"] = now.Bson();
                document["state"] = (int)state;
                document["version"] = version;
                document["updated_at"] = now.Bson();
                SetWork(document, MemoryStatus.Completed, null);
            });
        if (closed is null)
        {
            return false;
        }

        await write.AddAsync(history, closed);
        write.Tell(tenantId, closed.Id("owner_key"), history.MemoryId, version, "superseded", now);
        return true;
    }
}
