using System.Text;
using System.Text.Json;
using MemoryMesh.Contracts.Auth;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.Retention.Transfers.Imports;

/// <summary>The storing of one file: gathers items, sends them to their services and counts what became of them.</summary>
internal sealed class ImportWriting(ImportRecord import, KeyedNames names, IChatTransfer chat, IMemoryTransfer memory, Patience patience)
{
    private const int MostItems = 200;
    private const int MostCharacters = 1024 * 1024;
    private const int MaxIdBytes = 200;
    private static readonly TimeSpan FutureTolerance = TimeSpan.FromMinutes(5);

    private readonly List<ImportItem> _items = [];
    private readonly List<ImportFault> _faults = [];
    private readonly Dictionary<string, long> _skipped = new(import.Counts.Skipped, StringComparer.Ordinal);
    private int _characters;

    /// <summary>Whether the next batch may be one that was sent before.</summary>
    private bool _repeated = import.Attempts > 1 || import.Position > 0;

    /// <summary>The import with what was counted until the last batch.</summary>
    public ImportRecord Import { get; private set; } = import;

    public bool IsFull => _items.Count >= MostItems || _characters >= MostCharacters;

    public void Add(ImportItem item)
    {
        _items.Add(item);
        _characters += item switch
        {
            ImportItem.OfMessage { Entry: var message } => (message.Content?.Length ?? 0) + (message.MetadataJson?.Length ?? 0),
            ImportItem.OfMemory { Entry: var memory } => (memory.Text?.Length ?? 0)
                + (memory.History?.Sum(version => (version?.OldText?.Length ?? 0) + (version?.NewText?.Length ?? 0)) ?? 0)
                + (memory.Sources?.Sum(source => source?.Quote?.Length ?? 0) ?? 0),
            _ => 0,
        };
    }

    /// <summary>Notes what is wrong with the file as a whole.</summary>
    public void AddFault(ImportPlace place, string reason)
    {
        Import = Import with { Counts = Import.Counts with { Failed = Import.Counts.Failed + 1 } };
        if (Import.Counts.Failed <= IImportStore.MostFaults)
        {
            _faults.Add(new ImportFault(Import.Counts.Failed, place.Line, place.Record, reason));
        }
    }

    /// <summary>What was wrong since this was asked last.</summary>
    public IReadOnlyList<ImportFault> TakeFaults()
    {
        var taken = _faults.ToList();
        _faults.Clear();
        return taken;
    }

    /// <summary>Stores what was added.</summary>
    public async Task StoreAsync(TenantAccess access, Guid? reach, CancellationToken cancellationToken)
    {
        if (_items.Count == 0)
        {
            return;
        }

        var outcomes = new CopyOutcome?[_items.Count];
        await StoreInChatAsync(access, reach, outcomes, cancellationToken);
        await StoreInMemoryAsync(access, reach, outcomes, cancellationToken);
        var stored = 0L;
        for (var i = 0; i < _items.Count; i++)
        {
            switch (_items[i])
            {
                case ImportItem.Skipped { Code: { } code }:
                    Skip(code);
                    break;
                case ImportItem.Skipped:
                    break;
                case ImportItem.Refused { Reason: var reason }:
                    AddFault(_items[i].Place, reason);
                    break;
                default:
                    if (outcomes[i]!.Status == CopyStatus.Refused)
                    {
                        AddFault(_items[i].Place, outcomes[i]!.Reason ?? "Was refused.");
                    }
                    else if (outcomes[i]!.Status == CopyStatus.Exists && !_repeated)
                    {
                        Skip(SkipCodes.AlreadyThere);
                    }
                    else
                    {
                        stored++;
                    }

                    break;
            }
        }

        Import = Import with
        {
            Position = Import.Position + _items.Count,
            Counts = Import.Counts with
            {
                Records = _items[^1].Place.Record,
                Stored = Import.Counts.Stored + stored,
                Skipped = new Dictionary<string, long>(_skipped),
            },
        };
        _items.Clear();
        _characters = 0;
        _repeated = false;
    }

    private void Skip(string code) => _skipped[code] = _skipped.GetValueOrDefault(code) + 1;

