using System.Reflection;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Tests.Unit.Architecture;

/// <summary>The rules on tables, as functions from what is there to what is wrong.</summary>
internal static class TableRules
{
    /// <summary>Tables that hold the inside of a full-text table, by the end of their name (SQLite, fts5, section 9).</summary>
    private static readonly string[] FullTextParts = ["_data", "_idx", "_content", "_docsize", "_config"];

    /// <summary>The rules that a module lists, in classes named *Tables.</summary>
    public static IReadOnlyList<TableRule> ListedBy(Assembly module)
        =>
        [
            .. module.GetTypes()
                .Where(type => type.Name.EndsWith("Tables", StringComparison.Ordinal))
                .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
                .Where(field => typeof(IReadOnlyList<TableRule>).IsAssignableFrom(field.FieldType))
                .SelectMany(field => (IReadOnlyList<TableRule>)field.GetValue(null)!),
        ];

    /// <summary>Tables of a database, without SQLite's own, and which of them are the insides of full-text tables.</summary>
    public static (IReadOnlyList<string> Tables, IReadOnlyList<string> Inside) TablesIn(SqliteSession session)
    {
        var all = session.Query("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'", row => (Name: row.Text(0), Sql: row.TextOrNull(1)));
        var inside = all.Where(table => table.Sql?.StartsWith("CREATE VIRTUAL TABLE", StringComparison.OrdinalIgnoreCase) == true)
            .SelectMany(table => FullTextParts.Select(part => table.Name + part))
            .ToHashSet();
        return ([.. all.Select(table => table.Name).Order(StringComparer.Ordinal)], [.. inside]);
    }

    /// <summary>Tables with a column for the keyed hash of a subject, each with the column.</summary>
    public static IReadOnlyDictionary<string, string> SubjectsIn(SqliteSession session)
        => session.Query(
            """
            SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c
            WHERE t.type = 'table' AND c.name IN ('subject_key', 'owner_key')
            """,
            row => (Table: row.Text(0), Column: row.Text(1))).ToDictionary(found => found.Table, found => found.Column);

    /// <summary>What is wrong between the tables that have a subject and their rules: erasure has to know how it leaves each of them.</summary>
    public static IEnumerable<string> SubjectViolations(string database, IReadOnlyDictionary<string, string> subjects, IReadOnlyCollection<TableRule> listed)
    {
        var rules = listed.Where(rule => rule.Database == database).DistinctBy(rule => rule.Name).ToDictionary(rule => rule.Name);
        return
        [
            .. subjects.Where(found => rules.GetValueOrDefault(found.Key) is { } rule && rule.Keeps is null && rule.Subject != found.Value)
                .Select(found => $"{database}.{found.Key} has {found.Value}, and its rule says neither that erasure goes by it nor what it keeps"),
            .. rules.Values.Where(rule => rule.Subject is { } column && subjects.GetValueOrDefault(rule.Name) != column)
                .Select(rule => $"{database}.{rule.Name} has no column {rule.Subject}"),
            .. rules.Values.Where(rule => !rule.Personal && (rule.Subject ?? rule.Keeps) is not null).Select(rule => $"{database}.{rule.Name} is not personal and has a subject"),
        ];
    }

    /// <summary>What is wrong between the tables of a database and the rules that are listed for it. The insides of a full-text table go with it and need no rule.</summary>
    public static IEnumerable<string> Violations(
        string database, (IReadOnlyList<string> Tables, IReadOnlyList<string> Inside) found, IReadOnlyCollection<TableRule> listed)
    {
        var (tables, inside) = found;
        var rules = listed.Where(rule => rule.Database == database).ToList();
        return
        [
            .. tables.Except(inside).Except(rules.Select(rule => rule.Name)).Select(name => $"{database}.{name} is not listed"),
            .. rules.Select(rule => rule.Name).Except(tables).Select(name => $"{database}.{name} is listed and does not exist"),
            .. rules.GroupBy(rule => rule.Name).Where(group => group.Distinct().Count() > 1).Select(group => $"{database}.{group.Key} is listed twice"),
            .. rules.Where(rule => rule.Personal && string.IsNullOrWhiteSpace(rule.Erase)).Select(rule => $"{database}.{rule.Name} is personal and has no erase rule"),
            .. rules.Where(rule => rule.Personal && rule.Export is not null && string.IsNullOrWhiteSpace(rule.Export))
                .Select(rule => $"{database}.{rule.Name} has an empty export rule"),
            .. rules.Where(rule => !rule.Personal && (rule.Export is not null || rule.Erase is not null))
                .Select(rule => $"{database}.{rule.Name} is not personal and has a rule"),
        ];
    }
}
