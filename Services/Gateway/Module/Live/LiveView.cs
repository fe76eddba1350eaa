using System.Text.Json;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.Gateway.Live;

/// <summary>Which events a client wants, as it wrote it.</summary>
internal sealed record LiveFilter
{
    /// <summary>Most conversations of a filter.</summary>
    public const int MaxConversations = 50;

    private const int MaxNameBytes = 512;

    /// <summary>Only these types; empty for all.</summary>
    public IReadOnlyList<string> Types { get; init; } = [];

    /// <summary>Only these conversations; empty for all.</summary>
    public IReadOnlyList<string> Conversations { get; init; } = [];

    /// <summary>Only this subject; null for every one the client may see.</summary>
    public string? UserId { get; init; }

    /// <summary>What is wrong with it, by field.</summary>
    public Dictionary<string, string[]> Check()
    {
        var errors = new Dictionary<string, string[]>();
        if (Types.Any(type => !LiveTypes.All.Contains(type)))
        {
            errors["types"] = [$"Must be some of: {string.Join(", ", LiveTypes.All)}."];
        }

        if (Conversations.Count > MaxConversations)
        {
            errors["conversation_id"] = [$"At most {MaxConversations}."];
        }
        else if (Conversations.Select(id => TextRules.Check(id, MaxNameBytes)).FirstOrDefault(message => message is not null) is { } message)
        {
            errors["conversation_id"] = [message];
        }

        if (UserId is not null && TextRules.Check(UserId, MaxNameBytes) is { } wrong)
        {
            errors["user_id"] = [wrong];
        }

        return errors;
    }
}

/// <summary>What a client may see and wants to see of a tenant.</summary>
internal sealed class LiveView
{
    private readonly TenantAccess _access;
    private readonly Guid _ownKey;
    private readonly Guid? _subjectKey;
    private readonly string? _subject;
    private readonly Dictionary<Guid, string> _conversations;
    private readonly HashSet<string> _types;

    private LiveView(TenantAccess access, LiveFilter filter, KeyedNames names)
    {
        _access = access;
        Filter = filter;
        _ownKey = names.SubjectKey(access.TenantId, access.OwnUserId);
        _subject = filter.UserId ?? (access.ActsForEverySubject ? null : access.OwnUserId);
        _subjectKey = filter.UserId is null ? null : names.SubjectKey(access.TenantId, filter.UserId);
        _conversations = filter.Conversations.Distinct(StringComparer.Ordinal).ToDictionary(id => names.ConversationKey(access.TenantId, id));
        _types = filter.Types.ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The filter.</summary>
    public LiveFilter Filter { get; }

    /// <summary>Whether the client sees what concerns the whole tenant.</summary>
    public bool SeesTenant => _access.ActsForEverySubject && _subjectKey is null && _conversations.Count == 0;

    /// <summary>The view of a client; null when it asks for a subject it may not act for.</summary>
    public static LiveView? Create(TenantAccess access, LiveFilter filter, KeyedNames names)
        => access.SubjectFor(filter.UserId) is null ? null : new LiveView(access, filter, names);

    /// <summary>Whether the client wants events of a type.</summary>
    public bool Wants(string type) => _types.Count == 0 || type == LiveTypes.Reset || _types.Contains(type);

    /// <summary>Whether the client sees what happens to a message.</summary>
    public bool SeesMessage(Guid subjectKey, Guid conversationKey)
        => SeesSubject(subjectKey) && (_conversations.Count == 0 || _conversations.ContainsKey(conversationKey));

    /// <summary>Whether the client sees that a conversation was deleted; one whose subject is not told is shown to whoever acts for all.</summary>
    public bool SeesConversation(Guid? subjectKey, Guid conversationKey)
        => (subjectKey is { } key ? SeesSubject(key) : _access.ActsForEverySubject && _subjectKey is null)
            && (_conversations.Count == 0 || _conversations.ContainsKey(conversationKey));

    /// <summary>Whether the client sees what happens to a memory of an owner. Memories belong to no conversation.</summary>
    public bool SeesMemory(Guid ownerKey)
        => _conversations.Count == 0
            && (ScopeOf(ownerKey) == MemoryScopes.User ? SeesSubject(ownerKey) : _subjectKey is null);

    /// <summary>Whether the client sees what happens to a subject as a whole.</summary>
    public bool SeesPerson(Guid subjectKey) => _conversations.Count == 0 && SeesSubject(subjectKey);

    /// <summary>The scope of a memory by its owner: what is neither the tenant nor a team that the client may read is a subject.</summary>
    public string ScopeOf(Guid ownerKey)
        => ownerKey == _access.TenantId ? MemoryScopes.Organization
            : _access.RoleInTeam(ownerKey) is not null ? MemoryScopes.Team
            : MemoryScopes.User;

    /// <summary>Writes the client's own names of a subject and a conversation where it named them: an event holds their keyed hashes only.</summary>
    public void WriteNames(Utf8JsonWriter json, Guid? subjectKey, Guid? conversationKey)
    {
        if (conversationKey is { } key && _conversations.TryGetValue(key, out var name))
        {
            json.WriteString("conversation_id", name);
        }

        if (subjectKey is not null && (_subject ?? (subjectKey == _ownKey ? _access.OwnUserId : null)) is { } subject)
        {
            json.WriteString("user_id", subject);
        }
    }

    private bool SeesSubject(Guid subjectKey)
        => (_access.ActsForEverySubject || subjectKey == _ownKey) && (_subjectKey is null || subjectKey == _subjectKey);
}
