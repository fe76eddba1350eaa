using MemoryMesh.AppHost;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using MemoryMesh.Tests.Shared;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using MongoDB.Driver;
using Qdrant.Client;

namespace MemoryMesh.Tests.Integration.Documents;

/// <summary>Aspire's clients of MongoDB and Qdrant in the hosts: which are there, and that they behave as ours do.</summary>
public class DocumentClientTests
{
    /// <summary>Nobody answers there.</summary>
    private static readonly string[] Addresses =
    [
        "--ConnectionStrings:chat=mongodb://127.0.0.1:1/conversations?w=0&journal=false", "--ConnectionStrings:memory=mongodb://127.0.0.1:1",
        "--ConnectionStrings:qdrant=Endpoint=http://127.0.0.1:1;Key=k", "--ConnectionStrings:qdrant_http=http://127.0.0.1:2",
    ];

    private string _folder = "";

    [SetUp]
    public void Create() => _folder = Directory.CreateTempSubdirectory("memorymesh-clients-").FullName;

    [TearDown]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task One_process_has_a_client_for_each_service_that_keeps_documents_and_one_for_vectors()
    {
        await using var app = EmbeddedHost.Build([.. Addresses, "--urls", "http://127.0.0.1:0", "--data", _folder]);
        foreach (var (service, database) in new[] { ("chat", "conversations"), ("memory", "memorymesh") })
        {
            var client = app.Services.GetRequiredKeyedService<IMongoClient>(service);
            Assert.Multiple(() =>
            {
                Assert.That(client.Settings.LibraryInfo?.Name, Does.EndWith("aspire"), "made by Aspire's package");
                Assert.That(client.Settings.ApplicationName, Is.EqualTo($"memorymesh {service}"));
                Assert.That(client.Settings.ConnectTimeout, Is.EqualTo(TimeSpan.FromSeconds(5)));
                Assert.That(client.Settings.ServerSelectionTimeout, Is.EqualTo(TimeSpan.FromSeconds(5)));
                Assert.That(client.Settings.SocketTimeout, Is.EqualTo(TimeSpan.FromSeconds(30)));
            });
            var used = MongoSettings.Database(client, app.Configuration.GetConnectionString(service)!);
            Assert.That(used.DatabaseNamespace.DatabaseName, Is.EqualTo(database));
            Assert.That((used.Settings.WriteConcern.W?.ToString(), used.Settings.WriteConcern.Journal), Is.EqualTo(("majority", (bool?)true)), "whatever the address says");
        }

        Assert.That(app.Services.GetKeyedService<IMongoClient>("chat"), Is.Not.SameAs(app.Services.GetKeyedService<IMongoClient>("memory")));
        Assert.That(app.Services.GetServices<QdrantClient>().ToList(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task What_is_away_is_told_by_checks_that_agree()
    {
        await using var app = EmbeddedHost.Build([.. Addresses, "--urls", "http://127.0.0.1:0", "--data", _folder]);
        var checks = app.Services.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations.ToDictionary(check => check.Name, check => check.FailureStatus);
        foreach (var name in (string[])["mongodb:chat", "mongodb:memory", "MongoDB.Driver_chat", "MongoDB.Driver_memory"])
        {
            Assert.That(checks[name], Is.EqualTo(HealthStatus.Unhealthy), name);
        }

        Assert.That(checks["qdrant"], Is.EqualTo(HealthStatus.Degraded));
        Assert.That(checks.Keys, Has.None.StartWith("Qdrant."));
    }

    [TestCase("chat", "chat", false)]
    [TestCase("memory", "memory", false)]
    [TestCase("search", "", true)]
    [TestCase("gateway", "", false)]
    public void A_process_of_a_service_has_the_clients_of_that_service(string host, string documents, bool vectors)
    {
        var services = MemoryMeshHost.CreateBuilder(Addresses, host).Services;
        Assert.That(
            services.Where(service => service.ServiceType == typeof(IMongoClient)).Select(service => service.ServiceKey), Is.EqualTo(documents.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.That(services.Any(service => service.ServiceType == typeof(QdrantClient)), Is.EqualTo(vectors));
    }

    [TestCase]
    [TestCase("--Storage:Engine=embedded", "--ConnectionStrings:chat=mongodb://127.0.0.1:1", "--ConnectionStrings:qdrant=http://127.0.0.1:1")]
    [TestCase("--ConnectionStrings:chat=mongodb://127.0.0.1:1/?maxPoolSize=many", "--ConnectionStrings:memory=mongodb://", "--ConnectionStrings:qdrant=;;")]
    public void Where_the_settings_name_none_or_what_is_none_there_are_no_clients(params string[] settings)
        => Assert.That(
            MemoryMeshHost.CreateBuilder(settings, MemoryMeshHost.EveryService).Services.Select(service => service.ServiceType),
            Has.None.EqualTo(typeof(IMongoClient)).And.None.EqualTo(typeof(QdrantClient)));
}
