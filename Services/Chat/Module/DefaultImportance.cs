namespace MemoryMesh.Chat;

/// <summary>Importance a retention rule assumes for a message that has none of its own: user 0.5, assistant 0.4, system 0.3, tool 0.2.</summary>
internal static class DefaultImportance
{
    /// <summary>The rule as an SQL expression over the column <c>role</c>.</summary>
    public const string Sql = "CASE role WHEN 1 THEN 0.5 WHEN 2 THEN 0.4 WHEN 3 THEN 0.3 ELSE 0.2 END";

    /// <summary>The rule for the number of a role.</summary>
    public static double Of(int role) => role switch { 1 => 0.5, 2 => 0.4, 3 => 0.3, _ => 0.2 };
}
