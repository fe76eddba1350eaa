using System.Text.Json;
using MemoryMesh.Memory.Summaries;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.Memory.Storage.Mongo;

/// <summary>Keeps summaries in MongoDB, sealed with the subject's key.</summary>
internal sealed class MongoSummaryStore(
    [FromKeyedServices(MemoryModule.Name)] MongoStore store, [FromKeyedServices(MemoryModule.Name)] ModuleStore own, TimeProvider clock) : ISummaryStore
{
    public async Task<(SummaryStamp Stamp, RollingSummary Summary)> FindAsync(
        Guid tenantId, Guid conversationKey, Guid subjectKey, CancellationToken cancellationToken)
    {
        var (stamp, json) = await FindJsonAsync(tenantId, conversationKey, subjectKey, cancellationToken);
        return (stamp, json is null ? RollingSummary.Empty : JsonSerializer.Deserialize<RollingSummary>(json)!);
    }

    public async Task<(SummaryStamp Stamp, byte[]? Json)> FindJsonAsync(
        Guid tenantId, Guid conversationKey, Guid subjectKey, CancellationToken cancellationToken)
    {
        var owners = new BsonArray { MongoValues.Pair(tenantId, subjectKey), MongoValues.Pair(tenantId, MongoMemoryWrite.EveryOwner) };
        var (found, forgottenAt) = await store.ReadAsync(async reader => (
            (BsonDocument?)await reader.Collection(MemoryCollections.Summaries).Find(new BsonDocument("_id", IdOf(tenantId, conversationKey, subjectKey))).FirstOrDefaultAsync(cancellationToken),
            (await reader.Collection(MemoryCollections.Owners).Find(new BsonDocument("_id", new BsonDocument("$in", owners))).ToListAsync(cancellationToken))
                .Max(owner => owner.TimeOrNull("forgotten_at"))));
        var stamp = new SummaryStamp(found?.Int64("version") ?? 0, forgottenAt);

        // An emptied one says only that what was summed up is gone.
        return found?.Bytes("data") is { Length: > 0 } data && await own.Keys.FindAsync(tenantId, subjectKey, cancellationToken) is { } key
            ? (stamp, key.Open(data, Place(conversationKey)))
            : (stamp, null);
    }

    public async Task<bool> SaveAsync(
        Guid tenantId, Guid conversationKey, Guid subjectKey, SummaryStamp stamp, RollingSummary summary, CancellationToken cancellationToken)
    {
        var key = await own.Keys.GetOrCreateAsync(tenantId, subjectKey, cancellationToken);
        var data = key.Seal(JsonSerializer.SerializeToUtf8Bytes(summary), Place(conversationKey));
        return await store.WriteAsync(
            async change =>
            {
                key.ThrowIfDestroyed();

                // The key may be a new one, of after an erasure, and the messages may have been read before it.
                var known = await change.FindAsync(MemoryCollections.Summaries, IdOf(tenantId, conversationKey, subjectKey));
                if (await new MongoMemoryWrite(change, default).ForgottenAtAsync(tenantId, subjectKey) != stamp.ForgottenAt || (known?.Int64("version") ?? 0) != stamp.Version)
                {
                    return false;
                }

                change.Put(MemoryCollections.Summaries, Of(tenantId, conversationKey, subjectKey, stamp.Version + 1, data, summary.UpdatedAt.Bson()));
                return true;
            },
            cancellationToken);
    }

    public Task DeleteAsync(Guid tenantId, IReadOnlyCollection<SummaryChange> conversations, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return store.WriteAsync(
            async change =>
            {
                var write = new MongoMemoryWrite(change, now);
                foreach (var (conversationKey, subjectKey, at) in conversations)
                {
                    // One that was not there yet may be in the making: with this one it comes too late. What was in the making when the subject was erased comes too late
                    // without it, and nothing of an erased subject is written again because an event of before comes after. Times are whole milliseconds, and an erasure is
                    // noted with the one before.
                    if (subjectKey is { } subject
                        && !(await write.ForgottenAtAsync(tenantId, subject) >= at.AddMilliseconds(-1))
                        && await change.FindAsync(MemoryCollections.Summaries, IdOf(tenantId, conversationKey, subject)) is null)
                    {
                        change.Put(MemoryCollections.Summaries, Of(tenantId, conversationKey, subject, 1, [], now.Bson()));
                    }
                }

                foreach (var conversationKey in conversations.Select(conversation => conversation.ConversationKey).Distinct())
                {
                    var ofConversation = new BsonDocument { ["tenant_id"] = tenantId.Bson(), ["conversation_key"] = conversationKey.Bson() };
                    foreach (var summary in await change.ListAsync(MemoryCollections.Summaries, ofConversation))
                    {
                        summary.Increase("version", 1);
                        summary["data"] = Array.Empty<byte>();
                        summary["updated_at"] = now.Bson();
                        change.Put(MemoryCollections.Summaries, summary);
                    }
                }

                return true;
            },
            cancellationToken);
    }

    private static RowIdentity Place(Guid conversationKey) => new("conversation_summaries", "data", conversationKey);

    internal static BsonValue IdOf(Guid tenantId, Guid conversationKey, Guid subjectKey)
        => MongoValues.Pair(tenantId, [.. conversationKey.ToByteArray(bigEndian: true), .. subjectKey.ToByteArray(bigEndian: true)]);

    private static BsonDocument Of(Guid tenantId, Guid conversationKey, Guid subjectKey, long version, byte[] data, BsonValue updatedAt) => new()
    {
        ["_id"] = IdOf(tenantId, conversationKey, subjectKey),
        ["tenant_id"] = tenantId.Bson(),
        ["conversation_key"] = conversationKey.Bson(),
        ["subject_key"] = subjectKey.Bson(),
        ["version"] = version,
        ["data"] = data,
        ["updated_at"] = updatedAt,
    };
}