    private async Task StoreInChatAsync(TenantAccess access, Guid? reach, CopyOutcome?[] outcomes, CancellationToken cancellationToken)
    {
        var (conversations, conversationPlaces) = (new List<ConversationCopy>(), new List<int>());
        var (messages, messagePlaces) = (new List<MessageCopy>(), new List<int>());
        for (var i = 0; i < _items.Count; i++)
        {
            switch (_items[i])
            {
                case ImportItem.OfConversation { Entry: var conversation }:
                    if (SubjectOf(access, conversation.UserId, ref outcomes[i]) is { } owner && Check("conversation_id", conversation.ConversationId, ref outcomes[i]) is { } id)
                    {
                        conversations.Add(new ConversationCopy
                        {
                            ConversationId = id,
                            UserId = owner,
                            Title = conversation.Title,
                            MetadataJson = Json(conversation.Metadata),
                            CreatedAt = conversation.CreatedAt is { } at && at >= DateTimeOffset.UnixEpoch && at <= Import.CreatedAt + FutureTolerance ? at : Import.CreatedAt,
                        });
                        conversationPlaces.Add(i);
                    }

                    break;
                case ImportItem.OfMessage { Entry: var message }:
                    if (SubjectOf(access, message.UserId, ref outcomes[i]) is { } subject
                        && Check("conversation_id", ConversationOf(message), ref outcomes[i]) is { } conversationId)
                    {
                        messages.Add(ToCopy(message, subject, conversationId));
                        messagePlaces.Add(i);
                    }

                    break;
            }
        }

        if (conversations.Count + messages.Count > 0)
        {
            var call = new ChatImport
            {
                TenantId = Import.TenantId,
                ReachSubjectKey = reach,
                DryRun = Import.DryRun,
                Conversations = conversations,
                Messages = messages,
            };
            Fill(outcomes, [.. conversationPlaces, .. messagePlaces], await patience.TryAsync(token => chat.ImportAsync(call, token), cancellationToken));
        }
    }

    private const int MaxBlocks = 1_000;

    private async Task StoreInMemoryAsync(TenantAccess access, Guid? reach, CopyOutcome?[] outcomes, CancellationToken cancellationToken)
    {
        var (memories, memoryPlaces) = (new List<MemoryCopy>(), new List<int>());
        var (settings, settingsPlaces) = (new List<SettingsCopy>(), new List<int>());
        var here = await FindSourcesAsync(reach, cancellationToken);
        for (var i = 0; i < _items.Count; i++)
        {
            switch (_items[i])
            {
                case ImportItem.OfMemory { Entry: var entry, Place: var place }:
                    if (OwnerOf(access, entry, ref outcomes[i]) is { } owner && ToCopy(entry, place, owner, here, ref outcomes[i]) is { } copy)
                    {
                        memories.Add(copy);
                        memoryPlaces.Add(i);
                    }

                    break;
                case ImportItem.OfSettings { Entry: var entry }:
                    if (entry.UpdatedAt < DateTimeOffset.UnixEpoch || entry.UpdatedAt > Import.CreatedAt + FutureTolerance)
                    {
                        outcomes[i] = Refuse("updated_at", "Must be from 1970 to at most five minutes in the future.");
                    }
                    else if (SubjectOf(access, entry.UserId, ref outcomes[i]) is { } subject)
                    {
                        settings.Add(new SettingsCopy(names.SubjectKey(Import.TenantId, subject), entry.OptedOut, entry.UpdatedAt)
                        {
                            UserId = subject,
                            AllowedCategories = entry.AllowedCategories,
                            Preferences = entry.Preferences ?? new Dictionary<string, PreferenceCopy>(),

                            // Only those who administer a subject may make a block read-only.
                            Blocks = [.. (entry.Blocks ?? []).OfType<BlockCopy>().Take(MaxBlocks).Select(block => block with { ReadOnly = block.ReadOnly && access.ActsForEverySubject, Versions = null })],
                        });
                        settingsPlaces.Add(i);
                    }

                    break;
            }
        }

        if (memories.Count + settings.Count > 0)
        {
            var call = new MemoryImport { TenantId = Import.TenantId, AccountId = Import.AccountId, DryRun = Import.DryRun, Memories = memories, Settings = settings };
            Fill(outcomes, [.. memoryPlaces, .. settingsPlaces], await patience.TryAsync(token => memory.ImportAsync(call, token), cancellationToken));
        }
    }

