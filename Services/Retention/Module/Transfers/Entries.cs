using System.Text.Json;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Contracts.Search;
using MemoryMesh.Retention.Transfers.Exports;
using MemoryMesh.ServiceDefaults.Analytics;
using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Retention.Transfers;

/// <summary>The records of an export, in the JSON that an import reads again: the words and the form of the API.</summary>
internal static class TransferJson
{
    /// <summary>Version of the records; one that is higher is not read.</summary>
    public const int FormatVersion = 1;

    /// <summary>For writing.</summary>
    public static readonly JsonSerializerOptions Options = Create();

    /// <summary>For reading: fields that a newer version may have are passed over.</summary>
    public static readonly JsonSerializerOptions Lenient = new(Create()) { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Skip };

    /// <summary>JSON that is kept as a text.</summary>
    public static JsonElement? Parse(string? json) => json is null ? null : JsonElement.Parse(json);

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions();
        ProblemDetailsSetup.Configure(options);
        options.TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver();
        return options;
    }
}

/// <summary>Names of the kinds of records.</summary>
internal static class EntryTypes
{
    public const string Export = "export";
    public const string Conversation = "conversation";
    public const string Message = "message";
    public const string Memory = "memory";
    public const string Settings = "settings";
    public const string SavedSearch = "saved_search";
    public const string Bookmark = "bookmark";
    public const string Extraction = "extraction";
    public const string Consent = "consent";
    public const string Usage = "usage";
    public const string End = "end";
}

/// <summary>The first record.</summary>
internal sealed record ExportEntry
{
    public string Type { get; init; } = EntryTypes.Export;

    public required int FormatVersion { get; init; }

    /// <summary>conversation, subject, tenant or analytics.</summary>
    public required string What { get; init; }

    public required Guid TenantId { get; init; }

    public string? UserId { get; init; }

    public string? ConversationId { get; init; }

