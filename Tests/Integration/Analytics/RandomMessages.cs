using MemoryMesh.Chat.Storage;
using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.Tests.Integration.Analytics;

/// <summary>Messages of any role and length within the thirty days after <see cref="Start"/>, the same in each run.</summary>
internal sealed class RandomMessages(KeyedNames names)
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Random _random = new(5);

    /// <summary>Messages of one tenant, each of any of its subjects in any of its conversations.</summary>
    public List<MessageRecord> Make(int count, int subjects, int conversations, Guid tenant)
        => [.. Enumerable.Range(0, count).Select(_ => Make(_random.Next(subjects), _random.Next(conversations), tenant))];

    /// <summary>A message of one subject in one conversation.</summary>
    public MessageRecord Make(int subject, int conversation, Guid tenant) => new()
    {
        Id = Guid.CreateVersion7(),
        TenantId = tenant,
        ConversationKey = names.ConversationKey(tenant, $"c{conversation}"),
        ConversationId = $"c{conversation}",
        SubjectKey = names.SubjectKey(tenant, $"u{subject}"),
        UserId = $"u{subject}",
        Role = ((string[])["user", "assistant", "system", "tool"])[_random.Next(4)],
        Content = new string('x', _random.Next(1, 200)),
        MetadataJson = _random.Next(2) == 0 ? null : """{"a":1}""",
        ExtractMemory = false,
        Version = 1,
        CreatedAt = Start.AddSeconds(_random.Next(30 * 86_400)),
        UpdatedAt = Start,
    };
}
