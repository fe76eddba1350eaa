using System.Security.Cryptography;
using System.Text;

namespace MemoryMesh.ServiceDefaults.Storage;

/// <summary>A table of a service, and what happens to its rows when a person asks for a copy or for erasure. Every table is listed; a test compares.</summary>
/// <param name="Database">Name of the module database.</param>
/// <param name="Name">Name of the table.</param>
/// <param name="Personal">Whether a row can be about a person.</param>
/// <param name="Export">What an export holds of it; null when it is not personal or holds nothing a person would know as theirs.</param>
/// <param name="Erase">How erasure removes it; null when it is not personal.</param>
public sealed record TableRule(string Database, string Name, bool Personal, string? Export, string? Erase)
{
    /// <summary>
    /// Column with the keyed hash of the subject that a row is about. Erasure deletes the rows of the subject by it, where nothing else did before.
    /// Every table with a column of the name <c>subject_key</c> or <c>owner_key</c> has it, or <see cref="Keeps"/>; a test compares.
    /// </summary>
    public string? Subject { get; init; }

    /// <summary>What of a subject stays in the table after its erasure, and why; receipts count it. Null when nothing stays.</summary>
    public string? Keeps { get; init; }

    /// <summary>Whether rows stay when their whole tenant is erased. Else all rows go that have it in a column <c>tenant_id</c>.</summary>
    public bool OutlivesTenant { get; init; }

    /// <summary>Names the rules of one service: it changes when what erasure does with one of its tables changes.</summary>
    public static string VersionOf(IEnumerable<TableRule> rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        var lines = rules.Distinct()
            .Select(rule => $"{rule.Database}|{rule.Name}|{rule.Personal}|{rule.Erase}|{rule.Subject}|{rule.Keeps}|{rule.OutlivesTenant}")
            .Order(StringComparer.Ordinal);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))).AsSpan(0, 8));
    }

    /// <summary>The tables that every module database has beside its own.</summary>
    public static IReadOnlyList<TableRule> Shared(string database) =>
    [
        new(database, "schema_migrations", false, null, null),
        new(database, "outbox", true, null, "Ids only, no text; rows leave when every consumer is past them."),
        new(database, "event_positions", false, null, null),
        new(database, "parked_events", true, null, "Ids only, no text; rows of the subject are deleted."),
        new(database, "idempotency_keys", true, null, "Ids and times, sealed with the tenant's key; rows of the subject are deleted, others leave after 24 hours."),
        new(database, "idempotency_subjects", true, null, "Keyed hashes; the subject's rows are deleted, others leave after 24 hours.") { Subject = "subject_key" },
        new(database, "erasures", true, null, "A row is the note that the service carried the erasure out.")
        {
            Keeps = "The keyed hash of the subject with times and counts, so that an order which comes twice erases once.",
            OutlivesTenant = true,
        },
    ];

    /// <summary>The tables of the file of data keys that every module database has beside it.</summary>
    public static IReadOnlyList<TableRule> Keys(string database) =>
    [
        new($"{database}.keys", "schema_migrations", false, null, null),
        new($"{database}.keys", "encryption_key", false, null, null),
        new($"{database}.keys", "index_key", false, null, null),
        new($"{database}.keys", "tenant_keys", false, null, null),
        new($"{database}.keys", "data_keys", true, null, "The subject's key is destroyed: what it encrypted can never be read again, in a copy neither.")
        {
            Subject = "owner_key",
        },
    ];
}
