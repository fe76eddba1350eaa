using MemoryMesh.Memory.Preferences;
using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Memory.Features;

/// <summary>Reads and changes what a subject prefers. What was set and what was said win over what was observed; of the two the newer one.</summary>
internal sealed class SubjectStyle(IPreferenceStore store, ReadProfile profiles, TimeProvider clock)
{
    /// <summary>How much a reaction to an answer tells, measured by a request in a message.</summary>
    private const double FeedbackWeight = 2;

    /// <summary>Reactions to answers, with what they tell.</summary>
    public static readonly IReadOnlyDictionary<string, (string Trait, string Value)> Signals = new Dictionary<string, (string, string)>(StringComparer.Ordinal)
    {
        ["too_long"] = (PreferenceTraits.Verbosity, PreferenceTraits.Concise),
        ["too_short"] = (PreferenceTraits.Verbosity, PreferenceTraits.Detailed),
        ["too_formal"] = (PreferenceTraits.Formality, PreferenceTraits.Casual),
        ["too_casual"] = (PreferenceTraits.Formality, PreferenceTraits.Formal),
        ["too_technical"] = (PreferenceTraits.ReadingLevel, PreferenceTraits.Simple),
        ["too_simple"] = (PreferenceTraits.ReadingLevel, PreferenceTraits.Expert),
        ["more_lists"] = (PreferenceTraits.Lists, PreferenceTraits.Prefer),
        ["fewer_lists"] = (PreferenceTraits.Lists, PreferenceTraits.Avoid),
        ["more_code"] = (PreferenceTraits.Code, PreferenceTraits.Prefer),
        ["less_code"] = (PreferenceTraits.Code, PreferenceTraits.Avoid),
        ["more_emoji"] = (PreferenceTraits.Emoji, PreferenceTraits.Prefer),
        ["fewer_emoji"] = (PreferenceTraits.Emoji, PreferenceTraits.Avoid),
    };

    /// <summary>What is preferred, and what it comes from.</summary>
    public async Task<(SubjectPreferences Stored, IReadOnlyDictionary<string, Preference> Resolved)> ReadAsync(
        Guid tenantId, Guid subjectKey, CancellationToken cancellationToken)
    {
        var stored = await store.FindAsync(tenantId, subjectKey, cancellationToken);
        return (stored, await ResolveAsync(tenantId, subjectKey, stored, cancellationToken));
    }

    /// <summary>Sets values; null takes a value that was set away.</summary>
    /// <returns>Null when <paramref name="allows"/> does not allow the version.</returns>
    public async Task<(SubjectPreferences Stored, IReadOnlyDictionary<string, Preference> Resolved)?> SetAsync(
        Guid tenantId, Guid subjectKey, IReadOnlyDictionary<string, string?> values, Func<int, bool> allows, CancellationToken cancellationToken)
    {
        var refused = false;
        var now = StoredTime.Now(clock);
        var stored = await store.ChangeAsync(
            tenantId,
            subjectKey,
            before =>
            {
                refused = !allows(before.Version);
                return refused ? before : before with { Set = Merge(before.Set, values, now), Version = before.Version + 1, UpdatedAt = now };
            },
            learned: false,
            cancellationToken);
        return refused ? null : (stored, await ResolveAsync(tenantId, subjectKey, stored, cancellationToken));
    }

    /// <summary>Learns from a reaction to an answer, once for an Idempotency-Key.</summary>
    /// <returns>The preferences afterwards, and whether the same request came before; null when its key came with another.</returns>
    public async Task<(SubjectPreferences Stored, IReadOnlyDictionary<string, Preference> Resolved, bool? Repeated)> ReactAsync(
        Guid tenantId, Guid subjectKey, string signal, IdempotentRequest? request, CancellationToken cancellationToken)
    {
        var (trait, value) = Signals[signal];
        var now = StoredTime.Now(clock);
        SubjectPreferences Learn(SubjectPreferences before) => before.Observe([new(trait, value, FeedbackWeight)], null, now);
        var (stored, repeated) = request is null
            ? (await store.ChangeAsync(tenantId, subjectKey, Learn, learned: true, cancellationToken), false)
            : await store.LearnOnceAsync(tenantId, subjectKey, Learn, request, now, cancellationToken);
        return (stored, await ResolveAsync(tenantId, subjectKey, stored, cancellationToken), repeated);
    }

    /// <summary>Forgets what was observed, and what was set too unless that is kept. Wishes that memories hold stay with the memories.</summary>
    public Task ResetAsync(Guid tenantId, Guid subjectKey, bool keepSet, CancellationToken cancellationToken)
        => store.ChangeAsync(
            tenantId,
            subjectKey,
            before => before is { UpdatedAt: null } ? before : new SubjectPreferences
            {
                Set = keepSet ? before.Set : new Dictionary<string, SetValue>(),
                LastMessage = before.LastMessage,
                Version = before.Version + 1,
                UpdatedAt = StoredTime.Now(clock),
            },
            learned: false,
            cancellationToken);

    private static Dictionary<string, SetValue> Merge(IReadOnlyDictionary<string, SetValue> before, IReadOnlyDictionary<string, string?> values, DateTimeOffset now)
    {
        var merged = before.ToDictionary(set => set.Key, set => set.Value, StringComparer.Ordinal);
        foreach (var (trait, value) in values)
        {
            if (value is null)
            {
                merged.Remove(trait);
            }
            else
            {
                merged[trait] = new SetValue(value, now);
            }
        }

        return merged;
    }

    private async Task<IReadOnlyDictionary<string, Preference>> ResolveAsync(
        Guid tenantId, Guid subjectKey, SubjectPreferences stored, CancellationToken cancellationToken)
        => stored.Resolve(StatedWishes.Read((await profiles.HandleAsync(tenantId, subjectKey, cancellationToken)).Wishes));
}
