using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using MemoryMesh.ServiceDefaults.Analytics;

namespace MemoryMesh.Retention.Transfers.Exports;

/// <summary>The parts of an export, in their order.</summary>
internal enum ExportSection
{
    /// <summary>Conversations, each with its messages.</summary>
    Conversations,

    /// <summary>Messages about the subject in conversations of others.</summary>
    Messages,
    Memories,

    /// <summary>What became of what was read, and consent.</summary>
    Learning,

    /// <summary>Saved searches and bookmarks of the subject.</summary>
    Kept,
    Settings,

    /// <summary>What was counted, interval by interval.</summary>
    Usage,
}

/// <summary>Writes an export record by record. Nothing of what was written is kept.</summary>
internal abstract class ExportFormatter(IBufferWriter<byte> output) : IDisposable
{
    protected IBufferWriter<byte> Output => output;

    public static ExportFormatter Create(ExportFormat format, IBufferWriter<byte> output) => format switch
    {
        ExportFormat.Json => new JsonFormatter(output),
        ExportFormat.Ndjson => new NdjsonFormatter(output),
        ExportFormat.Csv => new CsvFormatter(output),
        _ => new MarkdownFormatter(output),
    };

    public virtual void Begin(ExportEntry export)
    {
    }

    public virtual void BeginSection(ExportSection section)
    {
    }

    public virtual void EndSection()
    {
    }

    public abstract void BeginConversation(ConversationEntry conversation);

    public virtual void EndConversation()
    {
    }

    public abstract void Message(MessageEntry message);

    public abstract void Memory(MemoryEntry memory);

    public abstract void Learned(LearnedEntry learned);

    public abstract void Kept(KeptEntry kept);

    public abstract void Settings(SettingsEntry settings);

    public abstract void Usage(UsageEntry usage);

    public virtual void End(EndEntry end)
    {
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }

    protected void Write(string text) => Encoding.UTF8.GetBytes(text, output);

    protected static string Time(DateTimeOffset? time)
        => time?.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) ?? "";
}

/// <summary>One record a line.</summary>
internal sealed class NdjsonFormatter(IBufferWriter<byte> output) : ExportFormatter(output)
{
    public override void Begin(ExportEntry export) => Line(export);

    public override void BeginConversation(ConversationEntry conversation) => Line(conversation);

    public override void Message(MessageEntry message) => Line(message);

    public override void Memory(MemoryEntry memory) => Line(memory);

    public override void Learned(LearnedEntry learned) => Line(learned);

    public override void Kept(KeptEntry kept) => Line(kept);

    public override void Settings(SettingsEntry settings) => Line(settings);

    public override void Usage(UsageEntry usage) => Line(usage);

    public override void End(EndEntry end) => Line(end);

    private void Line<T>(T record)
    {
        using (var writer = new Utf8JsonWriter(Output, new JsonWriterOptions { Encoder = TransferJson.Options.Encoder }))
        {
            JsonSerializer.Serialize(writer, record, TransferJson.Options);
        }

        Write("\n");
    }
}

/// <summary>One document: the export, its conversations with their messages, its memories and settings.</summary>
internal sealed class JsonFormatter(IBufferWriter<byte> output) : ExportFormatter(output)
{
    // Written to a buffer that is emptied now and then, so the writer holds no more than the nesting.
    private readonly Utf8JsonWriter _writer = new(output, new JsonWriterOptions { Encoder = TransferJson.Options.Encoder });

    public override void Begin(ExportEntry export)
    {
        _writer.WriteStartObject();
        _writer.WritePropertyName("export");
        JsonSerializer.Serialize(_writer, export, TransferJson.Options);
        _writer.Flush();
    }

    public override void BeginSection(ExportSection section)
        => _writer.WriteStartArray(section switch
        {
            ExportSection.Conversations => "conversations",
            ExportSection.Messages => "messages",
            ExportSection.Memories => "memories",
            ExportSection.Learning => "learning",
            ExportSection.Kept => "kept",
            ExportSection.Usage => "usage",
            _ => "settings",
        });

    public override void EndSection()
    {
        _writer.WriteEndArray();
        _writer.Flush();
    }

    public override void BeginConversation(ConversationEntry conversation)
    {
        _writer.WriteStartObject();
        foreach (var property in JsonSerializer.SerializeToElement(conversation, TransferJson.Options).EnumerateObject())
        {
            property.WriteTo(_writer);
        }

        _writer.WriteStartArray("messages");
        _writer.Flush();
    }

    public override void EndConversation()
    {
        _writer.WriteEndArray();
        _writer.WriteEndObject();
        _writer.Flush();
    }