    /// <summary>The time that was counted, of an export of analytics.</summary>
    public ExportPeriod? Period { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A conversation.</summary>
internal sealed record ConversationEntry
{
    public string Type { get; init; } = EntryTypes.Conversation;

    public required string? ConversationId { get; init; }

    public string? UserId { get; init; }

    public string? Title { get; init; }

    public JsonElement? Metadata { get; init; }

    public long MessageCount { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public DateTimeOffset? LastMessageAt { get; init; }

    public static ConversationEntry From(ConversationCopy conversation) => new()
    {
        ConversationId = conversation.ConversationId,
        UserId = conversation.UserId,
        Title = conversation.Title,
        Metadata = TransferJson.Parse(conversation.MetadataJson),
        MessageCount = conversation.MessageCount,
        CreatedAt = conversation.CreatedAt,
        LastMessageAt = conversation.LastMessageAt,
    };
}

/// <summary>A message.</summary>
internal sealed record MessageEntry
{
    public string Type { get; init; } = EntryTypes.Message;

    public Guid? Id { get; init; }

    public required string? ConversationId { get; init; }

    public string? UserId { get; init; }

    public required string? Role { get; init; }

    public required string? Content { get; init; }

    public JsonElement? Metadata { get; init; }

    public double? Importance { get; init; }

    public Guid? ReplyTo { get; init; }

    public bool? ExtractMemory { get; init; }

    public bool Archived { get; init; }

    public int Version { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public DateTimeOffset? UpdatedAt { get; init; }

    public static MessageEntry From(ChatMessage message) => new()
    {
        Id = message.Id,
        ConversationId = message.ConversationId,
        UserId = message.UserId,
        Role = message.Role,
        Content = message.Content,
        Metadata = TransferJson.Parse(message.MetadataJson),
        Importance = message.Importance,
        ReplyTo = message.ReplyTo,
        ExtractMemory = message.ExtractMemory,
        Archived = message.Archived,
        Version = message.Version,
        CreatedAt = message.CreatedAt,
        UpdatedAt = message.UpdatedAt,
    };
}

/// <summary>A memory with its sources and its history.</summary>
internal sealed record MemoryEntry
{
    public string Type { get; init; } = EntryTypes.Memory;

    public Guid? Id { get; init; }

    public required string? Scope { get; init; }

    public string? UserId { get; init; }

    public Guid? TeamId { get; init; }

    public string? AgentId { get; init; }

    public string? RunId { get; init; }

    public required string? Text { get; init; }

    public required string? Category { get; init; }

    public bool CategoryGiven { get; init; }

    public required double Importance { get; init; }

    public bool ImportanceGiven { get; init; }

    public required double Confidence { get; init; }

    public string? Slot { get; init; }

    public bool SingleValued { get; init; }

    public bool Extract { get; init; }

    public bool Derived { get; init; }

    public JsonElement? Metadata { get; init; }

    public required DateTimeOffset ValidFrom { get; init; }

    public DateTimeOffset? ValidTo { get; init; }

    public Guid? SupersededBy { get; init; }

    public string? State { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? SupersededAt { get; init; }

    public int EvidenceCount { get; init; }

    public bool Inferred { get; init; }

    public double Boost { get; init; }

    public string? HoldReason { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public IReadOnlyList<SourceEntry?>? Sources { get; init; }

    public IReadOnlyList<VersionEntry?>? History { get; init; }

    public static MemoryEntry From(MemoryCopy memory) => new()
    {
        Id = memory.Id,
        Scope = memory.Scope,
        UserId = memory.UserId,
        TeamId = memory.Scope == MemoryScopes.Team ? memory.OwnerKey : null,
        AgentId = memory.AgentId,
        RunId = memory.RunId,
        Text = memory.Text,
        Category = memory.Category,
        CategoryGiven = memory.CategoryGiven,
        Importance = memory.Importance,
        ImportanceGiven = memory.ImportanceGiven,
        Confidence = memory.Confidence,
        Slot = memory.Slot,
        SingleValued = memory.SingleValued,
        Extract = memory.Extract,
        Derived = memory.Derived,
        Metadata = TransferJson.Parse(memory.MetadataJson),
        ValidFrom = memory.ValidFrom,
        ValidTo = memory.ValidTo,
        SupersededBy = memory.SupersededBy,
        State = memory.State,
        ExpiresAt = memory.ExpiresAt,
        SupersededAt = memory.SupersededAt,
        EvidenceCount = memory.Evidence,
        Inferred = memory.Inferred,
        Boost = memory.Boost,
        HoldReason = memory.HoldReason,
        Version = memory.Version,
        CreatedAt = memory.CreatedAt,
        UpdatedAt = memory.UpdatedAt,
        Sources = [.. memory.Sources.Select(source => new SourceEntry(source.MessageId, source.ConversationId, source.QuoteStart, source.QuoteLength, source.Quote, source.FromMemory))],
        History = [.. memory.History.Select(entry => new VersionEntry(
            entry.Version, entry.Event, entry.OldText, entry.NewText, entry.At, entry.Actor, entry.ValidFrom, entry.ValidTo))],
    };
}

/// <summary>A message, or an added memory, that a memory was drawn from.</summary>
internal sealed record SourceEntry(Guid MessageId, string? ConversationId, int QuoteStart, int QuoteLength, string? Quote, bool FromMemory = false);

/// <summary>A version of a memory.</summary>
internal sealed record VersionEntry(
    int Version, string? Event, string? OldText, string? NewText, DateTimeOffset At, string? Actor, DateTimeOffset? ValidFrom = null, DateTimeOffset? ValidTo = null);

/// <summary>A subject's settings.</summary>
internal sealed record SettingsEntry
{
    public string Type { get; init; } = EntryTypes.Settings;

    public required string? UserId { get; init; }

    public required bool OptedOut { get; init; }

    public IReadOnlyList<string>? AllowedCategories { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>What was set of the subject's preferences, by trait.</summary>
    public IReadOnlyDictionary<string, PreferenceCopy> Preferences { get; init; } = new Dictionary<string, PreferenceCopy>();

    /// <summary>The subject's core blocks.</summary>
    public IReadOnlyList<BlockCopy> Blocks { get; init; } = [];
}

/// <summary>A saved search or a bookmark of the subject.</summary>
internal sealed record KeptEntry
{
    public required string Type { get; init; }

    public required Guid Id { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public string? Name { get; init; }

    public JsonElement? Search { get; init; }

    public Guid? MessageId { get; init; }

    public Guid? MemoryId { get; init; }

    public string? Note { get; init; }

    public static KeptEntry From(KeptCopy copy) => new()
    {
        Type = copy.SearchJson is null ? EntryTypes.Bookmark : EntryTypes.SavedSearch,
        Id = copy.Id,
        CreatedAt = copy.CreatedAt,
        Name = copy.Name,
        Search = TransferJson.Parse(copy.SearchJson),
        MessageId = copy.MessageId,
        MemoryId = copy.MemoryId,
        Note = copy.Note,
    };
}

/// <summary>What became of something that was read, or a consent. An import passes over it: it tells what was done here.</summary>
internal sealed record LearnedEntry
{
    public required string Type { get; init; }

    public required Guid Id { get; init; }

    public required string Scope { get; init; }

    public Guid? MessageId { get; init; }

    public Guid? SourceMemoryId { get; init; }

    public string? Outcome { get; init; }

    public string? Reason { get; init; }

    public Guid? MemoryId { get; init; }

    public Guid? OtherId { get; init; }

    public string? Category { get; init; }

    public string? Extractor { get; init; }

    public int? InputTokens { get; init; }

    public int? OutputTokens { get; init; }

    public long? CostMicros { get; init; }

    public required DateTimeOffset At { get; init; }

    public static LearnedEntry From(LearnedCopy copy) => new()
    {
        Type = copy.IsConsent ? EntryTypes.Consent : EntryTypes.Extraction,
        Id = copy.Id,
        Scope = copy.Scope,
        MessageId = copy.MessageId,
        SourceMemoryId = copy.SourceMemoryId,
        Outcome = copy.Outcome,
        Reason = copy.Reason,
        MemoryId = copy.MemoryId,
        OtherId = copy.OtherId,
        Category = copy.Category,
        Extractor = copy.Extractor,
        InputTokens = copy.IsConsent ? null : copy.InputTokens,
        OutputTokens = copy.IsConsent ? null : copy.OutputTokens,
        CostMicros = copy.IsConsent ? null : copy.CostMicros,
        At = copy.At,
    };
}

/// <summary>What was counted in one interval, as <c>GET /v1/analytics/trends</c> has it.</summary>
internal sealed record UsageEntry
{
    public string Type { get; init; } = EntryTypes.Usage;

    public required DateTimeOffset Start { get; init; }

    public required DateTimeOffset End { get; init; }

    public required UsageCounts Usage { get; init; }
}

/// <summary>The last record: that nothing is missing.</summary>
internal sealed record EndEntry
{
    public string Type { get; init; } = EntryTypes.End;

    public required long Conversations { get; init; }

    public required long Messages { get; init; }

    public required long Memories { get; init; }

    public required long Settings { get; init; }

    /// <summary>Intervals, of an export of analytics.</summary>
    public long Intervals { get; init; }
}
