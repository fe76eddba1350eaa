using System.Globalization;
using System.Text.Json;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Search.Analysis.Languages;

namespace MemoryMesh.Search.Analysis;

/// <summary>What of a message or a memory can be found.</summary>
/// <remarks>
/// Of a message's metadata these members are read: who speaks, <c>speaker</c> or <c>name</c>; what a picture or document shows, <c>title</c>, <c>caption</c>,
/// <c>captions</c> (texts) and <c>attachments</c> (objects with <c>title</c>, <c>caption</c>, <c>alt</c> or <c>name</c>). Anything else in it is left alone.
/// </remarks>
internal sealed record IndexedText
{
    private const int LongestName = 200;
    private const int MostCaptions = 32;

    private static readonly string[] SpeakerMembers = ["speaker", "name"];
    private static readonly string[] CaptionMembers = ["title", "caption", "captions"];
    private static readonly string[] AttachmentMembers = ["title", "caption", "alt", "name"];

    private IndexedText(string? speaker, string text, IReadOnlyList<string> captions)
    {
        Speaker = speaker;
        Text = text;
        Captions = captions;
    }

    /// <summary>Who said it; null when the metadata does not tell.</summary>
    public string? Speaker { get; }

    /// <summary>The text itself.</summary>
    public string Text { get; }

    /// <summary>What its pictures and documents show.</summary>
    public IReadOnlyList<string> Captions { get; }

    /// <summary>What is embedded: the speaker, the text and the captions. The time stays out: it would make texts of one day alike.</summary>
    public string Embedded
    {
        get
        {
            var text = Captions.Count == 0 ? Text : $"{Text} {string.Join(' ', Captions)}";
            return Speaker is null ? text : $"{Speaker}: {text}";
        }
    }

    /// <summary>Reads a message.</summary>
    public static IndexedText Of(ChatMessage message)
    {
        string? speaker = null;
        var captions = new List<string>();
        if (message.MetadataJson is not null)
        {
            using var metadata = JsonDocument.Parse(message.MetadataJson);
            var root = metadata.RootElement;
            speaker = SpeakerMembers.Select(member => Member(root, member)).FirstOrDefault(name => name is { Length: <= LongestName });
            foreach (var member in CaptionMembers)
            {
                AddTexts(root, member, captions);
            }

            if (root.TryGetProperty("attachments", out var attachments) && attachments.ValueKind == JsonValueKind.Array)
            {
                foreach (var attachment in attachments.EnumerateArray().Where(attachment => attachment.ValueKind == JsonValueKind.Object).Take(MostCaptions))
                {
                    captions.AddRange(AttachmentMembers.Select(member => Member(attachment, member)).OfType<string>());
                }
            }
        }

        return new(speaker, message.Content, captions);
    }

    /// <summary>Reads a memory.</summary>
    public static IndexedText Of(MemoryItem memory) => new(null, memory.Text, []);

    /// <summary>Terms of a message: its text, speaker and captions, and the month, weekday and year it was sent in.</summary>
    public static IReadOnlyList<string> TermsOf(ChatMessage message)
    {
        var text = Of(message);
        var terms = new List<string>();
        var languages = LanguageGuess.Of(text.Captions.Count == 0 ? text.Text : $"{text.Text} {string.Join(' ', text.Captions)}");
        AddText(text.Text, languages, terms);
        if (text.Speaker is not null)
        {
            TextAnalyzer.AddTerms(text.Speaker, languages, terms);
        }

        foreach (var caption in text.Captions)
        {
            TextAnalyzer.AddTerms(caption, languages, terms);
        }

        TextAnalyzer.AddTerms(message.CreatedAt.UtcDateTime.ToString("MMMM dddd yyyy", CultureInfo.InvariantCulture), TextLanguages.English, terms);
        return terms;
    }

    /// <summary>Terms of a memory: its text, its category and its subject.</summary>
    public static IReadOnlyList<string> TermsOf(MemoryItem memory)
    {
        var terms = new List<string>();
        AddText(memory.Text, LanguageGuess.Of(memory.Text), terms);
        TextAnalyzer.AddTerms(memory.Category, TextLanguages.English, terms);
        if (memory.UserId is not null)
        {
            TextAnalyzer.AddTerms(memory.UserId, TextLanguages.English, terms);
        }

        return terms;
    }

    /// <summary>Adds the terms of a text, and in English the dates it names in another language: what a message tells of its own time is English too.</summary>
    private static void AddText(string text, TextLanguages languages, List<string> terms)
    {
        TextAnalyzer.AddTerms(text, languages, terms);
        foreach (var name in DateWords.NamesIn(text, languages))
        {
            TextAnalyzer.AddTerms(name, TextLanguages.English, terms);
        }
    }

    private static void AddTexts(JsonElement root, string member, List<string> texts)
    {
        if (!root.TryGetProperty(member, out var value))
        {
            return;
        }

        if (value.ValueKind == JsonValueKind.Array)
        {
            texts.AddRange(value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Take(MostCaptions).Select(item => item.GetString()!));
        }
        else if (value.ValueKind == JsonValueKind.String)
        {
            texts.Add(value.GetString()!);
        }
    }

    private static string? Member(JsonElement element, string name)
        => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(value.GetString())
            ? value.GetString()
            : null;
}
