using System.Text;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Memory.Context;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Text;
using MemoryMesh.ServiceDefaults.Text;

namespace MemoryMesh.Memory.Features;

/// <summary>A memory that may go into a context.</summary>
/// <param name="Memory">The memory.</param>
/// <param name="Score">Score of the search, if it was found by one.</param>
internal sealed record ContextMemory(RecalledMemory Memory, double? Score);

/// <summary>A message of a context.</summary>
internal sealed record ContextMessage(string Role, string Content, DateTimeOffset CreatedAt);

/// <summary>What fits.</summary>
internal sealed record FittedContext
{
    /// <summary>Oldest first.</summary>
    public required IReadOnlyList<ContextMessage> Messages { get; init; }

    public required IReadOnlyList<ContextMemory> Memories { get; init; }

    /// <summary>What the messages that are left out were about, in sentences of theirs; null when it was not asked for or there is nothing to say.</summary>
    public string? Summary { get; init; }

    /// <summary>Everything as one text.</summary>
    public required string Text { get; init; }

    /// <summary>Estimated tokens of the text.</summary>
    public required int Tokens { get; init; }

    /// <summary>Whether something was left out or cut for the budget.</summary>
    public required bool Truncated { get; init; }
}

/// <summary>Fits messages and memories into a token budget and writes them as one text.</summary>
/// <remarks>
/// Messages take at most <see cref="MessageShare"/> of the budget, the newest first; a summary of the others half of what is left, or is left out;
/// memories take the rest, in the order given. Every memory is
/// one line, and lines of a message after its first are indented, so that no text can pass for another item or speaker.
/// </remarks>
internal static class ContextBudget
{
    /// <summary>Most of the budget that messages take.</summary>
    public const double MessageShare = 0.6;

    private const string PersonalHeading = "User Personal Information (from previous conversations):";
    private const string SharedHeading = "Shared Knowledge (of the team and the organization):";
    private const string SummaryHeading = "Earlier in this conversation:";
    private const string ConversationHeading = "Conversation so far:";
    private const string Cut = "…";

    /// <summary>Fits them.</summary>
    /// <param name="messages">Oldest first.</param>
    /// <param name="memories">The most relevant first.</param>
    /// <param name="maxTokens">The budget.</param>
    /// <param name="maxMessages">Most messages; null for all that fit.</param>
    /// <param name="summarise">Whether the messages that are left out are summed up.</param>
    public static FittedContext Fit(
        IReadOnlyList<ChatMessage> messages, IReadOnlyList<ContextMemory> memories, int maxTokens, int? maxMessages = null, bool summarise = false)
    {
        var recent = maxMessages < messages.Count ? [.. messages.TakeLast(maxMessages.Value)] : messages;
        var (fittedMessages, messageTokens, truncated) = FitMessages(recent, (int)(maxTokens * MessageShare));
        var left = maxTokens - messageTokens;
        var summary = summarise ? ConversationSummary.Of(messages.SkipLast(fittedMessages.Count)) : [];
        var summaryCost = LineCost(SummaryHeading) + summary.Sum(line => LineCost(Item(line))) + 1;
        if (summaryCost <= left / 2)
        {
            left -= summary.Count > 0 ? summaryCost : 0;
        }
        else
        {
            summary = [];
        }

        var fittedMemories = new List<ContextMemory>();
        var headings = new HashSet<string>();
        foreach (var memory in memories)
        {
            var heading = HeadingOf(memory.Memory);

            // A heading and the empty line behind its section.
            var cost = LineCost(LineOf(memory.Memory)) + (headings.Contains(heading) ? 0 : LineCost(heading) + 1);
            if (cost > left)
            {
                truncated = true;
                continue;
            }

            left -= cost;
            headings.Add(heading);
            fittedMemories.Add(memory);
        }

        var text = Write(fittedMessages, fittedMemories, summary);
        return new FittedContext
        {
            Summary = summary.Count > 0 ? string.Join('\n', summary) : null,
            Messages = fittedMessages,
            Memories = fittedMemories,
            Text = text,
            Tokens = TokenEstimate.Count(text),
            Truncated = truncated,
        };
    }

    private static (List<ContextMessage> Messages, int Tokens, bool Truncated) FitMessages(IReadOnlyList<ChatMessage> messages, int budget)
    {
        var fitted = new List<ContextMessage>();
        var tokens = messages.Count == 0 ? 0 : LineCost(ConversationHeading);
        for (var i = messages.Count - 1; i >= 0; i--)
        {
            var message = new ContextMessage(messages[i].Role, messages[i].Content, messages[i].CreatedAt);
            var cost = LineCost(LineOf(message));
            if (tokens + cost > budget)
            {
                if (fitted.Count == 0 && Shorten(message, budget - tokens) is { } cut)
                {
                    fitted.Add(cut);
                    tokens += LineCost(LineOf(cut));
                }

                fitted.Reverse();
                return (fitted, fitted.Count == 0 ? 0 : tokens, true);
            }

            tokens += cost;
            fitted.Add(message);
        }

        fitted.Reverse();
        return (fitted, tokens, false);
    }

    /// <summary>The longest beginning of a message that fits, or null when less than a few words would.</summary>
    private static ContextMessage? Shorten(ContextMessage message, int budget)
    {
        const int LeastLength = 20;
        var (low, high) = (0, message.Content.Length);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (LineCost(LineOf(At(middle))) <= budget)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low < LeastLength ? null : At(low);

        ContextMessage At(int length)
            => message with { Content = message.Content[..(length > 0 && char.IsHighSurrogate(message.Content[length - 1]) ? length - 1 : length)] + Cut };
    }

    private static string Write(List<ContextMessage> messages, List<ContextMemory> memories, IReadOnlyList<string> summary)
    {
        var text = new StringBuilder();
        foreach (var section in memories.GroupBy(memory => HeadingOf(memory.Memory)).OrderBy(section => section.Key == PersonalHeading ? 0 : 1))
        {
            text.Append(section.Key).Append('\n');
            foreach (var memory in section)
            {
                text.Append(LineOf(memory.Memory)).Append('\n');
            }

            text.Append('\n');
        }

        if (summary.Count > 0)
        {
            text.Append(SummaryHeading).Append('\n').AppendJoin('\n', summary.Select(Item)).Append("\n\n");
        }

        if (messages.Count > 0)
        {
            text.Append(ConversationHeading).Append('\n');
            foreach (var message in messages)
            {
                text.Append(LineOf(message)).Append('\n');
            }
        }

        return text.ToString().TrimEnd('\n');
    }

    private static string HeadingOf(RecalledMemory memory) => memory.Scope == MemoryScope.User ? PersonalHeading : SharedHeading;

    private static string LineOf(RecalledMemory memory) => Item(MemoryText.OneLine(memory.Text));

    private static string Item(string line) => "- " + line;

    private static string LineOf(ContextMessage message)
        => $"{message.Role}: {message.Content.ReplaceLineEndings("\n").TrimEnd('\n').Replace("\n", "\n  ", StringComparison.Ordinal)}";

    /// <summary>Tokens of a line with its end; the sum over lines is never less than the estimate of the whole text.</summary>
    private static int LineCost(string line) => TokenEstimate.Count(line + "\n");
}
