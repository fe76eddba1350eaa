namespace MemoryMesh.Client;

/// <summary>What a context of parts is for.</summary>
public sealed record BundleQuery
{
    /// <summary>Id or slug of the tenant; the caller's own when null.</summary>
    public string? TenantId { get; init; }

    /// <summary>The conversation; without one the context has no messages and no summary.</summary>
    public string? ConversationId { get; init; }

    /// <summary>The subject; that of the conversation, or the caller's own account, when null.</summary>
    public string? UserId { get; init; }

    /// <summary>A team whose blocks and memories count too.</summary>
    public string? TeamId { get; init; }

    /// <summary>What the assistant is asked; the last user message counts when null.</summary>
    public string? Query { get; init; }

    /// <summary>The budget, 100 to 100,000; 2,000 when null.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Most messages, 1 to 200; 20, or what the server's settings say, when null.</summary>
    public int? MaxMessages { get; init; }

    /// <summary><c>markdown</c> or <c>xml</c>; markdown when null.</summary>
    public string? Format { get; init; }

    /// <summary>Parts that the context has: <c>blocks</c>, <c>style</c>, <c>profile</c>, <c>memories</c>, <c>summary</c>, <c>messages</c>; all when null.</summary>
    public IReadOnlyList<string>? Sections { get; init; }

    /// <summary>Shares of the budget by part, 0 to 1, at most 1 together; other parts divide the rest.</summary>
    public IReadOnlyDictionary<string, double>? Budget { get; init; }
}

/// <summary>What an assistant is handed, by parts and as one text.</summary>
public sealed record ContextBundle
{
    /// <summary>The tenant.</summary>
    public required string TenantId { get; init; }

    /// <summary>The conversation, or null.</summary>
    public string? ConversationId { get; init; }

    /// <summary>The subject.</summary>
    public required string UserId { get; init; }

    /// <summary>Core blocks: the subject's, then its teams', then the organization's.</summary>
    public IReadOnlyList<BundleBlock> Blocks { get; init; } = [];

    /// <summary>How the subject wants to be answered.</summary>
    public BundleStyle Style { get; init; } = new([], []);

    /// <summary>Who the subject is, without what <see cref="Memories"/> holds.</summary>
    public IReadOnlyList<BundleFact> Profile { get; init; } = [];

    /// <summary>The memories that answer: the subject's, then its teams', then the organization's.</summary>
    public IReadOnlyList<ContextMemory> Memories { get; init; } = [];

    /// <summary>What the messages before those given were about.</summary>
    public IReadOnlyList<BundleSentence> Summary { get; init; } = [];

    /// <summary>The newest messages, oldest first.</summary>
    public IReadOnlyList<BundleMessage> Messages { get; init; } = [];

    /// <summary>Everything as one text, ready to paste.</summary>
    public required string Text { get; init; }

    /// <summary><c>markdown</c> or <c>xml</c>.</summary>
    public required string Format { get; init; }

    /// <summary>Estimated tokens of the text.</summary>
    public int Tokens { get; init; }

    /// <summary>The budget.</summary>
    public int MaxTokens { get; init; }

    /// <summary>Share and use of the budget by part.</summary>
    public IReadOnlyList<BundlePartUse> Budget { get; init; } = [];

    /// <summary>Whether something was left out or cut for the budget.</summary>
    public bool Truncated { get; init; }

    /// <summary>Whether search was not available, so that memories were chosen by importance.</summary>
    public bool Degraded { get; init; }
}

/// <summary>A core block in a context.</summary>
/// <param name="Id">The block.</param>
/// <param name="Scope"><c>user</c>, <c>team</c> or <c>organization</c>.</param>
/// <param name="Label">Its name.</param>
/// <param name="Text">Its text.</param>
public sealed record BundleBlock(string Id, string Scope, string Label, string Text);

/// <summary>How a subject wants to be answered.</summary>
/// <param name="Preferences">What is known.</param>
/// <param name="Instructions">The same as sentences for an assistant; those that fit.</param>
public sealed record BundleStyle(IReadOnlyList<BundleTrait> Preferences, IReadOnlyList<string> Instructions);

/// <summary>A preference in a context.</summary>
/// <param name="Trait">What it is about, for example <c>verbosity</c>.</param>
/// <param name="Value">The value.</param>
/// <param name="Source"><c>set</c>, <c>stated</c> or <c>observed</c>.</param>
/// <param name="Confidence">0 to 1.</param>
public sealed record BundleTrait(string Trait, string Value, string Source, double Confidence);

/// <summary>A fact of the profile in a context.</summary>
/// <param name="Id">The memory.</param>
/// <param name="Text">The fact.</param>
/// <param name="Category">Its category.</param>
/// <param name="Importance">0 to 1.</param>
public sealed record BundleFact(string Id, string Text, string Category, double Importance);

/// <summary>A line of the summary in a context.</summary>
/// <param name="MessageId">The message that it quotes, when that is known.</param>
/// <param name="Text">The line.</param>
public sealed record BundleSentence(string? MessageId, string Text);

/// <summary>A message in a context.</summary>
/// <param name="Id">The message.</param>
/// <param name="Role"><c>user</c>, <c>assistant</c>, <c>system</c> or <c>tool</c>.</param>
/// <param name="Content">The text.</param>
/// <param name="CreatedAt">Time of the message.</param>
public sealed record BundleMessage(string Id, string Role, string Content, DateTimeOffset CreatedAt);

/// <summary>What a part may use of the budget, and does.</summary>
/// <param name="Section">Name of the part.</param>
/// <param name="Share">Its share, 0 to 1.</param>
/// <param name="Tokens">Tokens it takes.</param>
public sealed record BundlePartUse(string Section, double Share, int Tokens);
