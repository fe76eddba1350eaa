using MemoryMesh.Memory.Consolidation;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.Memory.Storage.Mongo;

/// <summary>Keeps consolidations in MongoDB.</summary>
internal sealed class MongoConsolidationStore(
    [FromKeyedServices(MemoryModule.Name)] MongoStore store, [FromKeyedServices(MemoryModule.Name)] ModuleStore own, KeyedNames names, TimeProvider clock) : IConsolidationStore
{
    private const int PurgedAtATime = 50;

    private static readonly (string Name, ConsolidationChangeKind Kind)[] Figures =
    [
        ("merged", ConsolidationChangeKind.Merged),
        ("superseded", ConsolidationChangeKind.Superseded),
        ("expired", ConsolidationChangeKind.Expired),
        ("promoted", ConsolidationChangeKind.Promoted),
        ("approved", ConsolidationChangeKind.Approved),
    ];

    public async Task<ConsolidationRequested> RequestAsync(ConsolidationRun run, IdempotentRequest? request, CancellationToken cancellationToken)
    {
        var claim = request is null ? null : await own.PrepareAsync(names, request, cancellationToken);
        return await store.WriteAsync(
            async change =>
            {
                if (claim is not null && await MongoIdempotency.FindAsync(change, claim, run.RequestedAt) is { } before)
                {
                    var made = before.SameRequest ? await FindAsync(change, new Guid(before.Answer, bigEndian: true)) : null;
                    return before.SameRequest
                        ? new ConsolidationRequested(made?.Id("tenant_id") == run.TenantId ? Open(made) : null, Replayed: true)
                        : new ConsolidationRequested(null, KeyReused: true);
                }

                if ((await ListOpenAsync(change, run.TenantId)).Count > 0)
                {
                    return new ConsolidationRequested(null);
                }

                change.Put(MemoryCollections.Consolidations, Of(run));
                if (claim is not null)
                {
                    MongoIdempotency.Add(change, claim, run.Id.ToByteArray(bigEndian: true), run.RequestedAt);
                }

                return new ConsolidationRequested(run);
            },
            cancellationToken);
    }

    public async Task<int> ScheduleAsync(DateTimeOffset since, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var tenants = await store.ReadAsync(async reader => await (await reader.Collection(MemoryCollections.Owners)
            .DistinctAsync<BsonValue>("tenant_id", new BsonDocument("changed", true), cancellationToken: cancellationToken)).ToListAsync(cancellationToken));
        var count = 0;
        foreach (var tenantId in tenants.Select(tenant => tenant.AsBsonBinaryData.ToGuid(GuidRepresentation.Standard)))
        {
            count += await store.WriteAsync(
                async change =>
                {
                    var inTheWay = await change.ListAsync(MemoryCollections.Consolidations, new BsonDocument
                    {
                        ["tenant_id"] = tenantId.Bson(),
                        ["$or"] = new BsonArray
                        {
                            new BsonDocument("finished_at", BsonNull.Value),
                            new BsonDocument { ["requested_by"] = BsonNull.Value, ["requested_at"] = new BsonDocument("$gte", since.Bson()) },
                        },
                    });
                    if (inTheWay.Count > 0)
                    {
                        return 0;
                    }

                    change.Put(
                        MemoryCollections.Consolidations, Of(new ConsolidationRun { Id = Guid.CreateVersion7(now), TenantId = tenantId, DryRun = false, RequestedAt = now }));
                    return 1;
                },
                cancellationToken);
        }

        return count;
    }

    public Task<ConsolidationRun?> TryLeaseAsync(Guid leaseId, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken)
        => store.WriteAsync(
            async change =>
            {
                var free = new BsonDocument
                {
                    ["finished_at"] = BsonNull.Value,
                    ["$or"] = new BsonArray { new BsonDocument("lease_until", BsonNull.Value), new BsonDocument("lease_until", new BsonDocument("$lte", now.Bson())) },
                };
                if ((await change.QueryAsync(MemoryCollections.Consolidations, free, MongoCollectionPlan.Keys("_id"), 1)).SingleOrDefault() is not { } run)
                {
                    return null;
                }

                run["state"] = (int)ConsolidationState.Running;
                run["started_at"] = run.HasNo("started_at") ? now.Bson() : run["started_at"];
                run["lease_id"] = leaseId.Bson();
                run["lease_until"] = until.Bson();
                change.Put(MemoryCollections.Consolidations, run);
                return Open(run);
            },
            cancellationToken);

    public Task ReleaseAsync(Guid runId, Guid leaseId, CancellationToken cancellationToken) => LeaveAsync(runId, leaseId, _ => { }, cancellationToken);

    public Task FinishAsync(Guid runId, Guid leaseId, DateTimeOffset now, CancellationToken cancellationToken)
        => LeaveAsync(
            runId,
            leaseId,
            run =>
            {
                run["state"] = (int)ConsolidationState.Completed;
                run["finished_at"] = now.Bson();
            },
            cancellationToken);

    public async Task<IReadOnlyList<Guid>> ListOwnersAsync(Guid tenantId, bool changedOnly, Guid? after, int limit, CancellationToken cancellationToken)
    {
        // The smallest key stands for every owner together.
        var filter = new BsonDocument { ["tenant_id"] = tenantId.Bson(), ["owner_key"] = new BsonDocument("$gt", (after ?? Guid.Empty).Bson()) };
        if (changedOnly)
        {
            filter["changed"] = true;
        }

        return (await store.ReadAsync(reader => reader.Collection(MemoryCollections.Owners)
            .Find(filter).Sort(MongoCollectionPlan.Keys("owner_key")).Limit(limit).ToListAsync(cancellationToken))).ConvertAll(owner => owner.Id("owner_key"));
    }

    public async Task<ConsolidatedOwner> ReadOwnerAsync(Guid tenantId, Guid ownerKey, int limit, CancellationToken cancellationToken)
    {
        // Read first: a commit carries the revision out last, so that what is read after it is no older than it, and where it is newer the number has changed.
        var owners = new BsonArray { MongoValues.Pair(tenantId, ownerKey), MongoValues.Pair(tenantId, MongoMemoryWrite.EveryOwner) };
        var revision = (await store.ReadAsync(reader => reader.Collection(MemoryCollections.Owners)
            .Find(new BsonDocument("_id", new BsonDocument("$in", owners))).ToListAsync(cancellationToken))).Sum(owner => owner.Int64("revision"));
        if (await own.Keys.FindAsync(tenantId, ownerKey, cancellationToken) is not { } key)
        {
            return new ConsolidatedOwner(revision, []);
        }

        var filter = new BsonDocument
        {
            ["tenant_id"] = tenantId.Bson(),
            ["owner_key"] = ownerKey.Bson(),
            ["$or"] = new BsonArray
            {
                new BsonDocument { ["valid_to"] = BsonNull.Value, ["text_key"] = new BsonDocument("$ne", BsonNull.Value) },
                new BsonDocument { ["state"] = (int)MemoryState.Review, ["hold_reason"] = HoldReasons.Inferred },
            },
        };
        var documents = await store.ReadAsync(reader => reader.Collection(MemoryCollections.Memories)
            .Find(filter).Sort(MongoCollectionPlan.Keys("-updated_at")).Limit(limit).ToListAsync(cancellationToken));
        return new ConsolidatedOwner(revision, documents.ConvertAll(document => MongoMemory.Open(document, key)));
    }

    public async Task<ConsolidationStepResult> ApplyAsync(ConsolidationStep step, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (run, plan) = (step.Run, step.Plan);
        IReadOnlyList<MongoMemoryStore.PreparedTurn> turns = [];
        DataKey? key = null;
        if (!run.DryRun && plan.Turns.Count > 0)
        {
            key = await own.Keys.GetOrCreateAsync(run.TenantId, step.OwnerKey, cancellationToken);
            turns = MongoMemoryStore.PrepareTurns(plan.Turns, new Actor(ActorKind.Consolidation), now, key);
        }

        var ids = OrderedIds.Create(now, plan.Changes.Count);
        try
        {
            return await store.WriteAsync(
                async change =>
                {
                    key?.ThrowIfDestroyed();
                    var write = new MongoMemoryWrite(change, clock.GetUtcNow());
                    if (step.Revision is { } revision && await write.RevisionAsync(run.TenantId, step.OwnerKey) != revision)
                    {
                        return ConsolidationStepResult.Stale;
                    }

                    if (!await AdvanceAsync(change, step))
                    {
                        return ConsolidationStepResult.LeaseLost;
                    }

                    await MongoMemoryStore.WriteTurnsAsync(write, turns);
                    for (var i = 0; i < ids.Length; i++)
                    {
                        Report(change, step, ids[i], plan.Changes[i]);
                    }

                    if (!run.DryRun && step.Revision is not null)
                    {
                        if (turns.Count > 0)
                        {
                            await write.BumpRevisionAsync(run.TenantId, step.OwnerKey);
                        }

                        await write.NoteConsolidatedAsync(run.TenantId, step.OwnerKey);
                    }

                    return ConsolidationStepResult.Done;
                },
                cancellationToken);
        }
        catch (Exception exception) when (exception is StalePlanException or ConflictingTurnException)
        {
            return ConsolidationStepResult.Stale;
        }
    }

    public Task<ConsolidationRun?> FindAsync(Guid tenantId, Guid runId, CancellationToken cancellationToken)
        => store.ReadAsync(async reader => await reader.Collection(MemoryCollections.Consolidations)
            .Find(new BsonDocument { ["_id"] = runId.Bson(), ["tenant_id"] = tenantId.Bson() }).FirstOrDefaultAsync(cancellationToken) is { } run ? Open(run) : null);

    public async Task<IReadOnlyList<ConsolidationRun>> ListAsync(Guid tenantId, Guid? before, int limit, CancellationToken cancellationToken)
    {
        var filter = new BsonDocument("tenant_id", tenantId.Bson());
        if (before is { } last)
        {
            filter["_id"] = new BsonDocument("$lt", last.Bson());
        }

        return (await store.ReadAsync(reader => reader.Collection(MemoryCollections.Consolidations)
            .Find(filter).Sort(MongoCollectionPlan.Keys("-_id")).Limit(limit).ToListAsync(cancellationToken))).ConvertAll(Open);
    }

    public async Task<IReadOnlyList<ReportedChange>> ListChangesAsync(Guid tenantId, Guid runId, Guid? after, int limit, CancellationToken cancellationToken)
    {
        var filter = new BsonDocument { ["tenant_id"] = tenantId.Bson(), ["run_id"] = runId.Bson() };
        if (after is { } last)
        {
            filter["_id"] = new BsonDocument("$gt", last.Bson());
        }

        return (await store.ReadAsync(reader => reader.Collection(MemoryCollections.ConsolidationChanges)
            .Find(filter).Sort(MongoCollectionPlan.Keys("_id")).Limit(limit).ToListAsync(cancellationToken))).ConvertAll(row => new ReportedChange(
                row.Id("_id"), (ConsolidationChangeKind)row.Int32("change"), (MemoryScope)row.Int32("scope"), row.Id("memory_id"), row.IdOrNull("into_id")));
    }

    public async Task PurgeAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        int deleted;
        do
        {
            deleted = await store.WriteAsync(
                async change =>
                {
                    var runs = await change.QueryAsync(
                        MemoryCollections.Consolidations, new BsonDocument("finished_at", new BsonDocument("$lt", before.Bson())), limit: PurgedAtATime);
                    if (runs.Count > 0)
                    {
                        change.Sweep(MemoryCollections.ConsolidationChanges, new BsonDocument
                        {
                            ["tenant_id"] = new BsonDocument("$in", new BsonArray(runs.Select(run => run["tenant_id"]).Distinct())),
                            ["run_id"] = new BsonDocument("$in", new BsonArray(runs.Select(run => run["_id"]))),
                        });
                    }

                    runs.ForEach(run => change.Delete(MemoryCollections.Consolidations, run["_id"]));
                    return runs.Count;
                },
                cancellationToken);
        }
        while (deleted == PurgedAtATime);
    }

    private static Task<BsonDocument?> FindAsync(MongoChange change, Guid runId) => change.FindAsync(MemoryCollections.Consolidations, runId.Bson());

    /// <summary>The tenant's run that has not ended.</summary>
    private static Task<List<BsonDocument>> ListOpenAsync(MongoChange change, Guid tenantId)
        => change.ListAsync(MemoryCollections.Consolidations, new BsonDocument { ["tenant_id"] = tenantId.Bson(), ["finished_at"] = BsonNull.Value });

    private static bool IsHeld(BsonDocument? run, Guid leaseId) => run?.IdOrNull("lease_id") == leaseId;

    private static async Task<bool> AdvanceAsync(MongoChange change, ConsolidationStep step)
    {
        if (await FindAsync(change, step.Run.Id) is not { } run || !IsHeld(run, step.LeaseId) || !run.HasNo("finished_at"))
        {
            return false;
        }

        run["cursor"] = step.OwnerKey.Bson();
        run["lease_until"] = step.LeaseUntil.Bson();
        run.Increase("owners", 1);
        run.Increase("failed", step.Revision is null ? 1 : 0);
        foreach (var (name, kind) in Figures)
        {
            run.Increase(name, step.Plan.Changes.Count(item => item.Kind == kind));
        }

        change.Put(MemoryCollections.Consolidations, run);
        return true;
    }

    private static void Report(MongoChange change, ConsolidationStep step, Guid id, ConsolidationChange item)
        => change.Put(MemoryCollections.ConsolidationChanges, new BsonDocument
        {
            ["_id"] = id.Bson(),
            ["run_id"] = step.Run.Id.Bson(),
            ["tenant_id"] = step.Run.TenantId.Bson(),
            ["owner_key"] = step.OwnerKey.Bson(),
            ["scope"] = (int)item.Memory.Scope,
            ["change"] = (int)item.Kind,
            ["memory_id"] = item.Memory.Id.Bson(),
            ["into_id"] = (item.Into?.Id).Bson(),
        });

    private static BsonDocument Of(ConsolidationRun run)
    {
        var document = new BsonDocument
        {
            ["_id"] = run.Id.Bson(),
            ["tenant_id"] = run.TenantId.Bson(),
            ["requested_by"] = run.RequestedBy.Bson(),
            ["dry_run"] = run.DryRun,
            ["state"] = (int)run.State,
            ["requested_at"] = run.RequestedAt.Bson(),
            ["started_at"] = BsonNull.Value,
            ["finished_at"] = BsonNull.Value,
            ["cursor"] = BsonNull.Value,
            ["lease_id"] = BsonNull.Value,
            ["lease_until"] = BsonNull.Value,
            ["owners"] = 0,
            ["failed"] = 0,
        };
        return document.AddRange(Figures.Select(figure => new BsonElement(figure.Name, 0)));
    }

    private static ConsolidationRun Open(BsonDocument run) => new()
    {
        Id = run.Id("_id"),
        TenantId = run.Id("tenant_id"),
        RequestedBy = run.IdOrNull("requested_by"),
        DryRun = run.Bool("dry_run"),
        State = (ConsolidationState)run.Int32("state"),
        RequestedAt = run.Time("requested_at"),
        StartedAt = run.TimeOrNull("started_at"),
        FinishedAt = run.TimeOrNull("finished_at"),
        Cursor = run.IdOrNull("cursor"),
        Figures = new ConsolidationFigures(
            run.Int32("owners"), run.Int32("failed"), run.Int32("merged"), run.Int32("superseded"), run.Int32("expired"), run.Int32("promoted"), run.Int32("approved")),
    };

    /// <summary>Gives a run back, if the lease is still held.</summary>
    private Task<bool> LeaveAsync(Guid runId, Guid leaseId, Action<BsonDocument> set, CancellationToken cancellationToken)
        => store.WriteAsync(
            async change =>
            {
                var run = await FindAsync(change, runId);
                if (!IsHeld(run, leaseId))
                {
                    return false;
                }

                run!["lease_id"] = BsonNull.Value;
                run["lease_until"] = BsonNull.Value;
                set(run);
                change.Put(MemoryCollections.Consolidations, run);
                return true;
            },
            cancellationToken);
}
