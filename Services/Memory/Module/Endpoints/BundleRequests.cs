using System.ComponentModel.DataAnnotations;
using MemoryMesh.Memory.Context;
using MemoryMesh.Memory.Preferences;
using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.AspNetCore.Mvc;

namespace MemoryMesh.Memory.Endpoints;

/// <summary>What a context is for.</summary>
internal sealed class ContextRequest
{
    /// <summary>Id or slug of the tenant; the caller's own when left out.</summary>
    public string? TenantId { get; set; }

    /// <summary>The conversation; without one the context has no messages and no summary.</summary>
    [PlainText(MemoryRights.MaxIdBytes)]
    public string? ConversationId { get; set; }

    /// <summary>The subject; when left out that of the conversation for admins and owners, else the caller.</summary>
    [PlainText(MemoryRights.MaxIdBytes)]
    public string? UserId { get; set; }

    /// <summary>A team whose blocks and memories count too.</summary>
    public string? TeamId { get; set; }

    /// <summary>What the assistant is asked; the last user message when left out.</summary>
    [PlainText(4_096, AllowBlank = true, AllowControl = true)]
    public string? Query { get; set; }

    /// <summary>The budget, 100 to 100,000. Default 2,000.</summary>
    [Range(100, 100_000)]
    public int? MaxTokens { get; set; }

    /// <summary>Most messages, 1 to 200. Default 20, or what the server's settings say.</summary>
    [Range(1, 200)]
    public int? MaxMessages { get; set; }

    /// <summary>markdown (default) or xml: the form of the text.</summary>
    public string? Format { get; set; }

    /// <summary>Parts that the context has: blocks, style, profile, memories, summary, messages. All when left out.</summary>
    public IReadOnlyList<string>? Sections { get; set; }

    /// <summary>Shares of the budget by part, at most 1 together; the other parts divide the rest in the ratio of their defaults.</summary>
    public ContextShares? Budget { get; set; }
}

/// <summary>Shares of the budget, 0 to 1 each.</summary>
internal sealed class ContextShares
{
    /// <summary>Core blocks. Default 0.15.</summary>
    [Range(0.0, 1.0)]
    public double? Blocks { get; set; }

    /// <summary>How to answer. Default 0.05.</summary>
    [Range(0.0, 1.0)]
    public double? Style { get; set; }

    /// <summary>Who the subject is. Default 0.10.</summary>
    [Range(0.0, 1.0)]
    public double? Profile { get; set; }

    /// <summary>Memories that answer. Default 0.30.</summary>
    [Range(0.0, 1.0)]
    public double? Memories { get; set; }

    /// <summary>What earlier messages were about. Default 0.10.</summary>
    [Range(0.0, 1.0)]
    public double? Summary { get; set; }

    /// <summary>The newest messages. Default 0.30.</summary>
    [Range(0.0, 1.0)]
    public double? Messages { get; set; }

    /// <summary>The shares that are given.</summary>
    public IReadOnlyDictionary<ContextPart, double> Given()
        => new (ContextPart Part, double? Share)[]
        {
            (ContextPart.Blocks, Blocks), (ContextPart.Style, Style), (ContextPart.Profile, Profile),
            (ContextPart.Memories, Memories), (ContextPart.Summary, Summary), (ContextPart.Messages, Messages),
        }.Where(given => given.Share is not null).ToDictionary(given => given.Part, given => given.Share!.Value);
}

/// <summary>The query of a context.</summary>
internal sealed class ContextParameters
{
    /// <summary>Id or slug of the tenant; the caller's own when left out.</summary>
    [FromQuery(Name = "tenant_id")]
    public string? TenantId { get; set; }

    /// <summary>The conversation; without one the context has no messages and no summary.</summary>
    [FromQuery(Name = "conversation_id")]
    public string? ConversationId { get; set; }

    /// <summary>The subject.</summary>
    [FromQuery(Name = "user_id")]
    public string? UserId { get; set; }

    /// <summary>A team whose blocks and memories count too.</summary>
    [FromQuery(Name = "team_id")]
    public string? TeamId { get; set; }

    /// <summary>What the assistant is asked; the last user message when left out.</summary>
    [FromQuery(Name = "query")]
    public string? Query { get; set; }

    /// <summary>The budget, 100 to 100,000. Default 2,000.</summary>
    [FromQuery(Name = "max_tokens")]
    public int? MaxTokens { get; set; }

    /// <summary>Most messages, 1 to 200.</summary>
    [FromQuery(Name = "max_messages")]
    public int? MaxMessages { get; set; }

    /// <summary>markdown (default) or xml.</summary>
    [FromQuery(Name = "format")]
    public string? Format { get; set; }

    /// <summary>Parts that the context has, with commas between them.</summary>
    [FromQuery(Name = "sections")]
    public string? Sections { get; set; }

    /// <summary>Shares of the budget, for example <c>memories:0.5,messages:0.3</c>.</summary>
    [FromQuery(Name = "budget")]
    public string? Budget { get; set; }
}

/// <summary>What an assistant is handed before it answers.</summary>
internal sealed record ContextBundleResponse
{
    public required Guid TenantId { get; init; }

    public required string? ConversationId { get; init; }

    public required string UserId { get; init; }

