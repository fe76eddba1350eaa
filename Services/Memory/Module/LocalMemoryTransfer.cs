using System.Text.Json;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Memory.Endpoints;
using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Text;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Memory;

/// <summary>Answers exports and imports from the store of this process. What is imported keeps the rules of what is added over the public routes.</summary>
internal sealed class LocalMemoryTransfer(
    IMemoryStore store, IExtractionLedger ledger, SubjectTransfer subjects, KeyedNames names, MemoryKeys keys, IOptions<MemoryOptions> options, TimeProvider clock) : IMemoryTransfer
{
    /// <summary>Most bytes of quoted words, as long as a message can be.</summary>
    private const int MaxQuoteBytes = 32 * 1024;
    private const int MaxTextBytes = 8_192;
    private const int MaxParts = 1_000;

    public async Task<MemorySlice> ListMemoriesAsync(Guid tenantId, Guid? ownerKey, Guid? after, int limit, CancellationToken cancellationToken)
    {
        var (memories, next) = await store.ListWholeAsync(tenantId, ownerKey, after, Math.Clamp(limit, 1, IMemoryTransfer.MostItems), cancellationToken);
        return new MemorySlice([.. memories.Select(ToContract)], next);
    }

    public Task<long> CountMemoriesAsync(Guid tenantId, Guid? ownerKey, CancellationToken cancellationToken)
        => store.CountAsync(tenantId, ownerKey, cancellationToken);

    public async Task<LearnedSlice> ListExtractionsAsync(Guid tenantId, Guid? ownerKey, Guid? after, int limit, CancellationToken cancellationToken)
    {
        var query = new LedgerQuery { TenantId = tenantId, OwnerKey = ownerKey, After = after, Limit = Math.Clamp(limit, 1, IMemoryTransfer.MostItems) };
        var entries = await ledger.ListAsync(query, cancellationToken);
        return new LearnedSlice(
            [.. entries.Select(entry => new LearnedCopy
            {
                Id = entry.Id,
                At = entry.At,
                Scope = MemoryRecord.NameOf(entry.Scope),
                MessageId = entry.FromMemory ? null : entry.SourceId,
                SourceMemoryId = entry.FromMemory ? entry.SourceId : null,
                Outcome = entry.Outcome.ToString().ToLowerInvariant(),
                Reason = entry.Reason,
                MemoryId = entry.MemoryId,
                OtherId = entry.OtherId,
                Category = entry.Category,
                Extractor = entry.Extractor,
                InputTokens = entry.InputTokens,
                OutputTokens = entry.OutputTokens,
                CostMicros = entry.CostMicros,
            })],
            entries.Count == query.Limit ? entries[^1].Id : null);
    }

    public async Task<LearnedSlice> ListConsentsAsync(Guid tenantId, Guid? ownerKey, Guid? after, int limit, CancellationToken cancellationToken)
    {
        var most = Math.Clamp(limit, 1, IMemoryTransfer.MostItems);
        var consents = await ledger.ListConsentsAsync(tenantId, ownerKey, after, most, cancellationToken);
        return new LearnedSlice(
            [.. consents.Select(consent => new LearnedCopy
            {
                Id = consent.Id, At = consent.At, IsConsent = true, MessageId = consent.MessageId, MemoryId = consent.MemoryId, Category = consent.Category,
            })],
            consents.Count == most ? consents[^1].Id : null);
    }

    public async Task<IReadOnlyList<SettingsCopy>> FindSettingsAsync(Guid tenantId, IReadOnlyList<Guid> subjectKeys, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(subjectKeys.Count, IMemoryTransfer.MostItems);
        var found = new List<SettingsCopy>();
        foreach (var subjectKey in subjectKeys)
        {
            if (await subjects.FindAsync(tenantId, subjectKey, await store.FindSettingsAsync(tenantId, subjectKey, cancellationToken), cancellationToken) is { } settings)
            {
                found.Add(settings);
            }
        }

        return found;
    }

    public async Task<IReadOnlyList<CopyOutcome>> ImportAsync(MemoryImport import, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(import.Memories.Count + import.Settings.Count, IMemoryTransfer.MostItems);
        var now = StoredTime.Now(clock);
        var outcomes = new CopyOutcome[import.Memories.Count + import.Settings.Count];
        var (accepted, places) = (new List<(WholeMemory Memory, Guid? SourceId)>(), new List<int>());
        for (var i = 0; i < import.Memories.Count; i++)
        {
            var copy = import.Memories[i];
            if (Check(copy, now) is { } refusal)
            {
                outcomes[i] = new CopyOutcome(CopyStatus.Refused, refusal);
                continue;
            }

            accepted.Add((ToRecord(import, copy, now), copy.SourceId));
            places.Add(i);
        }

        var statuses = await store.ImportAsync(accepted, import.DryRun, now, cancellationToken);
        for (var i = 0; i < statuses.Length; i++)
        {
            outcomes[places[i]] = statuses[i] switch
            {
                ImportStatus.Added => CopyOutcome.Stored,
                ImportStatus.Exists => CopyOutcome.Exists,
                _ => new CopyOutcome(CopyStatus.Refused, "user_id: The subject opted out of memory."),
            };
        }

        var set = await store.ImportSettingsAsync(
            import.TenantId,
            [.. import.Settings.Select(settings => (settings.SubjectKey, new SubjectSettings(
                settings.OptedOut, settings.UpdatedAt, settings.AllowedCategories is { } allowed ? [.. allowed.Where(Categories.Contains)] : null)))],
            import.DryRun,
            cancellationToken);
        for (var i = 0; i < set.Length; i++)
        {
            outcomes[import.Memories.Count + i] = set[i] ? CopyOutcome.Stored : CopyOutcome.Exists;
        }

        foreach (var settings in import.DryRun ? [] : import.Settings.Where(settings => settings.UserId is not null))
        {
            await subjects.ImportAsync(import, settings, cancellationToken);
        }

        if (!import.DryRun && statuses.Count(status => status == ImportStatus.Added) is > 0 and var added)
        {
            MemoryTelemetry.Added.Add(added, new KeyValuePair<string, object?>("origin", "import"));
        }

        return outcomes;
    }

    private static MemoryCopy ToContract(WholeMemory whole)
    {
        var memory = whole.Memory;
        return new MemoryCopy
        {
            Id = memory.Id,
            Scope = memory.ScopeName,
            OwnerKey = memory.OwnerKey,
            UserId = memory.UserId,
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
            MetadataJson = memory.MetadataJson,
            ValidFrom = memory.ValidFrom,
            ValidTo = memory.ValidTo,
            SupersededBy = memory.SupersededBy,
            State = memory.StateName,
            ExpiresAt = memory.ExpiresAt,
            SupersededAt = memory.SupersededAt,
            Evidence = memory.Evidence,
            Inferred = memory.Inferred,
            Boost = memory.Boost,
            HoldReason = memory.HoldReason,
            Version = memory.Version,
            CreatedAt = memory.CreatedAt,
            UpdatedAt = memory.UpdatedAt,
            Sources = [.. whole.Sources.Select(source => new MemorySourceCopy(source.MessageId, source.ConversationId, source.QuoteStart, source.QuoteLength, source.Quote, source.FromMemory))],
            History =
            [
                .. whole.History.Select(entry => new MemoryVersionCopy(
                    entry.Version, entry.Event.ToString().ToUpperInvariant(), entry.Actor.ToString(), entry.OldText, entry.NewText, entry.At, entry.ValidFrom, entry.ValidTo)),
            ],
        };
    }

    /// <summary>What is wrong with a memory, or null.</summary>
    private static string? Check(MemoryCopy copy, DateTimeOffset now)
    {
        var errors = RequestValidation.Check(new AddMemoryRequest
        {
            Text = copy.Text,
            UserId = copy.UserId,
            Importance = copy.Importance,
            Metadata = copy.MetadataJson is { } json ? JsonElement.Parse(json) : null,
            AgentId = copy.AgentId,
            RunId = copy.RunId,
        });
        if (errors.Count > 0)
        {
            return errors.Select(error => $"{error.Key}: {error.Value[0]}").First();
        }

        return copy.Category is null || !Categories.Contains(copy.Category) ? "category: Must be one of the documented categories."
            : copy.Confidence is not (>= 0 and <= 1) ? "confidence: Must be from 0 to 1."
            : copy.State is not null && ParseState(copy.State) is not { } state ? "state: Must be one of the documented states."
            : copy.State is not null && (ParseState(copy.State) == MemoryState.Current) != (copy.ValidTo is null) ? "state: Must be current where valid_to is not set, and only there."
            : copy.HoldReason is not null && !HoldReasons.All.Contains(copy.HoldReason) ? "hold_reason: Must be one of the documented reasons."
            : copy.Evidence < 0 || copy.Boost is not (>= -1 and <= 1) ? "evidence_count: Must be at least 0."
            : copy.Version < 1 ? "version: Must be at least 1."
            : copy.Slot is not null && TextRules.Check(copy.Slot, MemoryRights.MaxIdBytes) is { } slot ? $"slot: {slot}"
            : ((DateTimeOffset?[])[copy.ValidFrom, copy.ValidTo, copy.SupersededAt, copy.CreatedAt, copy.UpdatedAt]).Any(time => time < DateTimeOffset.UnixEpoch || time > now.AddMinutes(5))
                ? "created_at: Times must be from 1970 to at most five minutes in the future."
            : copy.Sources.Count > MaxParts || copy.History.Count > MaxParts ? "history: Must have at most 1,000 entries, and as many sources."
            : copy.Sources.Any(source => source.QuoteStart < 0 || source.QuoteLength < 0
                || (source.FromMemory ? source.ConversationId.Length > 0 : TextRules.Check(source.ConversationId, MemoryRights.MaxIdBytes) is not null)
                || TextRules.Check(source.Quote, MaxQuoteBytes, allowBlank: true, allowControl: true) is not null) ? "sources: An entry breaks a rule."
            : copy.History.Select(entry => entry.Version).Distinct().Count() < copy.History.Count
                || copy.History.Any(entry => entry.Version < 1 || entry.Version > copy.Version
                    || ParseEvent(entry.Event) is null || !Actor.TryParse(entry.Actor, out _) || !IsText(entry.OldText) || !IsText(entry.NewText)) ? "history: An entry breaks a rule."
            : null;
    }

    private static MemoryState? ParseState(string name)
        => name.All(char.IsAsciiLetterLower) && Enum.TryParse<MemoryState>(name, ignoreCase: true, out var state) ? state : null;

    private static bool IsText(string? text) => text is null || TextRules.Check(text, MaxTextBytes, allowBlank: true, allowControl: true) is null;

    private static HistoryEvent? ParseEvent(string name)
        => name.All(char.IsAsciiLetterUpper) && Enum.TryParse<HistoryEvent>(name, ignoreCase: true, out var change) ? change : null;

    private static DateTimeOffset ToMilliseconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());

    private WholeMemory ToRecord(MemoryImport import, MemoryCopy copy, DateTimeOffset now)
    {
        var text = MemoryText.ToKeep(copy.Text!, copy.Extract);
        var held = copy.ValidTo is null && InstructionText.IsHeld(text) && !copy.History.Any(entry => ParseEvent(entry.Event) == HistoryEvent.Approve);
        var active = copy.ValidTo is null && !held;
        var state = held ? MemoryState.Quarantined
            : copy.State is { } name ? ParseState(name)!.Value
            : active ? MemoryState.Current
            : copy.SupersededBy is null ? MemoryState.Archived : MemoryState.Superseded;
        return new WholeMemory(
            new MemoryRecord
            {
                Id = copy.Id,
                TenantId = import.TenantId,
                Scope = copy.Scope switch { MemoryScopes.User => MemoryScope.User, MemoryScopes.Team => MemoryScope.Team, _ => MemoryScope.Organization },
                OwnerKey = copy.OwnerKey,
                UserId = copy.UserId,
                AgentId = copy.AgentId,
                RunId = copy.RunId,
                CreatedBy = copy.Derived ? null : import.AccountId,
                Extract = copy.Extract,
                Derived = copy.Derived,
                Text = text,
                MetadataJson = copy.MetadataJson,
                Category = copy.Category!,
                CategoryGiven = copy.CategoryGiven,
                Importance = copy.Importance,
                ImportanceGiven = copy.ImportanceGiven,
                Confidence = copy.Confidence,
                Slot = copy.Slot,
                SingleValued = copy.SingleValued,
                TextKey = keys.TextKey(import.TenantId, copy.OwnerKey, copy.AgentId, copy.RunId, text, copy.Extract ? copy.Id : null),

                // Not pending: it is kept as it was, and only search has to learn of it.
                Status = active ? MemoryStatus.Processing : MemoryStatus.Completed,
                NextAttemptAt = active ? now.AddSeconds(options.Value.IndexTimeoutSeconds) : null,
                ValidFrom = ToMilliseconds(copy.ValidFrom),
                ValidTo = copy.ValidTo is { } validTo ? ToMilliseconds(validTo) : held ? ToMilliseconds(copy.ValidFrom) : null,
                ExpiresAt = copy.ExpiresAt is { } expiresAt ? ToMilliseconds(expiresAt) : null,
                SupersededBy = copy.SupersededBy,
                SupersededAt = active ? null : ToMilliseconds(copy.SupersededAt ?? copy.UpdatedAt),
                State = state,
                Evidence = Math.Max(1, copy.Evidence > 0 ? copy.Evidence : copy.Sources.Count),
                Inferred = copy.Inferred,
                Boost = copy.Boost,
                HoldReason = held ? HoldReasons.Instructions : copy.HoldReason,
                Version = copy.Version,
                CreatedAt = ToMilliseconds(copy.CreatedAt),
                UpdatedAt = ToMilliseconds(copy.UpdatedAt),
            },
            [
                .. copy.Sources.Select(source => new MemorySource
                {
                    MessageId = source.MessageId,
                    FromMemory = source.FromMemory,
                    ConversationKey = source.FromMemory ? Guid.Empty : names.ConversationKey(import.TenantId, source.ConversationId),
                    ConversationId = source.ConversationId,
                    QuoteStart = source.QuoteStart,
                    QuoteLength = source.QuoteLength,
                    Quote = source.Quote,
                }),
            ],
            [
                .. copy.History.Select(entry =>
                {
                    // Checked before.
                    _ = Actor.TryParse(entry.Actor, out var actor);
                    return new HistoryEntry(entry.Version, ParseEvent(entry.Event)!.Value, actor, entry.OldText, entry.NewText, ToMilliseconds(entry.At), entry.ValidFrom, entry.ValidTo);
                }),
            ]);
    }
}
