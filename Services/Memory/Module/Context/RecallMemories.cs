using MemoryMesh.Memory.Features;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Text;

namespace MemoryMesh.Memory.Context;

/// <summary>Finds the memories for a context: the subject's, then its teams', then the organization's; where two say different things of the same, the nearer one.</summary>
internal sealed class RecallMemories(IMemoryStore store, ContextSearch search, TimeProvider clock)
{
    private const int MaxImportant = 30;

    /// <summary>The memories in the order of the scopes, in each the best first, and whether search did not answer.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="owners">The subject, its teams and the tenant, in this order.</param>
    /// <param name="question">What they should answer; nothing for the most important and newest.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    public async Task<(IReadOnlyList<(MemoryRecord Memory, double? Score)> Memories, bool Degraded)> HandleAsync(
        Guid tenantId, IReadOnlyList<Guid> owners, string? question, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var hits = string.IsNullOrWhiteSpace(question) ? null : await search.FindAsync(tenantId, owners, question, cancellationToken);
        if (hits is not null)
        {
            var scores = hits.DistinctBy(hit => hit.MemoryId).ToDictionary(hit => hit.MemoryId, hit => hit.Score);
            var found = scores.Count == 0 ? [] : await store.FindManyAsync(tenantId, scores.Keys, cancellationToken);
            return (
                WithoutContradictions(found
                    .Where(memory => memory.HoldsAt(now) && owners.Contains(memory.OwnerKey))
                    .OrderBy(memory => memory.Scope).ThenByDescending(memory => scores[memory.Id])
                    .Select(memory => (memory, (double?)scores[memory.Id]))),
                false);
        }

        var important = new List<(MemoryRecord, double?)>();
        foreach (var owner in owners)
        {
            important.AddRange((await store.ListImportantAsync(tenantId, owner, null, MaxImportant, cancellationToken)).Where(memory => memory.HoldsAt(now)).Select(memory => (memory, (double?)null)));
        }

        return (WithoutContradictions(important), !string.IsNullOrWhiteSpace(question));
    }

    /// <summary>Leaves out what a nearer scope says otherwise, or says already.</summary>
    /// <param name="memories">The nearer scopes first.</param>
    public static IReadOnlyList<(MemoryRecord Memory, double? Score)> WithoutContradictions(IEnumerable<(MemoryRecord Memory, double? Score)> memories)
    {
        var kept = new List<(MemoryRecord Memory, double? Score, ContentWords Words)>();
        foreach (var (memory, score) in memories)
        {
            var words = new ContentWords(memory.Text);
            if (!kept.Exists(nearer => nearer.Memory.Scope < memory.Scope && Settles(nearer.Memory, nearer.Words, memory, words)))
            {
                kept.Add((memory, score, words));
            }
        }

        return [.. kept.Select(memory => (memory.Memory, memory.Score))];
    }

    private static bool Settles(MemoryRecord nearer, ContentWords nearerWords, MemoryRecord memory, ContentWords words)
        => nearer.Slot is { } slot && memory.Slot is { } other
            ? slot == other || slot == $"dis{other}" || other == $"dis{slot}"
            : words.Compare(nearerWords) != Likeness.None;
}
