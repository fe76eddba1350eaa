using MemoryMesh.AppHost.Moving;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage.Moving;
using Microsoft.Extensions.Configuration;

namespace MemoryMesh.Tests.Integration.Moving;

/// <summary>Moves to and from MongoDB that are refused before its server is asked for anything: the address here is that of none.</summary>
[TestFixture("chat")]
[TestFixture("memory")]
public class RefusedDocumentMoveTests(string service)
{
    private const string Nowhere = "mongodb://127.0.0.1:1/nothing";

    private readonly IConfiguration _noSettings = new ConfigurationBuilder().Build();
    private string _folder = null!;

    private string Source => Path.Combine(_folder, "data");

    [SetUp]
    public void Create() => _folder = Directory.CreateTempSubdirectory("memorymesh-refused-").FullName;

    [TearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task An_erasure_that_is_under_way_ends_first()
    {
        await WriteAsync("INSERT INTO erasures (id, tenant_id, subject_key, rows) VALUES ($1, $2, $3, '{}')", Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        ExpectRefusal($"An erasure is under way in {service}", "--from", Source, "--to", Path.Combine(_folder, "there"), $"{service}={Nowhere}");
        Assert.That(Directory.Exists(Path.Combine(_folder, "there")), Is.False);
    }

    [Test]
    public async Task What_is_in_the_folder_is_not_looked_for_in_MongoDB()
    {
        await WriteAsync("DELETE FROM document_store");
        ExpectRefusal($"What {service} keeps is in its data folder", "--from", Source, $"{service}={Nowhere}", "--to", Path.Combine(_folder, "there"));
    }

    [Test]
    public async Task What_is_in_MongoDB_is_not_left_behind()
    {
        await WriteAsync("INSERT INTO document_store (place, id, taken) VALUES (1, $1, 0)", Guid.NewGuid());
        ExpectRefusal($"What {service} keeps is in MongoDB", "--from", Source, "--to", Path.Combine(_folder, "there"));
    }

    /// <summary>Makes an installation, and writes to the store of the service.</summary>
    private async Task WriteAsync(string sql, params object?[] values)
    {
        await using var installation = new Installation(InstallationPlace.Parse([Source], _ => null), KeyFiles.Load(_noSettings, Source));
        var store = await installation.OpenAsync(service, default);
        await store.Data.WriteAsync(session => session.Execute(sql, values), default);
    }

    private void ExpectRefusal(string reason, params string[] arguments)
    {
        var command = new MigrateCommand(MigrateArguments.Parse(arguments, _ => null), TextWriter.Null);
        var refusal = Assert.CatchAsync<StartupException>(() => command.RunAsync(_noSettings, CancellationToken.None));
        Assert.That(refusal!.Message, Does.Contain(reason));
    }
}
