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
}

/// <summary>A conversation was deleted with all its messages; no <see cref="MessageDeleted"/> follows for them.</summary>
public sealed record ConversationDeleted
{
    /// <summary>Tenant the conversation belonged to.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>Keyed hash of the conversation's id.</summary>
    public required Guid ConversationKey { get; init; }

    /// <summary>When it was deleted: messages stored later under the same id are a new conversation.</summary>
    public required DateTimeOffset DeletedAt { get; init; }
}
