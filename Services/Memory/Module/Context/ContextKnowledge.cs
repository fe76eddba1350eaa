using MemoryMesh.Memory.Features;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Summaries;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Memory.Context;

/// <summary>Reads what is known from the store of this process. A profile or a summary that is out of date is renewed and kept.</summary>
internal sealed class ContextKnowledge(
    IMemoryStore store, ICoreBlockStore blocks, IPreferenceStore preferences, ReadProfile profiles, SummariseConversation summaries, TimeProvider clock) : IContextKnowledge
{
    private const int MaxImportant = 30;

    /// <inheritdoc/>
    public async Task<Knowledge> ReadAsync(KnowledgeCall call, CancellationToken cancellationToken)
    {
        var (tenantId, subjectKey) = (call.TenantId, call.SubjectKey);
        var summary = SummaryAsync(call, cancellationToken);
        var optedOut = (await store.FindOptedOutAsync(tenantId, [subjectKey], cancellationToken)).Count > 0;
        List<Guid> owners = optedOut ? [.. call.SharedKeys] : [subjectKey, .. call.SharedKeys];
        var core = call.Blocks ? blocks.ListAsync(tenantId, owners, cancellationToken) : Task.FromResult<IReadOnlyList<CoreBlock>>([]);
        if (optedOut)
        {
            return new Knowledge
            {
                OptedOut = true,
                Blocks = await core,
                Preferences = null,
                Profile = null,
                Memories = [],
                Important = [.. call.Important.Select(_ => Array.Empty<RecalledMemory>())],
                Summary = await summary,
            };
        }

        var style = call.Style ? preferences.FindJsonAsync(tenantId, subjectKey, cancellationToken) : Task.FromResult<byte[]?>(null);
        var profile = call.Profile || call.Style ? profiles.ReadJsonAsync(tenantId, subjectKey, cancellationToken) : Task.FromResult<byte[]?>(null);
        var memories = call.Memories ? MemoriesAsync(call, owners, cancellationToken) : Task.FromResult<IReadOnlyList<RecalledMemory>>([]);
        var important = new List<IReadOnlyList<RecalledMemory>>();
        foreach (var list in call.Important)
        {
            important.Add(Holding(await store.ListImportantAsync(tenantId, subjectKey, [.. list.Categories], list.Most, cancellationToken)));
        }

        return new Knowledge
        {
            OptedOut = false,
            Blocks = await core,
            Preferences = await style,
            Profile = await profile,
            Memories = await memories,
            Important = important,
            Summary = await summary,
        };
    }

    private async Task<IReadOnlyList<RecalledMemory>> MemoriesAsync(KnowledgeCall call, List<Guid> owners, CancellationToken cancellationToken)
    {
        if (call.Found is { } found)
        {
            return found.Count == 0 ? [] : await store.RecallAsync(call.TenantId, found, owners, clock.GetUtcNow(), cancellationToken);
        }

        var important = new List<RecalledMemory>();
        foreach (var owner in owners)
        {
            important.AddRange(Holding(await store.ListImportantAsync(call.TenantId, owner, null, MaxImportant, cancellationToken)));
        }

        return important;
    }

    private List<RecalledMemory> Holding(IEnumerable<MemoryRecord> memories)
    {
        var now = clock.GetUtcNow();
        return [.. memories.Where(memory => memory.HoldsAt(now)).Select(RecalledMemory.Of)];
    }

    /// <summary>The summary as it is kept, refreshed when it lacks what it has to hold.</summary>
    private async Task<byte[]?> SummaryAsync(KnowledgeCall call, CancellationToken cancellationToken)
    {
        if (call.Summary is not { } wanted)
        {
            return null;
        }

        try
        {
            return await summaries.ReadJsonAsync(call.TenantId, wanted.ConversationKey, call.SubjectKey, wanted.LastMessage, cancellationToken);
        }
        catch (Exception exception) when (exception is DependencyUnavailableException or StorageUnavailableException)
        {
            return null;
        }
    }
}