    /// <summary>Messages that memories were drawn from and that are here: an import into the tenant that the export is of.</summary>
    private async Task<IReadOnlySet<Guid>> FindSourcesAsync(Guid? reach, CancellationToken cancellationToken)
    {
        var here = new HashSet<Guid>();
        var ids = _items.OfType<ImportItem.OfMemory>().SelectMany(item => item.Entry.Sources ?? []).OfType<SourceEntry>()
            .Where(source => !source.FromMemory).Select(source => source.MessageId).Distinct();
        foreach (var part in ids.Chunk(IChatTransfer.MostItems))
        {
            here.UnionWith(await patience.TryAsync(token => chat.FindMessagesAsync(Import.TenantId, reach, part, token), cancellationToken));
        }

        return here;
    }

    /// <summary>The subject of a record, or null with the outcome set.</summary>
    private string? SubjectOf(TenantAccess access, string? userId, ref CopyOutcome? outcome)
    {
        var wanted = Import.Request.UserId ?? userId;
        if (wanted is not null && TextRules.Check(wanted, MaxIdBytes) is { } message)
        {
            outcome = Refuse("user_id", message);
            return null;
        }

        if (access.SubjectFor(wanted) is not { } subject)
        {
            outcome = Refuse("user_id", "There is nothing here that you may see.");
            return null;
        }

        return subject;
    }

    private string ConversationOf(IncomingMessage message)
        => message.ConversationId ?? Import.Request.ConversationId ?? $"import-{Import.Id:N}{(message.Unnamed > 0 ? $"-{message.Unnamed}" : "")}";

    private MessageCopy ToCopy(IncomingMessage message, string subject, string conversationId)
    {
        // A message in a conversation that is made up for this import is the same in the next: its subject stands for the conversation.
        var named = message.ConversationId is not null || Import.Request.ConversationId is not null;
        var within = named ? names.ConversationKey(Import.TenantId, conversationId) : names.SubjectKey(Import.TenantId, subject);
        return new MessageCopy
        {
            Id = IdOf(within, message.Identity),
            SourceId = message.SourceId,
            ConversationId = conversationId,
            UserId = subject,
            Role = message.Role,
            Content = message.Content,
            MetadataJson = message.MetadataJson,
            Importance = message.Importance,
            ReplyTo = message.ReplyTo is { } replyTo ? IdOf(within, IncomingMessage.IdentityOf(replyTo)) : null,
            SourceReplyTo = message.ReplyTo,
            CreatedAt = message.CreatedAt ?? Import.CreatedAt,
            ExtractMemory = Import.Extract && (message.ExtractMemory ?? true),
            Archived = message.Archived,
        };
    }

    /// <summary>The owner of a memory, or null with the outcome set.</summary>
    private (Guid Key, string? UserId)? OwnerOf(TenantAccess access, MemoryEntry entry, ref CopyOutcome? outcome)
    {
        switch (entry.Scope)
        {
            case MemoryScopes.User:
                return SubjectOf(access, entry.UserId, ref outcome) is { } subject ? (names.SubjectKey(Import.TenantId, subject), subject) : null;
            case MemoryScopes.Team when entry.TeamId is { } team && access.RoleInTeam(team) >= TenantRole.Member:
                return (team, null);
            case MemoryScopes.Team:
                outcome = Refuse("team_id", "There is no team of this id here that you may write to.");
                return null;
            case MemoryScopes.Organization:
                return (Import.TenantId, null);
            default:
                outcome = Refuse("scope", "Must be user, team or organization.");
                return null;
        }
    }

