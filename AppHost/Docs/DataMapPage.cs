using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.AppHost.Docs;

/// <summary>docs/data-map.md: every table, whether it can be about a person, and what export and erasure do with it.</summary>
internal static class DataMapPage
{
    public static string Render()
    {
        var page = new MarkdownPage("Data map")
            .Paragraph(
                "Every table of the embedded stores. A personal table can hold rows about a person: the last two columns say what a copy for that person holds of it, "
                + "and how erasure removes it. What clients type is stored encrypted or as a keyed hash, in every table. Receipts of erasures name the version of each service's part.");
        foreach (var service in Rules.GroupBy(rule => rule.Database.Split('.')[0]).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            page.Heading(char.ToUpperInvariant(service.Key[0]) + service.Key[1..])
                .Paragraph($"Version `{TableRule.VersionOf(service)}`.")
                .Table(
                    ["file", "table", "personal", "export", "erasure", "stays after it"],
                    service.OrderBy(rule => rule.Database, StringComparer.Ordinal).Select(rule => (IReadOnlyList<string?>)
                        [$"`{rule.Database}.db`", $"`{rule.Name}`", rule.Personal ? "yes" : "no", rule.Export, rule.Erase, rule.Keeps]));
        }

        return page.ToString();
    }

    /// <summary>The rules of every class named *Tables, those of the tables that each database has, and those of the key files beside them.</summary>
    internal static IReadOnlyList<TableRule> Rules
    {
        get
        {
            var listed = ProductAssemblies.StaticFields<IReadOnlyList<TableRule>>("Tables").SelectMany(owned => owned.Value).ToList();
            var services = listed.Select(rule => rule.Database).Where(database => !database.Contains('.', StringComparison.Ordinal)).Distinct().ToList();
            return [.. listed.Concat(services.SelectMany(TableRule.Shared)).Concat(services.SelectMany(TableRule.Keys)).Distinct()];
        }
    }
}
