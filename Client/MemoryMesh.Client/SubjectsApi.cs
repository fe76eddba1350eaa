namespace MemoryMesh.Client;

/// <summary>What is known of a subject and how it wants to be answered: <c>/v1/subjects</c>.</summary>
public sealed class SubjectsApi
{
    private readonly Connection _connection;

    internal SubjectsApi(Connection connection) => _connection = connection;

    /// <summary>What is known of a subject.</summary>
    public Task<SubjectProfile> GetProfileAsync(string userId, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.GetAsync(Of(userId, "profile", tenantId), ClientJson.Default.SubjectProfile, cancellationToken);

    /// <summary>What a subject prefers.</summary>
    public Task<SubjectPreferences> GetPreferencesAsync(string userId, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.GetAsync(Of(userId, "preferences", tenantId), ClientJson.Default.SubjectPreferences, cancellationToken);

    /// <summary>Sets what a subject prefers.</summary>
    /// <param name="userId">The subject.</param>
    /// <param name="values">Values by trait, for example <c>verbosity</c>: <c>concise</c>; null takes a value that was set away.</param>
    /// <param name="version">Only this version; any when null.</param>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public Task<SubjectPreferences> SetPreferencesAsync(
        string userId, IReadOnlyDictionary<string, string?> values, int? version = null, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.SendAsync(
            HttpMethod.Patch,
            Of(userId, "preferences", tenantId),
            values,
            ClientJson.Default.IReadOnlyDictionaryStringString,
            ClientJson.Default.SubjectPreferences,
            cancellationToken,
            version);

    /// <summary>Forgets what was set and observed of a subject's preferences.</summary>
    public Task ResetPreferencesAsync(string userId, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.DeleteAsync(Of(userId, "preferences", tenantId), null, cancellationToken);

    /// <summary>Learns from a subject's reaction to an answer, for example <c>too_long</c>.</summary>
    /// <param name="userId">The subject.</param>
    /// <param name="signal">The reaction.</param>
    /// <param name="tenantId">The tenant; the caller's own when null.</param>
    /// <param name="idempotencyKey">Makes the call safe to repeat: the reaction is counted once.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task<SubjectPreferences> ReactAsync(
        string userId, string signal, string? tenantId = null, string? idempotencyKey = null, CancellationToken cancellationToken = default)
        => (await _connection.StoreAsync(
            new Address("v1/subjects").Id(userId).Part("preferences").Part("feedback").Query("tenant_id", tenantId),
            new PreferenceSignal(signal),
            ClientJson.Default.PreferenceSignal,
            ClientJson.Default.SubjectPreferences,
            idempotencyKey,
            cancellationToken).ConfigureAwait(false)).Answer;

    private static Address Of(string userId, string part, string? tenantId) => new Address("v1/subjects").Id(userId).Part(part).Query("tenant_id", tenantId);
}

/// <summary>What is known of a subject.</summary>
public sealed record SubjectProfile
{
    /// <summary>The tenant.</summary>
    public required string TenantId { get; init; }

    /// <summary>The subject.</summary>
    public required string UserId { get; init; }

    /// <summary>What stays true for long, the most important first.</summary>
    public IReadOnlyList<ProfileFact> Static { get; init; } = [];

    /// <summary>What is going on, the newest first.</summary>
    public IReadOnlyList<ProfileFact> Recent { get; init; } = [];

    /// <summary>When it was put together; null when nothing was ever known.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }
}

/// <summary>A memory in a profile.</summary>
/// <param name="Id">The memory.</param>
/// <param name="Text">The fact.</param>
/// <param name="Category">Its category.</param>
/// <param name="Importance">0 to 1.</param>
/// <param name="Confidence">0 to 1.</param>
/// <param name="UpdatedAt">When it last changed.</param>
public sealed record ProfileFact(string Id, string Text, string Category, double Importance, double Confidence, DateTimeOffset UpdatedAt);

/// <summary>What a subject prefers.</summary>
public sealed record SubjectPreferences
{
    /// <summary>The tenant.</summary>
    public required string TenantId { get; init; }

    /// <summary>The subject.</summary>
    public required string UserId { get; init; }

    /// <summary>Preferences by trait: <c>language</c>, <c>verbosity</c> and others; null where nothing is known.</summary>
    public IReadOnlyDictionary<string, SubjectPreference?> Preferences { get; init; } = new Dictionary<string, SubjectPreference?>();

    /// <summary>The preferences as sentences for an assistant.</summary>
    public IReadOnlyList<string> Instructions { get; init; } = [];

    /// <summary>Counts what is set and reset, from 1.</summary>
    public int Version { get; init; }

    /// <summary>When something was last set or observed; null when never.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }
}

/// <summary>A preference.</summary>
/// <param name="Value">The value.</param>
/// <param name="Source"><c>set</c>, <c>stated</c> or <c>observed</c>.</param>
/// <param name="Confidence">0 to 1.</param>
/// <param name="Evidence">What it comes from.</param>
/// <param name="UpdatedAt">When it was set, said or last observed.</param>
public sealed record SubjectPreference(string Value, string Source, double Confidence, PreferenceEvidence Evidence, DateTimeOffset UpdatedAt);

/// <summary>What a preference comes from.</summary>
/// <param name="Observations">How many messages and reactions told it.</param>
/// <param name="MemoryIds">Memories that say it.</param>
/// <param name="MessageIds">The last messages that told it.</param>
public sealed record PreferenceEvidence(int Observations, IReadOnlyList<string> MemoryIds, IReadOnlyList<string> MessageIds);

internal sealed record PreferenceSignal(string Signal);