    private MemoryCopy? ToCopy(MemoryEntry entry, ImportPlace place, (Guid Key, string? UserId) owner, IReadOnlySet<Guid> here, ref CopyOutcome? outcome)
    {
        var sources = new List<MemorySourceCopy>();
        foreach (var source in entry.Sources ?? [])
        {
            if (source is { FromMemory: true, Quote: { } words })
            {
                // An added memory has the same owner as its facts, and gets its id in the same way.
                sources.Add(new MemorySourceCopy(IdOf(owner.Key, MemoryIdentity(source.MessageId)), "", source.QuoteStart, source.QuoteLength, words, FromMemory: true));
                continue;
            }

            if (source is not { ConversationId: { } conversationId, Quote: { } quote } || TextRules.Check(conversationId, MaxIdBytes) is not null)
            {
                outcome = Refuse("sources", "An entry lacks a field.");
                return null;
            }

            var messageId = here.Contains(source.MessageId)
                ? source.MessageId
                : IdOf(names.ConversationKey(Import.TenantId, conversationId), IncomingMessage.IdentityOf(source.MessageId));
            sources.Add(new MemorySourceCopy(messageId, conversationId, source.QuoteStart, source.QuoteLength, quote));
        }

        var history = new List<MemoryVersionCopy>();
        foreach (var version in entry.History ?? [])
        {
            if (version is not { Event: { } change, Actor: { } actor })
            {
                outcome = Refuse("history", "An entry lacks a field.");
                return null;
            }

            history.Add(new MemoryVersionCopy(version.Version, change, actor, version.OldText, version.NewText, version.At, version.ValidFrom, version.ValidTo));
        }

        return new MemoryCopy
        {
            Id = IdOf(owner.Key, entry.Id is { } id ? MemoryIdentity(id) : $"memory at {place.Record} {entry.Text}"),
            SourceId = entry.Id,
            Scope = entry.Scope!,
            OwnerKey = owner.Key,
            UserId = owner.UserId,
            AgentId = entry.AgentId,
            RunId = entry.RunId,
            Text = entry.Text,
            Category = entry.Category,
            CategoryGiven = entry.CategoryGiven,
            Importance = entry.Importance,
            ImportanceGiven = entry.ImportanceGiven,
            Confidence = entry.Confidence,
            Slot = entry.Slot,
            SingleValued = entry.SingleValued,
            Extract = entry.Extract,
            Derived = entry.Derived,
            MetadataJson = Json(entry.Metadata),
            ValidFrom = entry.ValidFrom,
            ValidTo = entry.ValidTo,
            SupersededBy = entry.SupersededBy is { } newer ? IdOf(owner.Key, MemoryIdentity(newer)) : null,
            State = entry.State,
            ExpiresAt = entry.ExpiresAt,
            SupersededAt = entry.SupersededAt,
            Evidence = entry.EvidenceCount,
            Inferred = entry.Inferred,
            Boost = entry.Boost,
            HoldReason = entry.HoldReason,
            Version = entry.Version,
            CreatedAt = entry.CreatedAt,
            UpdatedAt = entry.UpdatedAt,
            Sources = sources,
            History = history,
        };
    }

    private static string MemoryIdentity(Guid sourceId) => $"memorymesh memory {sourceId:N}";

    private static string? Json(JsonElement? json) => json is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } given ? given.GetRawText() : null;

    private static CopyOutcome Refuse(string field, string message) => new(CopyStatus.Refused, $"{field}: {message}");

    /// <summary>An id of a name that can be looked up by its keyed hash, or null with the outcome set.</summary>
    private static string? Check(string field, string? id, ref CopyOutcome? outcome)
    {
        if ((id is null ? "Is needed." : TextRules.Check(id, MaxIdBytes)) is not { } message)
        {
            return id;
        }

        outcome = Refuse(field, message);
        return null;
    }

    private static void Fill(CopyOutcome?[] outcomes, List<int> places, IReadOnlyList<CopyOutcome> results)
    {
        for (var i = 0; i < places.Count; i++)
        {
            outcomes[places[i]] = results[i];
        }
    }

    /// <summary>An id that is the same for the same thing each time, and that nobody can make without the server's key (version 8 of RFC 9562).</summary>
    private Guid IdOf(Guid within, string identity)
    {
        var hash = names.Fingerprint([.. "imported "u8, .. Import.TenantId.ToByteArray(bigEndian: true), .. within.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(identity)]);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }
}
