using MemoryMesh.Memory.Extraction;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Text;

namespace MemoryMesh.Memory.Processing;

/// <summary>What facts were read in.</summary>
internal sealed record FactOrigin
{
    public required Guid TenantId { get; init; }

    /// <summary>Whose facts they are.</summary>
    public required Guid OwnerKey { get; init; }

    public string? AgentId { get; init; }

    public string? RunId { get; init; }

    /// <summary>The text.</summary>
    public required string Content { get; init; }

    /// <summary>What may be learned.</summary>
    public LearningRules Rules { get; init; } = LearningRules.All;

    /// <summary>When it was said.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The message or memory; the quote is filled in for each fact.</summary>
    public required MemorySource Source { get; init; }
}

/// <summary>What may be learned about an owner.</summary>
/// <param name="ReviewInferred">Whether what was inferred waits for review.</param>
/// <param name="Allowed">Categories that may be learned; null for all.</param>
internal sealed record LearningRules(bool ReviewInferred, IReadOnlySet<string>? Allowed)
{
    /// <summary>Everything may be; what was inferred waits.</summary>
    public static readonly LearningRules All = new(true, null);

    /// <summary>The rules of a subject: what both the tenant and the subject allow.</summary>
    public static LearningRules Of(MemoryPolicy policy, SubjectSettings? settings)
        => new(
            policy.ReviewInferred,
            (policy.AllowedCategories, settings?.AllowedCategories) switch
            {
                (null, null) => null,
                (var tenant, null) => tenant!.ToHashSet(),
                (null, var subject) => subject!.ToHashSet(),
                var (tenant, subject) => tenant!.Intersect(subject!).ToHashSet(),
            });
}

/// <summary>Makes proposals of what the extractor read, and checks each: against what was said, what may be learned, and for instructions.</summary>
internal sealed class FactProposals(MemoryKeys keys)
{
    private const int MaxTextLength = 8_192;

    /// <summary>How sure a fact is whose words were not said, beside one whose words were.</summary>
    private const double InferredConfidence = 0.5;

    /// <summary>The proposal of a candidate.</summary>
    /// <param name="candidate">What was read. An extractor is not trusted with ranges.</param>
    /// <param name="id">Id of the memory that may come of it.</param>
    /// <param name="origin">What it was read in.</param>
    public Proposal Create(MemoryCandidate candidate, Guid id, FactOrigin origin)
    {
        var text = MemoryText.Normalise(candidate.Text.Length > MaxTextLength ? candidate.Text[..MaxTextLength] : candidate.Text);
        var category = Categories.Contains(candidate.Category) ? candidate.Category : Categories.Other;
        var start = Math.Clamp(candidate.Quote.Start, 0, origin.Content.Length);
        var length = Math.Clamp(candidate.Quote.Length, 0, origin.Content.Length - start);
        var removes = candidate.Operation == CandidateOperation.Delete;
        var sensitive = !removes && IsSensitive(text);
        return new Proposal
        {
            Sensitive = sensitive,
            Refusal = removes ? null
                : origin.Rules.Allowed?.Contains(category) == false ? OutcomeReasons.CategoryNotAllowed
                : sensitive && !IsConsented(origin.Content) ? OutcomeReasons.ConsentNeeded
                : null,
            Hold = removes ? null
                : InstructionText.IsHeld(text) || InstructionText.IsHeld(origin.Content.Substring(start, length)) || InstructionText.Matches(SentenceOf(origin.Content, start, start + length)) ? HoldReasons.Instructions
                : candidate.Inferred && origin.Rules.ReviewInferred ? HoldReasons.Inferred
                : null,
            Inferred = candidate.Inferred,
            ExpiresAt = candidate.ExpiresAt > origin.At ? candidate.ExpiresAt : null,
            Id = id,
            Operation = candidate.Operation,
            Text = text,
            TextKey = keys.TextKey(origin.TenantId, origin.OwnerKey, origin.AgentId, origin.RunId, text),
            Category = category,
            Slot = candidate.SlotKey,
            SingleValued = candidate.SingleValued,
            Narrowing = MemoryKeys.Narrowing(origin.AgentId, origin.RunId),
            AgentId = origin.AgentId,
            RunId = origin.RunId,
            At = origin.At,
            Confidence = Math.Clamp(candidate.Confidence, 0, 1) * (candidate.Inferred ? InferredConfidence : 1),
            Importance = candidate.Importance > 0 ? Math.Min(candidate.Importance, 1) : Categories.ImportanceOf(category),
            Source = origin.Source with { QuoteStart = start, QuoteLength = length, Quote = origin.Content.Substring(start, length) },
        };
    }

    /// <summary>The sentence that words stand in: a fact that was read in the middle of an instruction is a part of it.</summary>
    private static string SentenceOf(string content, int start, int end)
    {
        while (start > 0 && !EndsSentence(content, start - 1))
        {
            start--;
        }

        while (end < content.Length && !EndsSentence(content, end - 1))
        {
            end++;
        }

        return content[start..end];
    }

    private static bool EndsSentence(string content, int at)
        => at >= 0 && (content[at] is '\n' or '。' or '！' or '？' || (content[at] is '.' or '!' or '?' && (at + 1 == content.Length || char.IsWhiteSpace(content[at + 1]))));

    private static bool IsSensitive(string text)
    {
        var tokens = new MessageContext(text).Tokens;
        return SensitiveText.IsPrivate(tokens, 0, tokens.Count) || SensitiveText.IsPrivate(text);
    }

    private static bool IsConsented(string content)
    {
        var context = new MessageContext(content);
        return FactFilter.GivesConsent(context, 0, context.Tokens.Count);
    }
}
