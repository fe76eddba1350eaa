using System.Text.Json;

namespace MemoryMesh.Client;

/// <summary>Messages: <c>/v1/messages</c>.</summary>
public sealed class MessagesApi
{
    private readonly Connection _connection;

    internal MessagesApi(Connection connection) => _connection = connection;

    /// <summary>Stores a message; its conversation is created when there is none.</summary>
    /// <param name="message">The message.</param>
    /// <param name="wait">What the answer waits for, for at most 10 s.</param>
    /// <param name="idempotencyKey">1 to 255 visible ASCII characters: repeated with the same key, it is stored once.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public async Task<StoredMessage> StoreAsync(
        NewMessage message, StoreWait wait = StoreWait.None, string? idempotencyKey = null, CancellationToken cancellationToken = default)
    {
        var (answer, accepted) = await _connection.StoreAsync(
            Waiting(new Address("v1/messages"), wait), message, ClientJson.Default.NewMessage, ClientJson.Default.MessageInfo, idempotencyKey, cancellationToken).ConfigureAwait(false);
        return new StoredMessage(answer, !accepted);
    }

    /// <summary>Stores 1 to 500 messages, with a result for each: one that is refused does not hold back the others.</summary>
    /// <inheritdoc cref="StoreAsync"/>
    public async Task<StoredMessages> StoreManyAsync(
        IReadOnlyList<NewMessage> messages, StoreWait wait = StoreWait.None, string? idempotencyKey = null, CancellationToken cancellationToken = default)
    {
        var (answer, accepted) = await _connection.StoreAsync(
            Waiting(new Address("v1/messages/batch"), wait), new MessageBatch(messages), ClientJson.Default.MessageBatch, ClientJson.Default.BatchResults, idempotencyKey, cancellationToken).ConfigureAwait(false);
        return new StoredMessages(answer.Results, !accepted);
    }

    /// <summary>Reads a message.</summary>
    public Task<MessageInfo> GetAsync(string id, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.GetAsync(Of(id, tenantId), ClientJson.Default.MessageInfo, cancellationToken);

    /// <summary>Changes a message.</summary>
    /// <param name="id">The message.</param>
    /// <param name="changes">What is null stays.</param>
    /// <param name="version">Only this version; any when null.</param>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public Task<MessageInfo> UpdateAsync(
        string id, MessageChanges changes, int? version = null, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.SendAsync(
            HttpMethod.Put, Of(id, tenantId), changes, ClientJson.Default.MessageChanges, ClientJson.Default.MessageInfo, cancellationToken, version);

    /// <summary>Deletes a message.</summary>
    /// <param name="id">The message.</param>
    /// <param name="version">Only this version; any when null.</param>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public Task DeleteAsync(string id, int? version = null, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.DeleteAsync(Of(id, tenantId), version, cancellationToken);

    private static Address Of(string id, string? tenantId) => new Address("v1/messages").Id(id).Query("tenant_id", tenantId);

    private static Address Waiting(Address address, StoreWait wait)
    {
        List<string> events = [];
        if (wait.HasFlag(StoreWait.Indexed))
        {
            events.Add("indexed");
        }

        if (wait.HasFlag(StoreWait.Memories))
        {
            events.Add("memories");
        }

        return address.Query("wait", events);
    }
}

/// <summary>What storing waits for.</summary>
[Flags]
public enum StoreWait
{
    /// <summary>For nothing but the disk.</summary>
    None = 0,

    /// <summary>Until search can find it.</summary>
    Indexed = 1,

    /// <summary>Until memories were drawn from it.</summary>
    Memories = 2,
}

/// <summary>A stored message.</summary>
/// <param name="Message">The message.</param>
/// <param name="Waited">False when it was stored, but what was waited for did not happen in time.</param>
public sealed record StoredMessage(MessageInfo Message, bool Waited);

/// <summary>What became of a batch.</summary>
/// <param name="Results">A result for each message, in the order of the request.</param>
/// <param name="Waited">False when what was waited for did not happen in time.</param>
public sealed record StoredMessages(IReadOnlyList<BatchResult> Results, bool Waited);

