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

    /// <summary>When it was said.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The message or memory; the quote is filled in for each fact.</summary>
    public required MemorySource Source { get; init; }
}

/// <summary>Makes proposals of what the extractor read.</summary>
internal sealed class FactProposals(MemoryKeys keys)
{
    private const int MaxTextLength = 8_192;

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
        return new Proposal
        {
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
            Confidence = Math.Clamp(candidate.Confidence, 0, 1),
            Importance = candidate.Importance > 0 ? Math.Min(candidate.Importance, 1) : Categories.ImportanceOf(category),
            Source = origin.Source with { QuoteStart = start, QuoteLength = length, Quote = origin.Content.Substring(start, length) },
        };
    }
}
