using System.Reflection;
using System.Security.Cryptography;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace MemoryMesh.Tests.Unit.Architecture;

public class TableTests
{
    private static IEnumerable<Module> Modules => Module.All;

    [TestCaseSource(nameof(Modules))]
    public async Task Every_table_is_listed_with_what_export_and_erasure_do_and_every_listed_table_exists(object module)
    {
        var found = (Module)module;
        var folder = Directory.CreateTempSubdirectory("memorymesh-tables-");
        try
        {
            await using var services = Register(found, folder.FullName);
            var listed = TableRules.ListedBy(found.Assembly);
            var violations = new List<string>();
            var databases = services.GetServices<ModuleStore>().Cast<ModuleDatabase>().ToList();
            foreach (var database in databases)
            {
                var tables = await database.Data.ReadAsync(TableRules.TablesIn, default);
                var rules = listed.Union(TableRule.Shared(database.Name)).ToList();
                violations.AddRange(TableRules.Violations(database.Name, tables, rules));
                violations.AddRange(TableRules.SubjectViolations(database.Name, await database.Data.ReadAsync(TableRules.SubjectsIn, default), rules));

                var keys = SqliteDatabase.Open(Path.Combine(folder.FullName, "copy", $"{database.Name}.keys.db"), DataKeyStore.Migrations, NullLogger.Instance);
                await using (keys)
                {
                    violations.AddRange(TableRules.Violations(
                        $"{database.Name}.keys", await keys.ReadAsync(TableRules.TablesIn, default), [.. listed.Union(TableRule.Keys(database.Name))]));
                }
            }

            var known = databases.SelectMany(database => (string[])[database.Name, $"{database.Name}.keys"]).ToHashSet();
            violations.AddRange(listed.Where(rule => !known.Contains(rule.Database)).Select(rule => $"{rule.Database}.{rule.Name} is listed and its database does not exist"));
            Assert.That(violations, Is.Empty);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Test]
    public void A_table_that_breaks_a_rule_is_seen()
    {
        TableRule[] listed =
        [
            new("chat", "messages", true, "All.", "Rows are deleted."),
            new("chat", "gone", false, null, null),
            new("chat", "drafts", true, "All.", null),
            new("chat", "counters", false, null, "Rows are deleted."),
            new("other", "messages", true, null, "Rows are deleted."),
        ];
        Assert.That(TableRules.Violations("chat", (["messages", "drafts", "counters", "notes", "terms_idx"], ["terms_idx"]), listed), Is.EquivalentTo((string[])
        [
            "chat.notes is not listed",
            "chat.gone is listed and does not exist",
            "chat.drafts is personal and has no erase rule",
            "chat.counters is not personal and has a rule",
        ]));
    }

    [Test]
    public void A_table_with_a_subject_that_erasure_does_not_know_of_is_seen()
    {
        TableRule[] listed =
        [
            new("chat", "messages", true, "All.", "Rows are deleted.") { Subject = "subject_key" },
            new("chat", "notes", true, "All.", "Rows are deleted."),
            new("chat", "flags", true, "All.", "Most rows are deleted.") { Keeps = "A flag." },
            new("chat", "drafts", true, "All.", "Rows are deleted.") { Subject = "subject_key" },
            new("chat", "passes", false, null, null) { Subject = "owner_key" },
        ];
        var subjects = new Dictionary<string, string> { ["messages"] = "subject_key", ["notes"] = "subject_key", ["flags"] = "owner_key", ["passes"] = "owner_key" };
        Assert.That(TableRules.SubjectViolations("chat", subjects, listed), Is.EquivalentTo((string[])
        [
            "chat.notes has subject_key, and its rule says neither that erasure goes by it nor what it keeps",
            "chat.drafts has no column subject_key",
            "chat.passes is not personal and has a subject",
        ]));
    }

    [Test]
    public async Task A_table_in_a_real_file_that_nobody_listed_is_seen_and_the_insides_of_full_text_are_not()
    {
        var folder = Directory.CreateTempSubdirectory("memorymesh-tables-");
        try
        {
            var database = SqliteDatabase.Open(
                Path.Combine(folder.FullName, "x.db"),
                [new Migration("0001_x.sql", "CREATE TABLE secrets (id INTEGER PRIMARY KEY); CREATE VIRTUAL TABLE terms USING fts5(body);")],
                NullLogger.Instance);
            await using (database)
            {
                var tables = await database.ReadAsync(TableRules.TablesIn, default);
                Assert.That(
                    TableRules.Violations("x", tables, [new("x", "schema_migrations", false, null, null)]),
                    Is.EquivalentTo((string[])["x.secrets is not listed", "x.terms is not listed"]));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The module as a host registers it, with what its stores need.</summary>
    private static ServiceProvider Register(Module module, string folder)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { [$"{StorageOptions.Section}:{nameof(StorageOptions.DataDirectory)}"] = folder })
            .Build());
        services.AddLogging();
        services.AddSingleton(new KeyRing(RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32)));
        var add = module.Assembly.GetType($"{module.AssemblyName}.{module.Name}Module", throwOnError: true)!
            .GetMethod($"Add{module.Name}Module", BindingFlags.Public | BindingFlags.Static)
            ?? throw new InvalidOperationException($"{module.Name} has no Add{module.Name}Module.");
        add.Invoke(null, [services, .. add.GetParameters().Skip(1).Select(parameter => parameter.HasDefaultValue ? parameter.DefaultValue : null)]);
        return services.BuildServiceProvider();
    }
}