/// <summary>What became of one item of a batch.</summary>
public sealed record BatchResult
{
    /// <summary>Place in the request, from 0.</summary>
    public int Index { get; init; }

    /// <summary>The status a request for this item alone would have.</summary>
    public int Status { get; init; }

    /// <summary>The message, when it is known.</summary>
    public string? Id { get; init; }

    /// <summary>Version of the message, where it has one.</summary>
    public int? Version { get; init; }

    /// <summary>Why it was refused, or null.</summary>
    public MemoryMeshProblem? Problem { get; init; }
}

/// <summary>A message to store.</summary>
public sealed record NewMessage
{
    /// <summary>Id or slug of the tenant; the caller's own when null.</summary>
    public string? TenantId { get; init; }

    /// <summary>The conversation, 1 to 200 bytes.</summary>
    public required string ConversationId { get; init; }

    /// <summary><c>user</c>, <c>assistant</c>, <c>system</c> or <c>tool</c>.</summary>
    public required string Role { get; init; }

    /// <summary>The text, up to 32 KiB of UTF-8.</summary>
    public required string Content { get; init; }

    /// <summary>A JSON object of up to 8 KiB.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>0 to 1.</summary>
    public double? Importance { get; init; }

    /// <summary>The subject; the caller's own account when null.</summary>
    public string? UserId { get; init; }

    /// <summary>Time of the message; now when null. At most five minutes in the future.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Id of a message of the same conversation.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>Whether memories may be drawn from it; true when null.</summary>
    public bool? ExtractMemory { get; init; }

    /// <summary>What to mind when memories are drawn from it, for this message alone; null for what the tenant or the server says.</summary>
    public ExtractionHint? Extraction { get; init; }
}

/// <summary>What to mind when memories are drawn from a message. It goes before what the tenant and the server say.</summary>
public sealed record ExtractionHint
{
    /// <summary>What the language model should mind, up to 4,000 bytes.</summary>
    public string? Instructions { get; init; }

    /// <summary>Categories that are drawn, by the rules too; null or empty for those of the tenant or the server.</summary>
    public IReadOnlyList<string>? Categories { get; init; }
}

/// <summary>What to change of a message; what is null stays.</summary>
public sealed record MessageChanges
{
    /// <inheritdoc cref="NewMessage.Content"/>
    public string? Content { get; init; }

    /// <inheritdoc cref="NewMessage.Metadata"/>
    public JsonElement? Metadata { get; init; }

    /// <inheritdoc cref="NewMessage.Importance"/>
    public double? Importance { get; init; }
}

/// <summary>A message.</summary>
public sealed record MessageInfo
{
    /// <summary>The message.</summary>
    public required string Id { get; init; }

    /// <summary>Its tenant. Null in results of a search.</summary>
    public string? TenantId { get; init; }

    /// <summary>Its conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>The subject it is about.</summary>
    public required string UserId { get; init; }

    /// <summary><c>user</c>, <c>assistant</c>, <c>system</c> or <c>tool</c>.</summary>
    public required string Role { get; init; }

    /// <summary>The text.</summary>
    public required string Content { get; init; }

    /// <summary>A JSON object, or null.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>0 to 1, or null when the client set none.</summary>
    public double? Importance { get; init; }

    /// <summary>The message it answers, or null.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>Whether memories may be drawn from it.</summary>
    public bool ExtractMemory { get; init; }

    /// <summary>Whether a retention rule archived it.</summary>
    public bool Archived { get; init; }

    /// <summary>Version, from 1.</summary>
    public int Version { get; init; }

    /// <summary>Time of the message.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was stored or last changed.</summary>
    public DateTimeOffset UpdatedAt { get; init; }
}

internal sealed record MessageBatch(IReadOnlyList<NewMessage> Messages);

internal sealed record BatchResults(IReadOnlyList<BatchResult> Results);