    public override void Message(MessageEntry message) => Value(message);

    public override void Memory(MemoryEntry memory) => Value(memory);

    public override void Learned(LearnedEntry learned) => Value(learned);

    public override void Kept(KeptEntry kept) => Value(kept);

    public override void Settings(SettingsEntry settings) => Value(settings);

    public override void Usage(UsageEntry usage) => Value(usage);

    public override void End(EndEntry end)
    {
        _writer.WritePropertyName("end");
        JsonSerializer.Serialize(_writer, end, TransferJson.Options);
        _writer.WriteEndObject();
        _writer.Flush();
        Write("\n");
    }

    protected override void Dispose(bool disposing)
    {
        _writer.Dispose();
        base.Dispose(disposing);
    }

    private void Value<T>(T record)
    {
        JsonSerializer.Serialize(_writer, record, TransferJson.Options);
        _writer.Flush();
    }
}

/// <summary>One table with the kind of the record in its first column (RFC 4180); counts have a table of their own.</summary>
/// <remarks>
/// A text that begins like a formula gets an apostrophe in front, for spreadsheets carry formulas out. The full-width signs are those of Chinese and
/// Japanese spreadsheets.
/// </remarks>
internal sealed class CsvFormatter(IBufferWriter<byte> output) : ExportFormatter(output)
{
    private static readonly string[] Columns =
    [
        "type", "id", "conversation_id", "user_id", "role", "content", "created_at", "updated_at", "metadata", "importance", "reply_to", "extract_memory",
        "archived", "version", "title", "scope", "team_id", "agent_id", "run_id", "category", "confidence", "valid_from", "valid_to", "superseded_by",
        "message_id", "event", "actor", "old_text", "opted_out", "memory_id",
    ];

    private static readonly SearchValues<char> FormulaStarts = SearchValues.Create("=+-@\t\r＝＋－＠");

    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n");

    public override void Begin(ExportEntry export)
        => Write(string.Join(',', export.What == ExportNames.Analytics ? ["start", "end", .. UsageCounts.Columns] : Columns) + "\r\n");

    public override void BeginConversation(ConversationEntry conversation) => Row(
        ("type", EntryTypes.Conversation),
        ("conversation_id", Text(conversation.ConversationId)),
        ("user_id", Text(conversation.UserId)),
        ("created_at", Time(conversation.CreatedAt)),
        ("metadata", Json(conversation.Metadata)),
        ("title", Text(conversation.Title)));

    public override void Message(MessageEntry message) => Row(
        ("type", EntryTypes.Message),
        ("id", Id(message.Id)),
        ("conversation_id", Text(message.ConversationId)),
        ("user_id", Text(message.UserId)),
        ("role", message.Role),
        ("content", Text(message.Content)),
        ("created_at", Time(message.CreatedAt)),
        ("updated_at", Time(message.UpdatedAt)),
        ("metadata", Json(message.Metadata)),
        ("importance", Number(message.Importance)),
        ("reply_to", Id(message.ReplyTo)),
        ("extract_memory", Flag(message.ExtractMemory)),
        ("archived", Flag(message.Archived)),
        ("version", Number(message.Version)));

    public override void Memory(MemoryEntry memory)
    {
        Row(
            ("type", EntryTypes.Memory),
            ("id", Id(memory.Id)),
            ("user_id", Text(memory.UserId)),
            ("content", Text(memory.Text)),
            ("created_at", Time(memory.CreatedAt)),
            ("updated_at", Time(memory.UpdatedAt)),
            ("metadata", Json(memory.Metadata)),
            ("importance", Number(memory.Importance)),
            ("version", Number(memory.Version)),
            ("scope", memory.Scope),
            ("team_id", Id(memory.TeamId)),
            ("agent_id", Text(memory.AgentId)),
            ("run_id", Text(memory.RunId)),
            ("category", memory.Category),
            ("confidence", Number(memory.Confidence)),
            ("valid_from", Time(memory.ValidFrom)),
            ("valid_to", Time(memory.ValidTo)),
            ("superseded_by", Id(memory.SupersededBy)));
        foreach (var source in memory.Sources!)
        {
            Row(
                ("type", "memory_source"),
                ("id", Id(memory.Id)),
                ("conversation_id", Text(source!.ConversationId)),
                ("content", Text(source.Quote)),
                ("message_id", Id(source.MessageId)));
        }

        foreach (var version in memory.History!)
        {
            Row(
                ("type", "memory_version"),
                ("id", Id(memory.Id)),
                ("content", Text(version!.NewText)),
                ("created_at", Time(version.At)),
                ("version", Number(version.Version)),
                ("event", version.Event),
                ("actor", version.Actor),
                ("old_text", Text(version.OldText)));
        }
    }

