using System.Globalization;
using System.Text.Json;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;

namespace MemoryMesh.Search.Analysis;

/// <summary>What of a message or a memory can be found by words.</summary>
internal static class IndexedText
{
    /// <summary>Members of a message's metadata that hold words a person would look for: who speaks, and what a picture or document shows.</summary>
    private static readonly string[] MetadataMembers = ["speaker", "name", "title", "caption"];

    /// <summary>Terms of a message: its text, the named members of its metadata, and the month, weekday and year it was sent in.</summary>
    public static IReadOnlyList<string> TermsOf(ChatMessage message)
    {
        var terms = new List<string>();
        TextAnalyzer.AddTerms(message.Content, terms);
        if (message.MetadataJson is not null)
        {
            using var metadata = JsonDocument.Parse(message.MetadataJson);
            foreach (var member in MetadataMembers)
            {
                if (metadata.RootElement.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String)
                {
                    TextAnalyzer.AddTerms(value.GetString()!, terms);
                }
            }
        }

        TextAnalyzer.AddTerms(message.CreatedAt.UtcDateTime.ToString("MMMM dddd yyyy", CultureInfo.InvariantCulture), terms);
        return terms;
    }

    /// <summary>Terms of a memory: its text and its category.</summary>
    public static IReadOnlyList<string> TermsOf(MemoryItem memory)
    {
        var terms = new List<string>();
        TextAnalyzer.AddTerms(memory.Text, terms);
        TextAnalyzer.AddTerms(memory.Category, terms);
        return terms;
    }
}
