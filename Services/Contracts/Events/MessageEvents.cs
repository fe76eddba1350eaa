namespace MemoryMesh.Contracts.Events;

/// <summary>A message was accepted and is durable. Carries ids only: a consumer reads the content from Chat.</summary>
public sealed record MessageStored
{
    /// <summary>Tenant the message belongs to.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>Keyed hash of the subject the message is about.</summary>
    public required Guid SubjectKey { get; init; }

    /// <summary>Keyed hash of the conversation's id.</summary>
    public required Guid ConversationKey { get; init; }

    /// <summary>The message.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>Version of the message after the change, 1 for a new one; consumers drop one older than they hold.</summary>
    public required int Version { get; init; }

    /// <summary>Whether memories may be drawn from the message.</summary>
    public required bool ExtractMemory { get; init; }
}

/// <summary>A message's content, metadata or importance was replaced, and the change is durable.</summary>
public sealed record MessageUpdated
{
    /// <summary>Tenant the message belongs to.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>Keyed hash of the subject the message is about.</summary>
    public required Guid SubjectKey { get; init; }

    /// <summary>Keyed hash of the conversation's id.</summary>
    public required Guid ConversationKey { get; init; }

    /// <summary>The message.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>Version of the message after the change, at least 2; a lower one is announced again after an erasure.</summary>
    public required int Version { get; init; }

    /// <summary>Whether memories may be drawn from the message.</summary>
    public required bool ExtractMemory { get; init; }
}

/// <summary>A message was deleted; nothing of it can be read any more.</summary>
public sealed record MessageDeleted
{
    /// <summary>Tenant the message belonged to.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>Keyed hash of the subject the message was about.</summary>
    public required Guid SubjectKey { get; init; }

    /// <summary>Keyed hash of the conversation's id.</summary>
    public required Guid ConversationKey { get; init; }

    /// <summary>The message.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>Whether a retention rule or an erasure deleted it: what was drawn from it is decided on by rules of its own.</summary>
    public bool ByRule { get; init; }
}

/// <summary>A conversation was deleted with all its messages; no <see cref="MessageDeleted"/> follows for them.</summary>
public sealed record ConversationDeleted
{
    /// <summary>Tenant the conversation belonged to.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>Keyed hash of the subject the conversation belonged to; null in events of versions that did not tell.</summary>
    public Guid? SubjectKey { get; init; }

    /// <summary>Keyed hash of the conversation's id.</summary>
    public required Guid ConversationKey { get; init; }

    /// <summary>When it was deleted: messages stored later under the same id are a new conversation.</summary>
    public required DateTimeOffset DeletedAt { get; init; }

    /// <summary>
    /// Whether what was drawn from it stays: who deleted it asked for that, or an erasure did, in which each service erases what it has itself, and counts it.
    /// </summary>
    public bool KeepsMemories { get; init; }
}

/// <summary>Versions of messages of one tenant can be found by search from now on. One event tells of many: they are indexed together.</summary>
public sealed record MessagesIndexed
{
    /// <summary>Most messages of one event.</summary>
    public const int MaxMessages = 100;

    /// <summary>Tenant the messages belong to.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>The messages, 1 to <see cref="MaxMessages"/>.</summary>
    public required IReadOnlyList<IndexedMessage> Messages { get; init; }
}

/// <summary>A message in the index.</summary>
/// <param name="MessageId">The message.</param>
/// <param name="Version">Version that is in the index.</param>
/// <param name="SubjectKey">Keyed hash of the subject the message is about.</param>
/// <param name="ConversationKey">Keyed hash of the conversation's id.</param>
public sealed record IndexedMessage(Guid MessageId, int Version, Guid SubjectKey, Guid ConversationKey);
