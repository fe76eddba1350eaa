using MemoryMesh.Memory.Processing;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.Memory.Storage.Mongo;

/// <content>What background work and extraction use.</content>
internal sealed partial class MongoMemoryStore
{
    public async Task<DueMemories> ListDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        var documents = await QueryAsync(
            new BsonDocument("next_attempt_at", new BsonDocument("$lte", now.Bson())), MongoCollectionPlan.Keys("next_attempt_at"), limit, cancellationToken);
        var memories = await OpenAsync(documents, cancellationToken);
        var opened = memories.Select(memory => memory.Id).ToHashSet();
        return new DueMemories(
            memories,
            [.. documents.Where(document => !opened.Contains(document.Id("_id"))).Select(document => new Reschedule
            {
                TenantId = document.Id("tenant_id"),
                MemoryId = document.Id("_id"),
                Version = document.Int32("version"),
                Status = MemoryStatus.Failed,
                Attempts = document.Int32("attempts"),
                Error = MemoryErrors.Unreadable,
            })]);
    }

    public async Task<DateTimeOffset?> FindNextDueAsync(CancellationToken cancellationToken)
    {
        // Whatever comes after the least number is a number.
        var set = new BsonDocument("$gt", long.MinValue);
        var due = await QueryAsync(new BsonDocument("next_attempt_at", set), MongoCollectionPlan.Keys("next_attempt_at"), 1, cancellationToken);
        var ending = await QueryAsync(new BsonDocument { ["valid_to"] = BsonNull.Value, ["expires_at"] = set }, MongoCollectionPlan.Keys("expires_at"), 1, cancellationToken);
        return due.Select(document => document.TimeOrNull("next_attempt_at")).Concat(ending.Select(document => document.TimeOrNull("expires_at"))).Min();
    }

    public Task RescheduleAsync(IReadOnlyList<Reschedule> attempts, DateTimeOffset now, CancellationToken cancellationToken)
        => WriteAsync(
            async write =>
            {
                await write.PrefetchAsync(attempts.Select(attempt => attempt.MemoryId));
                foreach (var attempt in attempts)
                {
                    var changed = await write.UpdateAsync(
                        attempt.TenantId,
                        attempt.MemoryId,
                        document => document.Int32("version") == attempt.Version && document.Int32("status") != (int)MemoryStatus.Completed,
                        document =>
                        {
                            document["status"] = (int)attempt.Status;
                            document["attempts"] = attempt.Attempts;
                            document["error"] = attempt.Error.Bson();
                            document["next_attempt_at"] = attempt.NextAttemptAt.Bson();
                        });
                    if (changed is not null && attempt.Announce)
                    {
                        write.Announce(attempt.TenantId, attempt.OwnerKey, attempt.MemoryId, attempt.Version, now);
                    }
                }

                return true;
            },
            cancellationToken);

    public Task CompleteAsync(IReadOnlyCollection<(Guid TenantId, Guid MemoryId, int Version)> indexed, CancellationToken cancellationToken)
        => WriteAsync(
            async write =>
            {
                await write.PrefetchAsync(indexed.Select(item => item.MemoryId));
                foreach (var (tenantId, memoryId, version) in indexed)
                {
                    bool IsDone(BsonDocument document) => document.Int32("version") == version && !document.HasNo("text_key")
                        && (MemoryStatus)document.Int32("status") is MemoryStatus.Processing or MemoryStatus.Failed;
                    await write.UpdateAsync(
                        tenantId,
                        memoryId,
                        document => document.Int32("indexed_version") < version || IsDone(document),
                        document =>
                        {
                            document["indexed_version"] = Math.Max(version, document.Int32("indexed_version"));
                            if (IsDone(document))
                            {
                                SetWork(document, MemoryStatus.Completed, null);
                            }
                        });
                }

                return true;
            },
            cancellationToken);

    public async Task<IReadOnlyList<(string Text, string Quote)>> ListQuotesAsync(Guid tenantId, Guid ownerKey, int limit, CancellationToken cancellationToken)
    {
        if (await own.Keys.FindAsync(tenantId, ownerKey, cancellationToken) is not { } key)
        {
            return [];
        }

        var quotes = new List<(BsonDocument Memory, BsonDocument Source)>();
        var filter = OfOwner(tenantId, ownerKey);
        List<BsonDocument> sources;
        do
        {
            // Most of an owner's memories hold, so that one turn mostly finds as many as are asked for.
            sources = await QuerySourcesAsync(filter, MongoCollectionPlan.Keys("-id"), limit, cancellationToken);
            var memories = await FindByIdAsync(tenantId, sources.Select(source => source.Id("memory_id")), cancellationToken);
            quotes.AddRange(sources
                .Where(source => memories.TryGetValue(source.Id("memory_id"), out var memory) && MongoMemory.IsActive(memory))
                .Select(source => (memories[source.Id("memory_id")], source)));
            filter["id"] = sources.Count == 0 ? BsonNull.Value : new BsonDocument("$lt", sources[^1]["id"]);
        }
        while (sources.Count == limit && quotes.Count < limit);
        return
        [
            .. quotes.Take(limit).DistinctBy(quote => quote.Memory["_id"]).Select(quote => (MongoMemory.OpenText(quote.Memory, key), MongoMemory.OpenQuote(quote.Source, key))),
        ];
    }

    public async Task<IReadOnlyDictionary<Guid, int>> FindExtractedAsync(Guid tenantId, IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
        => (await store.ReadAsync(reader => reader.Collection(MemoryCollections.Extracted)
                .Find(new BsonDocument("_id", new BsonDocument("$in", new BsonArray(messageIds.Select(id => MongoValues.Pair(tenantId, id)))))).ToListAsync(cancellationToken)))
            .Where(row => row.Int32("version") > 0)
            .ToDictionary(row => row.Id("message_id"), row => row.Int32("version"));

    public Task ForgetMessagesAsync(
        Guid tenantId, IReadOnlyCollection<(Guid SubjectKey, Guid MessageId)> messages, DateTimeOffset now, CancellationToken cancellationToken)
        => WriteAsync(
            async write =>
            {
                foreach (var (subjectKey, messageId) in messages)
                {
                    NoteExtracted(write.Change, tenantId, messageId, int.MaxValue, deleted: true, now);

                    // A decision about the message that is under way was made before.
                    await write.BumpRevisionAsync(tenantId, subjectKey);
                }

                return true;
            },
            cancellationToken);

    public async Task<ILookup<MemoryOwner, Guid>> ListOwnersAsync(Guid tenantId, IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
    {
        var sources = await QuerySourcesAsync(new BsonDocument { ["tenant_id"] = tenantId.Bson(), ["message_id"] = In(messageIds) }, null, null, cancellationToken);
        var memories = await FindByIdAsync(tenantId, sources.Select(source => source.Id("memory_id")), cancellationToken);
        return sources
            .Where(source => memories.ContainsKey(source.Id("memory_id")))
            .Select(source => (Memory: memories[source.Id("memory_id")], MessageId: source.Id("message_id")))
            .Select(pair => (Owner: new MemoryOwner((MemoryScope)pair.Memory.Int32("scope"), pair.Memory.Id("owner_key"), null), pair.MessageId))
            .Distinct()
            .ToLookup(pair => pair.Owner, pair => pair.MessageId);
    }

    public Task UnlinkMessagesAsync(Guid tenantId, IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
        => WriteAsync(
            async write =>
            {
                foreach (var messageId in messageIds)
                {
                    var sources = await write.ListSourcesOfAsync(tenantId, messageId);
                    foreach (var ownerKey in sources.Select(source => source.Id("owner_key")).Distinct())
                    {
                        await write.BumpRevisionAsync(tenantId, ownerKey);
                    }

                    await write.RemoveSourcesAsync(tenantId, sources, wereEvidence: true);
                }

                return true;
            },
            cancellationToken);

    public Task<IReadOnlyList<Guid>> CloseConversationAsync(
        Guid tenantId, Guid conversationKey, DateTimeOffset deletedAt, CancellationToken cancellationToken)
        => WriteAsync<IReadOnlyList<Guid>>(
            async write =>
            {
                var id = MongoValues.Pair(tenantId, conversationKey);
                var known = (await write.Change.FindAsync(MemoryCollections.ClosedConversations, id))?.Time("deleted_at");
                write.Change.Put(MemoryCollections.ClosedConversations, new BsonDocument
                {
                    ["_id"] = id,
                    ["tenant_id"] = tenantId.Bson(),
                    ["conversation_key"] = conversationKey.Bson(),
                    ["deleted_at"] = (known > deletedAt ? known.Value : deletedAt).Bson(),
                });
                var sources = await write.Change.ListAsync(
                    MemoryCollections.Sources, new BsonDocument { ["tenant_id"] = tenantId.Bson(), ["conversation_key"] = conversationKey.Bson() });
                return [.. sources.Select(source => source.Id("message_id")).Distinct()];
            },
            cancellationToken);

    public Task PurgeNotesAsync(DateTimeOffset before, CancellationToken cancellationToken)
        => WriteAsync(
            write =>
            {
                var earlier = new BsonDocument("$lt", before.Bson());
                write.Change.Sweep(MemoryCollections.Extracted, new BsonDocument { ["deleted"] = true, ["at"] = earlier });
                write.Change.Sweep(MemoryCollections.ClosedConversations, new BsonDocument("deleted_at", earlier));
                write.Change.Sweep(MemoryCollections.Tombstones, new BsonDocument { ["deleted_at"] = earlier, ["text_key"] = BsonNull.Value });
                return Task.FromResult(true);
            },
            cancellationToken);

    private static void NoteExtracted(MongoChange change, Guid tenantId, Guid messageId, int version, bool deleted, DateTimeOffset now)
        => change.Put(MemoryCollections.Extracted, new BsonDocument
        {
            ["_id"] = MongoValues.Pair(tenantId, messageId),
            ["tenant_id"] = tenantId.Bson(),
            ["message_id"] = messageId.Bson(),
            ["version"] = version,
            ["deleted"] = deleted,
            ["at"] = now.Bson(),
        });

    /// <summary>Notes that a version of a message was read. False when it, or a newer one, was read before, or the message is gone.</summary>
    /// <remarks>Times are whole milliseconds: a message of the same one as the deletion of its conversation began the conversation that followed.</remarks>
    private static async Task<bool> TryClaimAsync(MongoChange change, Guid tenantId, LessonMessage message, DateTimeOffset now)
    {
        var known = await change.FindAsync(MemoryCollections.Extracted, MongoValues.Pair(tenantId, message.MessageId));
        if ((known?.Int32("version") ?? 0) >= message.Version
            || (await change.FindAsync(MemoryCollections.ClosedConversations, MongoValues.Pair(tenantId, message.ConversationKey)))?.Time("deleted_at") > message.StoredAt)
        {
            return false;
        }

        NoteExtracted(change, tenantId, message.MessageId, message.Version, known?.Bool("deleted") ?? false, now);
        return true;
    }
}
