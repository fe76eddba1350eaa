using System.Net;
using System.Text.RegularExpressions;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Storage;

/// <summary>The drill of docs/operations.md: the lines that it tells operators to type are what is run here.</summary>
public partial class PostgresBackupTests
{
    [Test]
    public async Task What_the_documented_lines_dump_is_there_again_after_they_restored_it()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(TestHost.RepositoryRoot(), "docs", "operations.md"));
        var (dump, restore) = (LinesWith(page, "pg_dump"), LinesWith(page, "pg_restore"));
        var server = await PostgresServer.SharedAsync();
        var (first, second) = (await server.CreateDatabaseAsync(), await server.CreateDatabaseAsync());
        var folder = Directory.CreateTempSubdirectory("memorymesh-drill-").FullName;
        try
        {
            var data = Path.Combine(folder, "data");
            string erasure;
            string email;
            await using (var host = await TestHost.StartAsync(HostKind.Embedded, data, environment: Stores(first)))
            {
                using var person = await Person.RegisterAsync(host);
                email = person.Email;
                await person.PostAsync("/v1/organizations", new { name = "Kept in the drill", slug = "kept-in-the-drill" });
                await person.SendAsync(HttpMethod.Put, "/v1/retention/policy", new { max_age_days = 365, action = "archive", applies_to = (string[])["messages"] });
                var erased = await person.SendAsync(HttpMethod.Post, "/v1/privacy/erasures?wait=true", new { user_id = "somebody" });
                erasure = erased.GetProperty("id").GetString()!;

                // People go on meanwhile.
                using var ended = new CancellationTokenSource();
                var going = Task.Run(async () =>
                {
                    while (!ended.IsCancellationRequested)
                    {
                        using var another = await Person.RegisterAsync(host);
                    }
                });
                await server.RunShellAsync(first, folder, dump);
                await ended.CancelAsync();
                await going;
                host.Kill();
            }

            await server.RunSqlAsync("postgres", $"DROP DATABASE {NameOf(first)} WITH (FORCE)");
            await server.RunShellAsync(second, folder, restore);
            await using (var host = await TestHost.StartAsync(HostKind.Embedded, data, environment: Stores(second)))
            {
                using var client = host.CreateClient();
                var tokens = await client.SendJsonAsync(HttpMethod.Post, "/v1/auth/login", new { email, password = Person.Password }, HttpStatusCode.OK);
                client.DefaultRequestHeaders.Authorization = new("Bearer", tokens.GetProperty("access_token").GetString());
                var organizations = await client.SendJsonAsync(HttpMethod.Get, "/v1/organizations", null, HttpStatusCode.OK);
                Assert.That(organizations.ToString(), Does.Contain("Kept in the drill"));
                var policy = await client.SendJsonAsync(HttpMethod.Get, "/v1/retention/policy", null, HttpStatusCode.OK);
                Assert.That(policy.ToString(), Does.Contain("365"));
                var kept = await client.SendJsonAsync(HttpMethod.Get, $"/v1/privacy/erasures/{erasure}", null, HttpStatusCode.OK);
                Assert.That(kept.GetProperty("status").GetString(), Is.EqualTo("completed"));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Dictionary<string, string> Stores(string address) => new() { ["ConnectionStrings__auth"] = address, ["ConnectionStrings__retention"] = address };

    private static string NameOf(string address) => address.Split("Database=")[1].Split(';')[0];

    /// <summary>The block of shell lines of the page that calls a program.</summary>
    private static string LinesWith(string page, string program)
        => Shell().Matches(page).Select(block => block.Groups[1].Value).Single(lines => lines.Contains($"{program} ", StringComparison.Ordinal));

    [GeneratedRegex("```bash\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Shell();
}
