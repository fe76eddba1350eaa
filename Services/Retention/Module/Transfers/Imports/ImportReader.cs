using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace MemoryMesh.Retention.Transfers.Imports;

/// <summary>Reads the file of an import, item by item.</summary>
internal static class ImportReader
{
    private const string TooLarge = "Is larger than a record may be.";
    private const string NotUtf8 = "Must be UTF-8.";
    private const string NotJson = "Not JSON.";
    private const string WrongShape = "Lacks a field, or has one of the wrong type.";
    private const string NotAnObject = "Must be a JSON object.";

    /// <summary>Reads a file.</summary>
    /// <exception cref="MalformedImportException">It cannot be read any further.</exception>
    public static async IAsyncEnumerable<ImportItem> ReadAsync(ImportFormat format, Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var unnamed = 0;
        await foreach (var part in new JsonParts(stream).ReadAsync(cancellationToken))
        {
            foreach (var item in Read(format, part, ref unnamed))
            {
                yield return item;
            }
        }
    }

    private static IReadOnlyList<ImportItem> Read(ImportFormat format, in JsonPart part, ref int unnamed)
    {
        if (part.TooLarge)
        {
            return [new ImportItem.Refused(part.Place, TooLarge)];
        }

        if (!Utf8.IsValid(part.Bytes.Span))
        {
            return [new ImportItem.Refused(part.Place, NotUtf8)];
        }

        try
        {
            using var document = JsonDocument.Parse(part.Bytes, new JsonDocumentOptions { MaxDepth = JsonParts.MaxDepth });
            var root = document.RootElement;
            return root.ValueKind != JsonValueKind.Object ? [new ImportItem.Refused(part.Place, NotAnObject)]
                : format switch
                {
                    ImportFormat.MemoryMesh => [ReadRecord(part.Place, root)],
                    ImportFormat.ChatGpt => ChatGptConversation.Read(part.Place, root),
                    _ => ReadMessages(part.Place, root, ref unnamed),
                };
        }
        catch (JsonException)
        {
            return [new ImportItem.Refused(part.Place, NotJson)];
        }
        catch (InvalidOperationException)
        {
            // Half of a character outside the basic plane, written as an escape.
            return [new ImportItem.Refused(part.Place, "Must not contain a lone surrogate.")];
        }
    }

    private static ImportItem ReadRecord(ImportPlace place, JsonElement root)
    {
        try
        {
            switch (Text(root, "type"))
            {
                case EntryTypes.Export:
                    return root.TryGetProperty("format_version", out var version) && version.TryGetInt32(out var number) && number is >= 1 and <= TransferJson.FormatVersion
                        ? new ImportItem.Skipped(place, null)
                        : throw new MalformedImportException(place, "The export is of a version that is not known here.");
                case EntryTypes.End or EntryTypes.SavedSearch or EntryTypes.Bookmark or EntryTypes.Extraction or EntryTypes.Consent:
                    return new ImportItem.Skipped(place, null);
                case EntryTypes.Conversation:
                    return new ImportItem.OfConversation(place, Parse<ConversationEntry>(root));
                case EntryTypes.Message:
                    var entry = Parse<MessageEntry>(root);
                    return new ImportItem.OfMessage(place, new IncomingMessage
                    {
                        Identity = entry.Id is { } id ? IncomingMessage.IdentityOf(id) : Identity(place, entry.Role, entry.CreatedAt, entry.Content),
                        SourceId = entry.Id,
                        ConversationId = entry.ConversationId,
                        UserId = entry.UserId,
                        Role = entry.Role,
                        Content = entry.Content,
                        MetadataJson = Json(entry.Metadata),
                        Importance = entry.Importance,
                        ReplyTo = entry.ReplyTo,
                        CreatedAt = entry.CreatedAt,
                        ExtractMemory = entry.ExtractMemory,
                        Archived = entry.Archived,
                    });
                case EntryTypes.Memory:
                    return new ImportItem.OfMemory(place, Parse<MemoryEntry>(root));
                case EntryTypes.Settings:
                    return new ImportItem.OfSettings(place, Parse<SettingsEntry>(root));
                default:
                    return new ImportItem.Refused(place, "type: Must be export, conversation, message, memory, settings or end.");
            }
        }
        catch (JsonException)
        {
            return new ImportItem.Refused(place, WrongShape);
        }
    }

