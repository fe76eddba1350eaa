using MemoryMesh.Contracts.Search;
using MemoryMesh.Memory.Text;

namespace MemoryMesh.Memory.Context;

/// <summary>Chooses the memories of a context: the subject's, then its teams', then the organization's; where two say different things of the same, the nearer one.</summary>
internal static class RecallMemories
{
    /// <summary>Those that search found in the order of the scopes, in each the best first; the most important ones as they come.</summary>
    /// <param name="memories">What is known.</param>
    /// <param name="hits">What search found; null when it was not asked or did not answer.</param>
    public static IReadOnlyList<(RecalledMemory Memory, double? Score)> Choose(IReadOnlyList<RecalledMemory> memories, IReadOnlyList<MemoryHit>? hits)
    {
        if (hits is null)
        {
            return WithoutContradictions(memories.Select(memory => (memory, (double?)null)));
        }

        var scores = hits.DistinctBy(hit => hit.MemoryId).ToDictionary(hit => hit.MemoryId, hit => hit.Score);
        return WithoutContradictions(memories
            .OrderBy(memory => memory.Scope).ThenByDescending(memory => scores[memory.Id])
            .Select(memory => (memory, (double?)scores[memory.Id])));
    }

    /// <summary>Leaves out what a nearer scope says otherwise, or says already.</summary>
    /// <param name="memories">The nearer scopes first.</param>
    public static IReadOnlyList<(RecalledMemory Memory, double? Score)> WithoutContradictions(IEnumerable<(RecalledMemory Memory, double? Score)> memories)
    {
        var kept = new List<(RecalledMemory Memory, double? Score, ContentWords Words)>();
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

    private static bool Settles(RecalledMemory nearer, ContentWords nearerWords, RecalledMemory memory, ContentWords words)
        => nearer.Slot is { } slot && memory.Slot is { } other
            ? slot == other || slot == $"dis{other}" || other == $"dis{slot}"
            : words.Compare(nearerWords) != Likeness.None;
}