    public override void Learned(LearnedEntry learned) => Row(
        ("type", learned.Type),
        ("id", Id(learned.Id)),
        ("content", learned.Reason),
        ("created_at", Time(learned.At)),
        ("scope", learned.Scope),
        ("category", learned.Category),
        ("message_id", Id(learned.MessageId ?? learned.SourceMemoryId)),
        ("event", learned.Outcome),
        ("actor", Text(learned.Extractor)),
        ("memory_id", Id(learned.MemoryId)));

    public override void Kept(KeptEntry kept) => Row(
        ("type", kept.Type),
        ("id", Id(kept.Id)),
        ("content", Text(kept.Name ?? kept.Note)),
        ("created_at", Time(kept.CreatedAt)),
        ("metadata", Json(kept.Search)),
        ("message_id", Id(kept.MessageId ?? kept.MemoryId)));

    public override void Settings(SettingsEntry settings)
    {
        Row(("type", EntryTypes.Settings), ("user_id", Text(settings.UserId)), ("updated_at", Time(settings.UpdatedAt)), ("opted_out", Flag(settings.OptedOut)));
        foreach (var (trait, preference) in settings.Preferences)
        {
            Row(
                ("type", "preference"), ("user_id", Text(settings.UserId)), ("content", Text(preference.Value)), ("updated_at", Time(preference.UpdatedAt)), ("title", trait));
        }

        foreach (var block in settings.Blocks)
        {
            Row(("type", "block"), ("user_id", Text(settings.UserId)), ("content", Text(block.Text)), ("created_at", Time(block.CreatedAt)), ("updated_at", Time(block.UpdatedAt)), ("title", Text(block.Label)));
        }
    }

    public override void Usage(UsageEntry usage)
        => Write($"{Time(usage.Start)},{Time(usage.End)},{string.Join(',', usage.Usage.Values)}\r\n");

    /// <summary>A text that no spreadsheet carries out.</summary>
    internal static string? Text(string? text)
        => text is not null && FormulaStarts.Contains(text.AsSpan().TrimStart(' ') is [var first, ..] ? first : '\0') ? "'" + text : text;

    private static string? Json(JsonElement? json) => json?.GetRawText();

    private static string? Id(Guid? id) => id?.ToString("D");

    private static string? Number(double? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string? Flag(bool? flag) => flag switch { null => null, true => "true", false => "false" };

    private void Row(params ReadOnlySpan<(string Column, string? Value)> cells)
    {
        var next = 0;
        for (var i = 0; i < Columns.Length; i++)
        {
            if (i > 0)
            {
                Write(",");
            }

            // The cells come in the order of the columns.
            if (next < cells.Length && cells[next].Column == Columns[i])
            {
                if (cells[next].Value is { Length: > 0 } value)
                {
                    Write(value.AsSpan().ContainsAny(Quoted) ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value);
                }

                next++;
            }
        }

        System.Diagnostics.Debug.Assert(next == cells.Length, "The cells are not in the order of the columns.");
        Write("\r\n");
    }
}

/// <summary>A text to read: what people wrote stands in quotations, so that it cannot pass for the export's own headings.</summary>
internal sealed class MarkdownFormatter(IBufferWriter<byte> output) : ExportFormatter(output)
{
    public override void Begin(ExportEntry export)
        => Write($"# Export\n\n- What: {export.What}\n- Tenant: {export.TenantId:D}\n{Item("Subject", export.UserId)}{Item("Conversation", export.ConversationId)}- Made: {Time(export.CreatedAt)}\n");

    public override void BeginSection(ExportSection section)
        => Write(section switch
        {
            ExportSection.Conversations => "\n# Conversations\n",
            ExportSection.Messages => "\n# Messages in conversations of others\n",
            ExportSection.Memories => "\n# Memories\n",
            ExportSection.Learning => "\n# What became of what was read\n\n",
            ExportSection.Kept => "\n# Saved searches and bookmarks\n\n",
            ExportSection.Usage => $"\n# Usage\n\n| start | end | {string.Join(" | ", UsageCounts.Columns)} |\n|{string.Concat(Enumerable.Repeat(" --- |", UsageCounts.Columns.Count + 2))}\n",
            _ => "\n# Settings\n\n",
        });

