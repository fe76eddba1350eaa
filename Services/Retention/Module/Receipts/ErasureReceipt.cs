using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using MemoryMesh.Retention.Storage;

namespace MemoryMesh.Retention.Receipts;

/// <summary>Proof that a subject was erased. Its signature covers every member but <c>jws</c>.</summary>
internal sealed record ErasureReceipt
{
    /// <summary>memorymesh-erasure-receipt.</summary>
    public string Type { get; init; } = "memorymesh-erasure-receipt";

    /// <summary>Version of this shape.</summary>
    public int Version { get; init; } = 1;

    /// <summary>subject, or tenant when everything of the tenant was erased.</summary>
    public required string Scope { get; init; }

    /// <summary>The erasure.</summary>
    public required Guid ErasureId { get; init; }

    /// <summary>The tenant.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>Keyed hash of the tenant and the <c>user_id</c>, in hex: only who has the server's index key can tell whose it is.</summary>
    public required string SubjectHash { get; init; }

    /// <summary>When the erasure was asked for.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>When the last service had erased.</summary>
    public required DateTimeOffset CompletedAt { get; init; }

    /// <summary>What each service did, in order.</summary>
    public required IReadOnlyList<ServiceReceipt> Services { get; init; }

    /// <summary>What remains, and until when.</summary>
    public required IReadOnlyList<Remainder> Remains { get; init; }

    /// <summary>The receipt as a JWS in compact form, signed with ES256 by a key of <c>/.well-known/memorymesh-receipts.json</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Jws { get; init; }

    private static readonly JsonSerializerOptions SignedJson = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>What is signed.</summary>
    public string ToPayload() => JsonSerializer.Serialize(this with { Jws = null }, SignedJson);

    /// <summary>Reads a signed receipt.</summary>
    public static ErasureReceipt Parse(string payload, string jws) => JsonSerializer.Deserialize<ErasureReceipt>(payload, SignedJson)! with { Jws = jws };

    /// <summary>The receipt of an erasure that every service has answered.</summary>
    public static ErasureReceipt Of(ErasureRecord erasure, DateTimeOffset completedAt, int? backupDays) => new()
    {
        Scope = erasure.WholeTenant ? "tenant" : "subject",
        ErasureId = erasure.Id,
        TenantId = erasure.TenantId,
        SubjectHash = HashOf(erasure),
        RequestedAt = erasure.RequestedAt,
        CompletedAt = completedAt,
        Services = [.. erasure.Steps.Select(ServiceReceipt.Of)],
        Remains = [.. Remainder.Of(erasure, completedAt, backupDays)],
    };

    public static string HashOf(ErasureRecord erasure) => erasure.SubjectKey.ToString("N");
}

/// <summary>What one service did.</summary>
internal sealed record ServiceReceipt
{
    /// <summary>The service.</summary>
    public required string Service { get; init; }

    /// <summary>When its last row about the subject went.</summary>
    public required DateTimeOffset ErasedAt { get; init; }

    /// <summary>How many rows went, by table; a table of which none went is left out.</summary>
    public required IReadOnlyDictionary<string, long> Deleted { get; init; }

    /// <summary>How many rows stay, by table; <c>remains</c> and the data map say what they hold.</summary>
    public required IReadOnlyDictionary<string, long> Kept { get; init; }

    /// <summary>destroyed: what it encrypted cannot be read any more, in a copy neither.</summary>
    public string DataKey { get; init; } = "destroyed";

    /// <summary>Version of the service's data map, which docs/data-map.md shows.</summary>
    public required string DataMap { get; init; }

    public static ServiceReceipt Of(ErasureStep step) => new()
    {
        Service = step.Service,
        ErasedAt = step.ErasedAt,
        Deleted = step.Deleted,
        Kept = step.Kept,
        DataMap = step.DataMap,
    };
}

/// <summary>Something that an erasure does not remove.</summary>
/// <param name="What">Short name.</param>
/// <param name="Where">Where it is: a service, or the operator.</param>
/// <param name="Until">Until when; null when it stays, or is not known.</param>
/// <param name="Detail">What it is, and why it stays.</param>
internal sealed record Remainder(string What, string Where, DateTimeOffset? Until, string Detail)
{
    /// <summary>What remains after an erasure.</summary>
    public static IEnumerable<Remainder> Of(ErasureRecord erasure, DateTimeOffset completedAt, int? backupDays)
    {
        yield return new("request", "retention", null, "This erasure under the subject's keyed hash: times, counts, the account that asked for it.");
        if (erasure.Steps.Any(step => step.Service == "memory" && step.Kept.ContainsKey("memory_settings")))
        {
            yield return new("opt_out", "memory", null, "That the subject opted out, under its keyed hash: without it the person would be learned again.");
        }

        yield return new("forgotten_until", "memory", null, "The time of the erasure under the subject's keyed hash: what was said before is not learned any more.");
        yield return new("audit_log", "auth", null, "That the erasure was asked for and completed, without text; it leaves when the audit log's time is up.");
        yield return new("account", "auth", null, "If the subject logs in, its account: it belongs to the person and not to the tenant.");
        yield return new("events", "queues", null, "Events that are under way or parked carry ids and keyed hashes, no text.");
        foreach (var copy in erasure.Steps.SelectMany(step => step.Kept.Keys).Where(name => name.StartsWith("snapshot ", StringComparison.Ordinal)))
        {
            yield return new(
                copy,
                "operator",
                null,
                "A snapshot of the vector server, made before the erasure: it holds the subject's vectors, and by whom and when, in ids and keyed hashes. The operator deletes it.");
        }

        yield return new(
            "backups",
            "operator",
            backupDays is { } days ? completedAt.AddDays(days) : null,
            "Backups of the data folder, and of a database server with its write-ahead log, are the operator's. They hold what was erased encrypted; who does not keep the keys (*.keys.db, *_keys) of that time cannot read it.");
    }
}
