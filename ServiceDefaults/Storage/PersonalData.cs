namespace MemoryMesh.ServiceDefaults.Storage;

/// <summary>A table of a service, and what happens to its rows when a person asks for a copy or for erasure. Every table is listed; a test compares.</summary>
/// <param name="Database">Name of the module database.</param>
/// <param name="Name">Name of the table.</param>
/// <param name="Personal">Whether a row can be about a person.</param>
/// <param name="Export">What an export holds of it; null when it is not personal or holds nothing a person would know as theirs.</param>
/// <param name="Erase">How erasure removes it; null when it is not personal.</param>
public sealed record TableRule(string Database, string Name, bool Personal, string? Export, string? Erase)
{
    /// <summary>The tables that every module database has beside its own.</summary>
    public static IReadOnlyList<TableRule> Shared(string database) =>
    [
        new(database, "schema_migrations", false, null, null),
        new(database, "outbox", true, null, "Ids only, no text; rows leave when every consumer is past them."),
        new(database, "event_positions", false, null, null),
        new(database, "parked_events", true, null, "Ids only, no text; rows of the subject are deleted."),
        new(database, "idempotency_keys", true, null, "Sealed with the tenant's key; rows leave after 24 hours."),
    ];

    /// <summary>The tables of the file of data keys that every module database has beside it.</summary>
    public static IReadOnlyList<TableRule> Keys(string database) =>
    [
        new($"{database}.keys", "schema_migrations", false, null, null),
        new($"{database}.keys", "encryption_key", false, null, null),
        new($"{database}.keys", "index_key", false, null, null),
        new($"{database}.keys", "tenant_keys", false, null, null),
        new($"{database}.keys", "data_keys", true, null, "The subject's key is destroyed: what it encrypted can never be read again, in a copy neither."),
    ];
}