    public override void BeginConversation(ConversationEntry conversation)
        => Write(
            $"\n## {Inline(conversation.Title ?? conversation.ConversationId)}\n\n- Conversation: {Inline(conversation.ConversationId)}\n"
            + $"{Item("Subject", conversation.UserId)}- Created: {Time(conversation.CreatedAt)}\n{Item("Metadata", conversation.Metadata?.GetRawText())}");

    public override void Message(MessageEntry message)
        => Write(
            $"\n### {message.Role}, {Time(message.CreatedAt)}{(message.Archived ? ", archived" : "")}\n\n{Quote(message.Content)}"
            + $"\n- Id: {message.Id:D}\n{Item("Conversation", message.ConversationId)}{Item("Subject", message.UserId)}"
            + $"{Item("Answers", message.ReplyTo?.ToString("D"))}{Item("Metadata", message.Metadata?.GetRawText())}");

    public override void Memory(MemoryEntry memory)
    {
        var holds = memory.ValidTo is { } until ? $", until {Time(until)}" : "";
        Write(
            $"\n## {memory.Category}, since {Time(memory.ValidFrom)}{holds}\n\n{Quote(memory.Text)}\n- Id: {memory.Id:D}\n- Scope: {memory.Scope}\n{Item("Subject", memory.UserId)}"
            + string.Create(CultureInfo.InvariantCulture, $"- Importance: {memory.Importance}, confidence: {memory.Confidence}\n")
            + Item("Superseded by", memory.SupersededBy?.ToString("D")) + Item("Metadata", memory.Metadata?.GetRawText()));
        foreach (var source in memory.Sources!)
        {
            var origin = source!.FromMemory ? $"memory {source.MessageId:D}" : $"message {source.MessageId:D} of {Inline(source.ConversationId)}";
            Write($"- From {origin}: {Inline(source.Quote)}\n");
        }

        foreach (var version in memory.History!)
        {
            Write($"- Version {version!.Version}, {version.Event}, {Time(version.At)}, {version.Actor}: {Inline(version.NewText ?? version.OldText)}\n");
        }
    }

    public override void Learned(LearnedEntry learned)
    {
        var source = learned.SourceMemoryId is { } added ? $"memory {added:D}" : $"message {learned.MessageId:D}";
        var memory = learned.MemoryId is { } id ? $", memory {id:D}" : "";
        Write(learned.Outcome is null
            ? $"- Consent to {learned.Category}, {Time(learned.At)}, {source}{memory}\n"
            : $"- {learned.Outcome} ({learned.Reason}), {Time(learned.At)}, {source}{memory}, read by {Inline(learned.Extractor)}\n");
    }

    public override void Kept(KeptEntry kept)
        => Write(kept.Search is { } search
            ? $"- Search {Inline(kept.Name)}, {Time(kept.CreatedAt)}: {Inline(search.GetRawText())}\n"
            : $"- Bookmark of {(kept.MessageId is null ? "memory" : "message")} {kept.MessageId ?? kept.MemoryId:D}, {Time(kept.CreatedAt)}: {Inline(kept.Note)}\n");

    public override void Settings(SettingsEntry settings)
        => Write($"- {Inline(settings.UserId)}: {(settings.OptedOut ? "opted out of memory" : "takes part in memory")}, since {Time(settings.UpdatedAt)}\n"
            + string.Concat(settings.Preferences.Select(preference => $"  - Prefers {preference.Key}: {Inline(preference.Value.Value)}\n"))
            + string.Concat(settings.Blocks.Select(block => $"  - Block {Inline(block.Label)}: {Inline(block.Text)}\n")));

    public override void Usage(UsageEntry usage)
        => Write($"| {Time(usage.Start)} | {Time(usage.End)} | {string.Join(" | ", usage.Usage.Values)} |\n");

    public override void End(EndEntry end)
        => Write(end.Intervals > 0 ? $"\n---\n\n{end.Intervals} intervals.\n" : $"\n---\n\n{end.Conversations} conversations, {end.Messages} messages, {end.Memories} memories.\n");

    private static string Item(string name, string? value) => value is null ? "" : $"- {name}: {Inline(value)}\n";

    /// <summary>One line, as code, so that nothing in it is read as markup.</summary>
    private static string Inline(string? text)
    {
        var line = (text ?? "").ReplaceLineEndings(" ");
        var longest = 0;
        for (int i = 0, run = 0; i < line.Length; i++)
        {
            run = line[i] == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        var fence = new string('`', longest + 1);
        return longest == 0 ? $"`{line}`" : $"{fence} {line} {fence}";
    }

    private static string Quote(string? text) => $"> {(text ?? "").ReplaceLineEndings("\n").Replace("\n", "\n> ", StringComparison.Ordinal)}\n";
}
