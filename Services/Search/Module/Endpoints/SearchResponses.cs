using System.Text.Json;
using System.Text.Json.Serialization;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Search.Analysis;
using MemoryMesh.Search.Features;
using MemoryMesh.Search.Filters;
using MemoryMesh.Search.Ranking;

namespace MemoryMesh.Search.Endpoints;

/// <summary>Messages that answer a query.</summary>
/// <param name="Query">The question.</param>
/// <param name="Count">How many results there are.</param>
/// <param name="TookMs">How long the search took, in milliseconds.</param>
/// <param name="Truncated">Whether the search ended at its bound before it found as many messages as were asked for: there may be more.</param>
/// <param name="Results">Best first.</param>
/// <param name="NextCursor">Where the next page begins; absent when there is none.</param>
/// <param name="Groups">The results by conversation, that of the best result first; absent when it was not asked for.</param>
internal sealed record MessageSearchResponse(
    string Query,
    int Count,
    double TookMs,
    bool Truncated,
    IReadOnlyList<MessageResult> Results,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextCursor,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ConversationGroup>? Groups)
{
    public static MessageSearchResponse From(MessageSearch wanted, ShownMessages found, double tookMs)
    {
        var terms = wanted.View.Highlights ? TextAnalyzer.QueryTerms(wanted.Query, LexicalLeg.MaxTerms).ToHashSet(StringComparer.Ordinal) : null;
        return new(
            wanted.Query,
            found.Items.Count,
            tookMs,
            found.Truncated,
            [.. found.Items.Select(item => MessageResult.From(item, wanted.Explain, terms, found.Around?.GetValueOrDefault(item.Message.Id)))],
            found.NextCursor,
            wanted.View.ByConversation
                ? [.. found.Items.GroupBy(item => item.Message.ConversationId).Select(group => new ConversationGroup(
                    group.Key, group.First().Message.UserId, group.First().Ranked.Score, [.. group.Select(item => item.Message.Id)]))]
                : null);
    }
}

/// <summary>The results of one conversation.</summary>
/// <param name="ConversationId">The conversation.</param>
/// <param name="UserId">Its subject.</param>
/// <param name="Score">Score of the best.</param>
/// <param name="MessageIds">The results, best first.</param>
internal sealed record ConversationGroup(string ConversationId, string UserId, double Score, IReadOnlyList<Guid> MessageIds);

/// <summary>A part of a text.</summary>
/// <param name="Start">Where it begins, in UTF-16 code units.</param>
/// <param name="Length">How long it is, in UTF-16 code units.</param>
internal readonly record struct TextSpan(int Start, int Length);

/// <summary>The messages around one.</summary>
/// <param name="Before">Oldest first.</param>
/// <param name="After">Oldest first.</param>
internal sealed record MessageSurroundings(IReadOnlyList<MessageContent> Before, IReadOnlyList<MessageContent> After);

/// <summary>A message that was found.</summary>
/// <param name="Id">The message.</param>
/// <param name="Score">Its score, comparable within one answer only.</param>
/// <param name="Message">The message itself.</param>
/// <param name="Explain">The parts of the score; absent when they were not asked for.</param>
/// <param name="Highlights">The words of the content that matched; absent when they were not asked for.</param>
/// <param name="Around">The messages around it; absent when they were not asked for.</param>
internal sealed record MessageResult(
    Guid Id,
    double Score,
    MessageContent Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ScoreExplanation? Explain,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<TextSpan>? Highlights,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] MessageSurroundings? Around)
{
    public static MessageResult From(
        FoundMessage found, bool explain, IReadOnlySet<string>? highlighted, (IReadOnlyList<ChatMessage> Before, IReadOnlyList<ChatMessage> After)? around)
        => new(
            found.Message.Id,
            found.Ranked.Score,
            MessageContent.From(found.Message),
            explain ? ScoreExplanation.From(found.Ranked) : null,
            highlighted is null ? null : [.. MatchedSpans.Find(found.Message.Content, highlighted).Select(span => new TextSpan(span.Start, span.Length))],
            around is not { Before: not null } context
                ? null
                : new([.. context.Before.Select(MessageContent.From)], [.. context.After.Select(MessageContent.From)]));
}

/// <summary>The message itself.</summary>
internal sealed record MessageContent(
    Guid Id,
    string ConversationId,
    string UserId,
    string Role,
    string Content,
    JsonElement? Metadata,
    DateTimeOffset CreatedAt,
    double? Importance,
    int Version)
{
    public static MessageContent From(ChatMessage message) => new(
        message.Id,
        message.ConversationId,
        message.UserId,
        message.Role,
        message.Content,
        SearchResponses.ParseMetadata(message.MetadataJson),
        message.CreatedAt,
        message.Importance,
        message.Version);
}

