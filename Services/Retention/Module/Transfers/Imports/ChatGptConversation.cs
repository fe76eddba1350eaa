using System.Text.Json;

namespace MemoryMesh.Retention.Transfers.Imports;

/// <summary>Reads a conversation of a ChatGPT export: a tree of messages of which the path to <c>current_node</c> is what its user sees.</summary>
internal static class ChatGptConversation
{
    private const int MaxIdLength = 100;

    public static IReadOnlyList<ImportItem> Read(ImportPlace place, JsonElement root)
    {
        if (!root.TryGetProperty("mapping", out var mapping) || mapping.ValueKind != JsonValueKind.Object)
        {
            return [new ImportItem.Refused(place, "mapping: Is needed, and must be a JSON object.")];
        }

        var nodes = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var node in mapping.EnumerateObject())
        {
            nodes[node.Name] = node.Value;
        }

        if ((ImportReader.Text(root, "conversation_id") ?? ImportReader.Text(root, "id")) is not { Length: > 0 and <= MaxIdLength } id)
        {
            return [new ImportItem.Refused(place, "conversation_id: Is needed, and at most 100 characters long.")];
        }

        var startedAt = root.TryGetProperty("create_time", out var created) ? ImportReader.Time(created) : null;
        var title = ImportReader.Text(root, "title");
        var items = new List<ImportItem>(nodes.Count + 1)
        {
            new ImportItem.OfConversation(place, new ConversationEntry { ConversationId = id, Title = string.IsNullOrWhiteSpace(title) ? null : title, CreatedAt = startedAt }),
        };
        var path = PathTo(ImportReader.Text(root, "current_node") ?? LastLeaf(nodes), nodes);
        var on = path.ToHashSet(StringComparer.Ordinal);
        var at = startedAt;
        foreach (var name in path)
        {
            if (ReadMessage(place, id, name, nodes[name], ref at) is { } item)
            {
                items.Add(item);
            }
        }

        foreach (var (name, node) in nodes)
        {
            var ignored = at;
            if (!on.Contains(name) && ReadMessage(place, id, name, node, ref ignored) is ImportItem.OfMessage)
            {
                items.Add(new ImportItem.Skipped(place, SkipCodes.OtherBranch));
            }
        }

        return items;
    }

    /// <summary>The nodes from the root to a node. A circle, which no true export has, ends where it began.</summary>
    private static List<string> PathTo(string? node, Dictionary<string, JsonElement> nodes)
    {
        var path = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (node is not null && nodes.TryGetValue(node, out var value) && seen.Add(node))
        {
            path.Add(node);
            node = value.ValueKind == JsonValueKind.Object ? ImportReader.Text(value, "parent") : null;
        }

        path.Reverse();
        return path;
    }

    /// <summary>The last node without children.</summary>
    private static string? LastLeaf(Dictionary<string, JsonElement> nodes)
        => nodes.LastOrDefault(node => node.Value.ValueKind == JsonValueKind.Object
            && !(node.Value.TryGetProperty("children", out var children) && children.ValueKind == JsonValueKind.Array && children.GetArrayLength() > 0)).Key;

    /// <summary>The message of a node; null when it has none, as the root.</summary>
    private static ImportItem? ReadMessage(ImportPlace place, string conversationId, string name, JsonElement node, ref DateTimeOffset? at)
    {
        if (node.ValueKind != JsonValueKind.Object || !node.TryGetProperty("message", out var message) || message.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var role = message.TryGetProperty("author", out var author) && author.ValueKind == JsonValueKind.Object ? ImportReader.Text(author, "role") : null;
        if (!message.TryGetProperty("content", out var content) || content.ValueKind != JsonValueKind.Object || !TryText(content, out var text))
        {
            return new ImportItem.Refused(place, "content: Is needed, and must have parts or a text.");
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            return new ImportItem.Skipped(place, SkipCodes.NoText);
        }

        var metadata = message.TryGetProperty("metadata", out var given) && given.ValueKind == JsonValueKind.Object ? given : default;
        if (metadata.ValueKind == JsonValueKind.Object
            && metadata.TryGetProperty("is_visually_hidden_from_conversation", out var hidden) && hidden.ValueKind == JsonValueKind.True)
        {
            return new ImportItem.Skipped(place, SkipCodes.Hidden);
        }

        // A message without a time has that of the one before it, and none is older than that: the order of the path is kept.
        var time = message.TryGetProperty("create_time", out var created) ? ImportReader.Time(created) : null;
        at = time is null || time < at ? at : time;
        var model = metadata.ValueKind == JsonValueKind.Object ? ImportReader.Text(metadata, "model_slug") : null;
        return new ImportItem.OfMessage(place, new IncomingMessage
        {
            Identity = $"chatgpt {name}",
            ConversationId = conversationId,
            Role = role,
            Content = text,
            MetadataJson = model is { Length: <= MaxIdLength } ? JsonSerializer.Serialize(new Dictionary<string, string> { ["model"] = model }) : null,
            CreatedAt = at,
        });
    }

    private static bool TryText(JsonElement content, out string text)
    {
        text = "";
        return content.TryGetProperty("parts", out var parts) ? ImportReader.TryText(parts, out text)
            : content.TryGetProperty("text", out var inner) ? ImportReader.TryText(inner, out text)

            // Kinds of contents without either, as thoughts, are not texts of the conversation.
            : content.TryGetProperty("content_type", out _);
    }
}