    /// <summary>Core blocks, those of the subject first, then of its teams, then of the organization.</summary>
    public required IReadOnlyList<ContextBlock> Blocks { get; init; }

    /// <summary>How the subject wants to be answered.</summary>
    public required ContextStyle Style { get; init; }

    /// <summary>Who the subject is; what the query found stands among the memories alone.</summary>
    public required IReadOnlyList<ContextFact> Profile { get; init; }

    /// <summary>Memories of the subject, then of its teams, then of the organization, in each the most relevant first; what a nearer scope says otherwise is left out.</summary>
    public required IReadOnlyList<ContextRecall> Memories { get; init; }

    /// <summary>What the messages before those given were about, in the order they were said.</summary>
    public required IReadOnlyList<ContextSentence> Summary { get; init; }

    /// <summary>The newest messages, oldest first.</summary>
    public required IReadOnlyList<ContextBundleMessage> Messages { get; init; }

    /// <summary>Everything as one text, ready to paste.</summary>
    public required string Text { get; init; }

    /// <summary>markdown or xml.</summary>
    public required string Format { get; init; }

    /// <summary>Estimated tokens of the text, at most <c>max_tokens</c>.</summary>
    public required int Tokens { get; init; }

    public required int MaxTokens { get; init; }

    /// <summary>Share and use of the budget by part.</summary>
    public required IReadOnlyList<ContextPartUse> Budget { get; init; }

    /// <summary>Whether something was left out or cut for the budget.</summary>
    public required bool Truncated { get; init; }

    /// <summary>Whether search was not available, so that memories were chosen by importance.</summary>
    public required bool Degraded { get; init; }

    public static ContextBundleResponse From(BundleQuery query, ContextBundle bundle) => new()
    {
        TenantId = query.Access.TenantId,
        ConversationId = query.ConversationId,
        UserId = bundle.UserId,
        Blocks = [.. bundle.Blocks.Select(block => new ContextBlock(block.Id, block.ScopeName, block.Label, block.Text))],
        Style = new ContextStyle(
            [.. bundle.Preferences.Select(preference => new ContextTrait(preference.Key, preference.Value.Value, preference.Value.Source, preference.Value.Confidence))],
            bundle.Instructions),
        Profile = [.. bundle.Profile.Select(fact => new ContextFact(fact.Id, fact.Text, fact.Category, fact.Importance))],
        Memories = [.. bundle.Memories.Select(memory => new ContextRecall(
            memory.Memory.Id, memory.Memory.Scope.Name(), memory.Memory.Text, memory.Memory.Category, memory.Memory.Importance, memory.Score))],
        Summary = [.. bundle.Summary.Select(line => new ContextSentence(line.MessageId, line.Text))],
        Messages = [.. bundle.Messages.Select(message => new ContextBundleMessage(message.Id, message.Role, message.Content, message.CreatedAt))],
        Text = bundle.Text,
        Format = query.Format is XmlContext ? "xml" : "markdown",
        Tokens = bundle.Tokens,
        MaxTokens = query.MaxTokens,
        Budget = [.. ContextSplit.Names.Where(part => query.Split.Has(part.Value)).Select(part => new ContextPartUse(
            part.Key, Math.Round(query.Split.Share(part.Value), 3), bundle.Used.GetValueOrDefault(part.Value)))],
        Truncated = bundle.Truncated,
        Degraded = bundle.Degraded,
    };
}

/// <summary>A core block.</summary>
internal sealed record ContextBlock(Guid Id, string Scope, string Label, string Text);

/// <summary>How the subject wants to be answered.</summary>
/// <param name="Preferences">What is known.</param>
/// <param name="Instructions">The same as sentences for an assistant; those that fit.</param>
internal sealed record ContextStyle(IReadOnlyList<ContextTrait> Preferences, IReadOnlyList<string> Instructions);

/// <summary>A preference.</summary>
internal sealed record ContextTrait(string Trait, string Value, PreferenceSource Source, double Confidence);

/// <summary>A fact of the profile.</summary>
internal sealed record ContextFact(Guid Id, string Text, string Category, double Importance);

/// <summary>A memory that matters.</summary>
/// <param name="Id">The memory.</param>
/// <param name="Scope">user, team or organization.</param>
/// <param name="Text">The fact.</param>
/// <param name="Category">Its category.</param>
/// <param name="Importance">0 to 1.</param>
/// <param name="Score">How well it answers, comparable within one context; null when it was chosen by importance.</param>
internal sealed record ContextRecall(Guid Id, string Scope, string Text, string Category, double Importance, double? Score);

/// <summary>A line of the summary.</summary>
/// <param name="MessageId">The message that it quotes, when it is kept with the summary.</param>
/// <param name="Text">The line.</param>
internal sealed record ContextSentence(Guid? MessageId, string Text);

/// <summary>A message of the conversation.</summary>
internal sealed record ContextBundleMessage(Guid Id, string Role, string Content, DateTimeOffset CreatedAt);

/// <summary>What a part may use of the budget, and does.</summary>
/// <param name="Section">Name of the part.</param>
/// <param name="Share">Its share, 0 to 1.</param>
/// <param name="Tokens">Tokens it takes; more than its share where others left some over.</param>
internal sealed record ContextPartUse(string Section, double Share, int Tokens);