/// <summary>Memories that answer a query.</summary>
/// <param name="Query">The question.</param>
/// <param name="Count">How many results there are.</param>
/// <param name="TookMs">How long the search took, in milliseconds.</param>
/// <param name="Truncated">Whether the search ended at its bound before it found as many memories as were asked for: there may be more.</param>
/// <param name="Results">Best first.</param>
/// <param name="NextCursor">Where the next page begins; absent when there is none.</param>
internal sealed record MemorySearchResponse(
    string Query,
    int Count,
    double TookMs,
    bool Truncated,
    IReadOnlyList<MemoryResult> Results,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextCursor)
{
    public static MemorySearchResponse From(MemorySearch wanted, ShownMemories found, double tookMs)
    {
        var terms = wanted.View.Highlights ? TextAnalyzer.QueryTerms(wanted.Query, LexicalLeg.MaxTerms).ToHashSet(StringComparer.Ordinal) : null;
        return new(
            wanted.Query,
            found.Items.Count,
            tookMs,
            found.Truncated,
            [.. found.Items.Select(memory => MemoryResult.From(memory, wanted.Explain, terms))],
            found.NextCursor);
    }
}

/// <summary>A memory that was found.</summary>
/// <param name="Id">The memory.</param>
/// <param name="Score">Its score, comparable within one answer only.</param>
/// <param name="Memory">The memory itself.</param>
/// <param name="Explain">The parts of the score; absent when they were not asked for.</param>
/// <param name="Highlights">The words of the text that matched; absent when they were not asked for.</param>
internal sealed record MemoryResult(
    Guid Id,
    double Score,
    MemoryContent Memory,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ScoreExplanation? Explain,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<TextSpan>? Highlights)
{
    public static MemoryResult From(FoundMemory found, bool explain, IReadOnlySet<string>? highlighted)
    {
        var memory = found.Memory;
        return new(
            memory.Id,
            found.Ranked.Score,
            MemoryContent.From(memory),
            explain ? ScoreExplanation.From(found.Ranked) : null,
            highlighted is null ? null : [.. MatchedSpans.Find(memory.Text, highlighted).Select(span => new TextSpan(span.Start, span.Length))]);
    }
}

/// <summary>The memory itself.</summary>
internal sealed record MemoryContent(
    Guid Id,
    string Scope,
    string? UserId,
    Guid? TeamId,
    string Text,
    string Category,
    string Status,
    double Importance,
    double Confidence,
    JsonElement? Metadata,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    int Version,
    string State,
    DateTimeOffset? ValidFrom,
    DateTimeOffset? ValidTo,
    Guid? SupersededBy)
{
    public static MemoryContent From(MemoryItem memory) => new(
        memory.Id,
        memory.Scope,
        memory.UserId,
        memory.Scope == MemoryScopes.Team ? memory.OwnerKey : null,
        memory.Text,
        memory.Category,
        memory.Status,
        memory.Importance,
        memory.Confidence,
        SearchResponses.ParseMetadata(memory.MetadataJson),
        memory.CreatedAt,
        memory.UpdatedAt,
        memory.Version,
        memory.State ?? MemoryStates.Current,
        memory.ValidFrom,
        memory.ValidTo,
        memory.SupersededBy);
}

/// <summary>The parts of a score: <c>score = similarity x importance x decay</c>.</summary>
/// <param name="Bm25">BM25 of the full text; null when full text did not find it.</param>
/// <param name="Similarity">How well it answers the query, 1 for the best of this answer.</param>
/// <param name="Importance">What importance multiplies the score with.</param>
/// <param name="ImportanceValue">The importance itself, 0 to 1.</param>
/// <param name="Decay">What age multiplies the score with.</param>
/// <param name="AgeDays">The age itself, in days.</param>
/// <param name="Legs">What each way of searching gave.</param>
internal sealed record ScoreExplanation(
    double? Bm25,
    double Similarity,
    double Importance,
    double ImportanceValue,
    double Decay,
    double AgeDays,
    IReadOnlyList<LegScore> Legs)
{
    public static ScoreExplanation From(RankedItem item) => new(
        item.Legs.FirstOrDefault(leg => leg.Name == ScoreFusion.Lexical).Score,
        item.Similarity,
        item.ImportanceFactor,
        item.Importance,
        item.DecayFactor,
        item.AgeInDays,
        item.Legs);
}

/// <summary>Helps to build the answers.</summary>
internal static class SearchResponses
{
    /// <summary>Metadata as JSON.</summary>
    public static JsonElement? ParseMetadata(string? json) => json is null ? null : JsonElement.Parse(json);
}