    private static List<ImportItem> ReadMessages(ImportPlace place, JsonElement root, ref int unnamed)
    {
        if (!root.TryGetProperty("messages", out var messages))
        {
            return [ReadMessage(place, root, null, null, 0, 0)];
        }

        if (messages.ValueKind != JsonValueKind.Array)
        {
            return [new ImportItem.Refused(place, "messages: Must be a list.")];
        }

        var conversationId = Text(root, "conversation_id") ?? Text(root, "id");
        var userId = Text(root, "user_id");
        var number = conversationId is null ? ++unnamed : 0;
        var items = new List<ImportItem>(messages.GetArrayLength() + 1);
        if (conversationId is not null && Text(root, "title") is { } title)
        {
            items.Add(new ImportItem.OfConversation(place, new ConversationEntry { ConversationId = conversationId, UserId = userId, Title = title }));
        }

        var at = 0;
        foreach (var message in messages.EnumerateArray())
        {
            items.Add(message.ValueKind == JsonValueKind.Object
                ? ReadMessage(place, message, conversationId, userId, number, ++at)
                : new ImportItem.Refused(place, "messages: Must be a list of JSON objects."));
        }

        return items;
    }

    private static ImportItem ReadMessage(ImportPlace place, JsonElement message, string? conversationId, string? userId, int unnamed, int at)
    {
        foreach (var name in (ReadOnlySpan<string>)["role", "conversation_id", "user_id", "id"])
        {
            if (message.TryGetProperty(name, out var value) && value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
            {
                return new ImportItem.Refused(place, $"{name}: Must be a text.");
            }
        }

        var createdAt = (DateTimeOffset?)null;
        if (message.TryGetProperty("created_at", out var time) && time.ValueKind != JsonValueKind.Null && (createdAt = Time(time)) is null)
        {
            return new ImportItem.Refused(place, "created_at: Must be a time in ISO 8601, or seconds since 1970.");
        }

        var role = Text(message, "role");
        if (role is null)
        {
            return new ImportItem.Refused(place, "role: Is needed.");
        }

        if (!message.TryGetProperty("content", out var content))
        {
            return new ImportItem.Refused(place, "content: Is needed.");
        }

        if (!TryText(content, out var text))
        {
            return new ImportItem.Refused(place, "content: Must be a text, or a list of parts with texts.");
        }

        var metadata = message.TryGetProperty("metadata", out var given) && given.ValueKind != JsonValueKind.Null ? given.GetRawText() : null;
        return string.IsNullOrWhiteSpace(text)
            ? new ImportItem.Skipped(place, SkipCodes.NoText)
            : new ImportItem.OfMessage(place, new IncomingMessage
            {
                Identity = Text(message, "id") is { } id ? $"message {id}" : Identity(place with { Line = at }, role, createdAt, text),
                ConversationId = Text(message, "conversation_id") ?? conversationId,
                Unnamed = unnamed,
                UserId = Text(message, "user_id") ?? userId,
                Role = role,
                Content = text,
                MetadataJson = metadata,
                Importance = message.TryGetProperty("importance", out var importance) && importance.ValueKind == JsonValueKind.Number ? importance.GetDouble() : null,
                CreatedAt = createdAt,
            });
    }

    /// <summary>The text of a content: a string, or the texts of its parts. Null content has none, as a call of a tool.</summary>
    internal static bool TryText(JsonElement content, out string text)
    {
        text = "";
        switch (content.ValueKind)
        {
            case JsonValueKind.Null:
                return true;
            case JsonValueKind.String:
                text = content.GetString()!;
                return true;
            case JsonValueKind.Array:
                var parts = new List<string>();
                foreach (var part in content.EnumerateArray())
                {
                    if (part.ValueKind == JsonValueKind.String)
                    {
                        parts.Add(part.GetString()!);
                    }
                    else if (part.ValueKind == JsonValueKind.Object && Text(part, "text") is { } inner)
                    {
                        parts.Add(inner);
                    }
                }

                text = string.Join('\n', parts.Where(part => part.Length > 0));
                return true;
            default:
                return false;
        }
    }

    /// <summary>A text of an object; null when it is absent or something else.</summary>
    internal static string? Text(JsonElement element, string name)
        => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A time: ISO 8601, where one without an offset is UTC, or seconds since 1970.</summary>
    internal static DateTimeOffset? Time(JsonElement value)
    {
        const double LatestSeconds = 253_402_300_799;
        return value.ValueKind switch
        {
            JsonValueKind.Number when value.TryGetDouble(out var seconds) && seconds is >= 0 and <= LatestSeconds
                => DateTimeOffset.UnixEpoch.AddMilliseconds(Math.Round(seconds * 1_000)),
            JsonValueKind.String when DateTimeOffset.TryParse(
                value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) => time,
            _ => null,
        };
    }

    private static T Parse<T>(JsonElement root) => root.Deserialize<T>(TransferJson.Lenient) ?? throw new JsonException();

    private static string? Json(JsonElement? json) => json is { ValueKind: not JsonValueKind.Null } given ? given.GetRawText() : null;

    /// <summary>All there is of a message without an id. Its place tells equal ones apart.</summary>
    private static string Identity(ImportPlace place, string? role, DateTimeOffset? createdAt, string? content)
        => new StringBuilder("at ").Append(CultureInfo.InvariantCulture, $"{place.Record} {place.Line} {createdAt?.ToUnixTimeMilliseconds()} {role} {content}").ToString();
}
