using System.ComponentModel.DataAnnotations;
using MemoryMesh.Memory.Preferences;
using MemoryMesh.Memory.Storage;

namespace MemoryMesh.Memory.Endpoints;

/// <summary>What is known of a subject.</summary>
internal sealed record ProfileResponse
{
    public required Guid TenantId { get; init; }

    public required string UserId { get; init; }

    /// <summary>What stays true for long, the most important first, at most 40.</summary>
    public required IReadOnlyList<ProfileFactResponse> Static { get; init; }

    /// <summary>Goals, events and other things that are going on, the newest first, at most 20.</summary>
    public required IReadOnlyList<ProfileFactResponse> Recent { get; init; }

    /// <summary>When it was put together; null when nothing was ever known.</summary>
    public required DateTimeOffset? UpdatedAt { get; init; }
}

/// <summary>A memory in a profile.</summary>
internal sealed record ProfileFactResponse(Guid Id, string Text, string Category, double Importance, double Confidence, DateTimeOffset UpdatedAt)
{
    public static ProfileFactResponse From(ProfileFact fact) => new(fact.Id, fact.Text, fact.Category, fact.Importance, fact.Confidence, fact.UpdatedAt);
}

/// <summary>Sets what a subject prefers; what is left out stays, null takes a value that was set away.</summary>
internal sealed class UpdatePreferencesRequest
{
    private readonly Dictionary<string, string?> _given = new(StringComparer.Ordinal);

    /// <summary>Language of answers, an ISO 639-1 code such as <c>en</c> or <c>de</c>.</summary>
    public string? Language { get => Of(PreferenceTraits.Language); set => _given[PreferenceTraits.Language] = value; }

    /// <summary>concise, balanced or detailed.</summary>
    public string? Verbosity { get => Of(PreferenceTraits.Verbosity); set => _given[PreferenceTraits.Verbosity] = value; }

    /// <summary>casual, neutral or formal.</summary>
    public string? Formality { get => Of(PreferenceTraits.Formality); set => _given[PreferenceTraits.Formality] = value; }

    /// <summary>prefer or avoid.</summary>
    public string? Lists { get => Of(PreferenceTraits.Lists); set => _given[PreferenceTraits.Lists] = value; }

    /// <summary>prefer or avoid.</summary>
    public string? Code { get => Of(PreferenceTraits.Code); set => _given[PreferenceTraits.Code] = value; }

    /// <summary>prefer or avoid.</summary>
    public string? Emoji { get => Of(PreferenceTraits.Emoji); set => _given[PreferenceTraits.Emoji] = value; }

    /// <summary>simple, general or expert.</summary>
    public string? ReadingLevel { get => Of(PreferenceTraits.ReadingLevel); set => _given[PreferenceTraits.ReadingLevel] = value; }

    /// <summary>First and last hour of the day in UTC, for example <c>8-17</c>.</summary>
    public string? ActiveHours { get => Of(PreferenceTraits.ActiveHours); set => _given[PreferenceTraits.ActiveHours] = value; }

    /// <summary>The traits that the request names, with their values.</summary>
    public IReadOnlyDictionary<string, string?> Given() => _given;

    private string? Of(string trait) => _given.GetValueOrDefault(trait);
}

/// <summary>A reaction to an answer.</summary>
internal sealed class PreferenceFeedbackRequest
{
    /// <summary>
    /// too_long, too_short, too_formal, too_casual, too_technical, too_simple, more_lists, fewer_lists, more_code, less_code, more_emoji or fewer_emoji.
    /// </summary>
    [Required]
    public string? Signal { get; set; }
}

/// <summary>What a subject prefers.</summary>
internal sealed record PreferencesResponse
{
    public required Guid TenantId { get; init; }

    public required string UserId { get; init; }

    public required PreferenceTraitsResponse Preferences { get; init; }

    /// <summary>The preferences as sentences for an assistant, as contexts hold them.</summary>
    public required IReadOnlyList<string> Instructions { get; init; }

    /// <summary>Counts what is set and reset, from 1; also in the header ETag.</summary>
    public required int Version { get; init; }

    /// <summary>When something was last set or observed; null when never.</summary>
    public required DateTimeOffset? UpdatedAt { get; init; }

    public static PreferencesResponse From(Guid tenantId, string userId, SubjectPreferences stored, IReadOnlyDictionary<string, Preference> resolved)
    {
        return new PreferencesResponse
        {
            TenantId = tenantId,
            UserId = userId,
            Preferences = new PreferenceTraitsResponse(
                Of(PreferenceTraits.Language),
                Of(PreferenceTraits.Verbosity),
                Of(PreferenceTraits.Formality),
                Of(PreferenceTraits.Lists),
                Of(PreferenceTraits.Code),
                Of(PreferenceTraits.Emoji),
                Of(PreferenceTraits.ReadingLevel),
                Of(PreferenceTraits.ActiveHours)),
            Instructions = PreferenceText.Lines(resolved),
            Version = stored.Version,
            UpdatedAt = stored.UpdatedAt,
        };

        PreferenceResponse? Of(string trait) => resolved.TryGetValue(trait, out var preference)
            ? new PreferenceResponse(
                preference.Value,
                preference.Source,
                preference.Confidence,
                new PreferenceEvidence(preference.Observations, preference.MemoryIds, preference.MessageIds),
                preference.UpdatedAt)
            : null;
    }
}

/// <summary>Preferences by trait; null where nothing is known.</summary>
/// <param name="Language">Language of answers, an ISO 639-1 code.</param>
/// <param name="Verbosity">concise, balanced or detailed.</param>
/// <param name="Formality">casual, neutral or formal.</param>
/// <param name="Lists">prefer or avoid.</param>
/// <param name="Code">prefer or avoid.</param>
/// <param name="Emoji">prefer or avoid.</param>
/// <param name="ReadingLevel">simple, general or expert.</param>
/// <param name="ActiveHours">First and last hour of the day in UTC in which most messages come, for example <c>8-17</c>.</param>
internal sealed record PreferenceTraitsResponse(
    PreferenceResponse? Language,
    PreferenceResponse? Verbosity,
    PreferenceResponse? Formality,
    PreferenceResponse? Lists,
    PreferenceResponse? Code,
    PreferenceResponse? Emoji,
    PreferenceResponse? ReadingLevel,
    PreferenceResponse? ActiveHours);

/// <summary>A preference.</summary>
/// <param name="Value">The value.</param>
/// <param name="Source">set: through this API; stated: the subject said so; observed: messages and reactions hint at it.</param>
/// <param name="Confidence">0 to 1; what speaks against it lowers it.</param>
/// <param name="Evidence">What it comes from.</param>
/// <param name="UpdatedAt">When it was set, said or last observed.</param>
internal sealed record PreferenceResponse(string Value, PreferenceSource Source, double Confidence, PreferenceEvidence Evidence, DateTimeOffset UpdatedAt);

/// <summary>What a preference comes from.</summary>
/// <param name="Observations">How many messages and reactions told it, or 1 when it was set or said.</param>
/// <param name="MemoryIds">Memories that say it.</param>
/// <param name="MessageIds">The last messages that told it, at most 3.</param>
internal sealed record PreferenceEvidence(int Observations, IReadOnlyList<Guid> MemoryIds, IReadOnlyList<Guid> MessageIds);
